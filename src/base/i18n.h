/*
 * Languages and translated messages.
 *
 * The English text in the source is the key of a message; assets/i18n/es.po holds the Spanish. Both
 * are compiled into one sorted table (src/tools/catalogc), so nothing is read from disk at run time
 * and a message without a translation falls back to English. Numbers, money and dates are formatted
 * by their own modules, not here. Everything here is immutable and safe from any thread.
 *
 * Mark texts so that `make i18n` finds them: tr(lang, "…"), tr_ctx, tr_n, i18n_format,
 * i18n_format_n, and N_("…") around a constant that is translated later, e.g. in a table.
 */
#ifndef BASE_I18N_H
#define BASE_I18N_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;

enum lang { LANG_EN, LANG_ES, LANG_COUNT };

/* One message in every language; plural texts are NULL for a message without a plural. Templates
 * point at these directly. `key` is the English text, or context, '\4', English text. */
struct message {
    const char *key;
    const char *text[LANG_COUNT];
    const char *plural[LANG_COUNT];
};

/* Marks a constant for translation without translating it. */
#define N_(english) english

/* "en", "es": the value of <html lang>, of the cookie and of account.language. */
const char *lang_code(enum lang lang);

/* Reads a code as it is stored ("es"). False, and *lang untouched, for NULL or any other text. */
bool lang_parse(const char *code, enum lang *lang);

/* Picks from an Accept-Language header (RFC 9110, 12.5.4) the best of our languages: region subtags
 * are ignored, q=0 excludes, the first wins a tie. False, and *lang untouched, when nothing fits.
 */
bool lang_accept(const char *header, enum lang *lang);

/* The translation of an English text, or that text itself. The result lives as long as the program
 * or as long as `english`. */
const char *tr(enum lang lang, const char *english);

/* The same for a text with a context that tells two uses apart: tr_ctx(lang, "shop", "Open"). */
const char *tr_ctx(enum lang lang, const char *context, const char *english);

/* The form that fits n: `one` for exactly 1, else `many` (the rule of English and Spanish). The two
 * may be one message with a plural, or two messages that were marked with N_() each. */
const char *tr_n(enum lang lang, const char *one, const char *many, int64_t n);

/* A value for {name} in a message; make them with I18N_TEXT and I18N_INT. A NULL text prints
 * nothing. */
struct i18n_arg {
    const char *name;
    const char *text;
    int64_t number;
    bool is_number;
};

#define I18N_TEXT(name_, text_) ((struct i18n_arg){.name = (name_), .text = (text_)})
#define I18N_INT(name_, number_) \
    ((struct i18n_arg){.name = (name_), .number = (number_), .is_number = true})

/* Appends the translated message with its {name}s filled in, as plain text (no escaping):
 *
 *     i18n_format(&b, lang, "{student} is enrolled in {title}.", I18N_TEXT("student",
 * s->first_name), I18N_TEXT("title", w->title));
 *
 * A {name} without an argument is printed as it stands, so that the fault is seen. */
#define i18n_format(b, lang, english, ...)                                               \
    i18n_format_args((b), tr((lang), (english)), (const struct i18n_arg[]){__VA_ARGS__}, \
                     sizeof((const struct i18n_arg[]){__VA_ARGS__}) / sizeof(struct i18n_arg))

/* The same with a plural chosen by n, which is also the value of {n}; further arguments follow, at
 * least I18N_INT("n", n) itself. */
#define i18n_format_n(b, lang, one, many, n, ...)            \
    i18n_format_args((b), tr_n((lang), (one), (many), (n)),  \
                     (const struct i18n_arg[]){__VA_ARGS__}, \
                     sizeof((const struct i18n_arg[]){__VA_ARGS__}) / sizeof(struct i18n_arg))

/* What follows a value in a message: a sentence whose last value ends in a full stop («…, 4:00 p.
 * m.») gets no second one. */
const char *i18n_one_stop(const struct buf *b, const char *rest);

/* What the two macros call: fills the {name}s of `text`, which is translated already. */
void i18n_format_args(struct buf *b, const char *text, const struct i18n_arg *args, size_t count);

/* The generated table, sorted by key (strcmp). Only i18n.c and its test use it. */
extern const struct message *const i18n_catalogue[];
extern const size_t i18n_catalogue_count;

#endif
