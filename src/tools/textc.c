/* textc OUTPUT FUNCTION=FILE…: embeds texts; makes OUTPUT.c with `const char *FUNCTION(void)` for
 * each. Several files for one function (FUNCTION=FILE FILE …) follow each other under their names.
 * textc --roots OUTPUT FOLDER: embeds the PEM certificates of a folder as DER, for base/roots.h. */
#include "tools/gen.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- texts ---- */

static const char *base_name(const char *path) {
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

static void put_text(struct buf *c, const char *function, char **files, int count) {
    struct buf text = {0};
    for (int i = 0; i < count; i++) {
        if (count > 1)
            buf_printf(&text, "%s==== %s ====\n\n", i ? "\n\n" : "", base_name(files[i]));
        gen_read(files[i], &text);
    }
    buf_printf(c, "\nconst char *%s(void) {\n    return ", function);
    gen_literal(c, buf_text(&text), text.len);
    buf_puts(c, ";\n}\n");
    buf_free(&text);
}

static void write_texts(const char *output, char **args, int count) {
    struct buf c = {0};
    buf_puts(&c, "/* Made by textc. */\n#include \"base/embedded.h\"\n");
    for (int i = 0; i < count;) {
        char *equals = strchr(args[i], '=');
        if (!equals)
            gen_fail(args[i], 0, "is not FUNCTION=FILE");
        char *function = gen_printf("%.*s", (int)(equals - args[i]), args[i]);
        args[i] = equals + 1;
        int files = 1;
        while (i + files < count && !strchr(args[i + files], '='))
            files++;
        put_text(&c, function, args + i, files);
        i += files;
    }
    gen_write(output, &c);
}

/* ---- certificates ---- */

static int base64_value(char c) {
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const char *digit = c ? strchr(digits, c) : NULL;
    return digit ? (int)(digit - digits) : -1;
}

/* The certificate of a PEM file (RFC 7468). */
static struct buf decode(const char *path) {
    static const char begin[] = "-----BEGIN CERTIFICATE-----", end[] = "-----END CERTIFICATE-----";
    struct buf pem = {0}, der = {0};
    gen_read(path, &pem);
    const char *from = strstr(buf_text(&pem), begin), *to = strstr(buf_text(&pem), end);
    if (!from || !to || to < from || strstr(to + 1, begin))
        gen_fail(path, 0, "does not hold exactly one certificate");
    unsigned bits = 0, pending = 0;
    for (from += strlen(begin); from < to; from++) {
        int value = base64_value(*from);
        if (value < 0)
            continue;
        bits = bits << 6 | (unsigned)value;
        pending += 6;
        if (pending >= 8) {
            pending -= 8;
            buf_putc(&der, (char)(bits >> pending));
        }
    }
    buf_free(&pem);
    return der;
}

static void write_roots(const char *output, const char *folder) {
    struct buf c = {0}, table = {0};
    size_t count;
    char **files = gen_list(folder, &count);
    buf_puts(&c, "/* Made by textc. */\n#include \"base/roots.h\"\n\n");
    for (size_t i = 0; i < count; i++) {
        struct buf der = decode(gen_printf("%s/%s", folder, files[i]));
        char *name = gen_printf("root_%zu", i);
        buf_printf(&c, "/* %s */\n", files[i]);
        gen_bytes(&c, name, buf_text(&der), der.len);
        buf_printf(&table, "    {%s, %zu},\n", name, der.len);
        buf_free(&der);
    }
    if (count == 0)
        gen_fail(folder, 0, "holds no certificates");
    buf_printf(&c, "\nconst struct root roots[] = {\n%s};\nconst size_t roots_count = %zu;\n",
               buf_text(&table), count);
    gen_write(output, &c);
}

int main(int argc, char **argv) {
    if (argc == 4 && strcmp(argv[1], "--roots") == 0) {
        write_roots(argv[2], argv[3]);
        return 0;
    }
    if (argc < 3 || argv[1][0] == '-') {
        fprintf(stderr, "usage: textc OUTPUT.c FUNCTION=FILE…\n"
                        "       textc --roots OUTPUT.c FOLDER\n");
        return 2;
    }
    write_texts(argv[1], argv + 2, argc - 2);
    return 0;
}
