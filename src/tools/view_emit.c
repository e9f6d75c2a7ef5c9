/* The emitter: tokens in, C out. Literal text is gathered and written in one piece before the next
 * C statement; #line sends the C compiler's messages to the template. */
#include "tools/view_emit.h"
#include "tools/view_html.h"
#include <stdlib.h>
#include <string.h>

enum { BLOCKS_MAX = 24 };

struct block {
    bool is_loop, has_else;
    int line;
    struct html start;     /* where it began */
    struct html end;       /* where its finished branches end */
    size_t branches_ended; /* how many joined into `end` */
};

struct emitter {
    struct view_head head;
    const char *assets;
    struct view_pot *pot;
    struct buf body, literal, externs;
    struct html html;
    struct block blocks[BLOCKS_MAX];
    size_t depth;
    int line;
};

#define FAIL(e, ...) gen_fail((e)->head.path, (e)->line, __VA_ARGS__)

static void flush(struct emitter *e) {
    if (e->literal.len == 0)
        return;
    buf_puts(&e->body, "out_literal(o, ");
    gen_literal(&e->body, e->literal.data, e->literal.len);
    buf_puts(&e->body, ");\n");
    buf_reset(&e->literal);
}

static void put_line(struct emitter *e) {
    buf_printf(&e->body, "#line %d \"%s\"\n", e->line, e->head.path);
}

/* Everything that is C from the template begins with this. */
static void statement(struct emitter *e) {
    flush(e);
    put_line(e);
}

static void take_text(struct emitter *e, const char *text, size_t len) {
    if (e->head.is_plain) {
        buf_append(&e->literal, text, len);
        return;
    }
    e->html.line = e->line;
    html_text(&e->html, text, len, &e->literal);
}

/* ---- values ---- */

static enum out_context value_context(struct emitter *e) {
    if (e->head.is_plain)
        return OUT_HTML; /* the function as a whole has set OUT_PLAIN */
    e->html.line = e->line;
    return html_value(&e->html);
}

static const char *context_name(enum out_context context) {
    static const char *const names[] = {[OUT_HTML] = "OUT_HTML",
                                        [OUT_URL] = "OUT_URL",
                                        [OUT_PATH] = "OUT_PATH",
                                        [OUT_QUERY] = "OUT_QUERY",
                                        [OUT_PLAIN] = "OUT_PLAIN"};
    return names[context];
}

static void enter_context(struct emitter *e, enum out_context context) {
    statement(e);
    if (context != OUT_HTML)
        buf_printf(&e->body, "o->context = %s;\n", context_name(context));
}

static void leave_context(struct emitter *e, enum out_context context) {
    if (context != OUT_HTML)
        buf_puts(&e->body, "o->context = OUT_HTML;\n");
}

static void put_value(struct emitter *e, const struct view_value *value) {
    if (value->filter)
        buf_printf(&e->body, "filter_%s(o, %s%s%s);\n", value->filter, value->expr,
                   value->args ? ", " : "", value->args ? value->args : "");
    else
        buf_printf(&e->body, "out_value(o, %s);\n", value->expr);
}

static void take_value(struct emitter *e, const struct view_token *token) {
    struct view_value value =
        view_parse_value(e->head.path, token->line, token->text, token->text + token->len);
    enum out_context context = value_context(e);
    if (context == OUT_URL && value.filter)
        FAIL(e, "a filter cannot make a whole URL: begin it with a literal '/'");
    enter_context(e, context);
    put_value(e, &value);
    leave_context(e, context);
}

/* ---- messages ---- */

static void put_arguments(struct emitter *e, const struct view_message *m) {
    buf_puts(&e->body, "static const char *const names_[] = {");
    for (size_t i = 0; i < m->count; i++)
        buf_printf(&e->body, "\"%s\", ", m->names[i]);
    buf_puts(&e->body, "};\n");
}

static void put_message(struct emitter *e, const struct view_message *m, const char *symbol) {
    if (m->count == 0) {
        buf_printf(&e->body, "out_message(o, &%s);\n", symbol);
        return;
    }
    buf_puts(&e->body, "{\n");
    put_arguments(e, m);
    const char *number = "1";
    for (size_t i = 0; i < m->count; i++)
        if (m->many && strcmp(m->names[i], "n") == 0)
            number = m->values[i].expr;
    buf_printf(&e->body,
               "struct out_pieces pieces_ = out_pieces_start(o, &%s, (int64_t)(%s), names_, %zu);\n"
               "for (int arg_; (arg_ = out_piece(o, &pieces_)) >= 0;) {\nswitch (arg_) {\n",
               symbol, number, m->count);
    for (size_t i = 0; i < m->count; i++) {
        buf_printf(&e->body, "case %zu:\n", i);
        put_line(e);
        put_value(e, &m->values[i]);
        buf_puts(&e->body, "break;\n");
    }
    buf_puts(&e->body, "}\n}\n}\n");
}

