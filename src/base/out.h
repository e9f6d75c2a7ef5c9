/*
 * Output of pages and mails: bytes appended to a buffer, escaped for the place where they land.
 *
 * Compiled templates (assets/views, see src/tools/README.md) call these functions; filters in
 * site/filters.c write with out_text, out_int, out_uint and out_format and need not know where they
 * are used: o->context, set by the template, decides the escaping. An `out` belongs to one thread.
 */
#ifndef BASE_OUT_H
#define BASE_OUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/i18n.h"

enum out_context {
    OUT_HTML, /* element text and double-quoted attributes: & < > " ' become references */
    OUT_URL, /* a whole URL in a quoted attribute: http, https, mailto, tel or relative, else "#" */
    OUT_PATH,  /* part of a URL before '?': percent-encoded, but / : @ + , = stay */
    OUT_QUERY, /* part of a URL after '?' or '#': everything but unreserved (RFC 3986) is encoded */
    OUT_PLAIN, /* text/plain mails: nothing is escaped */
};

struct out {
    struct buf *buf;          /* borrowed; where everything goes */
    enum lang lang;           /* language of messages and filters */
    enum out_context context; /* OUT_HTML between values; templates set it around one value */
    const void *page; /* what the layout needs to know about the request; site/ defines it */
};

/* An `out` that appends to b (not reset) in OUT_HTML. */
struct out out_start(struct buf *b, enum lang lang, const void *page);

/* Escaped text; NULL prints nothing. */
void out_text(struct out *o, const char *text);
void out_text_n(struct out *o, const char *text, size_t len);

/* Decimal numbers. */
void out_int(struct out *o, int64_t number);
void out_uint(struct out *o, uint64_t number);

/* printf into out_text. */
void out_format(struct out *o, const char *format, ...) PRINTF_LIKE(2, 3);

/* Unescaped. For markup made by the program itself, never for anything a person typed. In templates
 * it is reachable only as {% raw … %}. NULL prints nothing. */
void out_raw(struct out *o, const char *markup);

/* A string literal of the template, unescaped. */
#define out_literal(o, literal) buf_append((o)->buf, "" literal, sizeof(literal) - 1)

/* {{ expr }}: strings and integers. bool, double and pointers do not compile on purpose: say with a
 * filter how they should look. */
#define out_value(o, value) \
    _Generic((value),                                                                              \
        char *: out_text,                                                                          \
        const char *: out_text,                                                                    \
        signed char: out_int,                                                                      \
        short: out_int,                                                                            \
        int: out_int,                                                                              \
        long: out_int,                                                                             \
        long long: out_int,                                                                        \
        unsigned char: out_uint,                                                                   \
        unsigned short: out_uint,                                                                  \
        unsigned int: out_uint,                                                                    \
        unsigned long: out_uint,                                                                   \
        unsigned long long: out_uint)((o), (value))

/* {{ expr | tr }}: translates a text that was marked with N_("…"), e.g. a form's error. */
void filter_tr(struct out *o, const char *english);

/* {{_ "…" }} without arguments. */
void out_message(struct out *o, const struct message *message);

/*
 * {{_ "… {name} …" name=expr }}: a walk over the message's pieces. out_piece writes the text before
 * the next {name} and returns the index of that name in `names`, or -1 at the end:
 *
 *     struct out_pieces p = out_pieces_start(o, &message, n, names, 2);
 *     for (int arg; (arg = out_piece(o, &p)) >= 0;)
 *         switch (arg) { case 0: out_value(o, v->seats); break; … }
 *
 * `n` chooses the plural; 1 for a message without one. A {name} not in `names` is printed as it
 * stands.
 */
struct out_pieces {
    const char *rest;
    bool taken; /* a value was just written */
    const char *const *names;
    size_t count;
};

struct out_pieces out_pieces_start(const struct out *o, const struct message *message, int64_t n,
                                   const char *const *names, size_t count);
int out_piece(struct out *o, struct out_pieces *pieces);

#endif
