/* Nouns of the administration: one declaration each in nouns.c, and everything a noun needs there
 * comes from it: the entry in the menu, the list with search, filters, order and pages, the file,
 * actions on selected rows, the page of one with what is related and its history, the form with its
 * two-versions check. A noun that needs more than that names its own page.
 *
 * Two rows of the route table (NOUN_ROUTES in site/routes.c) make its addresses. What a list shows
 * is shop/NOUN_listing.c, what may be edited shop/NOUN_record.c. */
#ifndef SITE_ADMIN_NOUN_H
#define SITE_ADMIN_NOUN_H

#include "http/form.h"
#include "shop/listing.h"
#include "shop/permission.h"
#include "shop/record.h"

struct admin_one;
struct out;
struct visit;

/* What is done with the selected rows of a list. */
struct noun_action {
    const char *name;  /* the button's value */
    const char *label; /* N_("…") */
    enum permission permission;
    /* Does it to all of them or to none. *done receives how many were changed. */
    enum err (*run)(struct visit *visit, const int64_t *ids, size_t count, int64_t *done);
};

/* The list of another noun that belongs to one row of this one. */
struct noun_related {
    const char *label; /* N_("…") */
    const char *noun;
    const char *filter; /* of that noun's list, filled with the row's id */
};

/* A field of the form and the column it edits. The field bears the column's name; money is typed in
 * units, as `price` for the column price_cents. */
struct noun {
    const char *name;        /* in addresses: "workshops" */
    const char *entity;      /* in the trail: the table's name */
    const char *title, *one; /* N_("Workshops"), N_("Workshop") */
    const char *icon;        /* class of the menu's icon */
    const char *search_hint; /* N_("…"): what can be searched for; NULL: no search */
    const char *empty;       /* N_("…"): said where there is none yet */
    const char *create;      /* N_("New workshop"); NULL: not made here */
    enum permission see, edit, export;
    enum permission add; /* MAY_NOTHING_SPECIAL: whoever may edit */
    bool in_menu;
    bool made_elsewhere; /* on the page of another noun: its own list has no button for it */
    bool picture;        /* has one, at /admin/NOUN/ID/picture/ */
    bool sensitive;      /* a person's data: whoever looks at one leaves a line in the trail */
    struct {
        const char *label, *address; /* N_("…"); NULL: none */
        enum permission permission;
    } tool; /* a page beside the list */
    const struct listing *listing;
    const struct noun_action *actions;  /* end with a NULL name; NULL: none */
    const struct noun_related *related; /* end with a NULL label; NULL: none */
    /* Editing; NULL where there is nothing to edit. */
    const struct form_spec *form;
    const struct record_kind *record;
    /* Adds what the form cannot say by itself (choices out of the database), to a form about to be
     * shown or just come in. NULL: nothing. */
    void (*prepare)(struct visit *visit, struct form *form);
    /* What the general page of one says of its own, above the form: `load` fills one->more, `head`
     * is the view that prints it. NULL: nothing. */
    enum err (*load)(struct visit *visit, struct admin_one *one);
    void (*head)(struct out *out, const struct admin_one *one);
    /* What follows beside the form, for those who may edit. NULL: nothing. */
    void (*aside)(struct out *out, const struct admin_one *one);
    /* The page of one instead of the general one; NULL: the general one. */
    void (*show)(struct visit *visit, int64_t id);
};

extern const struct noun NOUNS[];
extern const size_t NOUN_COUNT;

/* By its name in addresses; NULL if there is none. */
const struct noun *noun_find(const char *name);
/* The one whose address this is: "/admin/workshops/7/" → workshops. Never NULL for a route of
 * NOUN_ROUTES. */
const struct noun *noun_of(const struct visit *visit);

/* Whether who is asking may make a new one. */
bool noun_may_add(const struct visit *visit, const struct noun *noun);

/* Whether who is asking may do that. */
bool noun_may(const struct visit *visit, enum permission permission);

/* ---- handlers that work for every noun (list.c, file.c, record.c) ---------------------------- */

void noun_list_get(struct visit *visit);  /* /admin/NOUN/ */
void noun_list_post(struct visit *visit); /* an action on selected rows */
void noun_file_get(struct visit *visit);  /* /admin/NOUN/file.csv: the list as it is filtered */
void noun_one_get(struct visit *visit);   /* /admin/NOUN/ID/ */
void noun_one_post(struct visit *visit);  /* the form */
void noun_new_get(struct visit *visit);   /* /admin/NOUN/new/ */
void noun_new_post(struct visit *visit);

#endif
