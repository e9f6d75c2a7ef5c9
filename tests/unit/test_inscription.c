/* Seats: taking, keeping and giving them back, alone and in a crowd. */
#include "order_fixture.h"
#include <stdatomic.h>
#include <string.h>

enum { NOW = FIXTURE_NOW, MINUTE = 60, HOLD = 30 * MINUTE };

static enum inscription_refusal hold_refusal(struct fixture *f, const struct family *family,
                                             const char *workshop, const char *key,
                                             struct inscription_result *result) {
    assert_int_equal(inscription_hold(&f->shop, f->arena, family->account, workshop, key,
                                      family->student_slug, NOW, result),
                     ERR_REFUSED);
    return result->refusal;
}

static struct order read_cart(struct fixture *f, const struct family *family, int64_t now) {
    struct order cart;
    struct db *db = store_reader(f->shop.store);
    enum err err = order_cart(db, f->arena, family->account, now, &cart);
    store_release(f->shop.store, db);
    assert_int_equal(err, OK);
    return cart;
}

/* ---- holding -------------------------------------------------------------------------------- */

static void a_seat_is_held(void **state) {
    struct fixture *f = *state;
    struct family ana = family_create(f, "ana@example.org");
    fixture_workshop(f, "robotics", 18000, 5);
    fixture_sql(f, "UPDATE workshop SET discount_price_cents = 15000");
    struct inscription_result result;
    assert_int_equal(inscription_hold(&f->shop, f->arena, ana.account, "robotics", NULL,
                                      ana.student_slug, NOW, &result),
                     OK);
    assert_int_equal(result.hold_until, NOW + HOLD);
    assert_string_equal(result.student_first_name, "Sofía");
    assert_string_equal(result.workshop_title, "Workshop robotics");
    assert_false(result.was_in_cart);
    assert_int_equal(seats_taken(f, "robotics"), 1);
    assert_int_equal(
        fixture_int(f, "SELECT list_price_cents * 100000 + price_cents FROM inscription"),
        INT64_C(18000) * 100000 + 15000);
    assert_int_equal(result.order_id, family_cart(f, &ana));
}

static void asking_again_changes_nothing(void **state) {
    struct fixture *f = *state;
    struct family ana = family_create(f, "ana@example.org");
    fixture_workshop(f, "robotics", 18000, 5);
    int64_t id = family_hold(f, &ana, "robotics", NOW);
    struct inscription_result result;
    assert_int_equal(inscription_hold(&f->shop, f->arena, ana.account, "robotics", NULL,
                                      ana.student_slug, NOW + 60, &result),
                     OK);
    assert_true(result.was_in_cart);
    assert_int_equal(result.id, id);
    assert_int_equal(result.hold_until, NOW + HOLD);
    assert_int_equal(fixture_int(f, "SELECT count(*) FROM inscription"), 1);
}

static void a_second_workshop_joins_the_same_cart(void **state) {
    struct fixture *f = *state;
    struct family ana = family_create(f, "ana@example.org");
    fixture_workshop(f, "robotics", 18000, 5);
    fixture_workshop(f, "music", 9000, -1);
    family_hold(f, &ana, "robotics", NOW);
    family_hold(f, &ana, "music", NOW);
    assert_int_equal(fixture_int(f, "SELECT count(*) FROM orders"), 1);
    struct order cart = read_cart(f, &ana, NOW);
    assert_int_equal(cart.live, 2);
    assert_int_equal(cart.total_cents, 27000);
}

static void strangers_children_are_not_found(void **state) {
    struct fixture *f = *state;
    struct family ana = family_create(f, "ana@example.org");
    struct family eva = family_create(f, "eva@example.org");
    fixture_workshop(f, "robotics", 18000, 5);
    struct inscription_result result;
    assert_int_equal(inscription_hold(&f->shop, f->arena, ana.account, "robotics", NULL,
                                      eva.student_slug, NOW, &result),
                     ERR_NOT_FOUND);
    fixture_sql(f, "UPDATE student SET archived_at = 1 WHERE id = ?1", V(ana.student));
    assert_int_equal(inscription_hold(&f->shop, f->arena, ana.account, "robotics", NULL,
                                      ana.student_slug, NOW, &result),
                     ERR_NOT_FOUND);
    assert_int_equal(fixture_int(f, "SELECT count(*) FROM orders"), 0);
}

