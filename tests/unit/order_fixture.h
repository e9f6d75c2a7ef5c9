/* What the tests of carts, orders and payments share: families that buy, cards, the parallel crowd,
 * and the audit of the books that every test ends with. */
#ifndef ORDER_FIXTURE_H
#define ORDER_FIXTURE_H

#include "shop_fixture.h"

#include "shop/inscription.h"
#include "shop/order.h"
#include "shop/payment.h"
#include "shop/receipt.h"

/* A parent with one child who is 8 at the start of fixture_workshop. */
struct family {
    int64_t account, student;
    const char *student_slug;
};

/* As fixture_setup, in a demonstration school, so that the sandbox card is there. */
int order_fixture_setup(void **state);
/* Audits the books, then as fixture_teardown. */
int order_fixture_teardown(void **state);

/* Fails unless the books are true: after every step of a test. */
void fixture_books(struct fixture *f);

struct family family_create(struct fixture *f, const char *email);

/* Cards of the sandbox, with an expiry in the future. */
extern const struct payment_card CARD_GOOD, CARD_DECLINED, CARD_NO_FUNDS, CARD_TIMES_OUT;

/* Holds a seat, which must succeed; the inscription's id. */
int64_t family_hold(struct fixture *f, const struct family *family, const char *workshop,
                    int64_t now);
/* The cart's id; 0: none. */
int64_t family_cart(struct fixture *f, const struct family *family);
/* The own order, which must exist. */
struct order family_order(struct fixture *f, const struct family *family, int64_t id, int64_t now);

/* order_checkout with the common fields; shown_total -1. */
enum err family_pay(struct fixture *f, const struct family *family, int64_t order,
                    const char *method, const struct payment_card *card, int64_t now,
                    struct order_result *result);

const char *inscription_status_of(struct fixture *f, int64_t id);
const char *order_status_of(struct fixture *f, int64_t id);
int64_t seats_taken(struct fixture *f, const char *workshop);

/* Runs `work` with 0 … count-1 in as many threads, all let go at the same moment. */
void crowd_run(size_t count, void (*work)(void *arg, size_t number), void *arg);

#endif
