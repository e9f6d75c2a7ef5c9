/* Parsing of declared forms; one small function a kind. */
#include "http/form.h"
#include "base/buf.h"
#include "base/money.h"
#include "base/utf8.h"
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

enum { EMAIL_BYTES = 254, PASSWORD_BYTES = 1024, TEXT_MAX = 200, LINES_MAX = 5000 };

static const char *say_number(const struct form *form, const char *english, int64_t n) {
    struct buf text = {0};
    i18n_format(&text, form->lang, english, I18N_INT("n", n));
    const char *result = arena_strdup(form->arena, buf_text(&text));
    buf_free(&text);
    return result;
}

#define SAY(form, english) tr((form)->lang, (english))

static const char *check_length(const struct form *form, const struct form_entry *entry,
                                int fallback) {
    const struct form_field *field = entry->field;
    size_t length = utf8_length(entry->text);
    int max = field->max ? field->max : fallback;
    if (length > (size_t)max)
        return say_number(form, N_("At most {n} characters."), max);
    if (length < (size_t)field->min)
        return say_number(form, N_("At least {n} characters."), field->min);
    return NULL;
}

static const char *parse_text(const struct form *form, struct form_entry *entry) {
    entry->text = utf8_squeeze(form->arena, entry->text);
    entry->given = *entry->text != '\0';
    return entry->given ? check_length(form, entry, TEXT_MAX) : NULL;
}

/* Line ends as a browser sends them (CR LF) become LF; other control characters go. */
static const char *parse_lines(const struct form *form, struct form_entry *entry) {
    char *clean = arena_alloc(form->arena, strlen(entry->text) + 1), *out = clean;
    for (const char *p = entry->text; *p; p++)
        if (*p == '\n' || *p == '\t' || (unsigned char)*p >= 0x20)
            *out++ = *p;
    while (out > clean && isspace((unsigned char)out[-1]))
        *--out = '\0';
    entry->text = clean;
    entry->given = *clean != '\0';
    return check_length(form, entry, LINES_MAX);
}

/* One @, something on both sides, a dot in the domain, no space or control characters: what keeps
 * typing errors out. Whether mail arrives only the confirmation tells. */
static bool email_plausible(const char *text) {
    const char *at = strchr(text, '@');
    if (!at || at == text || strchr(at + 1, '@') || at - text > 64)
        return false;
    const char *dot = strrchr(at, '.');
    if (!dot || dot == at + 1 || !dot[1] || strstr(at, "..") || at[1] == '-')
        return false;
    for (const unsigned char *p = (const unsigned char *)text; *p; p++)
        if (*p <= ' ' || *p == 0x7f || strchr("<>()[]\\,;:\"", *p))
            return false;
    return true;
}

static const char *parse_email(const struct form *form, struct form_entry *entry) {
    entry->text = utf8_squeeze(form->arena, entry->text);
    entry->given = *entry->text != '\0';
    if (entry->given && (strlen(entry->text) > EMAIL_BYTES || !email_plausible(entry->text)))
        return SAY(form, N_("This does not look like an e-mail address."));
    return NULL;
}

static const char *parse_phone(const struct form *form, struct form_entry *entry) {
    entry->text = utf8_squeeze(form->arena, entry->text);
    entry->given = *entry->text != '\0';
    size_t digits = 0;
    for (const char *p = entry->text; *p; p++)
        digits += isdigit((unsigned char)*p) != 0;
    bool shape = strspn(entry->text, "0123456789 +()-.") == strlen(entry->text);
    if (entry->given && (!shape || digits < 6 || digits > 20 || strlen(entry->text) > 32))
        return SAY(form, N_("Please type a phone number with its digits, like 987 654 321."));
    return NULL;
}

static const char *parse_password(const struct form *form, struct form_entry *entry) {
    entry->given = *entry->text != '\0';
    if (strlen(entry->text) > PASSWORD_BYTES)
        return say_number(form, N_("At most {n} characters."), PASSWORD_BYTES);
    return NULL;
}

