/* The first line of a template: {% view name(parameters) include "file" … words %}. */
#include "tools/view_head.h"
#include "tools/gen.h"
#include <string.h>

static bool take_word(const char **at, const char *end, const char *word) {
    size_t len = strlen(word);
    const char *behind = *at + len;
    if ((size_t)(end - *at) < len || memcmp(*at, word, len) != 0 ||
        (behind < end && !strchr(" \t\r\n\"", *behind)))
        return false;
    *at = view_skip_space(behind, end);
    return true;
}

static void parse_words(struct view_head *head, int line, const char *at, const char *end) {
    struct buf includes = {0};
    while (at < end) {
        if (take_word(&at, end, "include")) {
            char *file = view_literal(&at, end);
            if (!file)
                gen_fail(head->path, line, "include is followed by \"a/header.h\"");
            buf_printf(&includes, "#include \"%s\"\n", file);
            at = view_skip_space(at, end);
        } else if (take_word(&at, end, "unbalanced")) {
            head->is_unbalanced = true;
        } else if (take_word(&at, end, "mail")) {
            head->is_mail = true;
        } else {
            gen_fail(head->path, line, "\"%s\": include \"…\", unbalanced or mail is expected here",
                     view_trim(at, end));
        }
    }
    head->includes = gen_printf("%s", buf_text(&includes));
    buf_free(&includes);
}

struct view_head view_head_parse(const char *path, const char *name,
                                 const struct view_token *token) {
    struct view_head head = {.path = path};
    const char *at = token->text, *end = at + token->len;
    if (token->kind != VIEW_DIRECTIVE || !take_word(&at, end, "view"))
        gen_fail(path, token->line,
                 "a template begins with {%% view %s(parameters) include \"…\" %%}", name);
    const char *paren = memchr(at, '(', (size_t)(end - at));
    if (!paren)
        gen_fail(path, token->line, "parameters in () are missing");
    head.name = view_trim(at, paren);
    if (strcmp(head.name, name) != 0)
        gen_fail(path, token->line, "the view of this file is called %s, not %s", name, head.name);
    const char *close = view_find(paren + 1, end, ')');
    if (close == end)
        gen_fail(path, token->line, "the parameters do not end with ')'");
    head.params = view_trim(paren + 1, close);
    if (strcmp(head.params, "void") == 0)
        head.params = "";
    parse_words(&head, token->line, view_skip_space(close + 1, end), end);
    const char *dot = strrchr(path, '.');
    head.is_plain = dot && strcmp(dot, ".txt") == 0;
    return head;
}

char *view_signature(const struct view_head *head) {
    return gen_printf("void view_%s(struct out *o%s%s)", head->name, *head->params ? ", " : "",
                      head->params);
}
