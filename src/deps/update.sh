#!/bin/sh
# Renews the locks: the newest version of each library and data package in Debian 13, and of the
# archives that a build for arm64 takes from Debian 12, with the SHA-256 from Debian's signed
# indexes. Looks at nothing it has downloaded before.
#
# usage: src/deps/update.sh
#
# apt does the fetching and the checking of signatures, in a folder of its own; the machine's own
# sources and lists are only asked where the mirrors are.
set -eu

here=$(dirname "$0")
keyring=/usr/share/keyrings/debian-archive-keyring.gpg

fail() {
    echo "deps-update: $*" >&2
    exit 1
}

[ -r $keyring ] || fail "$keyring is missing (Debian package debian-archive-keyring)"
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
chmod 755 "$dir"

# The indexes of one release for one architecture, in a folder of their own.
open_release() { # RELEASE ARCHITECTURE
    release=$1 state=$dir/$1-$2
    mkdir -p "$state/lists/partial" "$state/cache/archives/partial"
    # Which of the mirrors holds which part of the release.
    for base in $(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' | sort -u); do
        for suite in $release $release-updates $release-security; do
            /usr/lib/apt/apt-helper download-file "${base}dists/$suite/InRelease" "$dir/probe" \
                >/dev/null 2>&1 || continue
            echo "deb [arch=$2 signed-by=$keyring] $base $suite main"
            echo "deb-src [signed-by=$keyring] $base $suite main"
        done
    done >"$state/sources.list"
    for suite in $release $release-updates $release-security; do
        grep -q " $suite main" "$state/sources.list" || fail "no mirror of apt offers $suite"
    done
    own="-o Dir::Etc::SourceList=$state/sources.list -o Dir::Etc::SourceParts=-
         -o Dir::Cache=$state/cache -o Dir::State=$state -o Dir::State::Lists=$state/lists
         -o Dir::State::Status=/dev/null -o APT::Architecture=$2 -o APT::Architectures=$2"
    apt-get $own -qq update || fail "the indexes of Debian $release cannot be fetched and verified"
}

# Both print "VERSION SHA-256 PATH", one line a file, for all versions the indexes know.
sources_of() { # SOURCE PACKAGE
    apt-cache $own showsrc --only-source "$1" | awk '
        BEGIN { RS = ""; FS = "\n" }
        {
            count = 0
            for (i = 1; i <= NF; i++) {
                if ($i !~ /^ /) { sums = ($i == "Checksums-Sha256:" || $i == "Checksums-Sha256: ") }
                if ($i ~ /^Version: /) version = substr($i, 10)
                if ($i ~ /^Directory: /) folder = substr($i, 12)
                if (sums && $i ~ / [^ ]+[.](orig|debian)[.]tar[.][a-z0-9]+$/) line[++count] = $i
            }
            for (i = 1; i <= count; i++) {
                split(line[i], field, " ")
                print version, field[1], folder "/" field[3]
            }
        }'
}
package_of() { # BINARY PACKAGE
    apt-cache $own show "$1" | awk '
        BEGIN { RS = ""; FS = "\n" }
        {
            for (i = 1; i <= NF; i++) {
                if ($i ~ /^Version: /) version = substr($i, 10)
                if ($i ~ /^SHA256: /) sum = substr($i, 9)
                if ($i ~ /^Filename: /) path = substr($i, 11)
            }
            print version, sum, path
        }'
}

# Of all versions the newest; of the same file in two places the one in the main archive.
newest() { # NAME-IN-LOCK, lines on standard input
    sort -u >"$dir/lines"
    best=
    for version in $(cut -d' ' -f1 "$dir/lines" | sort -u); do
        if [ -z "$best" ] || dpkg --compare-versions "$version" gt "$best"; then best=$version; fi
    done
    [ -n "$best" ] || fail "Debian $release has no package for $1"
    awk -v v="$best" -v n="$1" '
        $1 == v {
            file = $3
            sub(".*/", "", file)
            if (!(file in path) || $3 ~ "^pool/main/") { sum[file] = $2; path[file] = $3 }
        }
        END { for (file in path) print n, sum[file], path[file] }' "$dir/lines" | sort -rk3
}

# What is new of a lock goes into its file; LOCK, the lines on standard input.
renew() {
    { sed -n '/^#/p' "$1"; cat; } >"$dir/lock"
    if cmp -s "$dir/lock" "$1"; then
        echo "deps-update: $1: nothing newer in Debian $release"
    else
        diff "$1" "$dir/lock" | grep '^>' || :
        cat "$dir/lock" >"$1"
        echo "deps-update: $1 renewed; build and test before committing it"
    fi
}

open_release trixie amd64
{
    sources_of civetweb | newest civetweb
    sources_of mbedtls | newest mbedtls
    sources_of sqlite3 | newest sqlite
    sources_of cjson | newest cjson
    sources_of libsodium | newest libsodium
    sources_of qrencode | newest qrencode
    package_of libjs-bootstrap5 | newest bootstrap
    package_of bootstrap-icons | newest bootstrap-icons
    package_of iso-codes | newest iso-codes
    package_of tzdata | newest zoneinfo
    package_of ca-certificates | newest ca-certificates
} | renew "$here/lock"

open_release bookworm arm64
{
    package_of libjpeg62-turbo-dev | newest libjpeg-turbo
    package_of libpng-dev | newest libpng1.6
    package_of libwebp-dev | newest libwebp
    package_of zlib1g-dev | newest zlib
} | renew "$here/lock.arm64"