static void hidden_workshops_are_not_found(void **state) {
    struct fixture *f = *state;
    struct family ana = family_create(f, "ana@example.org");
    struct inscription_result result;
    fixture_workshop(f, "secret", 18000, 5);
    fixture_workshop(f, "closed", 18000, 5);
    fixture_sql(f, "UPDATE workshop SET private = 1, private_key = 'k1' WHERE slug = 'secret'");
    fixture_sql(f, "UPDATE workshop SET active = 0 WHERE slug = 'closed'");
    const struct {
        const char *slug, *key;
        enum err err;
    } cases[] = {
        {"secret", NULL, ERR_NOT_FOUND},
        {"secret", "k2", ERR_NOT_FOUND},
        {"closed", NULL, ERR_NOT_FOUND},
        {"nowhere", NULL, ERR_NOT_FOUND},
        {"secret", "k1", OK},
    };
    for (size_t i = 0; i < ARRAY_COUNT(cases); i++)
        assert_int_equal(inscription_hold(&f->shop, f->arena, ana.account, cases[i].slug,
                                          cases[i].key, ana.student_slug, NOW, &result),
                         cases[i].err);
}

/* ---- refusals ------------------------------------------------------------------------------- */

static void age_counts_on_the_first_day(void **state) {
    struct fixture *f = *state;
    struct family ana = family_create(f, "ana@example.org");
    struct inscription_result result;
    int64_t workshop = fixture_workshop(f, "robotics", 18000, 5);
    /* Sofía, born on 15 June 2017, is 8 both today and on 6 April 2026 */
    fixture_sql(f, "UPDATE workshop SET min_age = 9, max_age = 14");
    assert_int_equal(hold_refusal(f, &ana, "robotics", NULL, &result), INSCRIPTION_AGE_LOW);
    assert_int_equal(result.age, 8);
    assert_int_equal(result.min_age, 9);
    assert_int_equal(result.max_age, 14);
    assert_int_equal(result.age_on.month, 4);
    fixture_sql(f, "UPDATE workshop SET min_age = 5, max_age = 7");
    assert_int_equal(hold_refusal(f, &ana, "robotics", NULL, &result), INSCRIPTION_AGE_HIGH);
    /* nine by the time it starts */
    fixture_sql(f,
                "UPDATE workshop SET min_age = 9, max_age = 9, start_date = '2026-06-15',"
                " end_date = '2026-07-15' WHERE id = ?1",
                V(workshop));
    family_hold(f, &ana, "robotics", NOW);
}

static void sales_have_a_beginning_and_an_end(void **state) {
    struct fixture *f = *state;
    struct family ana = family_create(f, "ana@example.org");
    struct inscription_result result;
    fixture_workshop(f, "robotics", 18000, 5);
    fixture_sql(f, "UPDATE workshop SET sales_open_at = ?1", V(NOW + 1));
    assert_int_equal(hold_refusal(f, &ana, "robotics", NULL, &result), INSCRIPTION_NOT_OPEN_YET);
    assert_int_equal(result.sales_open_at, NOW + 1);
    fixture_sql(f, "UPDATE workshop SET sales_open_at = NULL, sales_close_at = ?1", V(NOW));
    assert_int_equal(hold_refusal(f, &ana, "robotics", NULL, &result), INSCRIPTION_CLOSED);
    fixture_sql(f, "UPDATE workshop SET sales_close_at = NULL, start_date = '2026-03-02'");
    assert_int_equal(hold_refusal(f, &ana, "robotics", NULL, &result), INSCRIPTION_CLOSED);
}

static void a_full_workshop_is_refused_until_a_hold_ends(void **state) {
    struct fixture *f = *state;
    struct family ana = family_create(f, "ana@example.org");
    struct family eva = family_create(f, "eva@example.org");
    struct inscription_result result;
    fixture_workshop(f, "robotics", 18000, 1);
    int64_t first = family_hold(f, &ana, "robotics", NOW);
    assert_int_equal(hold_refusal(f, &eva, "robotics", NULL, &result), INSCRIPTION_FULL);
    assert_int_equal(inscription_hold(&f->shop, f->arena, eva.account, "robotics", NULL,
                                      eva.student_slug, NOW + HOLD - 1, &result),
                     ERR_REFUSED);
    /* nobody tidied up, yet the seat is free at the very second */
    assert_int_equal(inscription_hold(&f->shop, f->arena, eva.account, "robotics", NULL,
                                      eva.student_slug, NOW + HOLD, &result),
                     OK);
    assert_string_equal(inscription_status_of(f, first), "expired");
    assert_int_equal(seats_taken(f, "robotics"), 1);
}

