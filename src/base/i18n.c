/* Look-up in the generated catalogue, choice of language, and messages filled in as plain text. */
#include "base/i18n.h"
#include "base/buf.h"
#include "base/err.h"
#include <string.h>
#include <strings.h>

static const char *const codes[LANG_COUNT] = {[LANG_EN] = "en", [LANG_ES] = "es"};

const char *lang_code(enum lang lang) {
    return codes[lang];
}

bool lang_parse(const char *code, enum lang *lang) {
    for (int i = 0; code && i < LANG_COUNT; i++) {
        if (strcmp(codes[i], code) == 0) {
            *lang = (enum lang)i;
            return true;
        }
    }
    return false;
}

/* ---- Accept-Language ---- */

static bool is_blank(char c) {
    return c == ' ' || c == '\t';
}

/* The weight in thousandths of the parameters in [at, end): 1000 without a q, 0 for a malformed
 * one. */
static int weight(const char *at, const char *end) {
    while (at < end && (*at == ';' || is_blank(*at)))
        at++;
    if (at == end)
        return 1000;
    if (end - at < 3 || (*at != 'q' && *at != 'Q') || at[1] != '=' || at[2] < '0' || at[2] > '1')
        return 0;
    int value = (at[2] - '0') * 1000, digit = 100;
    at += 3;
    if (at < end && *at == '.')
        for (at++; at < end && *at >= '0' && *at <= '9' && digit > 0; at++, digit /= 10)
            value += (*at - '0') * digit;
    return value > 1000 ? 1000 : value;
}

/* Our language of the range in [at, end), "es-PE" or "es". "*" names none: whoever takes any gets
 * what the school speaks. */
static bool match_range(const char *at, const char *end, enum lang *lang) {
    size_t primary = 0;
    while (at + primary < end && at[primary] != '-')
        primary++;
    for (int i = 0; i < LANG_COUNT; i++) {
        if (strlen(codes[i]) == primary && strncasecmp(codes[i], at, primary) == 0) {
            *lang = (enum lang)i;
            return true;
        }
    }
    return false;
}

bool lang_accept(const char *header, enum lang *lang) {
    int best = 0;
    for (const char *at = header; at && *at;) {
        size_t len = strcspn(at, ",");
        const char *end = at + len, *next = *end ? end + 1 : end;
        while (at < end && is_blank(*at))
            at++;
        const char *range_end = at;
        while (range_end < end && *range_end != ';' && !is_blank(*range_end))
            range_end++;
        enum lang found;
        int q = weight(range_end, end);
        if (q > best && match_range(at, range_end, &found)) {
            best = q;
            *lang = found;
        }
        at = next;
    }
    return best > 0;
}

/* ---- messages ---- */

/* Compares a catalogue key with a message that is given as an optional context and a text. */
static int compare_key(const char *key, const char *context, const char *english) {
    if (!context)
        return strcmp(key, english);
    size_t len = strlen(context);
    int order = strncmp(key, context, len);
    if (order != 0)
        return order;
    if (key[len] != '\4')
        return key[len] < '\4' ? -1 : 1;
    return strcmp(key + len + 1, english);
}

static const struct message *find(const char *context, const char *english) {
    size_t from = 0, to = i18n_catalogue_count;
    while (from < to) {
        size_t middle = from + (to - from) / 2;
        int order = compare_key(i18n_catalogue[middle]->key, context, english);
        if (order == 0)
            return i18n_catalogue[middle];
        if (order < 0)
            from = middle + 1;
        else
            to = middle;
    }
    return NULL;
}

const char *tr(enum lang lang, const char *english) {
    return tr_ctx(lang, NULL, english);
}

const char *tr_ctx(enum lang lang, const char *context, const char *english) {
    if (lang == LANG_EN)
        return english;
    const struct message *message = find(context, english);
    return message ? message->text[lang] : english;
}

const char *tr_n(enum lang lang, const char *one, const char *many, int64_t n) {
    if (n == 1)
        return tr(lang, one);
    const struct message *message = lang == LANG_EN ? NULL : find(NULL, one);
    return message && message->plural[lang] ? message->plural[lang] : tr(lang, many);
}

static const struct i18n_arg *find_arg(const struct i18n_arg *args, size_t count, const char *name,
                                       size_t len) {
    for (size_t i = 0; i < count; i++)
        if (strncmp(args[i].name, name, len) == 0 && args[i].name[len] == '\0')
            return &args[i];
    return NULL;
}

const char *i18n_one_stop(const struct buf *b, const char *rest) {
    return *rest == '.' && b->len && b->data[b->len - 1] == '.' ? rest + 1 : rest;
}

void i18n_format_args(struct buf *b, const char *text, const struct i18n_arg *args, size_t count) {
    const char *start = text;
    for (const char *at = text; (at = strchr(at, '{')) != NULL; at++) {
        const char *close = strchr(at, '}');
        const struct i18n_arg *arg =
            close ? find_arg(args, count, at + 1, (size_t)(close - at - 1)) : NULL;
        if (!arg)
            continue;
        buf_append(b, start, (size_t)(at - start));
        if (arg->is_number)
            buf_put_int(b, arg->number);
        else
            buf_puts(b, arg->text);
        start = i18n_one_stop(b, close + 1);
        at = close;
    }
    buf_puts(b, start);
}
