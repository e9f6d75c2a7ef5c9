/* The lexer of the template language. */
#include "tools/view_lex.h"
#include "tools/gen.h"
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

static bool is_space(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

const char *view_skip(const char *at, const char *end) {
    if (*at != '"' && *at != '\'')
        return at + 1;
    char quote = *at++;
    for (; at < end && *at != quote; at++)
        if (*at == '\\')
            at++;
    return at < end ? at + 1 : NULL;
}

const char *view_skip_space(const char *at, const char *end) {
    while (at < end && is_space(*at))
        at++;
    return at;
}

const char *view_find(const char *at, const char *end, char c) {
    int depth = 0;
    while (at < end) {
        bool is_doubled = c == '|' && at + 1 < end && at[1] == c;
        if (depth == 0 && *at == c && !is_doubled)
            return at;
        if (*at == c && is_doubled)
            at++;
        if (strchr("([{", *at))
            depth++;
        if (strchr(")]}", *at))
            depth--;
        at = view_skip(at, end);
        if (!at)
            return end;
    }
    return end;
}

char *view_literal(const char **at, const char *end) {
    const char *from = *at;
    if (from >= end || (*from != '"' && *from != '\''))
        return NULL;
    const char *behind = view_skip(from, end);
    if (!behind)
        return NULL;
    struct buf text = {0};
    for (from++; from < behind - 1; from++) {
        if (*from == '\\' && from + 1 < behind - 1)
            buf_putc(&text, *++from == 'n' ? '\n' : *from);
        else
            buf_putc(&text, *from);
    }
    *at = behind;
    return gen_printf("%s", buf_text(&text));
}

char *view_trim(const char *at, const char *end) {
    at = view_skip_space(at, end);
    while (end > at && is_space(end[-1]))
        end--;
    return gen_printf("%.*s", (int)(end - at), at);
}

static void advance(struct view_lexer *lexer, const char *to) {
    for (; lexer->at < to; lexer->at++)
        if (*lexer->at == '\n')
            lexer->line++;
}

/* The closing mark, outside literals. Remarks (closing "#}") may hold anything. */
static const char *find_close(const struct view_lexer *lexer, const char *close) {
    const char *at = lexer->at, *end = at + strlen(at);
    if (*close == '#') {
        at = strstr(at, close);
    } else {
        while (at && at < end && strncmp(at, close, 2) != 0)
            at = view_skip(at, end);
    }
    if (!at || at >= end)
        gen_fail(lexer->path, lexer->line, "no %s ends what begins here", close);
    return at;
}

/* In plain text a line of directives alone disappears: skips the blanks and the newline behind `at`
 * if nothing else follows in the line. */
static void drop_line_end(struct view_lexer *lexer) {
    if (!lexer->plain || !lexer->at_line_start)
        return;
    const char *at = lexer->at;
    while (*at == ' ' || *at == '\t')
        at++;
    if (*at == '\n')
        advance(lexer, at + 1);
}

static bool is_mark(const char *at) {
    return at[0] == '{' && (at[1] == '{' || at[1] == '%' || at[1] == '#');
}

static struct view_token next_text(struct view_lexer *lexer) {
    const char *from = lexer->at, *to = from;
    int line = lexer->line;
    while (*to && !is_mark(to))
        to++;
    advance(lexer, to);
    const char *line_start = to;
    while (line_start > from && (line_start[-1] == ' ' || line_start[-1] == '\t'))
        line_start--;
    bool starts_line = line_start == from ? lexer->at_line_start : line_start[-1] == '\n';
    lexer->at_line_start = starts_line;
    if (lexer->plain && starts_line && *to && to[1] != '{')
        to = line_start; /* indentation of a directive */
    return (struct view_token){VIEW_TEXT, from, (size_t)(to - from), line};
}

static const struct {
    const char *word;
    enum view_kind kind;
} values[] = {
    {"n_", VIEW_PLURAL},
    {"_", VIEW_MESSAGE},
    {"?", VIEW_CHOICE},
    {"asset", VIEW_ASSET},
};

/* Which {{…}} this is; moves *at behind the word. {{ asset_count }} is a value: the word must touch
 * the braces and be followed by white space or a quote. */
static enum view_kind value_kind(const char **at) {
    for (size_t i = 0; i < ARRAY_COUNT(values); i++) {
        size_t len = strlen(values[i].word);
        if (strncmp(*at, values[i].word, len) != 0 || !strchr(" \t\n\"'", (*at)[len]))
            continue;
        *at += len;
        return values[i].kind;
    }
    return VIEW_VALUE;
}

static struct view_token next_mark(struct view_lexer *lexer) {
    static const char *const closes[] = {['{'] = "}}", ['%'] = "%}", ['#'] = "#}"};
    char mark = lexer->at[1];
    const char *inside = lexer->at + 2;
    enum view_kind kind = VIEW_DIRECTIVE;
    if (mark == '{')
        kind = value_kind(&inside);
    const char *start = lexer->at;
    lexer->at = inside;
    const char *close = find_close(lexer, closes[(unsigned char)mark]);
    lexer->at = start;
    inside = view_skip_space(inside, close);
    advance(lexer, inside);
    int line = lexer->line;
    const char *end = close;
    while (end > inside && is_space(end[-1]))
        end--;
    advance(lexer, close + 2);
    if (mark == '{')
        lexer->at_line_start = false;
    else
        drop_line_end(lexer);
    if (mark == '#')
        return (struct view_token){.kind = VIEW_TEXT, .text = close, .line = line};
    return (struct view_token){kind, inside, (size_t)(end - inside), line};
}

struct view_token view_next(struct view_lexer *lexer) {
    if (!*lexer->at)
        return (struct view_token){.kind = VIEW_END, .text = lexer->at, .line = lexer->line};
    return is_mark(lexer->at) ? next_mark(lexer) : next_text(lexer);
}
