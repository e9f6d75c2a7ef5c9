#!/bin/sh
# Brings every file named in a lock into the download cache, and nothing else.
#
# usage: src/deps/fetch.sh [LOCK]     cache: ${TALLER_CACHE:-$HOME/.cache/taller}
#
# The lock holds paths inside a Debian mirror and their SHA-256; the mirrors are the ones this
# machine's apt already uses, so no host is named here and no system file is touched. A file in the
# cache with the right sum is used as it is, without the network.
set -eu

lock=${1:-$(dirname "$0")/lock}
cache=${TALLER_CACHE:-${HOME:?fetch: neither TALLER_CACHE nor HOME is set}/.cache/taller}
helper=/usr/lib/apt/apt-helper
log=$cache/.log.$$

fail() {
    echo "fetch: $*" >&2
    exit 1
}

sum_is() { # FILE SUM
    [ -f "$1" ] && [ "$(sha256sum "$1" | cut -d' ' -f1)" = "$2" ]
}

mirrors() {
    command -v apt-get >/dev/null && [ -x $helper ] ||
        fail "apt is needed to download the libraries and is not here; fill $cache from another machine"
    # The security archive lies beside the main one, even where apt is not told of it.
    apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' | awk '
        !seen[$0]++
        sub("/debian/$", "/debian-security/") && !seen[$0]++'
}

# One file from the first mirror that has it. A mirror that serves other bytes is refused and named.
fetch() { # SUM PATH
    sum=$1 path=$2 file=${2##*/} wrong=
    part=$cache/.$file.$$
    [ -n "${bases:=$(mirrors)}" ] || fail "apt has no mirror configured, so $file cannot be downloaded"
    for base in $bases; do
        rm -f "$part"
        if $helper $sandbox download-file "$base$path" "$part" "SHA256:$sum" >"$log" 2>&1 &&
            sum_is "$part" "$sum"; then
            mv "$part" "$cache/$file"
            rm -f "$log"
            return
        fi
        if grep -q 'Hash Sum mismatch' "$log"; then wrong=$base; fi
    done
    rm -f "$part" "$part.FAILED" "$log"
    [ -z "$wrong" ] ||
        fail "$file from $wrong does not have the SHA-256 in $lock; refused"
    fail "$file is not in $cache and no mirror of apt delivers it:" \
        "check the network; if Debian replaced this version, run 'make deps-update'"
}

bases=
sandbox=
# apt drops to a user that cannot write below a home folder, and warns at length about it.
if [ "$(id -u)" = 0 ]; then sandbox='-o APT::Sandbox::User=root'; fi
mkdir -p "$cache" 2>/dev/null || fail "cannot create the download cache $cache"

while read -r name sum path; do
    case $name in '' | '#'*) continue ;; esac
    file=$cache/${path##*/}
    sum_is "$file" "$sum" && continue
    if [ -f "$file" ]; then
        echo "fetch: $file does not have the SHA-256 in $lock; downloading it again" >&2
    fi
    fetch "$sum" "$path"
done <"$lock"
