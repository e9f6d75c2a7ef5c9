#!/bin/sh
# Unpacks the libraries and data named in the lock below DIR (build/third-party).
#
# usage: src/deps/unpack.sh DIR [ARCHITECTURE]
#
# Sources end up in DIR/src/NAME with Debian's patches applied (they carry the security fixes);
# data packages and licence texts go where the build reads them, in DIR/share.
set -eu

here=$(dirname "$0")
dir=$1
cache=${TALLER_CACHE:-$HOME/.cache/taller}

"$here/fetch.sh"
rm -rf "$dir/src" "$dir/lib" "$dir/include" "$dir/share"
mkdir -p "$dir/src" "$dir/lib" "$dir/include" "$dir/share/licenses"

file_of() { # NAME PATTERN: the cached file of a lock line
    echo "$cache/$(awk -v n="$1" -v p="$2" '$1 == n && $3 ~ p { sub(".*/", "", $3); print $3 }' "$here/lock")"
}

source_package() { # NAME
    tree=$dir/src/$1
    mkdir "$tree"
    tar -xf "$(file_of "$1" '[.]orig[.]tar')" -C "$tree" --strip-components=1 --no-same-owner
    tar -xf "$(file_of "$1" '[.]debian[.]tar')" -C "$tree" --no-same-owner
    grep -v '^ *\(#\|$\)' "$tree/debian/patches/series" | while read -r patch _; do
        patch -d "$tree" -p1 -s -f <"$tree/debian/patches/$patch" ||
            { echo "unpack: $1: Debian's patch $patch does not apply" >&2; exit 1; }
    done
    cp "$tree/debian/copyright" "$dir/share/licenses/$1"
}

data_package() { # NAME FOLDER-IN-PACKAGE: its contents become DIR/share/NAME
    tree=$dir/src/$1
    dpkg-deb -x "$(file_of "$1" '[.]deb$')" "$tree"
    mv "$tree/usr/share/$2" "$dir/share/$1"
    cp "$tree"/usr/share/doc/*/copyright "$dir/share/licenses/$1"
}

for name in civetweb mbedtls sqlite cjson libsodium qrencode; do
    source_package $name
done
# civetweb includes "mod_mbedtls.inl" from beside itself first; ours is in src/http.
rm "$dir/src/civetweb/src/mod_mbedtls.inl"

data_package bootstrap bootstrap-html
data_package bootstrap-icons bootstrap-icons/svg
data_package zoneinfo zoneinfo
data_package ca-certificates ca-certificates/mozilla
data_package iso-codes iso-codes/json
msgunfmt "$dir/src/iso-codes/usr/share/locale/es/LC_MESSAGES/iso_3166-1.mo" \
    -o "$dir/share/iso-codes/iso_3166-1.es.po"

# For another architecture, what reads and writes pictures comes from Debian's packages for it, as
# they are pinned in a lock of their own; nothing of this machine is configured for it.
if [ -n "${2:-}" ]; then
    "$here/fetch.sh" "$here/lock.$2"
    tree=$dir/src/$2
    for package in $(sed -n 's|^[^#].*/||p' "$here/lock.$2"); do
        dpkg-deb -x "$cache/$package" "$tree"
    done
    cp -r "$tree"/usr/include/*-linux-gnu/* "$tree"/usr/include/* "$dir/include/"
    cp "$tree"/usr/lib/*-linux-gnu/*.a "$dir/lib/"
fi

# glibc, gcc's runtime and what reads and writes pictures are linked in too; they come from this
# machine.
for name in libc6-dev libgcc-s1 libjpeg62-turbo-dev libpng-dev libwebp-dev zlib1g-dev; do
    text=/usr/share/doc/$name/copyright
    [ ! -f $text ] || cp -L $text "$dir/share/licenses/$name"
done