static void take_message(struct emitter *e, const struct view_token *token) {
    struct view_message m = view_parse_message(e->head.path, token);
    view_pot_add(e->pot, e->head.path, &m);
    enum out_context context = value_context(e);
    if (context == OUT_URL)
        FAIL(e, "a message at the start of a URL");
    char *symbol = view_pot_symbol(view_pot_key(&m));
    if (!strstr(buf_text(&e->externs), symbol))
        buf_printf(&e->externs, "extern const struct message %s;\n", symbol);
    enter_context(e, context);
    put_message(e, &m, symbol);
    leave_context(e, context);
}

/* ---- literals that the template decides ---- */

/* Feeds one side of a choice and writes it; returns where it ends. */
static struct html put_side(struct emitter *e, struct html from, const char *literal) {
    struct buf text = {0};
    if (literal && e->head.is_plain) {
        buf_puts(&text, literal);
    } else if (literal) {
        html_text(&from, literal, strlen(literal), &text);
        html_boundary(&from);
    }
    if (text.len > 0) {
        buf_puts(&e->body, "out_literal(o, ");
        gen_literal(&e->body, text.data, text.len);
        buf_puts(&e->body, ");\n");
    }
    buf_free(&text);
    return from;
}

static void take_choice(struct emitter *e, const struct view_token *token) {
    struct view_choice choice = view_parse_choice(e->head.path, token);
    e->html.line = e->line;
    html_boundary(&e->html);
    statement(e);
    buf_printf(&e->body, "if (%s) {\n", choice.expr);
    struct html yes = put_side(e, e->html, choice.yes);
    if (choice.no)
        buf_puts(&e->body, "} else {\n");
    struct html no = put_side(e, e->html, choice.no);
    buf_puts(&e->body, "}\n");
    html_join(&yes, &no, false);
    e->html = yes;
}

/* The address behind `name` in assetc's list. */
static char *find_address(const struct emitter *e, const char *name) {
    size_t len = strlen(name);
    for (const char *at = e->assets; *at;) {
        const char *end = at + strcspn(at, "\n");
        if (strncmp(at, name, len) == 0 && at[len] == ' ')
            return view_trim(at + len, end);
        at = *end ? end + 1 : end;
    }
    return NULL;
}

static void take_asset(struct emitter *e, const struct view_token *token) {
    char *name = view_parse_literal(e->head.path, token);
    char *address = find_address(e, name);
    if (!address)
        FAIL(e, "there is no assets/static/%s", name);
    take_text(e, address, strlen(address));
}

/* ---- directives ---- */

static void open_block(struct emitter *e, const char *keyword, const char *rest) {
    if (e->depth == BLOCKS_MAX)
        FAIL(e, "more than %d blocks inside each other", BLOCKS_MAX);
    e->blocks[e->depth++] =
        (struct block){.is_loop = strcmp(keyword, "for") == 0, .line = e->line, .start = e->html};
    statement(e);
    if (*keyword == 'f')
        buf_printf(&e->body, "for %s {\n", rest);
    else
        buf_printf(&e->body, "if (%s) {\n", rest);
}

static struct block *current_block(struct emitter *e, const char *keyword) {
    if (e->depth == 0)
        FAIL(e, "{%% %s %%} without {%% if %%} or {%% for %%}", keyword);
    return &e->blocks[e->depth - 1];
}

static void end_branch(struct emitter *e, struct block *block) {
    flush(e);
    if (block->branches_ended++ == 0)
        block->end = e->html;
    else
        html_join(&block->end, &e->html, false);
    block->end.line = e->line;
}

static void next_branch(struct emitter *e, const char *keyword, const char *rest) {
    struct block *block = current_block(e, keyword);
    if (block->is_loop || block->has_else)
        FAIL(e, "{%% %s %%} does not belong here", keyword);
    end_branch(e, block);
    e->html = block->start;
    block->has_else = strcmp(keyword, "else") == 0;
    statement(e);
    if (block->has_else)
        buf_puts(&e->body, "} else {\n");
    else
        buf_printf(&e->body, "} else if (%s) {\n", rest);
}

static void close_block(struct emitter *e) {
    struct block *block = current_block(e, "end");
    end_branch(e, block);
    struct html after = block->end;
    if (!block->has_else) {
        block->start.line = e->line;
        html_join(&after, &block->start, block->is_loop);
    }
    e->html = after;
    buf_puts(&e->body, "}\n");
    e->depth--;
}

