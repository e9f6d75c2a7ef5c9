/* The reader and writer of style sheets. */
#include "tools/css.h"
#include "tools/gen.h"
#include <stdlib.h>
#include <string.h>

struct reader {
    const char *path, *start, *at;
    const struct css_host *host;
};

static bool is_space(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
}

static _Noreturn void fail(const struct reader *r, const char *at, const char *message) {
    int line = 1;
    for (const char *c = r->start; c < at; c++)
        line += *c == '\n';
    gen_fail(r->path, line, "%s", message);
}

/* Behind the comment, string or single character at `at`. */
static const char *skip(const struct reader *r, const char *at) {
    const char *from = at;
    if (at[0] == '/' && at[1] == '*') {
        at = strstr(at + 2, "*/");
        if (!at)
            fail(r, from, "a comment does not end");
        return at + 2;
    }
    if (*at != '"' && *at != '\'')
        return *at == '\\' && at[1] ? at + 2 : at + 1;
    for (at++; *at && *at != *from; at++)
        if (*at == '\\' && at[1])
            at++;
    if (!*at)
        fail(r, from, "a string does not end");
    return at + 1;
}

/* Up to the ';', '{' or '}' that ends what begins at r->at. */
static const char *find_end(const struct reader *r) {
    int depth = 0;
    const char *at = r->at;
    while (*at && (depth > 0 || !strchr(";{}", *at))) {
        depth += *at == '(' || *at == '[' ? 1 : *at == ')' || *at == ']' ? -1 : 0;
        at = skip(r, at);
    }
    if (depth != 0)
        fail(r, r->at, "brackets do not match");
    return at;
}

/* ---- one piece of text without idle space ---- */

/* url(x) → url(address); *at stands behind the '('. */
static void put_url(const struct reader *r, const char **at, const char *end, struct buf *out) {
    const char *from = *at, *close = from;
    while (close < end && *close != ')')
        close = skip(r, close);
    while (from < close && is_space(*from))
        from++;
    const char *to = close;
    while (to > from && is_space(to[-1]))
        to--;
    *at = close;
    bool is_quoted = to - from >= 2 && (*from == '"' || *from == '\'');
    char *url = is_quoted ? gen_printf("%.*s", (int)(to - from - 2), from + 1)
                          : gen_printf("%.*s", (int)(to - from), from);
    bool is_relative = *url && *url != '#' && *url != '/' && !strchr(url, ':');
    if (is_relative)
        buf_puts(out, r->host->address(r->host->ctx, r->path, url));
    else
        buf_append(out, from, (size_t)(to - from));
}

/* Characters beside which white space says nothing. */
static const char *idle_before(enum css_kind kind) {
    return kind == CSS_RULE ? ",>~+)" : kind == CSS_AT_RULE ? ",)" : ",)!";
}

static const char *idle_after(enum css_kind kind) {
    return kind == CSS_RULE ? ",>~+(" : kind == CSS_AT_RULE ? ",(:" : ",(";
}

static char *squeeze(const struct reader *r, const char *from, const char *to, enum css_kind kind) {
    struct buf out = {0};
    bool has_space = false;
    while (from < to) {
        const char *next = skip(r, from);
        if (is_space(*from) || (from[0] == '/' && from[1] == '*')) {
            has_space |= is_space(*from);
            from = next;
            continue;
        }
        char last = out.len ? out.data[out.len - 1] : ',';
        if (has_space && !strchr(idle_before(kind), *from) && !strchr(idle_after(kind), last))
            buf_putc(&out, ' ');
        has_space = false;
        buf_append(&out, from, (size_t)(next - from));
        from = next;
        if (out.len >= 4 && memcmp(out.data + out.len - 4, "url(", 4) == 0)
            put_url(r, &from, to, &out);
    }
    char *text = gen_printf("%s", buf_text(&out));
    buf_free(&out);
    return text;
}

/* "property:value"; an empty value of a custom property keeps the space that makes it one. */
static char *squeeze_declaration(const struct reader *r, const char *from, const char *to) {
    const char *colon = from;
    while (colon < to && *colon != ':')
        colon = skip(r, colon);
    if (*from == '@' || colon >= to)
        return squeeze(r, from, to, CSS_AT_RULE);
    char *property = squeeze(r, from, colon, CSS_DECLARATION);
    char *value = squeeze(r, colon + 1, to, CSS_DECLARATION);
    return gen_printf("%s:%s", property, *value ? value : " ");
}

