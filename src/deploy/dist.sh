#!/bin/bash
# Makes the archives of a release: for each architecture the program, its unit and the settings that
# go with it, the README and the licences; and SHA256SUMS over them. From the files git knows, as they
# are in this folder, built in a folder of their own. The same commit gives the same bytes anywhere.
#
# usage: src/deploy/dist.sh OUT [ARCHITECTURE...]      amd64 and arm64; OUT also holds the builds
#
# A build that is there already is continued.
set -euo pipefail
cd "$(dirname "$0")/../.."

out=$(mkdir -p "$1" && cd "$1" && pwd)
shift
[ $# -gt 0 ] || set -- amd64 arm64
version=$(sed -n 's/^VERSION := //p' Makefile)
commit=$(git describe --always --dirty 2>/dev/null || echo unknown)
epoch=$(git log -1 --format=%ct 2>/dev/null || echo 0)
export SOURCE_DATE_EPOCH=$epoch

# The sources. What is there unchanged keeps its time, and what is not is newer than what was built.
export_to() { # TREE
    mkdir -p "$1"
    git ls-files -z | tar --null -T - -c | tar -xm --skip-old-files -C "$1"
    git ls-files -z | while IFS= read -r -d '' file; do
        cmp -s "$file" "$1/$file" || cp --preserve=mode "$file" "$1/$file"
    done
}

cross() { # ARCHITECTURE: what make is told
    case $1 in
    amd64) echo "CC=x86_64-linux-gnu-gcc AR=x86_64-linux-gnu-ar OBJCOPY=x86_64-linux-gnu-objcopy" ;;
    arm64) echo "FOREIGN=arm64 CC=aarch64-linux-gnu-gcc AR=aarch64-linux-gnu-ar OBJCOPY=aarch64-linux-gnu-objcopy" ;;
    *) echo "dist: architecture '$1'; there are amd64 and arm64" >&2; return 1 ;;
    esac
}

# One archive out of a built tree: names sorted, nobody's, of the commit's time.
pack() { # ARCHITECTURE TREE
    local name=taller-$version-linux-$1 tree=$2
    local root=$tree/build/dist
    rm -rf "$root"
    mkdir -p "$root/$name/systemd" "$root/$name/licenses"
    cp "$tree/build/taller" LICENSE README.md "$root/$name/"
    for file in taller.service sysusers.conf tmpfiles.conf taller.conf; do
        sed 's|@PREFIX@|/usr/local|g' src/deploy/$file >"$root/$name/systemd/$file"
    done
    cp "$tree"/build/third-party/share/licenses/* "$root/$name/licenses/"
    chmod -R u=rwX,go=rX "$root/$name"
    tar -C "$root" --format=ustar --sort=name --owner=0 --group=0 --numeric-owner --mtime="@$epoch" \
        -c "$name" | gzip -n -9 >"$out/$name.tar.gz"
}

for arch; do
    settings=$(cross "$arch")
    tree=$out/build-$arch
    export_to "$tree"
    echo "  DIST  $arch"
    # Not a part of the make that may have started this: another tree, another compiler.
    env -u MAKEFLAGS -u MAKELEVEL make -C "$tree" --no-print-directory -s $settings \
        COMMIT="$commit" all >"$out/build-$arch.log" 2>&1 ||
        { tail -20 "$out/build-$arch.log" >&2; echo "dist: $arch is not built" >&2; exit 1; }
    pack "$arch" "$tree"
done
(cd "$out" && sha256sum taller-"$version"-linux-*.tar.gz >SHA256SUMS && cat SHA256SUMS)
