/* viewc FOLDER ASSETS.LIST OUTPUT: compiles every template below FOLDER (assets/views) into
 * OUTPUT/views/….c, and writes OUTPUT/views.h and OUTPUT/views.pot. The language:
 * src/tools/README.md. */
#include "base/utf8.h"
#include "tools/view_emit.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* "workshop/list.html" → "workshop_list", "mail/receipt.txt" → "mail_receipt_txt". */
static char *view_name(const char *folder, const char *file) {
    const char *dot = strrchr(file, '.');
    bool is_html = dot && strcmp(dot, ".html") == 0, is_text = dot && strcmp(dot, ".txt") == 0;
    char *path = gen_printf("%s/%s", folder, file);
    if (!is_html && !is_text)
        gen_fail(path, 0, "a template ends in .html or .txt");
    char *name = gen_printf("%.*s%s", (int)(dot - file), file, is_text ? "_txt" : "");
    for (char *c = name; *c; c++)
        if (*c == '/')
            *c = '_';
    if (!view_is_name(name))
        gen_fail(path, 0, "a template's name holds lower-case letters, digits and '_'");
    free(path);
    return name;
}

/* Forward declarations of the structs among the parameters. */
static void declare_structs(struct buf *header, const char *params) {
    for (const char *at = params; (at = strstr(at, "struct ")) != NULL;) {
        at += strlen("struct ");
        size_t len = strspn(at, "abcdefghijklmnopqrstuvwxyz0123456789_");
        char *line = gen_printf("struct %.*s;\n", (int)len, at);
        if (!strstr(buf_text(header), line))
            buf_puts(header, line);
        free(line);
    }
}

int main(int argc, char **argv) {
    if (argc != 4) {
        fprintf(stderr, "usage: viewc FOLDER ASSETS.LIST OUTPUT\n");
        return 2;
    }
    const char *folder = argv[1], *output = argv[3];
    struct buf assets = {0}, header = {0}, functions = {0};
    struct view_pot pot = {0};
    gen_read(argv[2], &assets);
    buf_puts(&header,
             "/* Made by viewc: every template's function. */\n#ifndef VIEWS_H\n#define VIEWS_H\n"
             "#include \"base/out.h\"\n#include <stdbool.h>\n#include <stddef.h>\n"
             "#include <stdint.h>\n");
    size_t count;
    char **files = gen_list(folder, &count);
    for (size_t i = 0; i < count; i++) {
        struct buf source = {0}, c = {0};
        char *path = gen_printf("%s/%s", folder, files[i]);
        gen_read(path, &source);
        if (!utf8_valid(buf_text(&source), source.len))
            gen_fail(path, 0, "is not valid UTF-8 without NUL");
        struct view_head head = view_emit(path, view_name(folder, files[i]), buf_text(&source),
                                          buf_text(&assets), &pot, &c);
        declare_structs(&header, head.params);
        buf_printf(&functions, "%s;\n", view_signature(&head));
        gen_write(gen_printf("%s/views/%s.c", output, head.name), &c);
        buf_free(&c);
        buf_free(&source);
    }
    buf_printf(&header, "%s#endif\n", buf_text(&functions));
    gen_write(gen_printf("%s/views.h", output), &header);
    view_pot_write(&pot, gen_printf("%s/views.pot", output));
    buf_free(&assets);
    buf_free(&header);
    buf_free(&functions);
    return 0;
}
