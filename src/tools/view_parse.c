/* Parsing of values, messages and choices. Expressions stay C text: the C compiler judges them. */
#include "tools/view_parse.h"
#include "tools/gen.h"
#include <string.h>

static bool is_name_char(char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
}

bool view_is_name(const char *text) {
    if (*text >= '0' && *text <= '9')
        return false;
    const char *at = text;
    while (is_name_char(*at))
        at++;
    return at > text && *at == '\0';
}

struct view_value view_parse_value(const char *path, int line, const char *at, const char *end) {
    struct view_value value = {0};
    const char *bar = view_find(at, end, '|');
    value.expr = view_trim(at, bar);
    if (!*value.expr)
        gen_fail(path, line, "an empty value");
    if (view_find(at, end, ';') < end)
        gen_fail(path, line, "a ';' in a value");
    if (bar == end)
        return value;
    char *filter = view_trim(bar + 1, end);
    char *paren = strchr(filter, '(');
    if (paren) {
        char *close = filter + strlen(filter) - 1;
        if (*close != ')' || view_find(paren + 1, close + 1, ')') != close)
            gen_fail(path, line, "the filter's arguments do not end with its ')'");
        value.args = view_trim(paren + 1, close);
        *paren = '\0';
        if (!*value.args)
            gen_fail(path, line, "a filter without arguments has no ()");
    }
    if (!view_is_name(filter))
        gen_fail(path, line,
                 "\"%s\" is not the name of a filter (a bitwise '|' goes into parentheses)",
                 filter);
    value.filter = filter;
    return value;
}

/* Behind `name=` at `at`, or NULL. */
static const char *behind_name(const char *at, const char *end) {
    const char *from = at;
    while (at < end && is_name_char(*at))
        at++;
    bool is_named = at > from && at + 1 < end && at[0] == '=' && at[1] != '=';
    return is_named ? at + 1 : NULL;
}

/* The end of an argument's expression: before white space that a top-level `name=` follows. */
static const char *argument_end(const char *path, int line, const char *at, const char *end) {
    int depth = 0;
    while (at < end) {
        bool is_space = strchr(" \t\r\n", *at) != NULL;
        if (is_space && depth == 0 && behind_name(at + 1, end))
            return at;
        depth += strchr("([{", *at) ? 1 : strchr(")]}", *at) ? -1 : 0;
        at = view_skip(at, end);
        if (!at)
            gen_fail(path, line, "a literal does not end");
    }
    return end;
}

static void check_text(const char *path, int line, const char *text) {
    if (!*text)
        gen_fail(path, line, "an empty message");
    if (strchr(text, '<'))
        gen_fail(path, line, "markup inside a message: put messages around it");
    for (const char *at = text; (at = strchr(at, '{')) != NULL;) {
        const char *close = strchr(at, '}');
        if (!close || !view_is_name(view_trim(at + 1, close)) || at[1] == ' ')
            gen_fail(path, line, "a '{' in a message begins a {name}");
        at = close;
    }
}

static bool has_placeholder(const char *text, const char *name) {
    return text && strstr(text, gen_printf("{%s}", name)) != NULL;
}

static void check_placeholders(const char *path, const struct view_message *m, const char *text) {
    for (const char *at = text; (at = strchr(at, '{')) != NULL; at++) {
        char *name = view_trim(at + 1, strchr(at, '}'));
        bool is_given = false;
        for (size_t i = 0; i < m->count; i++)
            is_given |= strcmp(m->names[i], name) == 0;
        if (!is_given)
            gen_fail(path, m->line, "{%s} in the message has no value", name);
    }
}

static void check_message(const char *path, const struct view_message *m) {
    check_text(path, m->line, m->one);
    check_placeholders(path, m, m->one);
    bool has_n = false;
    for (size_t i = 0; i < m->count; i++) {
        bool is_count = m->many && strcmp(m->names[i], "n") == 0;
        has_n |= is_count;
        if (!is_count && !has_placeholder(m->many ? m->many : m->one, m->names[i]))
            gen_fail(path, m->line, "the value %s is not in the message", m->names[i]);
    }
    if (!m->many)
        return;
    check_text(path, m->line, m->many);
    check_placeholders(path, m, m->many);
    if (!has_n)
        gen_fail(path, m->line, "a plural needs its count: n=…");
}

static void parse_argument(const char *path, struct view_message *m, const char **at,
                           const char *end) {
    const char *expr = behind_name(*at, end);
    if (!expr)
        gen_fail(path, m->line, "after the message only name=value follows, not \"%s\"",
                 view_trim(*at, end));
    char *name = view_trim(*at, expr - 1);
    *at = argument_end(path, m->line, expr, end);
    if (strcmp(name, "ctx") == 0) {
        m->context = view_literal(&expr, *at);
        if (!m->context || expr != *at)
            gen_fail(path, m->line, "ctx=\"…\" is a literal");
        return;
    }
    if (m->count == VIEW_ARGS_MAX)
        gen_fail(path, m->line, "more than %d values", VIEW_ARGS_MAX);
    m->names[m->count] = name;
    m->values[m->count++] = view_parse_value(path, m->line, expr, *at);
}

struct view_message view_parse_message(const char *path, const struct view_token *token) {
    struct view_message m = {.line = token->line};
    const char *at = token->text, *end = at + token->len;
    m.one = view_literal(&at, end);
    at = view_skip_space(at, end);
    if (token->kind == VIEW_PLURAL) {
        m.many = view_literal(&at, end);
        at = view_skip_space(at, end);
    }
    if (!m.one || (token->kind == VIEW_PLURAL && !m.many))
        gen_fail(path, token->line,
                 "a message is a literal: {{_ \"text\" }}, {{n_ \"one\" \"many\" n=… }}");
    while (at < end) {
        parse_argument(path, &m, &at, end);
        at = view_skip_space(at, end);
    }
    check_message(path, &m);
    return m;
}

struct view_choice view_parse_choice(const char *path, const struct view_token *token) {
    /* The one or two literals at the end are the choice, what stands before is the condition. */
    const char *end = token->text + token->len, *at = token->text;
    const char *first = NULL, *second = NULL;
    int depth = 0;
    while (at < end) {
        const char *next = view_skip(at, end);
        if (!next)
            gen_fail(path, token->line, "a literal does not end");
        depth += strchr("([{", *at) ? 1 : strchr(")]}", *at) ? -1 : 0;
        if (depth == 0 && (*at == '"' || *at == '\'')) {
            first = second;
            second = at;
        } else if (!strchr(" \t\r\n", *at)) {
            first = second = NULL;
        }
        at = next;
    }
    if (!second)
        gen_fail(path, token->line, "{{? condition \"text if true\" }} ends with a literal");
    const char *literals = first ? first : second;
    struct view_choice choice = {.expr = view_trim(token->text, literals)};
    choice.yes = view_literal(&literals, end);
    literals = view_skip_space(literals, end);
    choice.no = first ? view_literal(&literals, end) : NULL;
    if (!*choice.expr)
        gen_fail(path, token->line, "{{? … }} without a condition");
    return choice;
}

char *view_parse_literal(const char *path, const struct view_token *token) {
    const char *at = token->text, *end = at + token->len;
    char *name = view_literal(&at, end);
    if (!name || at != end)
        gen_fail(path, token->line, "a name in quotes is expected here, and nothing else");
    return name;
}
