/* The home page. */
#ifndef SITE_PAGES_HOME_H
#define SITE_PAGES_HOME_H

#include "shop/topic.h"
#include "site/page.h"
#include "site/pages/workshop_card.h"

struct home_page {
    const struct page *page;
    const struct workshop_card *cards; /* what starts soon */
    size_t card_count;
    bool soon;                   /* the cards start soon */
    const struct topic *topics;  /* those with a workshop */
    const char **topic_pictures; /* addresses */
    size_t topic_count;
    int64_t total; /* workshops listed */
};

void home_get(struct visit *visit);

#endif
