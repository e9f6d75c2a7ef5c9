/* assetc STATIC BOOTSTRAP OUTPUT SOURCE…: embeds every file below STATIC (assets/static) under a
 * name that holds a hash of its content, with gzip and brotli variants where they are smaller.
 * Writes OUTPUT/assets.c for http/asset.c and OUTPUT/assets.list ("name address" lines) for viewc.
 *
 * Style sheets are bundled (css.h): imports are looked up beside the sheet, then in BOOTSTRAP; a
 * sheet that another imports is not embedded by itself. The SOURCEs are the files in which class
 * names stand. */
#include "tools/css.h"
#include "tools/gen.h"
#include <brotli/encode.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

static const struct type {
    const char *extension, *type;
    bool is_compressible;
} types[] = {
    {"css", "text/css; charset=utf-8", true},
    {"js", "text/javascript; charset=utf-8", true},
    {"svg", "image/svg+xml", true},
    {"txt", "text/plain; charset=utf-8", true},
    {"webmanifest", "application/manifest+json", true},
    {"ico", "image/x-icon", true},
    {"png", "image/png", false},
    {"jpg", "image/jpeg", false},
    {"webp", "image/webp", false},
    {"woff2", "font/woff2", false},
};

struct file {
    char *name; /* relative to STATIC: css/site.css */
    const struct type *type;
    struct buf content;
    char *address, *tag;
    bool is_imported;
};

struct bundle {
    const char *folder, *bootstrap;
    struct file *files;
    size_t count;
    struct css_words words;
};

static const struct type *find_type(const char *path) {
    const char *dot = strrchr(path, '.');
    for (size_t i = 0; dot && i < ARRAY_COUNT(types); i++)
        if (strcmp(types[i].extension, dot + 1) == 0)
            return &types[i];
    gen_fail(path, 0, "assetc does not know the type of such a file");
}

static bool is_sheet(const struct file *file) {
    return strcmp(file->type->extension, "css") == 0;
}

static struct file *find_file(const struct bundle *bundle, const char *name) {
    for (size_t i = 0; i < bundle->count; i++)
        if (strcmp(bundle->files[i].name, name) == 0)
            return &bundle->files[i];
    return NULL;
}

/* "css/site.css" and "../icons/x.svg" → "icons/x.svg". */
static char *resolve(const char *from, const char *relative) {
    const char *slash = strrchr(from, '/');
    char *folder = slash ? gen_printf("%.*s", (int)(slash - from), from) : gen_printf("%s", "");
    for (; strncmp(relative, "../", 3) == 0; relative += 3) {
        char *up = strrchr(folder, '/');
        *(up ? up : folder) = '\0';
    }
    return gen_printf("%s%s%s", folder, *folder ? "/" : "", relative);
}

/* The address is known once the content is final. */
static void name_file(struct file *file) {
    uint64_t hash = gen_hash(buf_text(&file->content), file->content.len);
    const char *dot = strrchr(file->name, '.');
    file->tag = gen_printf("%010llx", (unsigned long long)(hash & 0xffffffffff));
    file->address =
        gen_printf("/static/%.*s.%s%s", (int)(dot - file->name), file->name, file->tag, dot);
}

/* ---- style sheets ---- */

/* The name below STATIC of a sheet's path, or NULL for one of Bootstrap's. */
static const char *name_of(const struct bundle *bundle, const char *path) {
    size_t len = strlen(bundle->folder);
    return strncmp(path, bundle->folder, len) == 0 && path[len] == '/' ? path + len + 1 : NULL;
}

static char *find_import(void *ctx, const char *from, const char *name) {
    struct bundle *bundle = ctx;
    const char *importer = name_of(bundle, from);
    if (importer) {
        struct file *file = find_file(bundle, resolve(importer, name));
        if (file) {
            file->is_imported = true;
            return gen_printf("%s/%s", bundle->folder, file->name);
        }
    }
    char *path = gen_printf("%s/%s", bundle->bootstrap, name);
    if (!gen_exists(path))
        gen_fail(from, 0, "@import \"%s\": neither beside the sheet nor in %s", name,
                 bundle->bootstrap);
    return path;
}

static char *find_url(void *ctx, const char *from, const char *url) {
    const struct bundle *bundle = ctx;
    const char *sheet = name_of(bundle, from);
    const struct file *file = sheet ? find_file(bundle, resolve(sheet, url)) : NULL;
    if (!file || !file->address)
        gen_fail(from, 0, "url(%s): there is no such file in %s", url, bundle->folder);
    return file->address;
}

static void bundle_sheet(struct bundle *bundle, struct file *file) {
    const struct css_host host = {find_import, find_url, bundle};
    struct css_node sheet = css_read(gen_printf("%s/%s", bundle->folder, file->name), &host);
    css_prune(&sheet, &bundle->words);
    buf_reset(&file->content);
    css_write(&sheet, &file->content);
}

/* ---- compression ---- */