static void an_account_holds_only_so_many(void **state) {
    struct fixture *f = *state;
    struct family ana = family_create(f, "ana@example.org");
    struct inscription_result result;
    fixture_setting(f, "live_holds_per_account", "2");
    fixture_workshop(f, "one", 100, 5);
    fixture_workshop(f, "two", 100, 5);
    fixture_workshop(f, "three", 100, 5);
    family_hold(f, &ana, "one", NOW);
    family_hold(f, &ana, "two", NOW);
    assert_int_equal(hold_refusal(f, &ana, "three", NULL, &result), INSCRIPTION_TOO_MANY);
    assert_int_equal(result.limit, 2);
    family_hold(f, &ana, "three", NOW + HOLD); /* the others have ended */
}

static void a_child_is_enrolled_once(void **state) {
    struct fixture *f = *state;
    struct family ana = family_create(f, "ana@example.org");
    struct inscription_result result;
    struct order_result paid;
    fixture_workshop(f, "robotics", 18000, 5);
    family_hold(f, &ana, "robotics", NOW);
    assert_int_equal(family_pay(f, &ana, family_cart(f, &ana), "card", &CARD_GOOD, NOW, &paid), OK);
    assert_int_equal(hold_refusal(f, &ana, "robotics", NULL, &result), INSCRIPTION_ALREADY);
    assert_int_equal(seats_taken(f, "robotics"), 1);
    assert_int_equal(family_cart(f, &ana), 0); /* a refusal leaves no empty cart behind */
}

/* ---- in the cart ---------------------------------------------------------------------------- */

static void an_ended_hold_stays_in_sight(void **state) {
    struct fixture *f = *state;
    struct family ana = family_create(f, "ana@example.org");
    struct family eva = family_create(f, "eva@example.org");
    fixture_workshop(f, "robotics", 18000, 2);
    family_hold(f, &ana, "robotics", NOW);
    family_hold(f, &eva, "robotics", NOW + 60);
    struct order cart = read_cart(f, &ana, NOW + HOLD);
    assert_int_equal(cart.live, 0);
    assert_int_equal(cart.expired, 1);
    assert_int_equal(cart.total_cents, 0);
    assert_int_equal(cart.lines.items[0].status, INSCRIPTION_EXPIRED);
    assert_int_equal(cart.lines.items[0].workshop.seats_left, 1);
    /* the other family's hold ends too, still unswept */
    cart = read_cart(f, &ana, NOW + HOLD + 60);
    assert_int_equal(cart.lines.items[0].workshop.seats_left, 2);
}

static void an_ended_hold_is_held_again(void **state) {
    struct fixture *f = *state;
    struct family ana = family_create(f, "ana@example.org");
    struct family eva = family_create(f, "eva@example.org");
    struct inscription_result result;
    fixture_workshop(f, "robotics", 18000, 1);
    int64_t id = family_hold(f, &ana, "robotics", NOW);
    fixture_sql(f, "UPDATE workshop SET price_cents = 20000");
    int64_t later = NOW + HOLD + 5;
    assert_int_equal(inscription_rehold(&f->shop, f->arena, ana.account, id, later, &result), OK);
    assert_int_equal(result.id, id);
    assert_int_equal(result.hold_until, later + HOLD);
    assert_int_equal(fixture_int(f, "SELECT price_cents FROM inscription"), 20000);
    assert_int_equal(seats_taken(f, "robotics"), 1);
    /* and not when somebody else has the seat */
    later += HOLD;
    family_hold(f, &eva, "robotics", later);
    assert_int_equal(inscription_rehold(&f->shop, f->arena, ana.account, id, later, &result),
                     ERR_REFUSED);
    assert_int_equal(result.refusal, INSCRIPTION_FULL);
}

