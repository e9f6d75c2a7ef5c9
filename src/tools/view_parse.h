/* What stands inside {{ … }}: values with a filter, messages with their arguments, choices. */
#ifndef TOOLS_VIEW_PARSE_H
#define TOOLS_VIEW_PARSE_H

#include "tools/view_lex.h"

enum { VIEW_ARGS_MAX = 12 };

/* expr | filter(args); filter and args NULL if there are none. */
struct view_value {
    char *expr, *filter, *args;
};

struct view_message {
    char *context;    /* NULL if none */
    char *one, *many; /* many NULL without a plural */
    size_t count;
    char *names[VIEW_ARGS_MAX];
    struct view_value values[VIEW_ARGS_MAX];
    int line;
};

struct view_choice {
    char *expr, *yes, *no; /* no NULL if there is none */
};

/* Each ends the program with path:line and a sentence when the token is malformed. */
struct view_value view_parse_value(const char *path, int line, const char *at, const char *end);
struct view_message view_parse_message(const char *path, const struct view_token *token);
struct view_choice view_parse_choice(const char *path, const struct view_token *token);

/* One literal and nothing else, as in {{asset "…"}}. */
char *view_parse_literal(const char *path, const struct view_token *token);

/* Whether the NUL-terminated text is a C identifier of lower-case letters, digits and '_'. */
bool view_is_name(const char *text);

#endif
