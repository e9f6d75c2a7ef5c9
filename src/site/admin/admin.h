/* What the templates of the administration are given. */
#ifndef SITE_ADMIN_ADMIN_H
#define SITE_ADMIN_ADMIN_H

#include "shop/audit.h"
#include "shop/picture.h"
#include "site/admin/noun.h"
#include "site/page.h"

struct admin_menu_entry {
    const char *address, *label, *icon;
    bool current;
};

/* A page of the administration: the page, and the menu beside it. */
struct admin_page {
    struct page page;
    struct admin_menu_entry *menu;
    size_t menu_count;
    const char *role; /* translated: "Owner" */
};

/* Everything from the visit. `current` is the name of a noun or page in the menu, or NULL; `title`
 * is translated already. */
struct admin_page admin_page_start(struct visit *visit, const char *current, const char *title);

/* The same in the arena, for views that outlive the function that fills them. */
struct admin_page *admin_page_make(struct visit *visit, const char *current, const char *title);

/* 404 for an instructor who asks for somebody else's workshop; and the like. */
int64_t admin_own(const struct visit *visit); /* the account to filter by, 0: sees everything */

/* ---- lists ---------------------------------------------------------------------------------- */

struct admin_filter_option {
    const char *value, *label;
    bool chosen;
};

struct admin_filter {
    const struct listing_filter *filter;
    const char *value; /* "" when not set */
    struct admin_filter_option *options;
    size_t option_count;
};

struct admin_cell {
    const struct listing_column *column;
    const struct listing_value *value;
    const struct listing_choice *choice; /* of a LISTING_WORD; NULL: unknown word */
    const char *href;                    /* where the value leads; NULL: nowhere */
};

struct admin_row {
    int64_t id;
    const char *name; /* of the first column: for the check box's label */
    struct admin_cell *cells;
};

struct admin_heading {
    const struct listing_column *column;
    const char *address; /* sorts by it; NULL: cannot */
    int order;           /* 1 ascending, -1 descending, 0 not sorted by it */
};

struct admin_list {
    const struct admin_page *page;
    const struct noun *noun;
    const char *text;    /* of the search field */
    const char *address; /* of the list itself: "/admin/orders/" */
    struct admin_filter *filters;
    size_t filter_count;         /* offered ones */
    bool filtered;               /* by search or filter */
    bool more_filters;           /* one of those behind "More filters" is set */
    const char *within;          /* what the list is narrowed to by a link: "Orders of …"; NULL */
    struct admin_filter *hidden; /* filters kept that are not offered */
    size_t hidden_count;
    struct admin_heading *headings;
    struct admin_row *rows;
    size_t column_count, row_count;
    int64_t total;
    bool total_is_more;
    int current, pages;
    const char *previous, *next, *file; /* addresses; NULL: there is none */
    const struct noun_action *actions[8];
    size_t action_count;
    const char *tool;   /* address of the page beside the list; NULL: none */
    const char *create; /* address; NULL: not made here, or not by this person */
    const char *currency;
    const struct zone *zone;
};

/* ---- one ------------------------------------------------------------------------------------- */

struct admin_fact {
    const char *label;
    struct admin_cell cell;
};

struct admin_link {
    const char *label, *address;
    int64_t count;
};

struct admin_one {
    struct picture_ref picture; /* of a noun that has one */
    const struct admin_page *page;
    const struct noun *noun;
    int64_t id;                /* 0: a new one */
    const char *heading;       /* its name, or "New workshop" */
    const char *list, *action; /* addresses */
    const struct form *form;   /* NULL: nothing to edit, or not by this person */
    const char *version;
    struct admin_fact *facts;
    size_t fact_count;
    struct admin_link *related;
    size_t related_count;
    struct audit_entry *history;
    size_t history_count;
    bool may_see_history;
    bool locked; /* set by the noun's `load`: not to be edited by who looks */
    /* With a conflict: what the other one left. */
    struct admin_theirs {
        const char *label, *theirs, *mine;
    } * theirs;
    size_t theirs_count;
    const char *theirs_version;
    const char *currency;
    const struct zone *zone;
    const void *more; /* of the noun's own `load` and `head` */
};

/* ---- one entry of the trail ------------------------------------------------------------------ */

struct admin_entry {
    const struct admin_page *page;
    const struct audit_entry *entry;
    struct audit_field *details; /* `after` of each is the value */
    size_t detail_count;
    const char *actor, *thing; /* addresses; NULL: none, or not for this person */
    const char *currency;
    const struct zone *zone;
};

/* The links, facts and history of one row; ERR_NOT_FOUND if this person may not see it. */
enum err admin_one_load(struct visit *visit, const struct noun *noun, int64_t id,
                        struct admin_one *out) MUST_CHECK;

#endif