/* The form of the workshop's page does the same as the cart's button: no second line. */
static void adding_an_ended_one_revives_it(void **state) {
    struct fixture *f = *state;
    struct family ana = family_create(f, "ana@example.org");
    fixture_workshop(f, "robotics", 18000, 1);
    int64_t id = family_hold(f, &ana, "robotics", NOW);
    assert_int_equal(family_hold(f, &ana, "robotics", NOW + HOLD), id);
    assert_int_equal(fixture_int(f, "SELECT count(*) FROM inscription"), 1);
}

static void a_hold_is_extended_ten_times(void **state) {
    struct fixture *f = *state;
    struct family ana = family_create(f, "ana@example.org");
    struct inscription_result result;
    fixture_workshop(f, "robotics", 18000, 1);
    int64_t id = family_hold(f, &ana, "robotics", NOW);
    for (int i = 1; i <= 10; i++) {
        assert_int_equal(inscription_extend(&f->shop, f->arena, ana.account, id, NOW + i, &result),
                         OK);
        assert_int_equal(result.hold_until, NOW + HOLD + i * 15 * MINUTE);
    }
    assert_int_equal(inscription_extend(&f->shop, f->arena, ana.account, id, NOW + 11, &result),
                     ERR_REFUSED);
    assert_int_equal(result.refusal, INSCRIPTION_EXTENDED_OUT);
    /* one that has ended is held again, and may be extended anew */
    int64_t later = NOW + 4 * 3600;
    assert_int_equal(inscription_extend(&f->shop, f->arena, ana.account, id, later, &result), OK);
    assert_int_equal(result.hold_until, later + HOLD);
    assert_int_equal(fixture_int(f, "SELECT extensions FROM inscription"), 0);
}

static void the_student_of_a_hold_changes(void **state) {
    struct fixture *f = *state;
    struct family ana = family_create(f, "ana@example.org");
    struct family eva = family_create(f, "eva@example.org");
    struct inscription_result result;
    fixture_workshop(f, "robotics", 18000, 2);
    fixture_sql(f, "UPDATE workshop SET max_age = 10");
    int64_t mateo = fixture_student(f, ana.account, "Mateo", "2018-01-01");
    int64_t grown = fixture_student(f, ana.account, "Luis", "2000-01-01");
    int64_t id = family_hold(f, &ana, "robotics", NOW);
    const char *mateo_slug = fixture_student_slug(f, mateo);
    assert_int_equal(inscription_change_student(&f->shop, f->arena, ana.account, id, mateo_slug,
                                                NOW + 60, &result),
                     OK);
    assert_int_equal(result.hold_until, NOW + HOLD);
    assert_int_equal(fixture_int(f, "SELECT student_id FROM inscription"), mateo);
    assert_int_equal(seats_taken(f, "robotics"), 1);
    assert_int_equal(inscription_change_student(&f->shop, f->arena, ana.account, id,
                                                fixture_student_slug(f, grown), NOW, &result),
                     ERR_REFUSED);
    assert_int_equal(result.refusal, INSCRIPTION_AGE_HIGH);
    assert_int_equal(inscription_change_student(&f->shop, f->arena, ana.account, id,
                                                eva.student_slug, NOW, &result),
                     ERR_NOT_FOUND);
    family_hold(f, &ana, "robotics", NOW); /* Sofía */
    assert_int_equal(inscription_change_student(&f->shop, f->arena, ana.account, id,
                                                ana.student_slug, NOW, &result),
                     ERR_REFUSED);
    assert_int_equal(result.refusal, INSCRIPTION_IN_CART);
    assert_int_equal(inscription_change_student(&f->shop, f->arena, ana.account, id, mateo_slug,
                                                NOW + HOLD, &result),
                     ERR_REFUSED);
    assert_int_equal(result.refusal, INSCRIPTION_ENDED);
}

static void removing_frees_the_seat_and_may_be_repeated(void **state) {
    struct fixture *f = *state;
    struct family ana = family_create(f, "ana@example.org");
    struct inscription_result result;
    fixture_workshop(f, "robotics", 18000, 1);
    int64_t id = family_hold(f, &ana, "robotics", NOW);
    for (int i = 0; i < 2; i++)
        assert_int_equal(inscription_remove(&f->shop, f->arena, ana.account, id, NOW, &result), OK);
    assert_int_equal(seats_taken(f, "robotics"), 0);
    assert_int_equal(read_cart(f, &ana, NOW).lines.count, 0);
    family_hold(f, &ana, "robotics", NOW); /* and back again */
}