static const char *parse_integer(const struct form *form, struct form_entry *entry) {
    const struct form_field *field = entry->field;
    entry->text = utf8_squeeze(form->arena, entry->text);
    entry->given = *entry->text != '\0';
    if (!entry->given)
        return NULL;
    const char *digits = entry->text + (*entry->text == '-');
    size_t length = strlen(digits);
    if (length < 1 || length > 18 || strspn(digits, "0123456789") != length)
        return SAY(form, N_("Please type a whole number."));
    entry->number = strtoll(entry->text, NULL, 10);
    if (entry->number < field->min)
        return say_number(form, N_("At least {n}."), field->min);
    if (field->max && entry->number > field->max)
        return say_number(form, N_("At most {n}."), field->max);
    return NULL;
}

static const char *parse_money(const struct form *form, struct form_entry *entry) {
    entry->text = utf8_squeeze(form->arena, entry->text);
    entry->given = *entry->text != '\0';
    if (entry->given && !money_parse(entry->text, &entry->number))
        return SAY(form, N_("Please type an amount like 180 or 180.50."));
    return NULL;
}

static const char *parse_date(const struct form *form, struct form_entry *entry) {
    entry->text = utf8_squeeze(form->arena, entry->text);
    entry->given = *entry->text != '\0';
    if (!entry->given)
        return NULL;
    bool fits = date_parse(entry->text, &entry->date) && entry->date.year >= 1900 &&
                entry->date.year <= 2199;
    return fits ? NULL : SAY(form, N_("Please type a date that exists: year-month-day."));
}

static const char *parse_color(const struct form *form, struct form_entry *entry) {
    entry->text = utf8_squeeze(form->arena, entry->text);
    entry->given = *entry->text != '\0';
    if (!entry->given || (*entry->text == '#' && strlen(entry->text) == 7 &&
                          strspn(entry->text + 1, "0123456789abcdefABCDEF") == 6))
        return NULL;
    return SAY(form, N_("Please type a colour like #0e5f59."));
}

static const char *parse_check(const struct form *form, struct form_entry *entry) {
    (void)form;
    entry->number = *entry->text && strcmp(entry->text, "0") != 0;
    entry->given = entry->number != 0;
    return NULL;
}

static bool has_word(const char *words, const char *word) {
    size_t length = strlen(word);
    for (const char *p = words; *p; p += strspn(p, " ")) {
        size_t span = strcspn(p, " ");
        if (span == length && memcmp(p, word, length) == 0)
            return true;
        p += span;
    }
    return false;
}

static size_t count_words(const char *words) {
    size_t count = 0;
    for (const char *p = words; *p; p += strspn(p, " "), count++)
        p += strcspn(p, " ");
    return count;
}

/* Values in the order of the choices, each once. */
static const char *choose_set(const struct form *form, struct form_entry *entry) {
    struct buf chosen = {0};
    size_t known = 0;
    for (const struct form_choice *c = entry->choices; c->value; c++)
        if (has_word(entry->text, c->value))
            buf_printf(&chosen, "%s%s", known++ ? " " : "", c->value);
    bool strange = count_words(entry->text) > known;
    entry->text = arena_strdup(form->arena, buf_text(&chosen));
    entry->given = known > 0;
    buf_free(&chosen);
    return strange ? SAY(form, N_("Please choose one of the options.")) : NULL;
}

static const char *choose_one(const struct form *form, struct form_entry *entry) {
    for (int i = 0; entry->choices[i].value; i++) {
        if (strcmp(entry->choices[i].value, entry->text) == 0) {
            entry->number = i;
            return NULL;
        }
    }
    entry->text = "";
    entry->given = false;
    return SAY(form, N_("Please choose one of the options."));
}

/* Where the choices come later, so does the check. */
static const char *parse_choice(const struct form *form, struct form_entry *entry) {
    entry->given = *entry->text != '\0';
    if (!entry->given || !entry->choices)
        return NULL;
    return entry->field->kind == FORM_SET ? choose_set(form, entry) : choose_one(form, entry);
}

