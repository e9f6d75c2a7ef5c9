#!/bin/sh
# Writes prometheusrule.yaml, which the Prometheus Operator reads, from rules.yaml, which Prometheus
# and promtool read: the same groups, one level deeper.
set -eu

cd "$(dirname "$0")"
{
    echo "# Made from rules.yaml by 'make k8s-rules'; do not edit."
    echo 'apiVersion: monitoring.coreos.com/v1'
    echo 'kind: PrometheusRule'
    echo 'metadata:'
    echo '  name: taller'
    echo 'spec:'
    sed -e '/^#/d' -e 's/^./  &/' rules.yaml
} >prometheusrule.yaml