static void what_others_hold_is_not_found(void **state) {
    struct fixture *f = *state;
    struct family ana = family_create(f, "ana@example.org");
    struct family eva = family_create(f, "eva@example.org");
    struct inscription_result result;
    fixture_workshop(f, "robotics", 18000, 5);
    int64_t id = family_hold(f, &ana, "robotics", NOW);
    struct arena *a = f->arena;
    assert_int_equal(inscription_remove(&f->shop, a, eva.account, id, NOW, &result), ERR_NOT_FOUND);
    assert_int_equal(inscription_extend(&f->shop, a, eva.account, id, NOW, &result), ERR_NOT_FOUND);
    assert_int_equal(inscription_rehold(&f->shop, a, eva.account, id, NOW, &result), ERR_NOT_FOUND);
    assert_int_equal(
        inscription_change_student(&f->shop, a, eva.account, id, eva.student_slug, NOW, &result),
        ERR_NOT_FOUND);
    assert_string_equal(inscription_status_of(f, id), "held");
}

static void what_is_bought_is_locked(void **state) {
    struct fixture *f = *state;
    struct family ana = family_create(f, "ana@example.org");
    struct inscription_result result;
    struct order_result placed;
    fixture_workshop(f, "robotics", 18000, 5);
    int64_t id = family_hold(f, &ana, "robotics", NOW);
    assert_int_equal(family_pay(f, &ana, family_cart(f, &ana), "transfer", NULL, NOW, &placed), OK);
    struct arena *a = f->arena;
    assert_int_equal(inscription_remove(&f->shop, a, ana.account, id, NOW, &result), ERR_REFUSED);
    assert_int_equal(result.refusal, INSCRIPTION_LOCKED);
    assert_int_equal(inscription_extend(&f->shop, a, ana.account, id, NOW, &result), ERR_REFUSED);
    assert_int_equal(inscription_rehold(&f->shop, a, ana.account, id, NOW, &result), ERR_REFUSED);
    assert_int_equal(
        inscription_change_student(&f->shop, a, ana.account, id, ana.student_slug, NOW, &result),
        ERR_REFUSED);
    assert_string_equal(inscription_status_of(f, id), "held");
}

/* ---- what pages ask ------------------------------------------------------------------------- */

static void each_child_says_what_stands_in_the_way(void **state) {
    struct fixture *f = *state;
    struct family ana = family_create(f, "ana@example.org");
    struct family eva = family_create(f, "eva@example.org");
    struct inscription_candidates c;
    int64_t workshop = fixture_workshop(f, "robotics", 18000, 5);
    fixture_sql(f, "UPDATE workshop SET min_age = 6, max_age = 10");
    fixture_student(f, ana.account, "Bebé", "2024-01-01");
    fixture_student(f, ana.account, "Luis", "2000-01-01");
    fixture_student(f, ana.account, "Mateo", "2018-01-01");
    family_hold(f, &ana, "robotics", NOW);
    family_hold(f, &eva, "robotics", NOW);
    struct date today = {2026, 3, 2};
    struct db *db = store_reader(f->shop.store);
    assert_int_equal(inscription_can(db, f->arena, ana.account, workshop, today, NOW, &c), OK);
    assert_int_equal(c.count, 4);
    assert_int_equal(c.possible, 1);
    const enum inscription_refusal expected[] = {INSCRIPTION_AGE_LOW, INSCRIPTION_AGE_HIGH,
                                                 INSCRIPTION_OK, INSCRIPTION_IN_CART};
    for (size_t i = 0; i < c.count; i++)
        assert_int_equal(c.items[i].refusal, expected[i]);
    assert_int_equal(c.items[0].age, 2);
    /* an ended hold does not stand in the way */
    assert_int_equal(inscription_can(db, f->arena, ana.account, workshop, today, NOW + HOLD, &c),
                     OK);
    assert_int_equal(c.possible, 2);
    store_release(f->shop.store, db);
}

