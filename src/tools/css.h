/* Style sheets read into a tree, made smaller, written back. Knows the grammar of CSS Syntax Level
 * 3 (rules, at-rules, declarations, nesting), not what properties mean. */
#ifndef TOOLS_CSS_H
#define TOOLS_CSS_H

#include "base/buf.h"
#include <stdbool.h>
#include <stddef.h>

enum css_kind {
    CSS_SHEET,       /* the root */
    CSS_RULE,        /* selectors { … } */
    CSS_AT_RULE,     /* @media … { … } */
    CSS_DECLARATION, /* property:value, also @layer a; and the like */
    CSS_NOTICE,      /* a comment that begins with ! */
};

struct css_node {
    enum css_kind kind;
    char *text; /* selectors, the at-rule's head, the declaration or the comment; no idle space */
    struct css_node *children;
    size_t count;
    bool is_dead; /* found to be unused; not written */
};

/* What the parser asks its caller; each returns heap text that lives on. */
struct css_host {
    /* The path of the sheet that `name` in the sheet `from` means. */
    char *(*import)(void *ctx, const char *from, const char *name);
    /* The address to put in place of a relative url(). */
    char *(*address)(void *ctx, const char *from, const char *url);
    void *ctx;
};

/* Reads a sheet and what it imports. Ends the program on a fault. The tree lives on. */
struct css_node css_read(const char *path, const struct css_host *host);
void css_write(const struct css_node *node, struct buf *out);

/* A set of words, made by css_words. */
struct css_words {
    char **words; /* sorted */
    size_t count;
};

/* The words (letters, digits, '-', '_') of a text, added; call css_words_sort before the first
 * look-up. */
void css_words_add(struct css_words *words, const char *text);
void css_words_sort(struct css_words *words);

/* Marks as dead what the pages cannot use: selectors with a class or data- attribute that is not
 * among the words, then custom properties that nothing refers to. */
void css_prune(struct css_node *sheet, const struct css_words *words);

#endif