static void take_line(struct emitter *e, const char *keyword, const char *rest) {
    if (strcmp(keyword, "let") == 0) {
        statement(e);
        buf_printf(&e->body, "%s;\n", rest);
        return;
    }
    if (!e->head.is_plain)
        html_expect_text(&e->html, gen_printf("{%% %s %%}", keyword));
    e->html.has_space = false;
    statement(e);
    buf_printf(&e->body, *keyword == 'r' ? "out_raw(o, %s);\n" : "%s;\n", rest);
}

static void take_directive(struct emitter *e, const struct view_token *token) {
    const char *end = token->text + token->len, *word_end = token->text;
    while (word_end < end && *word_end >= 'a' && *word_end <= 'z')
        word_end++;
    char *keyword = view_trim(token->text, word_end);
    char *rest = view_trim(word_end, end);
    bool is_bare = strcmp(keyword, "else") == 0 || strcmp(keyword, "end") == 0;
    e->html.line = e->line;
    html_boundary(&e->html);
    if (is_bare && *rest)
        FAIL(e, "{%% %s %%} stands alone", keyword);
    if (!is_bare && !*rest)
        FAIL(e, "{%% %s %%} is incomplete", keyword);
    if (strcmp(keyword, "if") == 0 || strcmp(keyword, "for") == 0)
        open_block(e, keyword, rest);
    else if (strcmp(keyword, "elif") == 0 || strcmp(keyword, "else") == 0)
        next_branch(e, keyword, rest);
    else if (strcmp(keyword, "end") == 0)
        close_block(e);
    else if (strcmp(keyword, "let") == 0 || strcmp(keyword, "call") == 0 ||
             strcmp(keyword, "raw") == 0)
        take_line(e, keyword, rest);
    else
        FAIL(e, "{%% %s %%} is not known", keyword);
}

/* ---- the file ---- */

static void take_token(struct emitter *e, const struct view_token *token) {
    e->line = token->line;
    switch (token->kind) {
    case VIEW_TEXT:
        take_text(e, token->text, token->len);
        break;
    case VIEW_VALUE:
        take_value(e, token);
        break;
    case VIEW_MESSAGE:
    case VIEW_PLURAL:
        take_message(e, token);
        break;
    case VIEW_CHOICE:
        take_choice(e, token);
        break;
    case VIEW_ASSET:
        take_asset(e, token);
        break;
    case VIEW_DIRECTIVE:
        take_directive(e, token);
        break;
    case VIEW_END:
        break;
    }
}

static void finish(struct emitter *e) {
    if (e->depth > 0)
        gen_fail(e->head.path, e->blocks[e->depth - 1].line, "this block has no {%% end %%}");
    if (!e->head.is_plain) {
        html_finish(&e->html);
        size_t len = e->literal.len;
        if (len > 0 && strchr(" \n", e->literal.data[len - 1]))
            e->literal.len--;
    }
    flush(e);
}

static void put_function(const struct emitter *e, struct buf *c) {
    const struct view_head *head = &e->head;
    buf_printf(
        c,
        "/* Made by viewc from %s. */\n#include \"base/out.h\"\n#include \"site/filters.h\"\n"
        "#include \"../views.h\"\n%s\n%s\n#line 1 \"%s\"\n%s {\n",
        head->path, head->includes, buf_text(&e->externs), head->path, view_signature(head));
    if (head->is_plain)
        buf_puts(c, "enum out_context context_ = o->context;\no->context = OUT_PLAIN;\n");
    buf_puts(c, buf_text(&e->body));
    if (head->is_plain)
        buf_puts(c, "o->context = context_;\n");
    buf_puts(c, "}\n");
}

struct view_head view_emit(const char *path, const char *name, const char *source,
                           const char *assets, struct view_pot *pot, struct buf *c) {
    struct emitter *e = calloc(1, sizeof(*e));
    if (!e)
        abort();
    const char *dot = strrchr(path, '.');
    struct view_lexer lexer = {.path = path, .at = source, .line = 1, .at_line_start = true};
    lexer.plain = dot && strcmp(dot, ".txt") == 0;
    struct view_token token = view_next(&lexer);
    *e = (struct emitter){.assets = assets, .pot = pot, .html = html_start(path), .line = 1};
    e->head = view_head_parse(path, name, &token);
    e->html.is_mail = e->head.is_mail;
    e->html.is_unbalanced = e->head.is_unbalanced;
    do {
        token = view_next(&lexer);
        take_token(e, &token);
    } while (token.kind != VIEW_END);
    finish(e);
    put_function(e, c);
    struct view_head head = e->head;
    buf_free(&e->body);
    buf_free(&e->literal);
    buf_free(&e->externs);
    free(e);
    return head;
}
