/* The catalogue and the rules of a workshop. Today is Monday 2 March 2026 in Lima. */
#include "shop_fixture.h"

#include "shop/workshop.h"
#include <string.h>

static struct db *reader(struct fixture *f) {
    return store_reader(f->shop.store);
}

static struct workshop_page list(struct fixture *f, const struct workshop_filter *filter) {
    struct workshop_page page;
    struct db *db = reader(f);
    enum err err =
        workshop_list(db, f->arena, filter, shop_settings(&f->shop, db), FIXTURE_NOW, &page);
    store_release(f->shop.store, db);
    assert_int_equal(err, OK);
    return page;
}

/* The slugs of a page, a space between them. */
static const char *slugs(struct fixture *f, const struct workshop_filter *filter) {
    struct workshop_page page = list(f, filter);
    const char *text = "";
    for (size_t i = 0; i < page.count; i++)
        text = arena_printf(f->arena, "%s%s%s", text, i ? " " : "", page.items[i].slug);
    return text;
}

static const char *search(struct fixture *f, const char *q) {
    return slugs(f, &(struct workshop_filter){.q = q});
}

static struct workshop one(struct fixture *f, const char *slug) {
    struct workshop workshop;
    struct db *db = reader(f);
    enum err err = workshop_by_slug(db, f->arena, slug, NULL, FIXTURE_NOW, &workshop);
    store_release(f->shop.store, db);
    assert_int_equal(err, OK);
    return workshop;
}

static enum err visit(struct fixture *f, const char *slug, const char *key) {
    struct workshop workshop;
    struct db *db = reader(f);
    enum err err = workshop_by_slug(db, f->arena, slug, key, FIXTURE_NOW, &workshop);
    store_release(f->shop.store, db);
    return err;
}

static int64_t add(struct fixture *f, const char *slug, const char *start, const char *end) {
    int64_t id = fixture_workshop(f, slug, 10000, 10);
    fixture_sql(f, "UPDATE workshop SET start_date = ?2, end_date = ?3 WHERE id = ?1", V(id),
                V(start), V(end));
    return id;
}

#define SET(f, id, what) fixture_sql((f), "UPDATE workshop SET " what " WHERE id = ?1", V(id))

/* As the SQL shell would: many at once, starting one a day from 3 March. */
static void add_many(struct fixture *f, int64_t count) {
    fixture_sql(f, "INSERT INTO topic (id, name) VALUES (900, 'Many')");
    fixture_sql(f,
                "WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < ?1)"
                " INSERT INTO workshop (slug, topic_id, title, price_cents, start_date)"
                " SELECT 'many-' || i, 900, 'Many ' || i, 100, date('2026-03-03', '+' || (i / 9) ||"
                " ' days') FROM n",
                V(count));
}

/* ---- what is listed, in what order ---------------------------------------------------------- */

static void lists_only_what_is_active_public_and_not_past(void **state) {
    struct fixture *f = *state;
    add(f, "coming", "2026-03-10", "2026-04-10");
    add(f, "last-day-today", "2026-01-10", "2026-03-02");
    add(f, "ended-yesterday", "2026-01-10", "2026-03-01");
    add(f, "one-day-past", "2026-03-01", NULL);
    add(f, "undecided", NULL, NULL);
    int64_t off = add(f, "inactive", "2026-03-10", "2026-04-10");
    SET(f, off, "active = 0");
    int64_t hidden = add(f, "hidden", "2026-03-10", "2026-04-10");
    SET(f, hidden, "private = 1, private_key = 'k'");
    assert_string_equal(slugs(f, &(struct workshop_filter){0}), "coming last-day-today undecided");
    assert_int_equal(list(f, &(struct workshop_filter){0}).total, 3);
}

