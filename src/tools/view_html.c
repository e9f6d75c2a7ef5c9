/* The HTML state machine of the view compiler. view_element.c keeps the stack of open elements. */
#include "tools/view_html.h"
#include "tools/gen.h"
#include "tools/view_element.h"
#include <string.h>
#include <strings.h>

static const char *const url_attrs[] = {"href",   "src",      "action",    "formaction",
                                        "poster", "cite",     "data",      "background",
                                        "ping",   "manifest", "xlink:href"};
static const char *const url_schemes[] = {"http", "https", "mailto", "otpauth", "tel"};

static bool is_space(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static bool is_lower(char c) {
    return c >= 'a' && c <= 'z';
}

static bool is_letter(char c) {
    return is_lower(c) || (c >= 'A' && c <= 'Z');
}

static bool contains(const char *const *list, size_t count, const char *word) {
    for (size_t i = 0; i < count; i++)
        if (strcasecmp(list[i], word) == 0)
            return true;
    return false;
}

#define FAIL(h, ...) gen_fail((h)->path, (h)->line, __VA_ARGS__)

static void add_char(const struct html *h, char *name, char c) {
    size_t len = strlen(name);
    if (len + 1 >= HTML_NAME_SIZE)
        FAIL(h, "the name %s… is too long", name);
    name[len] = c;
    name[len + 1] = '\0';
}

struct html html_start(const char *path) {
    return (struct html){.path = path, .line = 1, .has_space = true};
}

/* ---- URLs ---- */

static void url_scheme_ends(struct html *h) {
    if (h->url != HTML_URL_NAME)
        FAIL(h, "a ':' may not follow a value at the start of a URL");
    if (!contains(url_schemes, ARRAY_COUNT(url_schemes), h->scheme))
        FAIL(h, "URLs of the scheme %s: are not used here", h->scheme);
    h->url = HTML_URL_PATH;
}

static void url_char(struct html *h, char c) {
    if (h->attr_kind == HTML_ATTR_SRCSET && (is_space(c) || c == ',')) {
        h->url = c == ',' || h->url == HTML_URL_START ? HTML_URL_START : HTML_URL_DESCRIPTOR;
        return;
    }
    if (h->url == HTML_URL_DESCRIPTOR)
        return;
    if (c == '?' || c == '#') {
        h->url = HTML_URL_QUERY;
    } else if (h->url != HTML_URL_PATH && h->url != HTML_URL_QUERY) {
        if (c == '/') {
            h->url = HTML_URL_PATH;
        } else if (c == ':') {
            url_scheme_ends(h);
        } else if (h->url == HTML_URL_START || h->url == HTML_URL_NAME) {
            h->url = HTML_URL_NAME;
            if (strlen(h->scheme) + 1 < HTML_NAME_SIZE)
                add_char(h, h->scheme, c);
        }
    }
}

static enum out_context url_value(struct html *h) {
    if (h->attr_kind == HTML_ATTR_SRCSET && h->url == HTML_URL_START)
        FAIL(h, "a URL in srcset begins with a literal '/'");
    switch (h->url) {
    case HTML_URL_START:
        h->url = HTML_URL_VALUE;
        return OUT_URL;
    case HTML_URL_PATH:
        return OUT_PATH;
    case HTML_URL_DESCRIPTOR: /* no comma in it can begin another URL */
    case HTML_URL_QUERY:
        return OUT_QUERY;
    case HTML_URL_VALUE:
        FAIL(h, "two values at the start of a URL: put a literal '/', '?' or '#' between them");
    case HTML_URL_NAME:
        FAIL(h, "the value could complete a scheme: put a literal '/', '?' or '#' before it");
    case HTML_URL_MIXED:
        FAIL(h, "the branches before this value end in different parts of the URL");
    }
    return OUT_URL;
}

/* ---- one character in each state ---- */

static void start_tag_ends(struct html *h) {
    h->state = HTML_TEXT;
    h->has_space = element_is_block(h);
    element_open(h);
    if (strcmp(h->name, "script") == 0 || strcmp(h->name, "style") == 0)
        h->state = HTML_RAW_TEXT;
}

static void attr_name_ends(struct html *h) {
    h->attr_kind = HTML_ATTR_PLAIN;
    bool is_style = strcasecmp(h->attr, "style") == 0;
    if (contains(url_attrs, ARRAY_COUNT(url_attrs), h->attr))
        h->attr_kind = HTML_ATTR_URL;
    else if (strcasecmp(h->attr, "srcset") == 0 || strcasecmp(h->attr, "imagesrcset") == 0)
        h->attr_kind = HTML_ATTR_SRCSET;
    else if (is_style || strncasecmp(h->attr, "on", 2) == 0 || strcasecmp(h->attr, "srcdoc") == 0)
        h->attr_kind = HTML_ATTR_CODE;
    if (h->attr_kind == HTML_ATTR_CODE && !(is_style && h->is_mail))
        FAIL(h, "the attribute %s is refused by the content security policy", h->attr);
    h->url = HTML_URL_START;
    h->scheme[0] = '\0';
}

static void in_tag(struct html *h, char c, struct buf *literal) {
    if (is_space(c)) {
        h->has_space = true;
        return;
    }
    if (c == '>') {
        if (h->is_self_closing)
            buf_putc(literal, '/');
        buf_putc(literal, '>');
        start_tag_ends(h);
        return;
    }
    if (h->is_self_closing)
        FAIL(h, "a '/' in a tag stands before the '>'");
    if (c == '/') {
        h->is_self_closing = true;
        return;
    }
    if (!is_lower(c))
        FAIL(h, "'%c' cannot begin an attribute's name", c);
    if (!h->has_space)
        FAIL(h, "white space is missing before an attribute");
    buf_putc(literal, ' ');
    buf_putc(literal, c);
    h->has_space = false;
    h->state = HTML_ATTR_NAME;
    h->attr[0] = '\0';
    add_char(h, h->attr, c);
}

static void in_attr_name(struct html *h, char c, struct buf *literal) {
    if (c == '=') {
        attr_name_ends(h);
        buf_putc(literal, c);
        h->state = HTML_ATTR_EQUALS;
    } else if (is_space(c) || c == '>' || c == '/') {
        attr_name_ends(h);
        h->state = HTML_TAG;
        in_tag(h, c, literal);
    } else if (is_lower(c) || c == '-' || c == ':' || c == '_' || (c >= '0' && c <= '9') ||
               (is_letter(c) && element_in_svg(h))) {
        buf_putc(literal, c);
        add_char(h, h->attr, c);
    } else {
        FAIL(h, "'%c' in an attribute's name", c);
    }
}

static void in_attr_value(struct html *h, char c, struct buf *literal) {
    buf_putc(literal, c);
    if (c == '"') {
        h->state = HTML_TAG;
        h->has_space = false;
    } else if (h->attr_kind == HTML_ATTR_URL || h->attr_kind == HTML_ATTR_SRCSET) {
        url_char(h, c);
    }
}

/* White space before a block's tag is no more seen than behind it. `width` bytes of the tag, whose
 * name is complete, are written. */
static void drop_space_before(const struct html *h, size_t width, struct buf *literal) {
    if (literal->len <= width || !element_is_block(h) || element_in_preformatted(h))
        return;
    char *tag = literal->data + literal->len - width;
    if (!is_space(tag[-1]))
        return;
    memmove(tag - 1, tag, width);
    literal->len--;
}

static void in_tag_name(struct html *h, char c, struct buf *literal) {
    if (is_space(c) || c == '>' || c == '/') {
        drop_space_before(h, strlen("<") + strlen(h->name), literal);
        h->state = HTML_TAG;
        h->has_space = false;
        h->is_self_closing = false;
        in_tag(h, c, literal);
        return;
    }
    if (!is_lower(c) && !(c >= '0' && c <= '9') && c != '-' && !(is_letter(c) && element_in_svg(h)))
        FAIL(h, "'%c' in a tag's name", c);
    buf_putc(literal, c);
    add_char(h, h->name, c);
}

static void in_end_tag(struct html *h, char c, struct buf *literal) {
    if (c == '>') {
        drop_space_before(h, strlen("</") + strlen(h->name), literal);
        buf_putc(literal, c);
        h->state = HTML_TEXT;
        h->has_space = element_is_block(h);
        element_close(h);
    } else if (is_letter(c) || (c >= '0' && c <= '9') || c == '-') {
        buf_putc(literal, c);
        add_char(h, h->name, c);
    } else {
        FAIL(h, "'%c' in an end tag", c);
    }
}

/* Text between elements; returns behind what it read. */
static const char *in_text(struct html *h, const char *at, const char *end, struct buf *literal) {
    if (*at == '<') {
        if (end - at >= 4 && memcmp(at, "<!--", 4) == 0) {
            h->state = HTML_COMMENT;
            return at + 4;
        }
        char next = end - at > 1 ? at[1] : '\0';
        h->name[0] = '\0';
        if (next == '/')
            h->state = HTML_END_TAG;
        else if (next == '!')
            h->state = HTML_DECLARATION;
        else if (is_letter(next))
            h->state = HTML_TAG_NAME;
        else
            FAIL(h, "a '<' that begins no tag: write &lt;");
        size_t width = h->state == HTML_TAG_NAME ? 1 : 2;
        buf_append(literal, at, width);
        return at + width;
    }
    if (is_space(*at) && !element_in_preformatted(h)) {
        bool has_newline = false;
        for (; at < end && is_space(*at); at++) {
            has_newline |= *at == '\n';
            h->line += *at == '\n';
        }
        if (!h->has_space)
            buf_putc(literal, has_newline ? '\n' : ' ');
        h->has_space = true;
        return at;
    }
    h->has_space = false;
    buf_putc(literal, *at);
    h->line += *at == '\n';
    return at + 1;
}

static const char *in_comment(struct html *h, const char *at, const char *end) {
    if (end - at >= 3 && memcmp(at, "-->", 3) == 0) {
        h->state = HTML_TEXT;
        return at + 3;
    }
    h->line += *at == '\n';
    return at + 1;
}

static const char *in_raw_text(struct html *h, const char *at, const char *end,
                               struct buf *literal) {
    size_t len = strlen(h->name);
    if ((size_t)(end - at) > len + 2 && memcmp(at, "</", 2) == 0 &&
        memcmp(at + 2, h->name, len) == 0 && at[2 + len] == '>') {
        h->state = HTML_END_TAG;
        h->name[0] = '\0';
        buf_puts(literal, "</");
        return at + 2;
    }
    if (!is_space(*at) && !h->is_mail)
        FAIL(h, "text inside <%s> is refused by the content security policy", h->name);
    if (h->is_mail)
        buf_putc(literal, *at);
    h->line += *at == '\n';
    return at + 1;
}

/* One character in the states that need no look-ahead. */
static void one_char(struct html *h, char c, struct buf *literal) {
    switch (h->state) {
    case HTML_TAG_NAME:
        in_tag_name(h, c, literal);
        break;
    case HTML_END_TAG:
        in_end_tag(h, c, literal);
        break;
    case HTML_TAG:
        in_tag(h, c, literal);
        break;
    case HTML_ATTR_NAME:
        in_attr_name(h, c, literal);
        break;
    case HTML_ATTR_EQUALS:
        if (c != '"')
            FAIL(h, "the value of %s is not in double quotes", h->attr);
        buf_putc(literal, c);
        h->state = HTML_ATTR_VALUE;
        break;
    case HTML_ATTR_VALUE:
        in_attr_value(h, c, literal);
        break;
    case HTML_DECLARATION:
        buf_putc(literal, c);
        h->has_space = false;
        if (c == '>')
            h->state = HTML_TEXT;
        break;
    case HTML_TEXT:
    case HTML_COMMENT:
    case HTML_RAW_TEXT:
        break;
    }
    h->line += c == '\n';
}

void html_text(struct html *h, const char *text, size_t len, struct buf *literal) {
    const char *end = text + len;
    while (text < end) {
        if (h->state == HTML_TEXT)
            text = in_text(h, text, end, literal);
        else if (h->state == HTML_COMMENT)
            text = in_comment(h, text, end);
        else if (h->state == HTML_RAW_TEXT)
            text = in_raw_text(h, text, end, literal);
        else
            one_char(h, *text++, literal);
    }
}

/* ---- values, directives, branches ---- */

void html_boundary(struct html *h) {
    if (h->state == HTML_TAG_NAME)
        h->is_self_closing = false;
    else if (h->state == HTML_ATTR_NAME)
        attr_name_ends(h);
    else
        return;
    h->state = HTML_TAG;
    h->has_space = false;
}

enum out_context html_value(struct html *h) {
    switch (h->state) {
    case HTML_TEXT:
        h->has_space = false;
        return OUT_HTML;
    case HTML_ATTR_VALUE:
        if (h->attr_kind == HTML_ATTR_CODE)
            FAIL(h, "a value inside the attribute %s cannot be made safe", h->attr);
        return h->attr_kind == HTML_ATTR_PLAIN ? OUT_HTML : url_value(h);
    case HTML_TAG_NAME:
    case HTML_END_TAG:
        FAIL(h, "a value in a tag's name");
    case HTML_TAG:
    case HTML_ATTR_NAME:
        FAIL(h, "a value in place of an attribute's name: use {{? … }} or {%% if … %%}");
    case HTML_ATTR_EQUALS:
        FAIL(h, "an unquoted value: write %s=\"{{ … }}\"", h->attr);
    case HTML_DECLARATION:
        FAIL(h, "a value in a declaration");
    case HTML_COMMENT:
        FAIL(h, "a value in an HTML comment");
    case HTML_RAW_TEXT:
        FAIL(h, "a value inside <%s> cannot be made safe", h->name);
    }
    return OUT_HTML;
}

void html_expect_text(const struct html *h, const char *what) {
    if (h->state != HTML_TEXT)
        FAIL(h, "%s belongs between elements, not inside a tag", what);
}

static enum html_url join_url(const struct html *a, const struct html *b, bool is_loop) {
    if (a->url == b->url)
        return a->url;
    if (is_loop)
        FAIL(a, "the loop ends in another part of the URL than it begins");
    bool in_both = (a->url == HTML_URL_PATH || a->url == HTML_URL_QUERY) &&
                   (b->url == HTML_URL_PATH || b->url == HTML_URL_QUERY);
    return in_both ? HTML_URL_QUERY : HTML_URL_MIXED;
}

void html_join(struct html *h, const struct html *b, bool is_loop) {
    bool same = h->state == b->state && (h->state == HTML_TEXT || strcmp(h->name, b->name) == 0);
    if (same && h->state == HTML_ATTR_VALUE) {
        same = strcmp(h->attr, b->attr) == 0;
        if (h->attr_kind == HTML_ATTR_URL || h->attr_kind == HTML_ATTR_SRCSET)
            h->url = join_url(h, b, is_loop);
    }
    if (!same)
        FAIL(b, "the branches end in different places (text, tag or attribute)");
    element_join(h, b);
    h->has_space = h->has_space && b->has_space;
}

void html_finish(const struct html *h) {
    if (h->state != HTML_TEXT)
        FAIL(h, "the file ends inside a tag or a comment");
    element_finish(h);
}
