/* The catalogue and a workshop's page. */
#ifndef SITE_PAGES_WORKSHOP_H
#define SITE_PAGES_WORKSHOP_H

#include "http/form.h"
#include "shop/inscription.h"
#include "shop/topic.h"
#include "shop/workshop.h"
#include "site/page.h"
#include "site/pages/workshop_card.h"

struct workshop_list {
    const struct page *page;
    const struct workshop_card *cards;
    size_t card_count;
    int64_t total;
    bool total_is_more;
    /* the filters, as chosen */
    const char *q;
    int age; /* WORKSHOP_NONE: any */
    int64_t topic_id;
    int level;
    const char *from; /* ISO; "" */
    int sort;         /* enum workshop_sort */
    bool filtered;
    bool more_filters; /* one of those behind "More filters" is set */
    const struct topic *topics;
    size_t topic_count;
    int current, pages;
    const char *previous, *next; /* addresses of the neighbour pages; NULL: none */
    struct workshop_list_link {
        int number;
        const char *address;
    } links[5]; /* of the pages around this one */
    size_t link_count;
};

/* One own student in the select, and why not where not. */
struct workshop_child {
    const char *slug, *first_name, *reason; /* reason NULL: can be enrolled */
    int age;
    bool chosen;
};

struct workshop_view {
    const struct page *page;
    const struct workshop_card *card;
    const char *const *paragraphs; /* of the description */
    int paragraph_count;
    const char *const *bring;
    int bring_count;
    const char *const *cancellation;
    int cancellation_count;
    const char *const *instructors;
    size_t instructor_count;
    const char *ends;    /* "until Thu 5 Mar", NULL */
    const char *closed;  /* why it cannot be bought now; NULL: it can */
    const char *problem; /* why the last try failed; NULL */
    const char *preview; /* for staff: the way back to the administration; NULL: no preview */
    const char *key;     /* of a private workshop, to be carried along; NULL */
    const char *next;    /* this page, for log-in and for adding a child */
    const char *share;   /* "Title https://…", for WhatsApp */
    const struct workshop_child *children;
    size_t child_count, possible;
    const struct form *student_form; /* empty, for adding a child in place */
    const char *today;
    int hold_minutes;
};

void workshop_list_get(struct visit *visit);
void workshop_get(struct visit *visit);

/* The page again with a refusal on top, 422: for a seat that could not be taken. */
void workshop_show_refused(struct visit *visit, const char *slug, const char *key,
                           const char *student, const char *problem);

/* Any workshop's page as visitors see it, for staff, also before they do. */
void workshop_show_preview(struct visit *visit, int64_t id);

/* "Sofía will be 5 on 13 January; this workshop is for 6 to 9 years." and its siblings: a refusal
 * in the visitor's language. */
const char *workshop_refusal_text(const struct visit *visit,
                                  const struct inscription_result *result);

#endif