static void today_is_the_schools_day(void **state) {
    struct fixture *f = *state;
    int64_t late_evening = FIXTURE_NOW - 11 * HOUR_SECONDS; /* 23:00 on 1 March in Lima */
    struct workshop_page page;
    add(f, "last-day", "2026-01-10", "2026-03-01");
    assert_string_equal(slugs(f, &(struct workshop_filter){0}), "");
    struct db *db = reader(f);
    enum err err = workshop_list(db, f->arena, &(struct workshop_filter){0},
                                 shop_settings(&f->shop, db), late_evening, &page);
    store_release(f->shop.store, db);
    assert_int_equal(err, OK);
    assert_int_equal(page.count, 1);
}

static void soonest_first_then_in_progress_then_undated(void **state) {
    struct fixture *f = *state;
    add(f, "undated-a", NULL, NULL);
    add(f, "progress-late", "2026-02-20", "2026-04-01");
    add(f, "far", "2026-06-01", "2026-07-01");
    add(f, "near", "2026-03-03", "2026-03-20");
    add(f, "today", "2026-03-02", "2026-03-20");
    add(f, "progress-early", "2026-01-20", "2026-04-01");
    add(f, "near-too", "2026-03-03", "2026-03-20");
    const char *expected = "today near near-too far progress-early progress-late undated-a";
    assert_string_equal(slugs(f, &(struct workshop_filter){0}), expected);
    /* The filtered list sorts in another place; a filter that all pass shows it agrees. */
    struct workshop_filter filter = {.by_age = true, .age = 9};
    assert_string_equal(slugs(f, &filter), expected);
}

static void pages_are_complete_and_without_repetition(void **state) {
    struct fixture *f = *state;
    add_many(f, 20);
    for (int i = 0; i < 8; i++)
        add(f, arena_printf(f->arena, "running-%d", i), "2026-02-01", "2026-04-01");
    add(f, "undated", NULL, NULL);
    const char *plain = "", *filtered = "";
    for (int page = 1; page <= 3; page++) {
        struct workshop_filter filter = {.page = page};
        assert_int_equal(list(f, &filter).total, 29);
        assert_int_equal(list(f, &filter).pages, 3);
        assert_int_equal(list(f, &filter).page, page);
        assert_int_equal(list(f, &filter).count, page < 3 ? WORKSHOP_PAGE_SIZE : 5);
        plain = arena_printf(f->arena, "%s %s", plain, slugs(f, &filter));
        filter.by_age = true;
        filtered = arena_printf(f->arena, "%s %s", filtered, slugs(f, &filter));
    }
    assert_string_equal(plain, filtered);
    assert_non_null(strstr(plain, "many-19 running-0 running-1"));
    assert_non_null(strstr(plain, "running-7 undated"));
}

static void a_page_that_is_not_there_is_the_nearest(void **state) {
    struct fixture *f = *state;
    assert_int_equal(list(f, &(struct workshop_filter){.page = 7}).page, 1);
    assert_int_equal(list(f, &(struct workshop_filter){.page = 7}).pages, 1);
    add_many(f, 13);
    assert_int_equal(list(f, &(struct workshop_filter){.page = -4}).page, 1);
    assert_int_equal(list(f, &(struct workshop_filter){.page = 2147483647}).page, 2);
    assert_int_equal(list(f, &(struct workshop_filter){.page = 9, .by_age = true}).page, 2);
    assert_int_equal(list(f, &(struct workshop_filter){.page = 9, .by_age = true}).count, 1);
}

static void counting_stops_ahead_of_the_page(void **state) {
    struct fixture *f = *state;
    add_many(f, 600);
    struct workshop_page first = list(f, &(struct workshop_filter){.page = 1});
    assert_true(first.total_is_more);
    assert_in_range(first.pages, 2, 49);
    struct workshop_page late = list(f, &(struct workshop_filter){.page = 50});
    assert_false(late.total_is_more);
    assert_int_equal(late.total, 600);
    assert_int_equal(late.page, 50);
    assert_string_equal(late.items[11].slug, "many-599");
}

