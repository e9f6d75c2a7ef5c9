#!/bin/sh
# Renews the lock: the newest version of each library and data package in Debian 13, with the
# SHA-256 from Debian's signed indexes. Looks at nothing it has downloaded before.
#
# usage: src/deps/update.sh
#
# apt does the fetching and the checking of signatures, in a folder of its own; the machine's own
# sources and lists are only asked where the mirrors are.
set -eu

release=trixie
lock=$(dirname "$0")/lock
keyring=/usr/share/keyrings/debian-archive-keyring.gpg

fail() {
    echo "deps-update: $*" >&2
    exit 1
}

[ -r $keyring ] || fail "$keyring is missing (Debian package debian-archive-keyring)"
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
chmod 755 "$dir"
mkdir -p "$dir/state/lists/partial" "$dir/cache/archives/partial"

# Which of the mirrors holds which part of the release.
for base in $(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' | sort -u); do
    for suite in $release $release-updates $release-security; do
        /usr/lib/apt/apt-helper download-file "${base}dists/$suite/InRelease" "$dir/probe" \
            >/dev/null 2>&1 || continue
        echo "deb [arch=amd64 signed-by=$keyring] $base $suite main"
        echo "deb-src [signed-by=$keyring] $base $suite main"
    done
done >"$dir/sources.list"
for suite in $release $release-updates $release-security; do
    grep -q " $suite main" "$dir/sources.list" || fail "no mirror of apt offers $suite"
done

own="-o Dir::Etc::SourceList=$dir/sources.list -o Dir::Etc::SourceParts=- -o Dir::Cache=$dir/cache
     -o Dir::State=$dir/state -o Dir::State::Lists=$dir/state/lists -o Dir::State::Status=/dev/null
     -o APT::Architecture=amd64 -o APT::Architectures=amd64"
apt-get $own -qq update || fail "the indexes of Debian $release cannot be fetched and verified"

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

{
    sed -n '/^#/p' "$lock"
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
} >"$dir/lock"

if cmp -s "$dir/lock" "$lock"; then
    echo "deps-update: nothing newer in Debian $release"
else
    diff "$lock" "$dir/lock" | grep '^>' || :
    cat "$dir/lock" >"$lock"
    echo "deps-update: $lock renewed; build and test before committing it"
fi
