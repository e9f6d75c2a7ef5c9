/* A form's body, multipart: the first line of the input is the header, the rest the body. */
#include "base/utf8.h"
#include "fuzz.h"
#include "http/fields.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    const uint8_t *line = memchr(data, '\n', size);
    if (!line)
        return -1;
    size_t length = (size_t)(line - data);
    char *type = fuzz_text(data, length);
    char *body = fuzz_text(line + 1, size - length - 1);
    struct arena *arena = arena_create();
    struct fields fields = {0};
    if (fields_parse_multipart(arena, type, body, size - length - 1, &fields) == OK)
        for (size_t i = 0; i < fields.count; i++) {
            const struct field *f = &fields.items[i];
            PROMISE(f->value[f->len] == '\0' && utf8_valid(f->name, strlen(f->name)));
            PROMISE(f->filename || utf8_valid(f->value, f->len));
            PROMISE(!f->filename || !strpbrk(f->filename, "/\\"));
        }
    arena_destroy(arena);
    free(body);
    free(type);
    return 0;
}