static void upcoming_leaves_out_what_has_begun(void **state) {
    struct fixture *f = *state;
    add(f, "running", "2026-02-20", "2026-04-01");
    add(f, "third", "2026-05-01", NULL);
    add(f, "first", "2026-03-03", NULL);
    add(f, "second", "2026-04-01", NULL);
    struct workshop_page page;
    struct db *db = reader(f);
    enum err err =
        workshop_upcoming(db, f->arena, 2, shop_settings(&f->shop, db), FIXTURE_NOW, &page);
    store_release(f->shop.store, db);
    assert_int_equal(err, OK);
    assert_int_equal(page.count, 2);
    assert_string_equal(page.items[0].slug, "first");
    assert_string_equal(page.items[1].slug, "second");
}

/* ---- filters, sorting, search --------------------------------------------------------------- */

static void filters_narrow(void **state) {
    struct fixture *f = *state;
    int64_t small = add(f, "small", "2026-03-10", NULL);
    SET(f, small, "min_age = 6, max_age = 9, level = 1");
    int64_t big = add(f, "big", "2026-03-20", NULL);
    SET(f, big, "min_age = 10, level = 3");
    add(f, "any", "2026-04-01", NULL);
    add(f, "undated", NULL, NULL);
    int64_t topic = fixture_int(f, "SELECT topic_id FROM workshop WHERE slug = 'big'");
    assert_string_equal(slugs(f, &(struct workshop_filter){.topic_id = topic}), "big");
    assert_string_equal(slugs(f, &(struct workshop_filter){.topic_id = 9999}), "");
    assert_string_equal(slugs(f, &(struct workshop_filter){.level = WORKSHOP_ADVANCED}), "big");
    struct workshop_filter age = {.by_age = true, .age = 9};
    assert_string_equal(slugs(f, &age), "small any undated");
    age.age = 10;
    assert_string_equal(slugs(f, &age), "big any undated");
    age.age = 5;
    assert_string_equal(slugs(f, &age), "any undated");
    struct workshop_filter from = {.from = {2026, 3, 20}};
    assert_string_equal(slugs(f, &from), "big any");
}

static void sorts(void **state) {
    struct fixture *f = *state;
    int64_t zorro = add(f, "zorro", "2026-03-10", NULL);
    SET(f, zorro, "title = 'Zorros', price_cents = 5000, created_at = 10");
    int64_t abaco = add(f, "abaco", "2026-04-10", NULL);
    SET(f, abaco, "title = 'Ábaco', price_cents = 9000, discount_price_cents = 0, created_at = 30");
    int64_t barro = add(f, "barro", "2026-05-10", NULL);
    SET(f, barro,
        "title = 'barro', price_cents = 9000, discount_price_cents = 4000,"
        " created_at = 20");
    assert_string_equal(slugs(f, &(struct workshop_filter){.sort = WORKSHOP_BY_PRICE}),
                        "abaco barro zorro");
    assert_string_equal(slugs(f, &(struct workshop_filter){.sort = WORKSHOP_BY_TITLE}),
                        "abaco barro zorro");
    assert_string_equal(slugs(f, &(struct workshop_filter){.sort = WORKSHOP_BY_NEWEST}),
                        "abaco barro zorro");
    SET(f, abaco, "title = 'Ñandú', discount_price_cents = NULL, created_at = 1");
    assert_string_equal(slugs(f, &(struct workshop_filter){.sort = WORKSHOP_BY_PRICE}),
                        "barro zorro abaco");
    assert_string_equal(slugs(f, &(struct workshop_filter){.sort = WORKSHOP_BY_TITLE}),
                        "barro abaco zorro");
    assert_string_equal(slugs(f, &(struct workshop_filter){.sort = WORKSHOP_BY_NEWEST}),
                        "barro zorro abaco");
    SET(f, abaco, "title = 'x', price_cents = 100");
    SET(f, barro, "title = 'X', price_cents = 100, discount_price_cents = NULL");
    SET(f, zorro, "title = 'x', price_cents = 100, end_date = '2027-01-01'");
    assert_string_equal(slugs(f, &(struct workshop_filter){.sort = WORKSHOP_BY_PRICE}),
                        "zorro abaco barro"); /* equal ones by start */
    assert_string_equal(slugs(f, &(struct workshop_filter){.sort = WORKSHOP_BY_TITLE}),
                        "zorro abaco barro");
}