/* ---- the tree ---- */

static struct css_node *add(struct css_node *parent, enum css_kind kind, char *text) {
    parent->children = realloc(parent->children, (parent->count + 1) * sizeof(*parent));
    if (!parent->children)
        abort();
    struct css_node *node = &parent->children[parent->count++];
    *node = (struct css_node){.kind = kind, .text = text};
    return node;
}

/* White space and comments; the ones that begin with '!' are notices and kept. */
static void skip_idle(struct reader *r, struct css_node *parent) {
    for (;;) {
        while (is_space(*r->at))
            r->at++;
        if (r->at[0] != '/' || r->at[1] != '*')
            return;
        const char *end = skip(r, r->at);
        if (r->at[2] == '!')
            add(parent, CSS_NOTICE, gen_printf("%.*s", (int)(end - r->at), r->at));
        r->at = end;
    }
}

static void read_file(struct css_node *sheet, const char *path, const struct css_host *host);

/* A statement that ends in ';': an import, or a declaration. */
static void read_statement(struct reader *r, const char *end, struct css_node *parent) {
    const char *from = r->at;
    if (strncmp(from, "@charset", 8) == 0 || from == end)
        return; /* everything is UTF-8 */
    if (strncmp(from, "@import", 7) != 0) {
        add(parent, CSS_DECLARATION, squeeze_declaration(r, from, end));
        return;
    }
    const char *open = from;
    while (open < end && *open != '"')
        open++;
    const char *close = open < end ? skip(r, open) - 1 : end;
    if (close == end || parent->kind != CSS_SHEET)
        fail(r, from, "an import is written @import \"file.css\"; outside of rules");
    char *name = gen_printf("%.*s", (int)(close - open - 1), open + 1);
    read_file(parent, r->host->import(r->host->ctx, r->path, name), r->host);
}

static void read_block(struct reader *r, struct css_node *parent) {
    for (skip_idle(r, parent); *r->at && *r->at != '}'; skip_idle(r, parent)) {
        const char *end = find_end(r);
        if (*end != '{') {
            read_statement(r, end, parent);
            r->at = *end == ';' ? end + 1 : end;
            continue;
        }
        enum css_kind kind = *r->at == '@' ? CSS_AT_RULE : CSS_RULE;
        struct css_node *node = add(parent, kind, squeeze(r, r->at, end, kind));
        const char *open = end;
        r->at = end + 1;
        read_block(r, node);
        if (*r->at != '}')
            fail(r, open, "a '{' without '}'");
        r->at++;
    }
}

static void read_file(struct css_node *sheet, const char *path, const struct css_host *host) {
    struct buf text = {0};
    gen_read(path, &text);
    struct reader r = {.path = path, .start = buf_text(&text), .at = buf_text(&text), .host = host};
    read_block(&r, sheet);
    if (*r.at)
        fail(&r, r.at, "a '}' without '{'");
    buf_free(&text);
}

struct css_node css_read(const char *path, const struct css_host *host) {
    struct css_node sheet = {.kind = CSS_SHEET};
    read_file(&sheet, path, host);
    return sheet;
}

static void write_children(const struct css_node *node, struct buf *out) {
    for (size_t i = 0; i < node->count; i++)
        css_write(&node->children[i], out);
    if (node->kind != CSS_SHEET && out->len && out->data[out->len - 1] == ';')
        out->len--;
}

void css_write(const struct css_node *node, struct buf *out) {
    if (node->is_dead)
        return;
    switch (node->kind) {
    case CSS_SHEET:
        write_children(node, out);
        break;
    case CSS_RULE:
    case CSS_AT_RULE: {
        size_t before = out->len;
        buf_printf(out, "%s{", node->text);
        size_t open = out->len;
        write_children(node, out);
        if (out->len == open)
            out->len = before; /* nothing left inside */
        else
            buf_putc(out, '}');
        break;
    }
    case CSS_DECLARATION:
        buf_printf(out, "%s;", node->text);
        break;
    case CSS_NOTICE:
        buf_printf(out, "%s\n", node->text);
        break;
    }
}