/* HH:MM, perhaps with the seconds that some browsers add. */
static bool read_time(const char *text, int64_t *minutes) {
    for (int i = 0; i < 5; i++)
        if (i == 2 ? text[i] != ':' : !isdigit((unsigned char)text[i]))
            return false;
    int hour = (text[0] - '0') * 10 + text[1] - '0', minute = (text[3] - '0') * 10 + text[4] - '0';
    *minutes = hour * 60 + minute;
    return hour < 24 && minute < 60 && (text[5] == '\0' || strcmp(text + 5, ":00") == 0);
}

static const char *parse_time(const struct form *form, struct form_entry *entry) {
    entry->text = utf8_squeeze(form->arena, entry->text);
    entry->given = *entry->text != '\0';
    if (entry->given && !read_time(entry->text, &entry->number))
        return SAY(form, N_("Please type a time of day like 16:30."));
    return NULL;
}

static const char *parse_moment(const struct form *form, struct form_entry *entry) {
    enum { DAY_LENGTH = DATE_TEXT_SIZE - 1 };
    entry->text = utf8_squeeze(form->arena, entry->text);
    entry->given = *entry->text != '\0';
    if (!entry->given)
        return NULL;
    const char *day = arena_strndup(form->arena, entry->text, DAY_LENGTH);
    bool fits = date_parse(day, &entry->date) && entry->date.year >= 1900 &&
                entry->date.year <= 2199 && strchr("T ", entry->text[DAY_LENGTH]) &&
                entry->text[DAY_LENGTH] && read_time(entry->text + DAY_LENGTH + 1, &entry->number);
    return fits ? NULL : SAY(form, N_("Please type a day that exists and a time."));
}

static const char *(*const PARSERS[])(const struct form *, struct form_entry *) = {
    [FORM_TEXT] = parse_text,         [FORM_LINES] = parse_lines,
    [FORM_EMAIL] = parse_email,       [FORM_PHONE] = parse_phone,
    [FORM_PASSWORD] = parse_password, [FORM_SECRET] = parse_password,
    [FORM_INTEGER] = parse_integer,   [FORM_MONEY] = parse_money,
    [FORM_DATE] = parse_date,         [FORM_CHECK] = parse_check,
    [FORM_CHOICE] = parse_choice,     [FORM_HIDDEN] = parse_text,
    [FORM_SET] = parse_choice,        [FORM_TIME] = parse_time,
    [FORM_MOMENT] = parse_moment,     [FORM_COLOR] = parse_color,
};

struct form form_empty(const struct form_spec *spec, struct arena *arena, enum lang lang) {
    struct form form = {.spec = spec, .arena = arena, .lang = lang, .count = spec->count};
    form.entries = arena_array(arena, spec->count, sizeof(*form.entries));
    for (size_t i = 0; i < spec->count; i++)
        form.entries[i] = (struct form_entry){
            .field = &spec->fields[i], .text = "", .choices = spec->fields[i].choices};
    return form;
}

static void set_error(struct form *form, size_t field, const char *error) {
    if (!form->entries[field].error)
        form->errors++;
    form->entries[field].error = error;
}

/* What the boxes of one name say together. */
static const char *join_values(const struct form *form, const struct fields *fields,
                               const char *name) {
    struct buf words = {0};
    const char *value;
    for (size_t i = 0; (value = fields_nth(fields, name, i)); i++)
        buf_printf(&words, "%s%s", i ? " " : "", value);
    const char *text = arena_strdup(form->arena, buf_text(&words));
    buf_free(&words);
    return text;
}