static struct buf gzip(const struct buf *content) {
    z_stream stream = {0};
    struct buf out = {0};
    /* 15 + 16: the largest window, in gzip's own format; no time stamp, so builds repeat. */
    if (deflateInit2(&stream, 9, Z_DEFLATED, 15 + 16, 9, Z_DEFAULT_STRATEGY) != Z_OK)
        abort();
    buf_reserve(&out, deflateBound(&stream, content->len));
    stream.next_in = (Bytef *)content->data;
    stream.avail_in = (uInt)content->len;
    stream.next_out = (Bytef *)out.data;
    stream.avail_out = (uInt)out.cap;
    if (deflate(&stream, Z_FINISH) != Z_STREAM_END)
        abort();
    out.len = stream.total_out;
    deflateEnd(&stream);
    return out;
}

static struct buf brotli(const struct buf *content) {
    struct buf out = {0};
    size_t len = BrotliEncoderMaxCompressedSize(content->len);
    buf_reserve(&out, len);
    if (!BrotliEncoderCompress(BROTLI_MAX_QUALITY, BROTLI_DEFAULT_WINDOW, BROTLI_MODE_TEXT,
                               content->len, (const uint8_t *)content->data, &len,
                               (uint8_t *)out.data))
        abort();
    out.len = len;
    return out;
}

/* ---- output ---- */

static void put_variant(struct buf *data, struct buf *table, size_t index, const char *field,
                        const struct buf *bytes) {
    char *symbol = gen_printf("%s_%zu", field, index);
    gen_bytes(data, symbol, buf_text(bytes), bytes->len);
    buf_printf(table, "     .%s = {%s, %zu},\n", field, symbol, bytes->len);
}

static void put_file(struct buf *data, struct buf *table, size_t index, const struct file *file) {
    buf_printf(
        table,
        "    {.name = \"%s\",\n     .path = \"%s\",\n     .type = \"%s\",\n     .tag = \"%s\",\n",
        file->name, file->address, file->type->type, file->tag);
    put_variant(data, table, index, "identity", &file->content);
    if (file->type->is_compressible && file->content.len > 0) {
        struct buf gz = gzip(&file->content), br = brotli(&file->content);
        if (gz.len < file->content.len)
            put_variant(data, table, index, "gzip", &gz);
        if (br.len < file->content.len)
            put_variant(data, table, index, "brotli", &br);
        buf_free(&gz);
        buf_free(&br);
    }
    buf_puts(table, "    },\n");
}

static int compare_addresses(const void *a, const void *b) {
    return strcmp(((const struct file *)a)->address, ((const struct file *)b)->address);
}

static void write_output(struct bundle *bundle, const char *output) {
    struct buf data = {0}, table = {0}, list = {0};
    qsort(bundle->files, bundle->count, sizeof(struct file), compare_addresses);
    buf_puts(&data, "/* Made by assetc. */\n#include \"http/asset.h\"\n\n");
    size_t embedded = 0;
    for (size_t i = 0; i < bundle->count; i++) {
        const struct file *file = &bundle->files[i];
        if (file->is_imported)
            continue;
        put_file(&data, &table, embedded++, file);
        buf_printf(&list, "%s %s\n", file->name, file->address);
    }
    buf_printf(&data,
               "\nconst struct asset asset_table[] = {\n%s};\nconst size_t asset_count = %zu;\n",
               buf_text(&table), embedded);
    gen_write(gen_printf("%s/assets.c", output), &data);
    gen_write(gen_printf("%s/assets.list", output), &list);
    buf_free(&data);
    buf_free(&table);
    buf_free(&list);
}

int main(int argc, char **argv) {
    if (argc < 4) {
        fprintf(stderr, "usage: assetc STATIC BOOTSTRAP OUTPUT SOURCE…\n");
        return 2;
    }
    struct bundle bundle = {.folder = argv[1], .bootstrap = argv[2]};
    char **names = gen_list(bundle.folder, &bundle.count);
    bundle.files = calloc(bundle.count + 1, sizeof(struct file));
    if (!bundle.files)
        abort();
    for (size_t i = 0; i < bundle.count; i++) {
        struct file *file = &bundle.files[i];
        *file = (struct file){.name = names[i], .type = find_type(names[i])};
        gen_read(gen_printf("%s/%s", bundle.folder, names[i]), &file->content);
        if (!is_sheet(file))
            name_file(file);
    }
    for (int i = 4; i < argc; i++) {
        struct buf source = {0};
        gen_read(argv[i], &source);
        css_words_add(&bundle.words, buf_text(&source));
        buf_free(&source);
    }
    css_words_sort(&bundle.words);
    for (size_t i = 0; i < bundle.count; i++) {
        if (is_sheet(&bundle.files[i])) {
            bundle_sheet(&bundle, &bundle.files[i]);
            name_file(&bundle.files[i]);
        }
    }
    write_output(&bundle, argv[3]);
    return 0;
}