static void clashes_are_told(void **state) {
    struct fixture *f = *state;
    struct family ana = family_create(f, "ana@example.org");
    struct order_result paid;
    /* all on Mondays from 16:00 to 17:30; music at another hour */
    fixture_workshop(f, "robotics", 18000, 5);
    fixture_workshop(f, "theatre", 9000, 5);
    fixture_workshop(f, "music", 9000, 5);
    fixture_sql(f, "UPDATE workshop SET start_minute = 1050, end_minute = 1110"
                   " WHERE slug = 'music'");
    family_hold(f, &ana, "robotics", NOW);
    family_hold(f, &ana, "theatre", NOW);
    family_hold(f, &ana, "music", NOW);
    struct order cart = read_cart(f, &ana, NOW);
    assert_int_equal(cart.clashes.count, 1);
    assert_string_equal(cart.clashes.items[0].one->workshop.slug, "robotics");
    assert_string_equal(cart.clashes.items[0].other->workshop.slug, "theatre");
    assert_int_equal(family_pay(f, &ana, cart.id, "card", &CARD_GOOD, NOW, &paid), OK);
    /* against what is confirmed already; a sibling's is none */
    fixture_workshop(f, "painting", 9000, 5);
    family_hold(f, &ana, "painting", NOW);
    cart = read_cart(f, &ana, NOW);
    assert_int_equal(cart.clashes.count, 2);
    assert_int_equal(cart.clashes.items[0].other->status, INSCRIPTION_CONFIRMED);
    int64_t mateo = fixture_student(f, ana.account, "Mateo", "2018-01-01");
    struct inscription_result result;
    assert_int_equal(inscription_change_student(&f->shop, f->arena, ana.account,
                                                cart.lines.items[0].id,
                                                fixture_student_slug(f, mateo), NOW, &result),
                     OK);
    assert_int_equal(read_cart(f, &ana, NOW).clashes.count, 0);
}

static void the_next_classes_are_listed_by_child(void **state) {
    struct fixture *f = *state;
    struct family ana = family_create(f, "ana@example.org");
    struct order_result paid;
    struct inscription_list list;
    fixture_workshop(f, "late", 100, 5);
    fixture_workshop(f, "early", 100, 5);
    fixture_workshop(f, "held", 100, 5);
    fixture_sql(f, "UPDATE workshop SET start_date = '2026-03-09' WHERE slug = 'early'");
    family_hold(f, &ana, "late", NOW);
    family_hold(f, &ana, "early", NOW);
    assert_int_equal(family_pay(f, &ana, family_cart(f, &ana), "card", &CARD_GOOD, NOW, &paid), OK);
    family_hold(f, &ana, "held", NOW);
    struct db *db = store_reader(f->shop.store);
    assert_int_equal(
        inscription_upcoming(db, f->arena, ana.account, (struct date){2026, 3, 2}, &list), OK);
    assert_int_equal(list.count, 2);
    assert_string_equal(list.items[0].workshop.slug, "early");
    assert_string_equal(list.items[1].workshop.slug, "late");
    assert_int_equal(
        inscription_upcoming(db, f->arena, ana.account, (struct date){2026, 5, 26}, &list), OK);
    assert_int_equal(list.count, 0);
    store_release(f->shop.store, db);
}

/* ---- crowds --------------------------------------------------------------------------------- */

enum { CROWD = 64, SEATS = 5, ROUNDS = 12 };

struct race {
    struct fixture *f;
    struct family families[CROWD];
    const char *slug;
    int64_t now;
    atomic_int won, full, wrong;
};

static void reach_for_a_seat(void *arg, size_t number) {
    struct race *race = arg;
    const struct family *family = &race->families[number];
    struct arena *arena = arena_create();
    struct inscription_result result;
    enum err err = inscription_hold(&race->f->shop, arena, family->account, race->slug, NULL,
                                    family->student_slug, race->now, &result);
    if (err == OK)
        atomic_fetch_add(&race->won, 1);
    else if (err == ERR_REFUSED && result.refusal == INSCRIPTION_FULL)
        atomic_fetch_add(&race->full, 1);
    else
        atomic_fetch_add(&race->wrong, 1);
    arena_destroy(arena);
}

static void create_families(struct race *race) {
    for (size_t i = 0; i < CROWD; i++)
        race->families[i] =
            family_create(race->f, arena_printf(race->f->arena, "family%zu@example.org", i));
}

