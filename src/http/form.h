/* Forms: declared as a table beside the route, parsed and checked before the handler runs.
 *
 *     enum { LOGIN_EMAIL, LOGIN_PASSWORD, LOGIN_FIELDS };
 *     static const struct form_field FIELDS[LOGIN_FIELDS] = {
 *         [LOGIN_EMAIL] = {.name = "login", .kind = FORM_EMAIL, .label = N_("E-mail"),
 *                          .required = true},
 *         …
 *     };
 *     const struct form_spec login_form = {FIELDS, LOGIN_FIELDS};
 *
 * Only declared fields are read: what else a request carries has no effect. A declared field that
 * comes twice is an error of that field. Values are kept for the page that asks again, passwords
 * and card data never. */
#ifndef HTTP_FORM_H
#define HTTP_FORM_H

#include "base/arena.h"
#include "base/date.h"
#include "base/i18n.h"
#include "http/fields.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum form_kind {
    FORM_TEXT,     /* one line, squeezed; min and max in characters */
    FORM_LINES,    /* several lines; max in characters */
    FORM_EMAIL,    /* an address; max 254 bytes */
    FORM_PHONE,    /* digits, spaces and + ( ) - . ; 6 to 20 digits */
    FORM_PASSWORD, /* taken as it is; max 1024 bytes; never shown again */
    FORM_SECRET,   /* digits of a card: like a password */
    FORM_INTEGER,  /* min to max */
    FORM_MONEY,    /* units with at most two decimals; cents in `number` */
    FORM_DATE,     /* ISO; a day that exists, in 1900 to 2199 */
    FORM_CHECK,    /* a box: number 1 when ticked */
    FORM_CHOICE,   /* one of `choices` */
    FORM_SET,      /* any of `choices`, as check boxes of one name; their values joined by spaces */
    FORM_TIME,     /* of the day, HH:MM; minutes since midnight in `number` */
    FORM_MOMENT,   /* a local day and time, YYYY-MM-DDTHH:MM; the day in `date`, minutes in `number`
                    */
    FORM_COLOR,    /* "#rrggbb" */
    FORM_HIDDEN,   /* carried along, checked like text */
};

struct form_choice {
    const char *value;
    const char *label; /* N_("…") */
};

struct form_field {
    const char *name;
    enum form_kind kind;
    const char *label; /* N_("…"); also names the field in the list of errors */
    const char *hint;  /* N_("…") or NULL */
    bool required;
    bool unmarked; /* not required here, yet not called optional: the rules decide */
    int min, max;  /* by kind; 0: the kind's own bounds */
    /* Ends with a NULL value. NULL: out of the database, given by form_offer. No spaces in values.
     */
    const struct form_choice *choices;
    const char *autocomplete;  /* HTML's autofill token, or NULL */
    const char *required_text; /* N_("…") instead of "Please fill this in." */
    const char *section;       /* N_("…"): a part of the form begins with this field */
    const char *preset;        /* of a form for something new; NULL: empty */
};

struct form_spec {
    const struct form_field *fields;
    size_t count;
};

struct form_entry {
    const struct form_field *field;
    const char *text; /* the value, "" when not given; what the page shows again */
    int64_t number;   /* FORM_INTEGER, _MONEY, _CHECK, _TIME, _MOMENT; index of a FORM_CHOICE */
    struct date date; /* FORM_DATE, FORM_MOMENT */
    bool given;       /* not empty */
    const struct form_choice *choices; /* of the field, or as offered */
    bool offered;                      /* their labels are not ours to translate */
    const char *error;                 /* translated; NULL: fine */
};

struct form {
    const struct form_spec *spec;
    struct arena *arena;
    enum lang lang;
    struct form_entry *entries; /* one a field, in the table's order */
    size_t count;
    size_t errors;     /* entries with an error */
    const char *error; /* about the whole form, translated; NULL: none */
};

/* An empty form, for the page that asks first. */
struct form form_empty(const struct form_spec *spec, struct arena *arena, enum lang lang);

/* Parses and checks. form_ok() tells whether anything is wrong. */
struct form form_parse(const struct form_spec *spec, const struct fields *fields,
                       struct arena *arena, enum lang lang);
bool form_ok(const struct form *form);

const char *form_text(const struct form *form, size_t field); /* "" when not given */
const char *form_text_or_null(const struct form *form, size_t field);
int64_t form_number(const struct form *form, size_t field);
bool form_given(const struct form *form, size_t field);

/* Gives a choice its choices out of the database, labels as people wrote them; refuses a value that
 * is none of them. For forms about to be shown and for those that came in. */
void form_offer(struct form *form, size_t field, const struct form_choice *choices);

/* The index behind the last field of the section that begins with this one. */
size_t form_section_end(const struct form *form, size_t field);

/* What a page may show again of an entry: its text, "" for passwords and card data. */
const char *form_shown(const struct form_entry *entry);

/* For templates: HTML's input type of a field, and whether a choice is (among) the current. */
const char *form_input_type(const struct form_field *field);
bool form_chosen(const struct form_entry *entry, const struct form_choice *choice);

/* Presets a value for the first showing of an edit form. NULL leaves it empty. */
void form_set(struct form *form, size_t field, const char *text);
void form_set_number(struct form *form, size_t field, int64_t number);

/* A business refusal found later: about one field, or about the whole. `english` is N_("…"). */
void form_refuse(struct form *form, size_t field, const char *english);
void form_refuse_text(struct form *form, size_t field, const char *translated);
/* The field is named as in the table; "" or a name the form has not: about the whole. NULL for
 * `english` refuses nothing. */
void form_refuse_named(struct form *form, const char *name, const char *english);
void form_refuse_all(struct form *form, const char *english);

#endif
