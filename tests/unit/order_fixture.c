/* See order_fixture.h. */
#include "order_fixture.h"
#include "shop/books.h"
#include <pthread.h>
#include <stdlib.h>

const struct payment_card CARD_GOOD = {"4242 4242 4242 4242", "12", "2030", "123"};
const struct payment_card CARD_DECLINED = {"4000-0000-0000-0002", "12", "30", "123"};
const struct payment_card CARD_NO_FUNDS = {"4000000000009995", "1", "2031", "1234"};
const struct payment_card CARD_TIMES_OUT = {"4000000000000341", "12", "2030", "123"};

int order_fixture_setup(void **state) {
    if (fixture_setup(state) != 0)
        return -1;
    fixture_sql(*state, "INSERT INTO setting (key, value) VALUES ('demo', '1')");
    return 0;
}

/* ---- the books ------------------------------------------------------------------------------ */

/* What must hold in every school at every moment, whatever happened. */
void fixture_books(struct fixture *f) {
    struct books_fault *faults;
    size_t count;
    struct db *db = store_reader(f->shop.store);
    enum err err = books_check(db, f->arena, &faults, &count);
    store_release(f->shop.store, db);
    assert_int_equal(err, OK);
    if (count)
        fail_msg("%s: %s %lld should be %lld, is %lld", faults[0].rule, faults[0].entity,
                 (long long)faults[0].id, (long long)faults[0].expected,
                 (long long)faults[0].found);
}

static void audit_books(struct fixture *f) {
    fixture_books(f);
    /* each receipt has one mail; sent again by staff, it has more */
    assert_int_equal(fixture_int(f, "SELECT count(*) FROM receipt"),
                     fixture_int(f, "SELECT count(*) FROM outbox WHERE dedupe_key GLOB"
                                    " 'receipt:*' AND dedupe_key NOT GLOB '*:again:*'"));
    /* an order that was placed has a code and no leftovers of the cart */
    assert_int_equal(
        fixture_int(f, "SELECT count(*) FROM orders WHERE status NOT IN ('cart', 'cancelled')"
                       " AND code IS NULL"),
        0);
}

int order_fixture_teardown(void **state) {
    audit_books(*state);
    return fixture_teardown(state);
}

/* ---- families ------------------------------------------------------------------------------- */

struct family family_create(struct fixture *f, const char *email) {
    struct family family = {.account = fixture_account(f, email)};
    family.student = fixture_student(f, family.account, "Sofía", "2017-06-15");
    family.student_slug = fixture_student_slug(f, family.student);
    return family;
}

int64_t family_hold(struct fixture *f, const struct family *family, const char *workshop,
                    int64_t now) {
    struct inscription_result result;
    assert_int_equal(inscription_hold(&f->shop, f->arena, family->account, workshop, NULL,
                                      family->student_slug, now, &result),
                     OK);
    return result.id;
}

int64_t family_cart(struct fixture *f, const struct family *family) {
    return fixture_int(
        f, "SELECT coalesce(max(id), 0) FROM orders WHERE account_id = ?1 AND status = 'cart'",
        V(family->account));
}

struct order family_order(struct fixture *f, const struct family *family, int64_t id, int64_t now) {
    struct order order;
    struct db *db = store_reader(f->shop.store);
    enum err err = order_by_id(db, f->arena, family->account, id, now, &order);
    store_release(f->shop.store, db);
    assert_int_equal(err, OK);
    return order;
}

enum err family_pay(struct fixture *f, const struct family *family, int64_t order,
                    const char *method, const struct payment_card *card, int64_t now,
                    struct order_result *result) {
    struct order_payment payment = {
        .order_id = order, .method = method, .shown_total = -1, .card = card};
    return order_checkout(&f->shop, f->arena, family->account, &payment, now, result);
}

const char *inscription_status_of(struct fixture *f, int64_t id) {
    return fixture_text(f, "SELECT status FROM inscription WHERE id = ?1", V(id));
}

const char *order_status_of(struct fixture *f, int64_t id) {
    return fixture_text(f, "SELECT status FROM orders WHERE id = ?1", V(id));
}

int64_t seats_taken(struct fixture *f, const char *workshop) {
    return fixture_int(f, "SELECT seats_taken FROM workshop WHERE slug = ?1", V(workshop));
}

/* ---- the crowd ------------------------------------------------------------------------------ */

struct member {
    pthread_t thread;
    pthread_barrier_t *start;
    void (*work)(void *arg, size_t number);
    void *arg;
    size_t number;
};

static void *member_run(void *arg) {
    struct member *member = arg;
    pthread_barrier_wait(member->start);
    member->work(member->arg, member->number);
    return NULL;
}

void crowd_run(size_t count, void (*work)(void *arg, size_t number), void *arg) {
    pthread_barrier_t start;
    struct member *members = calloc(count, sizeof(*members));
    assert_non_null(members);
    assert_int_equal(pthread_barrier_init(&start, NULL, (unsigned)count), 0);
    for (size_t i = 0; i < count; i++) {
        members[i] = (struct member){.start = &start, .work = work, .arg = arg, .number = i};
        assert_int_equal(pthread_create(&members[i].thread, NULL, member_run, &members[i]), 0);
    }
    for (size_t i = 0; i < count; i++)
        pthread_join(members[i].thread, NULL);
    pthread_barrier_destroy(&start);
    free(members);
}
