/* Topics and how many workshops the catalogue lists of each. */
#include "shop_fixture.h"

#include "shop/topic.h"

static struct topics read_topics(struct fixture *f, bool counted) {
    struct topics topics;
    struct db *db = store_reader(f->shop.store);
    const struct settings *settings = shop_settings(&f->shop, db);
    enum err err = topic_list(db, f->arena, &topics);
    if (!err && counted)
        err = topic_count(db, settings, FIXTURE_NOW, &topics);
    store_release(f->shop.store, db);
    assert_int_equal(err, OK);
    return topics;
}

static void all_topics_by_id(void **state) {
    struct fixture *f = *state;
    fixture_sql(f, "INSERT INTO picture VALUES ('aa', 'image/png', 40, 30, x'00')");
    fixture_sql(f, "INSERT INTO topic (id, name, description, color, picture_hash)"
                   " VALUES (3, 'Arte', 'Crear', 5, 'aa'), (1, 'Ciencia', NULL, 2, NULL)");
    struct topics topics = read_topics(f, false);
    assert_int_equal(topics.count, 2);
    assert_string_equal(topics.items[0].name, "Ciencia");
    assert_null(topics.items[0].description);
    assert_null(topics.items[0].picture.name);
    assert_string_equal(topics.items[1].name, "Arte");
    assert_string_equal(topics.items[1].description, "Crear");
    assert_int_equal(topics.items[1].color, 5);
    assert_string_equal(topics.items[1].picture.name, "aa.png");
    assert_int_equal(topics.items[1].workshops, 0);
}

static void no_topics(void **state) {
    struct topics topics = read_topics(*state, true);
    assert_int_equal(topics.count, 0);
}

/* Adds one workshop of topic ?1. */
static void add(struct fixture *f, int64_t topic, const char *slug, const char *end, int active,
                int private) {
    fixture_sql(f,
                "INSERT INTO workshop (slug, topic_id, title, price_cents, start_date, end_date,"
                " active, private) VALUES (?1, ?2, 'T', 1, '2026-01-01', ?3, ?4, ?5)",
                V(slug), V(topic), V(end), V(active), V(private));
}

static void counts_what_the_catalogue_lists(void **state) {
    struct fixture *f = *state;
    fixture_sql(f, "INSERT INTO topic (id, name) VALUES (1, 'A'), (2, 'B'), (3, 'C'), (4, 'D')");
    add(f, 2, "today", "2026-03-02", 1, 0);
    add(f, 2, "later", "2026-09-02", 1, 0);
    add(f, 2, "past", "2026-03-01", 1, 0);
    add(f, 2, "inactive", "2026-09-02", 0, 0);
    add(f, 2, "private", "2026-09-02", 1, 1);
    add(f, 4, "other", "2026-09-02", 1, 0);
    struct topics topics = read_topics(f, true);
    assert_int_equal(topics.items[0].workshops, 0);
    assert_int_equal(topics.items[1].workshops, 2);
    assert_int_equal(topics.items[2].workshops, 0);
    assert_int_equal(topics.items[3].workshops, 1);
}

static void one_without_workshops_can_be_deleted(void **state) {
    struct fixture *f = *state;
    int64_t workshops;
    fixture_sql(f, "INSERT INTO topic (id, name) VALUES (1, 'A'), (2, 'B')");
    add(f, 2, "past", "2026-03-01", 0, 0);
    assert_int_equal(topic_delete(&f->shop, f->arena, 0, 2, &workshops), ERR_REFUSED);
    assert_int_equal(workshops, 1);
    assert_int_equal(topic_delete(&f->shop, f->arena, 0, 1, &workshops), OK);
    assert_int_equal(topic_delete(&f->shop, f->arena, 0, 1, &workshops), ERR_NOT_FOUND);
    assert_int_equal(fixture_int(f, "SELECT count(*) FROM topic"), 1);
    assert_string_equal(fixture_text(f, "SELECT v.before FROM audit x JOIN audit_value v"
                                        " ON v.audit_id = x.id WHERE x.action = 'delete'"),
                        "A");
}

#define ON_SHOP(test) cmocka_unit_test_setup_teardown(test, fixture_setup, fixture_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        ON_SHOP(all_topics_by_id),
        ON_SHOP(no_topics),
        ON_SHOP(counts_what_the_catalogue_lists),
        ON_SHOP(one_without_workshops_can_be_deleted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