static void searches_every_place_without_case_and_accents(void **state) {
    struct fixture *f = *state;
    int64_t robots = add(f, "robots", "2026-03-10", NULL);
    SET(f, robots,
        "title = 'Robótica con LEGO', description = 'Construye MÁQUINAS que caminan',"
        " place = 'Miraflores, Óvalo'");
    int64_t songs = add(f, "songs", "2026-03-11", NULL);
    SET(f, songs, "title = 'Canciones'");
    fixture_sql(f, "UPDATE topic SET name = 'Música' WHERE id ="
                   " (SELECT topic_id FROM workshop WHERE slug = 'songs')");
    int64_t julio = fixture_account(f, "julio@example.org");
    fixture_sql(f, "UPDATE account SET first_name = 'Julio', last_name = 'Ñahui' WHERE id = ?1",
                V(julio));
    fixture_sql(f, "INSERT INTO workshop_instructor VALUES (?1, ?2), (?3, ?2)", V(robots), V(julio),
                V(songs));
    assert_string_equal(search(f, "robotica"), "robots");
    assert_string_equal(search(f, "  MAQUINAS   LEGO "), "robots");
    assert_string_equal(search(f, "óvalo"), "robots");
    assert_string_equal(search(f, "musica"), "songs");
    assert_string_equal(search(f, "nahui"), "robots songs");
    assert_string_equal(search(f, "julio miraflores caminan"), "robots");
    assert_string_equal(search(f, "julio cancion"), "songs");
    assert_string_equal(search(f, "lego cancion"), "");
    assert_string_equal(search(f, "%"), "");
    assert_string_equal(search(f, "   "), "robots songs");
    struct workshop_filter both = {.q = "julio", .sort = WORKSHOP_BY_TITLE};
    assert_string_equal(slugs(f, &both), "songs robots");
}

static void two_instructors_names_add_up(void **state) {
    struct fixture *f = *state;
    int64_t id = add(f, "pair", "2026-03-10", NULL);
    int64_t rosa = fixture_account(f, "rosa@example.org");
    int64_t luis = fixture_account(f, "luis@example.org");
    fixture_sql(f, "UPDATE account SET first_name = 'Rosa' WHERE id = ?1", V(rosa));
    fixture_sql(f, "UPDATE account SET first_name = 'Luis' WHERE id = ?1", V(luis));
    fixture_sql(f, "INSERT INTO workshop_instructor VALUES (?1, ?2), (?1, ?3)", V(id), V(rosa),
                V(luis));
    assert_string_equal(search(f, "rosa luis"), "pair");
    struct workshop_instructors who;
    struct db *db = reader(f);
    enum err err = workshop_instructors(db, f->arena, id, &who);
    store_release(f->shop.store, db);
    assert_int_equal(err, OK);
    assert_int_equal(who.count, 2);
    assert_string_equal(who.names[0], "Luis Torres");
    assert_string_equal(who.names[1], "Rosa Torres");
}

static void finds_the_workshops_of_many_instructors(void **state) {
    struct fixture *f = *state;
    int64_t workshops[8];
    for (int i = 0; i < 8; i++)
        workshops[i] = add(f, arena_printf(f->arena, "w%d", i), "2026-03-10", NULL);
    for (int i = 0; i < 8; i++) {
        int64_t teacher = fixture_account(f, arena_printf(f->arena, "t%d@example.org", i));
        fixture_sql(f, "INSERT INTO workshop_instructor VALUES (?1, ?2)", V(workshops[7 - i]),
                    V(teacher));
    }
    assert_string_equal(search(f, "torres"), "w0 w1 w2 w3 w4 w5 w6 w7");
}

/* ---- one workshop --------------------------------------------------------------------------- */

