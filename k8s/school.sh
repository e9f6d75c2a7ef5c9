#!/bin/sh
# Writes the overlay of one more school: schools/NAME, on ../overlays/production, in a namespace,
# at an address and with backups of its own; beside it schools/NAME.restore, for the drill.
#
# usage: k8s/school.sh NAME [HOST]
set -eu
export LC_ALL=C

cd "$(dirname "$0")"
name=${1-} host=${2:-${1-}.talleres.example.org}

refuse() {
    echo "k8s-school: $1" >&2
    exit 2
}

case $name in
'') refuse "say which school: make k8s-school NAME=lima [HOST=talleres.lima.example]" ;;
-* | *- | *[!a-z0-9-]*)
    refuse "NAME is '$name'; it becomes part of a namespace: only a-z, 0-9 and - inside" ;;
esac
[ ${#name} -le 56 ] || refuse "NAME has ${#name} characters; a namespace taller-NAME holds 56"
case $host in
-* | *- | .* | *. | *..* | *.-* | *-.* | *[!a-z0-9.-]*)
    refuse "HOST is '$host'; it must be a name like talleres.lima.example, in small letters" ;;
*.*) ;;
*) refuse "HOST is '$host'; it must be a whole name like talleres.lima.example" ;;
esac
[ ! -e "schools/$name" ] || refuse "k8s/schools/$name is there already; nothing was changed"

mkdir -p "schools/$name" "schools/$name.restore"
cat >"schools/$name/kustomization.yaml" <<END
# The school '$name'. What all schools share stands in ../../overlays/production.
apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
namespace: taller-$name
resources:
  - ../../overlays/production
configMapGenerator:
  - name: taller
    behavior: merge
    literals:
      - TALLER_BASE_URL=https://$host
      - TALLER_S3=https://s3.example.org/taller-backups/$name
replacements:
  - source:
      kind: ConfigMap
      name: taller
      fieldPath: data.TALLER_BASE_URL
      options: {delimiter: /, index: 2}
    targets:
      - select: {kind: Ingress, name: taller}
        fieldPaths:
          - spec.rules.0.host
          - spec.tls.0.hosts.0
END
cat >"schools/$name.restore/kustomization.yaml" <<END
# The school '$name' at zero, and a Job that restores. The drill is in ../../README.md.
apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
namespace: taller-$name
resources:
  - ../$name
components:
  - ../../components/restore
configMapGenerator:
  - name: taller-restore
    literals:
      - BACKUP=/data/backups/FILE
END
cat <<END
Wrote k8s/schools/$name (namespace taller-$name, https://$host) and k8s/schools/$name.restore.

    kubectl apply -k k8s/schools/$name
    kubectl -n taller-$name create secret generic taller --from-literal=smtp-password=…
    kubectl -n taller-$name exec -it taller-0 -- /taller account create you@school.example --owner
END