static void parse_entry(struct form *form, size_t index, const struct fields *fields) {
    struct form_entry *entry = &form->entries[index];
    const struct form_field *field = entry->field;
    const char *value = field->kind == FORM_SET ? join_values(form, fields, field->name)
                                                : fields_get(fields, field->name);
    entry->text = value ? value : "";
    const char *error = PARSERS[field->kind](form, entry);
    if (field->kind != FORM_SET && fields_count(fields, field->name) > 1)
        error = SAY(form, N_("This came twice. Please send the form again."));
    if (!error && field->required && !entry->given)
        error = SAY(form, field->required_text ? field->required_text : N_("Please fill this in."));
    if (error)
        set_error(form, index, error);
}

struct form form_parse(const struct form_spec *spec, const struct fields *fields,
                       struct arena *arena, enum lang lang) {
    struct form form = form_empty(spec, arena, lang);
    for (size_t i = 0; i < spec->count; i++)
        parse_entry(&form, i, fields);
    return form;
}

bool form_ok(const struct form *form) {
    return form->errors == 0 && !form->error;
}

const char *form_text(const struct form *form, size_t field) {
    return form->entries[field].text;
}

const char *form_text_or_null(const struct form *form, size_t field) {
    return form->entries[field].given ? form->entries[field].text : NULL;
}

int64_t form_number(const struct form *form, size_t field) {
    return form->entries[field].number;
}

bool form_given(const struct form *form, size_t field) {
    return form->entries[field].given;
}

const char *form_shown(const struct form_entry *entry) {
    bool secret = entry->field->kind == FORM_PASSWORD || entry->field->kind == FORM_SECRET;
    return secret ? "" : entry->text;
}

const char *form_input_type(const struct form_field *field) {
    static const char *const TYPES[] = {
        [FORM_TEXT] = "text",      [FORM_LINES] = "text",        [FORM_EMAIL] = "email",
        [FORM_PHONE] = "tel",      [FORM_PASSWORD] = "password", [FORM_SECRET] = "text",
        [FORM_INTEGER] = "number", [FORM_MONEY] = "text",        [FORM_DATE] = "date",
        [FORM_CHECK] = "checkbox", [FORM_CHOICE] = "text",       [FORM_HIDDEN] = "hidden",
        [FORM_SET] = "checkbox",   [FORM_TIME] = "time",         [FORM_MOMENT] = "datetime-local",
        [FORM_COLOR] = "color",
    };
    return TYPES[field->kind];
}

bool form_chosen(const struct form_entry *entry, const struct form_choice *choice) {
    if (entry->field->kind == FORM_SET)
        return has_word(entry->text, choice->value);
    return entry->given && strcmp(entry->text, choice->value) == 0;
}

size_t form_section_end(const struct form *form, size_t field) {
    size_t end = field + 1;
    while (end < form->count && !form->entries[end].field->section)
        end++;
    return end;
}

void form_offer(struct form *form, size_t field, const struct form_choice *choices) {
    struct form_entry *entry = &form->entries[field];
    entry->choices = choices;
    entry->offered = true;
    const char *error = entry->error ? NULL : parse_choice(form, entry);
    if (error)
        set_error(form, field, error);
}

void form_set(struct form *form, size_t field, const char *text) {
    struct form_entry *entry = &form->entries[field];
    entry->text = text ? text : "";
    entry->given = *entry->text != '\0';
    if (entry->field->kind == FORM_CHECK)
        entry->number = entry->given && strcmp(text, "0") != 0;
}

void form_set_number(struct form *form, size_t field, int64_t number) {
    form_set(form, field, arena_printf(form->arena, "%lld", (long long)number));
    form->entries[field].number = number;
}

void form_refuse_text(struct form *form, size_t field, const char *translated) {
    set_error(form, field, translated);
}

void form_refuse(struct form *form, size_t field, const char *english) {
    set_error(form, field, tr(form->lang, english));
}

void form_refuse_named(struct form *form, const char *name, const char *english) {
    if (!english)
        return;
    for (size_t i = 0; i < form->count; i++) {
        if (strcmp(form->entries[i].field->name, name) == 0) {
            form_refuse(form, i, english);
            return;
        }
    }
    form_refuse_all(form, english);
}

void form_refuse_all(struct form *form, const char *english) {
    form->error = tr(form->lang, english);
}