static void nothing_given_reads_as_none(void **state) {
    struct fixture *f = *state;
    int64_t id = fixture_workshop(f, "bare", 12300, -1);
    SET(f, id,
        "start_date = NULL, end_date = NULL, weekdays = 0, start_minute = NULL,"
        " end_minute = NULL");
    struct workshop w = one(f, "bare");
    assert_int_equal(w.id, id);
    assert_int_equal(w.price_cents, 12300);
    assert_int_equal(w.price_now_cents, 12300);
    assert_int_equal(w.min_age, WORKSHOP_NONE);
    assert_int_equal(w.max_age, WORKSHOP_NONE);
    assert_int_equal(w.start_minute, WORKSHOP_NONE);
    assert_int_equal(w.end_minute, WORKSHOP_NONE);
    assert_int_equal(w.capacity, WORKSHOP_NONE);
    assert_int_equal(w.seats_left, WORKSHOP_NONE);
    assert_int_equal(w.level, WORKSHOP_LEVEL_NONE);
    assert_false(date_is_set(w.start));
    assert_false(date_is_set(w.end));
    assert_null(w.description);
    assert_null(w.picture.name);
    assert_string_equal(w.topic_name, "Topic of bare");
}

static void a_discount_of_zero_is_free(void **state) {
    struct fixture *f = *state;
    int64_t id = fixture_workshop(f, "gift", 6000, 10);
    SET(f, id, "discount_price_cents = 0");
    assert_int_equal(one(f, "gift").price_now_cents, 0);
    assert_int_equal(one(f, "gift").price_cents, 6000);
}

static void take(struct fixture *f, int64_t workshop, int64_t account, const char *status,
                 int64_t until) {
    int64_t student = fixture_student(f, account, "Sol", "2018-01-01");
    int64_t order = fixture_sql(f,
                                "INSERT INTO orders (account_id, status, created_at)"
                                " VALUES (?1, 'pending', 1)",
                                V(account));
    fixture_sql(f,
                "INSERT INTO inscription (order_id, workshop_id, student_id, list_price_cents,"
                " price_cents, status, hold_until) VALUES (?1, ?2, ?3, 1, 1, ?4, ?5)",
                V(order), V(workshop), V(student), V(status), V(until));
}

static void lapsed_holds_are_seats_again(void **state) {
    struct fixture *f = *state;
    int64_t id = fixture_workshop(f, "seats", 100, 5), ana = fixture_account(f, "ana@example.org");
    take(f, id, ana, "confirmed", 0);
    take(f, id, ana, "held", FIXTURE_NOW + 1);
    take(f, id, ana, "held", FIXTURE_NOW);
    take(f, id, ana, "held", FIXTURE_NOW - 100);
    take(f, id, ana, "cancelled", 0);
    assert_int_equal(one(f, "seats").seats_left, 3);
    assert_int_equal(list(f, &(struct workshop_filter){0}).items[0].seats_left, 3);
    assert_int_equal(fixture_int(f, "SELECT seats_taken FROM workshop WHERE id = ?1", V(id)), 4);
}

static void a_private_one_needs_its_key(void **state) {
    struct fixture *f = *state;
    int64_t id = fixture_workshop(f, "club", 100, 5);
    SET(f, id, "private = 1, private_key = 'sesame'");
    assert_int_equal(visit(f, "club", "sesame"), OK);
    assert_int_equal(visit(f, "club", NULL), ERR_NOT_FOUND);
    assert_int_equal(visit(f, "club", ""), ERR_NOT_FOUND);
    assert_int_equal(visit(f, "club", "sesam"), ERR_NOT_FOUND);
    assert_int_equal(visit(f, "club", "sesamee"), ERR_NOT_FOUND);
    SET(f, id, "private_key = NULL");
    assert_int_equal(visit(f, "club", NULL), ERR_NOT_FOUND);
    assert_int_equal(visit(f, "club", ""), ERR_NOT_FOUND);
    SET(f, id, "private_key = 'sesame', active = 0");
    assert_int_equal(visit(f, "club", "sesame"), ERR_NOT_FOUND);
    struct workshop w;
    struct db *db = reader(f);
    enum err err = workshop_by_id(db, f->arena, id, FIXTURE_NOW, &w);
    assert_int_equal(workshop_by_id(db, f->arena, 999, FIXTURE_NOW, &w), ERR_NOT_FOUND);
    store_release(f->shop.store, db);
    assert_int_equal(err, OK);
}

