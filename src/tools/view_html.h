/* Where in the HTML a template stands: which escaping a value needs there, or why none is safe; and
 * whether its elements nest. Follows the tokenizer of the HTML standard (13.2.5) as far as our own
 * markup goes and refuses the rest: single-quoted and unquoted values, upper-case names, inline
 * script. */
#ifndef TOOLS_VIEW_HTML_H
#define TOOLS_VIEW_HTML_H

#include "base/buf.h"
#include "base/out.h"
#include <stdbool.h>
#include <stddef.h>

enum html_state {
    HTML_TEXT,
    HTML_TAG_NAME,
    HTML_END_TAG,
    HTML_TAG, /* between attributes */
    HTML_ATTR_NAME,
    HTML_ATTR_EQUALS, /* behind the '=' */
    HTML_ATTR_VALUE,  /* inside double quotes */
    HTML_DECLARATION, /* <!doctype */
    HTML_COMMENT,
    HTML_RAW_TEXT, /* inside <script> and <style> */
};

enum html_attr {
    HTML_ATTR_PLAIN,
    HTML_ATTR_URL,
    HTML_ATTR_SRCSET,
    HTML_ATTR_CODE, /* style, on…, srcdoc: never a value */
};

/* How far a URL has come. */
enum html_url {
    HTML_URL_START,
    HTML_URL_VALUE, /* one whole-URL value and nothing else */
    HTML_URL_NAME,  /* letters that may become a scheme */
    HTML_URL_PATH,
    HTML_URL_QUERY,
    HTML_URL_DESCRIPTOR, /* behind a URL of a srcset: 640w */
    HTML_URL_MIXED,      /* branches differ */
};

enum { HTML_NAME_SIZE = 32, HTML_DEPTH = 64 };

struct html_element {
    char name[HTML_NAME_SIZE];
    int line;
};

struct html {
    const char *path; /* for messages */
    int line;
    bool is_mail;       /* style is allowed */
    bool is_unbalanced; /* elements are not tracked */

    enum html_state state;
    bool has_space;            /* text: no more white space is needed; tag: some is owed */
    char name[HTML_NAME_SIZE]; /* tag */
    char attr[HTML_NAME_SIZE];
    enum html_attr attr_kind;
    enum html_url url;
    char scheme[HTML_NAME_SIZE];
    bool is_self_closing;
    struct html_element open[HTML_DEPTH];
    size_t depth;
};

struct html html_start(const char *path);

/* Walks over literal text of the template that begins at h->line; appends it to `literal` without
 * superfluous white space and without comments. Ends the program on a fault. */
void html_text(struct html *h, const char *text, size_t len, struct buf *literal);

/* A {% directive %} or {{? choice }} comes here: a tag's or an attribute's name ends. */
void html_boundary(struct html *h);

/* A value comes here: the context it is to be escaped for. Ends the program where none is safe. */
enum out_context html_value(struct html *h);

/* Ends the program unless `h` is between elements (what: "{% call %}"). */
void html_expect_text(const struct html *h, const char *what);

/* Two branches meet: *h becomes what holds after both. Ends the program if they end in different
 * places. `is_loop`: b is where the loop's body ends and *h where it began. */
void html_join(struct html *h, const struct html *b, bool is_loop);

/* The file ends here. */
void html_finish(const struct html *h);

#endif
