/* Which elements a template has open. */
#include "tools/view_element.h"
#include "tools/gen.h"
#include <string.h>

static const char *const void_elements[] = {"area",  "base", "br",   "col",    "embed", "hr", "img",
                                            "input", "link", "meta", "source", "track", "wbr"};

/* What browsers show as blocks, as parts of tables and menus, or not at all. */
static const char *const block_elements[] = {
    "address", "article", "aside",    "blockquote", "body",    "dd",     "details", "div",
    "dl",      "dt",      "fieldset", "figcaption", "figure",  "footer", "form",    "h1",
    "h2",      "h3",      "h4",       "h5",         "h6",      "head",   "header",  "hr",
    "html",    "legend",  "li",       "link",       "main",    "meta",   "nav",     "ol",
    "option",  "p",       "script",   "section",    "summary", "table",  "tbody",   "td",
    "tfoot",   "th",      "thead",    "title",      "tr",      "ul"};

static bool is_in(const char *const *list, size_t count, const char *name) {
    for (size_t i = 0; i < count; i++)
        if (strcmp(list[i], name) == 0)
            return true;
    return false;
}

static bool is_void(const char *name) {
    return is_in(void_elements, ARRAY_COUNT(void_elements), name);
}

bool element_is_block(const struct html *h) {
    return is_in(block_elements, ARRAY_COUNT(block_elements), h->name);
}

static bool is_inside(const struct html *h, const char *name) {
    for (size_t i = 0; i < h->depth; i++)
        if (strcmp(h->open[i].name, name) == 0)
            return true;
    return false;
}

bool element_in_svg(const struct html *h) {
    return is_inside(h, "svg") || is_inside(h, "math") || strcmp(h->name, "svg") == 0;
}

bool element_in_preformatted(const struct html *h) {
    return is_inside(h, "pre") || is_inside(h, "textarea");
}

void element_open(struct html *h) {
    if (is_void(h->name))
        return;
    if (h->is_self_closing) {
        if (!element_in_svg(h))
            gen_fail(h->path, h->line, "<%s/> does not close itself in HTML", h->name);
        return;
    }
    if (h->depth == HTML_DEPTH)
        gen_fail(h->path, h->line, "more than %d elements inside each other", HTML_DEPTH);
    struct html_element *top = &h->open[h->depth++];
    memcpy(top->name, h->name, sizeof(top->name));
    top->line = h->line;
}

void element_close(struct html *h) {
    if (is_void(h->name))
        gen_fail(h->path, h->line, "<%s> has no end tag", h->name);
    const struct html_element *top = h->depth > 0 ? &h->open[h->depth - 1] : NULL;
    if (top && strcmp(top->name, h->name) == 0)
        h->depth--;
    else if (h->is_unbalanced && !top)
        return; /* opened by another file */
    else if (top)
        gen_fail(h->path, h->line, "</%s> where <%s> of line %d is still open", h->name, top->name,
                 top->line);
    else
        gen_fail(h->path, h->line, "</%s> closes nothing", h->name);
}

void element_join(const struct html *a, const struct html *b) {
    size_t common = a->depth < b->depth ? a->depth : b->depth;
    for (size_t i = 0; i < common; i++)
        if (strcmp(a->open[i].name, b->open[i].name) != 0)
            gen_fail(b->path, b->line, "<%s> of line %d is not open in every branch",
                     b->open[i].name, b->open[i].line);
    if (a->depth == b->depth)
        return;
    const struct html_element *odd = &(a->depth > b->depth ? a : b)->open[common];
    gen_fail(b->path, b->line, "<%s> of line %d is not open in every branch", odd->name, odd->line);
}

void element_finish(const struct html *h) {
    if (h->depth > 0 && !h->is_unbalanced)
        gen_fail(h->path, h->line, "<%s> of line %d is not closed", h->open[h->depth - 1].name,
                 h->open[h->depth - 1].line);
}
