#!/bin/sh
# Builds the container image with docker, podman or buildah, whichever is here. Two builds of one
# commit have the same layers and settings: what bears a time bears the commit's.
#
# usage: src/deploy/image.sh NAME:TAG [--ready]
#
# --ready takes the program that 'make' built, in place of compiling it in the image's first stage.
# BUILDER names one of the three; BASE another image for the first stage; BUILDFLAGS is passed on.
set -eu

name=$1
program=compiled
[ "${2:-}" != --ready ] || program=ready
commit=$(git describe --always --dirty 2>/dev/null || echo unknown)
SOURCE_DATE_EPOCH=$(git log -1 --format=%ct 2>/dev/null || echo 0)
export SOURCE_DATE_EPOCH

builder=${BUILDER:-}
for tool in docker podman buildah; do
    [ -n "$builder" ] || ! command -v $tool >/dev/null || builder=$tool
done
[ -n "$builder" ] || { echo "image: neither docker nor podman nor buildah is here" >&2; exit 1; }

rm -rf build/image
mkdir -p build/image/volume/data
chmod 700 build/image/volume/data
[ $program = compiled ] || cp build/taller build/image/taller

set -- --build-arg PROGRAM=$program --build-arg COMMIT="$commit" -t "$name" ${BUILDFLAGS:-} \
    ${BASE:+--build-arg BASE="$BASE"} .
case $builder in
docker) docker build --build-arg SOURCE_DATE_EPOCH="$SOURCE_DATE_EPOCH" "$@" ;;
podman) podman build --format docker --timestamp "$SOURCE_DATE_EPOCH" "$@" ;;
buildah) buildah bud --format docker --timestamp "$SOURCE_DATE_EPOCH" "$@" ;;
*) echo "image: BUILDER is '$builder'; expected docker, podman or buildah" >&2; exit 2 ;;
esac
rm -rf build/image
