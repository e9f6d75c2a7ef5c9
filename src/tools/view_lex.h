/* Templates cut into tokens: text, {{ values }}, {% directives %}. {# Remarks #} vanish here. Also
 * the little reading of C that the compiler needs: where a string, a bracket or an argument ends.
 */
#ifndef TOOLS_VIEW_LEX_H
#define TOOLS_VIEW_LEX_H

#include <stdbool.h>
#include <stddef.h>

enum view_kind {
    VIEW_TEXT,      /* as it stands between the tokens below */
    VIEW_VALUE,     /* {{ expr | filter }} */
    VIEW_MESSAGE,   /* {{_ "text" name=expr }} */
    VIEW_PLURAL,    /* {{n_ "one" "many" n=expr }} */
    VIEW_CHOICE,    /* {{? expr "yes" "no" }} */
    VIEW_ASSET,     /* {{asset "name"}} */
    VIEW_DIRECTIVE, /* {% … %} */
    VIEW_END,
};

struct view_token {
    enum view_kind kind;
    const char *text; /* what stands inside, trimmed; text tokens as they are, not NUL-terminated */
    size_t len;
    int line; /* of the first character of `text` */
};

struct view_lexer {
    const char *path;
    const char *at; /* NUL-terminated source */
    int line;
    bool plain;         /* a text/plain template: a line of directives alone disappears */
    bool at_line_start; /* plain: nothing but blanks stood before `at` in this line */
};

struct view_token view_next(struct view_lexer *lexer);

/* Behind one unit of C source: a string or character literal as a whole, else one character. NULL
 * when a literal does not end before `end`. */
const char *view_skip(const char *at, const char *end);

/* The first top-level (outside brackets and literals) single `c` in [at, end), or `end`; for '|' a
 * "||" does not count. */
const char *view_find(const char *at, const char *end, char c);

const char *view_skip_space(const char *at, const char *end);

/* Reads a "…" or '…' literal at *at and moves behind it; \" \' \\ and \n are known. The result is
 * heap text for the life of the program, NULL if there is no literal. */
char *view_literal(const char **at, const char *end);

/* [at, end) without white space around it, as heap text for the life of the program. */
char *view_trim(const char *at, const char *end);

#endif