static void sixty_four_families_get_five_seats(void **state) {
    struct race race = {.f = *state};
    create_families(&race);
    for (int round = 0; round < ROUNDS; round++) {
        race.slug = arena_printf(race.f->arena, "race-%d", round);
        race.now = NOW;
        atomic_store(&race.won, 0);
        atomic_store(&race.full, 0);
        fixture_workshop(race.f, race.slug, 1000, SEATS);
        crowd_run(CROWD, reach_for_a_seat, &race);
        assert_int_equal(race.wrong, 0);
        assert_int_equal(race.won, SEATS);
        assert_int_equal(race.full, CROWD - SEATS);
        assert_int_equal(seats_taken(race.f, race.slug), SEATS);
        /* all holds end; the same crowd again */
        race.now += HOLD;
        crowd_run(CROWD, reach_for_a_seat, &race);
        assert_int_equal(race.won, 2 * SEATS);
        assert_int_equal(seats_taken(race.f, race.slug), SEATS);
        fixture_sql(race.f, "UPDATE inscription SET status = 'cancelled'");
    }
}

static void one_click_many_times(void *arg, size_t number) {
    (void)number;
    reach_for_a_seat(arg, 0);
}

static void a_nervous_finger_gets_one_seat_in_one_cart(void **state) {
    struct race race = {.f = *state, .slug = "robotics", .now = NOW};
    create_families(&race);
    fixture_workshop(race.f, "robotics", 1000, SEATS);
    crowd_run(16, one_click_many_times, &race);
    assert_int_equal(race.won, 16);
    assert_int_equal(fixture_int(race.f, "SELECT count(*) FROM orders"), 1);
    assert_int_equal(fixture_int(race.f, "SELECT count(*) FROM inscription"), 1);
    assert_int_equal(seats_taken(race.f, "robotics"), 1);
}

/* Every seat that is freed can be taken, while others take, extend, swap and remove. */
static void hustle(void *arg, size_t number) {
    struct race *race = arg;
    const struct family *family = &race->families[number];
    struct shop *shop = &race->f->shop;
    struct arena *arena = arena_create();
    struct inscription_result r;
    for (int i = 0; i < 10; i++) {
        int64_t now = race->now + i * 700; /* holds end in between */
        enum err err = inscription_hold(shop, arena, family->account, race->slug, NULL,
                                        family->student_slug, now, &r);
        if (err == OK && number % 3 == 0)
            err = inscription_remove(shop, arena, family->account, r.id, now, &r);
        else if (err == OK && number % 3 == 1)
            err = inscription_extend(shop, arena, family->account, r.id, now, &r);
        if (err != OK && err != ERR_REFUSED)
            atomic_fetch_add(&race->wrong, 1);
    }
    arena_destroy(arena);
}

static void seats_add_up_after_a_hustle(void **state) {
    struct race race = {.f = *state, .slug = "robotics", .now = NOW};
    create_families(&race);
    fixture_workshop(race.f, "robotics", 1000, SEATS);
    crowd_run(CROWD, hustle, &race);
    assert_int_equal(race.wrong, 0);
    assert_true(seats_taken(race.f, "robotics") <= SEATS);
}

#define TEST(name) \
    cmocka_unit_test_setup_teardown(name, order_fixture_setup, order_fixture_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_seat_is_held),
        TEST(asking_again_changes_nothing),
        TEST(a_second_workshop_joins_the_same_cart),
        TEST(strangers_children_are_not_found),
        TEST(hidden_workshops_are_not_found),
        TEST(age_counts_on_the_first_day),
        TEST(sales_have_a_beginning_and_an_end),
        TEST(a_full_workshop_is_refused_until_a_hold_ends),
        TEST(an_account_holds_only_so_many),
        TEST(a_child_is_enrolled_once),
        TEST(an_ended_hold_stays_in_sight),
        TEST(an_ended_hold_is_held_again),
        TEST(adding_an_ended_one_revives_it),
        TEST(a_hold_is_extended_ten_times),
        TEST(the_student_of_a_hold_changes),
        TEST(removing_frees_the_seat_and_may_be_repeated),
        TEST(what_others_hold_is_not_found),
        TEST(what_is_bought_is_locked),
        TEST(each_child_says_what_stands_in_the_way),
        TEST(clashes_are_told),
        TEST(the_next_classes_are_listed_by_child),
        TEST(sixty_four_families_get_five_seats),
        TEST(a_nervous_finger_gets_one_seat_in_one_cart),
        TEST(seats_add_up_after_a_hustle),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