static void unknown_and_inactive_are_not_found(void **state) {
    struct fixture *f = *state;
    int64_t id = fixture_workshop(f, "gone", 100, 5);
    assert_int_equal(visit(f, "nobody", NULL), ERR_NOT_FOUND);
    assert_int_equal(visit(f, "gone", NULL), OK);
    SET(f, id, "active = 0");
    assert_int_equal(visit(f, "gone", NULL), ERR_NOT_FOUND);
}

static enum workshop_sale sale(struct fixture *f, int64_t now) {
    struct workshop w = one(f, "sale");
    struct db *db = reader(f);
    enum workshop_sale result = workshop_for_sale(&w, shop_settings(&f->shop, db), now);
    store_release(f->shop.store, db);
    return result;
}

static void sale_opens_and_closes(void **state) {
    struct fixture *f = *state;
    int64_t midnight = INT64_C(1775451600); /* 6 April 2026, 00:00 in Lima */
    int64_t id = fixture_workshop(f, "sale", 100, 1);
    assert_int_equal(sale(f, midnight - 1), WORKSHOP_OPEN);
    assert_int_equal(sale(f, midnight), WORKSHOP_CLOSED);
    SET(f, id, "sales_close_at = 1775451700");
    assert_int_equal(sale(f, midnight), WORKSHOP_OPEN);
    assert_int_equal(sale(f, midnight + 100), WORKSHOP_CLOSED);
    SET(f, id, "sales_open_at = 1775451650");
    assert_int_equal(sale(f, midnight), WORKSHOP_NOT_YET);
    assert_int_equal(sale(f, midnight + 50), WORKSHOP_OPEN);
    SET(f, id, "capacity = 0");
    assert_int_equal(sale(f, midnight), WORKSHOP_NOT_YET);
    assert_int_equal(sale(f, midnight + 50), WORKSHOP_FULL);
    assert_int_equal(sale(f, midnight + 100), WORKSHOP_CLOSED);
    SET(f, id, "capacity = NULL, start_date = NULL, end_date = NULL, sales_close_at = NULL");
    assert_int_equal(sale(f, midnight * 2), WORKSHOP_OPEN);
    struct workshop w = one(f, "sale");
    w.active = false;
    struct db *db = reader(f);
    assert_int_equal(workshop_for_sale(&w, shop_settings(&f->shop, db), midnight * 2),
                     WORKSHOP_CLOSED);
    store_release(f->shop.store, db);
}

/* ---- rules ---------------------------------------------------------------------------------- */

static void age_counts_on_the_start_date(void **state) {
    (void)state;
    struct workshop w = {.min_age = 6, .max_age = 9, .start = {2026, 4, 6}};
    struct date today = {2026, 3, 2};
    int age;
    assert_int_equal(workshop_age_fits(&w, (struct date){2020, 4, 6}, today, &age),
                     WORKSHOP_AGE_FITS);
    assert_int_equal(age, 6);
    assert_int_equal(workshop_age_fits(&w, (struct date){2020, 4, 7}, today, &age),
                     WORKSHOP_TOO_YOUNG);
    assert_int_equal(age, 5);
    assert_int_equal(workshop_age_fits(&w, (struct date){2016, 4, 7}, today, NULL),
                     WORKSHOP_AGE_FITS);
    assert_int_equal(workshop_age_fits(&w, (struct date){2016, 4, 6}, today, &age),
                     WORKSHOP_TOO_OLD);
    assert_int_equal(age, 10);
    w.start = (struct date){0};
    assert_int_equal(workshop_age_fits(&w, (struct date){2020, 4, 6}, today, NULL),
                     WORKSHOP_TOO_YOUNG);
    w.min_age = w.max_age = WORKSHOP_NONE;
    assert_int_equal(workshop_age_fits(&w, (struct date){1930, 1, 1}, today, NULL),
                     WORKSHOP_AGE_FITS);
    w.min_age = 0;
    w.max_age = 0;
    assert_int_equal(workshop_age_fits(&w, (struct date){2025, 4, 1}, today, NULL),
                     WORKSHOP_AGE_FITS);
}

