/* The first line of a template: {% view name(parameters) include "file" … words %}. */
#ifndef TOOLS_VIEW_HEAD_H
#define TOOLS_VIEW_HEAD_H

#include "tools/view_lex.h"

struct view_head {
    const char *path;     /* assets/views/workshop/list.html */
    const char *name;     /* workshop_list */
    const char *params;   /* "const struct workshop_list *v", or "" */
    const char *includes; /* #include lines */
    bool is_plain;        /* a .txt file */
    bool is_unbalanced, is_mail;
};

/* Ends the program unless `token` is such a line for a view called `name`. */
struct view_head view_head_parse(const char *path, const char *name,
                                 const struct view_token *token);

/* "void view_workshop_list(struct out *o, const struct workshop_list *v)", heap text. */
char *view_signature(const struct view_head *head);

#endif
