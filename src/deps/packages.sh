#!/bin/sh
# Knows which Debian packages (src/deps/packages) are missing here.
#
# usage: src/deps/packages.sh check GROUP...     one sentence and status 1 when one is missing
#        src/deps/packages.sh install GROUP...   installs what is missing; nothing missing, nothing done
set -eu

list=$(dirname "$0")/packages

present() { # WITNESS
    case $1 in
    /*) ls $1 >/dev/null 2>&1 ;; # unquoted: the witness may hold a pattern
    *) command -v "$1" >/dev/null ;;
    esac
}

missing() { # GROUP...
    while read -r group package witness; do
        case " $* " in *" $group "*) present "$witness" || printf ' %s\n' "$package" ;; esac
    done <"$list" | sort -u | tr -d '\n'
}

action=$1
shift
packages=$(missing "$@")
[ -n "$packages" ] || exit 0

if [ "$action" = check ]; then
    echo "make: missing Debian packages:$packages;" \
        "'make run' and 'make test' install them, or: apt-get install$packages" >&2
    exit 1
fi

echo "Installing Debian packages:$packages"
sudo=
if [ "$(id -u)" != 0 ]; then
    command -v sudo >/dev/null ||
        { echo "make: needs root or sudo to install:$packages" >&2; exit 1; }
    sudo=sudo
fi
log=$(mktemp)
trap 'rm -f "$log"' EXIT
apt() {
    $sudo env DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=300 "$@" >"$log" 2>&1
}
# Lists that are old or absent name files the mirrors no longer have, so they are renewed first.
apt update && apt install --no-install-recommends -y $packages || {
    cat "$log" >&2
    echo "make: could not install:$packages; apt's own words are above" >&2
    exit 1
}
packages=$(missing "$@")
[ -z "$packages" ] || { echo "make: installed, but still not usable:$packages" >&2; exit 1; }