/* Mondays and Wednesdays, four to half past five, 6 April to 27 May 2026. */
static const struct workshop base = {
    .start = {2026, 4, 6},
    .end = {2026, 5, 27},
    .weekdays = 1 | 4,
    .start_minute = 960,
    .end_minute = 1050,
};

static bool clash(struct workshop other) {
    bool result = workshop_clash(&base, &other);
    assert_int_equal(workshop_clash(&other, &base), result);
    return result;
}

static void clashes(void **state) {
    (void)state;
    struct workshop w = base;
    assert_true(clash(w));
    w.weekdays = 2 | 8;
    assert_false(clash(w)); /* other days */
    w.weekdays = 4 | 16;
    assert_true(clash(w)); /* Wednesday in common */
    w.start_minute = 1050, w.end_minute = 1100;
    assert_false(clash(w)); /* one begins when the other ends */
    w.start_minute = 1049;
    assert_true(clash(w));
    w = base, w.start = (struct date){2026, 5, 28}, w.end = (struct date){2026, 6, 30};
    assert_false(clash(w)); /* after it */
    w = base, w.start = (struct date){2026, 5, 26}, w.end = (struct date){2026, 6, 30};
    assert_true(clash(w)); /* Wednesday 27 May is in both */
    w.weekdays = 1;
    assert_false(clash(w)); /* Mondays too, but none within the two common days */
}

static void clashes_without_an_end(void **state) {
    (void)state;
    struct workshop w = base;
    w.end = (struct date){0}, w.weeks = 0, w.weekdays = 0;
    assert_true(clash(w)); /* one day alone: Monday 6 April */
    w.start = (struct date){2026, 4, 7};
    assert_false(clash(w)); /* a Tuesday */
    w.weeks = 2, w.weekdays = 4;
    assert_true(clash(w)); /* two weeks from there have Wednesdays */
    w.start = (struct date){2026, 3, 30}, w.weeks = 1, w.weekdays = 1;
    assert_false(clash(w)); /* over on Sunday 5 April */
    w.weeks = 2;
    assert_true(clash(w));
    w = base, w.start = (struct date){0};
    assert_false(clash(w)); /* no date yet */
    w = base, w.start_minute = w.end_minute = WORKSHOP_NONE;
    assert_false(clash(w)); /* hours in words only */
}

#define ON_SHOP(test) cmocka_unit_test_setup_teardown(test, fixture_setup, fixture_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        ON_SHOP(lists_only_what_is_active_public_and_not_past),
        ON_SHOP(today_is_the_schools_day),
        ON_SHOP(soonest_first_then_in_progress_then_undated),
        ON_SHOP(pages_are_complete_and_without_repetition),
        ON_SHOP(a_page_that_is_not_there_is_the_nearest),
        ON_SHOP(counting_stops_ahead_of_the_page),
        ON_SHOP(upcoming_leaves_out_what_has_begun),
        ON_SHOP(filters_narrow),
        ON_SHOP(sorts),
        ON_SHOP(searches_every_place_without_case_and_accents),
        ON_SHOP(two_instructors_names_add_up),
        ON_SHOP(finds_the_workshops_of_many_instructors),
        ON_SHOP(nothing_given_reads_as_none),
        ON_SHOP(a_discount_of_zero_is_free),
        ON_SHOP(lapsed_holds_are_seats_again),
        ON_SHOP(a_private_one_needs_its_key),
        ON_SHOP(unknown_and_inactive_are_not_found),
        ON_SHOP(sale_opens_and_closes),
        cmocka_unit_test(age_counts_on_the_start_date),
        cmocka_unit_test(clashes),
        cmocka_unit_test(clashes_without_an_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
