/* The listings of every noun; each stands in NOUN_listing.c. */
#ifndef SHOP_LISTINGS_H
#define SHOP_LISTINGS_H

#include "base/i18n.h"
#include "shop/listing.h"

extern const struct listing account_listing, audit_listing, consent_listing, inscription_listing,
    order_listing, outbox_listing, payment_listing, student_listing, topic_listing,
    workshop_listing;

/* The words of the trail as people read them; ends with a NULL value. A deed with a new word adds
 * its row here. */
extern const struct listing_choice audit_actions[];

/* How money came; ends with a NULL value. */
extern const struct listing_choice payment_method_choices[];

#endif
