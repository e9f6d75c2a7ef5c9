/* A form's body, urlencoded, read as a form with a field of every kind. */
#include "http/form.h"
#include "base/utf8.h"
#include "fuzz.h"

static const struct form_choice CHOICES[] = {{"1", "One"}, {"2", "Two"}, {NULL}};

#define FIELD(letter, sort) \
    { .name = (letter), .kind = (sort), .label = "x", .choices = CHOICES }
static const struct form_field FIELDS[] = {
    FIELD("a", FORM_TEXT),
    FIELD("b", FORM_LINES),
    FIELD("c", FORM_EMAIL),
    FIELD("d", FORM_PHONE),
    FIELD("e", FORM_PASSWORD),
    FIELD("f", FORM_SECRET),
    FIELD("g", FORM_MONEY),
    FIELD("h", FORM_DATE),
    FIELD("i", FORM_CHECK),
    FIELD("j", FORM_CHOICE),
    FIELD("k", FORM_SET),
    FIELD("l", FORM_TIME),
    FIELD("m", FORM_MOMENT),
    FIELD("n", FORM_COLOR),
    FIELD("o", FORM_HIDDEN),
    {.name = "p", .kind = FORM_INTEGER, .label = "x", .min = -5, .max = 100},
};
static const struct form_spec SPEC = {FIELDS, ARRAY_COUNT(FIELDS)};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    char *text = malloc(size ? size : 1);
    memcpy(text, data, size);
    struct arena *arena = arena_create();
    struct fields fields = {0};
    if (fields_parse_urlencoded(arena, text, size, &fields) == OK) {
        PROMISE(fields.count <= FIELDS_MAX);
        struct form form = form_parse(&SPEC, &fields, arena, 0);
        for (size_t i = 0; i < form.count; i++) {
            PROMISE(utf8_valid(form.entries[i].text, strlen(form.entries[i].text)));
            form_shown(&form.entries[i]);
        }
    }
    arena_destroy(arena);
    free(text);
    return 0;
}
