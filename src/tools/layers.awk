# Checks that includes point down only: cli → site → {shop, analytics, http} → {db, net} → base, never
# sideways, and that each library is included in its one place.
#
# usage: awk -f src/tools/layers.awk FILE...    (prints what is wrong, status 1)

BEGIN {
    rank["base"] = 1
    rank["db"] = rank["net"] = 2
    rank["shop"] = rank["analytics"] = rank["http"] = 3
    rank["site"] = 4
    rank["cli"] = 5
    # A library's headers, and the files that may include them. src/deps is compiled into the libraries.
    only["civetweb.h"] = "^src/http/(server.c|mod_mbedtls.inl)$"
    only["sqlite3.h"] = "^src/db/"
    only["sodium.h"] = "^src/base/(secret|seal).c$"
    only["jpeglib.h"] = only["jerror.h"] = "^src/base/raster_jpeg.c$"
    only["png.h"] = "^src/base/raster_png.c$"
    only["webp/"] = "^src/base/raster_webp.c$"
    only["qrencode.h"] = "^src/base/qr.c$"
    only["mbedtls/"] = only["psa/"] = "^src/(base/totp.c|http/mod_mbedtls.inl|http/tls_[a-z_]*[.][ch]|net/(tls|keypair|chain).c)$"
}

function wrong(why) {
    printf "%s:%d: %s\n", FILENAME, FNR, why
    bad = 1
}

/^[ \t]*#[ \t]*include[ \t]+["<]/ {
    header = $0
    gsub(/^[^"<]*["<]|[">].*$/, "", header)
    for (library in only)
        if (index(header, library) == 1 && FILENAME !~ only[library] && FILENAME !~ "^src/deps/")
            wrong("includes " header ", which only " only[library] " may")
    split(FILENAME, file, "/")
    split(header, target, "/")
    from = file[2]
    to = target[1]
    if (!(to in rank) || !(from in rank) || from == to)
        next
    if (rank[to] >= rank[from])
        wrong(from "/ includes " header ": dependencies point down only")
}

END {
    exit bad
}
