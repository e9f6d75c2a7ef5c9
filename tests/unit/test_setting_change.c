/* Settings as staff save them: a section at a time, all or nothing, two versions told apart, the
 * trail with before and after; and legal texts in versions. */
#include "shop_fixture.h"

#include "shop/consent.h"
#include "shop/setting_change.h"
#include <string.h>

/* What a test sends: the section as it is, with some values changed. */
struct desk {
    struct fixture *f;
    enum setting_section section;
    struct setting_values shown;
    const char *values[16];
    bool confirmed;
    struct setting_result result;
};

static void look(struct desk *desk) {
    struct db *db = store_reader(desk->f->shop.store);
    assert_int_equal(setting_values_read(db, desk->f->arena, desk->section, &desk->shown), OK);
    store_release(desk->f->shop.store, db);
    memcpy(desk->values, desk->shown.values, desk->shown.count * sizeof(*desk->values));
}

static struct desk sit_down(struct fixture *f, enum setting_section section) {
    struct desk desk = {.f = f, .section = section};
    look(&desk);
    return desk;
}

static size_t row(enum setting_section section, const char *key) {
    size_t count, i = 0;
    const struct setting_info *items = setting_section(section, &count);
    while (i < count && strcmp(items[i].key, key) != 0)
        i++;
    assert_true(i < count);
    return i;
}

static void type(struct desk *desk, const char *key, const char *value) {
    desk->values[row(desk->section, key)] = value;
}

static enum err save(struct desk *desk) {
    const struct setting_edit edit = {.actor_id = 0,
                                      .section = desk->section,
                                      .version = desk->shown.version,
                                      .values = desk->values,
                                      .confirmed = desk->confirmed};
    return setting_save(&desk->f->shop, desk->f->arena, &edit, &desk->result);
}

static const char *stored(struct fixture *f, const char *key) {
    return fixture_text(f, "SELECT coalesce((SELECT value FROM setting WHERE key = ?1), '-')",
                        V(key));
}

static int64_t trail_length(struct fixture *f) {
    return fixture_int(f, "SELECT count(*) FROM audit WHERE entity = 'setting'");
}

static void every_row_is_in_the_section_it_names(void **state) {
    (void)state;
    size_t all, together = 0;
    setting_table(&all);
    for (int s = 0; s < SETTING_SECTIONS; s++) {
        size_t count;
        const struct setting_info *items = setting_section((enum setting_section)s, &count);
        for (size_t i = 0; i < count; i++) {
            assert_int_equal(items[i].section, s);
            assert_non_null(items[i].label);
            assert_non_null(items[i].help);
            assert_string_not_equal(items[i].label, items[i].help);
        }
        together += count;
    }
    assert_int_equal(together, all); /* rows of a section stand together */
}

static void a_section_is_saved_with_its_trail(void **state) {
    struct desk desk = sit_down(*state, SETTINGS_SEATS);
    type(&desk, "hold_minutes", "45");
    assert_int_equal(save(&desk), OK);
    assert_true(desk.result.changed);
    assert_string_equal(stored(desk.f, "hold_minutes"), "45");
    assert_string_equal(stored(desk.f, "extension_minutes"), "-");
    assert_string_equal(
        fixture_text(desk.f, "SELECT field || ' ' || before || ' ' || after FROM audit_value"
                             " JOIN audit ON id = audit_id WHERE entity = 'setting'"),
        "hold_minutes 30 45");
    struct db *db = store_reader(desk.f->shop.store);
    assert_int_equal(shop_settings(&desk.f->shop, db)->hold_minutes, 45); /* at once */
    store_release(desk.f->shop.store, db);
}

static void the_same_again_changes_nothing(void **state) {
    struct desk desk = sit_down(*state, SETTINGS_SEATS);
    type(&desk, "hold_minutes", "45");
    assert_int_equal(save(&desk), OK);
    look(&desk);
    assert_int_equal(save(&desk), OK);
    assert_false(desk.result.changed);
    assert_int_equal(trail_length(desk.f), 1);
}

static void a_default_is_stored_as_none(void **state) {
    struct desk desk = sit_down(*state, SETTINGS_SEATS);
    type(&desk, "hold_minutes", "45");
    assert_int_equal(save(&desk), OK);
    look(&desk);
    type(&desk, "hold_minutes", "30");
    assert_int_equal(save(&desk), OK);
    assert_string_equal(stored(desk.f, "hold_minutes"), "-");
    look(&desk);
    type(&desk, "hold_minutes", "");
    assert_int_equal(save(&desk), OK);
    assert_false(desk.result.changed);
}

static void one_bad_value_keeps_all_out(void **state) {
    struct desk desk = sit_down(*state, SETTINGS_CONTACT);
    type(&desk, "phone", "(01) 234 5678");
    type(&desk, "map_url", "javascript:alert(1)");
    assert_int_equal(save(&desk), ERR_REFUSED);
    assert_true(desk.result.bad[row(SETTINGS_CONTACT, "map_url")]);
    assert_false(desk.result.bad[row(SETTINGS_CONTACT, "phone")]);
    assert_string_equal(stored(desk.f, "phone"), "-");
    assert_int_equal(trail_length(desk.f), 0);
}

static void the_second_of_two_is_told(void **state) {
    struct desk first = sit_down(*state, SETTINGS_CONTACT);
    struct desk second = sit_down(*state, SETTINGS_CONTACT);
    struct desk elsewhere = sit_down(*state, SETTINGS_SEATS);
    type(&first, "phone", "111 1111");
    type(&second, "phone", "222 2222");
    type(&elsewhere, "hold_minutes", "45");
    assert_int_equal(save(&first), OK);
    assert_int_equal(save(&elsewhere), OK); /* another section is another thing */
    assert_int_equal(save(&second), ERR_CONFLICT);
    assert_string_equal(second.result.theirs.values[row(SETTINGS_CONTACT, "phone")], "111 1111");
    assert_string_equal(stored(second.f, "phone"), "111 1111");
    second.shown = second.result.theirs;
    assert_int_equal(save(&second), OK);
    assert_string_equal(stored(second.f, "phone"), "222 2222");
}

static void a_currency_with_orders_is_asked_about(void **state) {
    struct desk desk = sit_down(*state, SETTINGS_MONEY);
    type(&desk, "currency", "USD");
    assert_int_equal(save(&desk), OK); /* nothing was sold yet */
    int64_t ana = fixture_account(desk.f, "ana@example.org");
    fixture_sql(desk.f,
                "INSERT INTO orders (account_id, status, created_at, paid_at) VALUES (?1, 'paid',"
                " 1, 1)",
                V(ana));
    look(&desk);
    type(&desk, "currency", "EUR");
    assert_int_equal(save(&desk), ERR_REFUSED);
    assert_int_equal(desk.result.warnings, SETTING_WARN_CURRENCY);
    assert_string_equal(stored(desk.f, "currency"), "USD");
    desk.confirmed = true;
    assert_int_equal(save(&desk), OK);
    assert_string_equal(stored(desk.f, "currency"), "EUR");
}

static void a_time_zone_in_use_is_asked_about(void **state) {
    struct desk desk = sit_down(*state, SETTINGS_PLACE);
    fixture_workshop(desk.f, "robots", 100, 5);
    type(&desk, "time_zone", "Europe/Madrid");
    assert_int_equal(save(&desk), ERR_REFUSED);
    assert_int_equal(desk.result.warnings, SETTING_WARN_ZONE);
    type(&desk, "time_zone", "America/Lima");
    type(&desk, "language", "en");
    assert_int_equal(save(&desk), OK);
    assert_int_equal(desk.result.warnings, 0);
}

/* ---- legal texts ----------------------------------------------------------------------------- */

static enum err publish(struct fixture *f, int version, const char *body, bool *changed) {
    return setting_publish(&f->shop, 0, "terms", version, body, FIXTURE_NOW, changed);
}

static void a_text_is_published_in_versions(void **state) {
    struct fixture *f = *state;
    bool changed;
    assert_int_equal(publish(f, 0, "One", &changed), OK);
    assert_true(changed);
    assert_int_equal(publish(f, 0, "One", &changed), OK); /* sent twice */
    assert_false(changed);
    assert_int_equal(publish(f, 0, "Two", &changed), ERR_CONFLICT);
    assert_int_equal(publish(f, 1, "Two", &changed), OK);
    assert_true(changed);
    assert_int_equal(publish(f, 2, "", &changed), ERR_INVALID);
    assert_int_equal(fixture_int(f, "SELECT count(*) FROM legal_text"), 2);
    assert_int_equal(fixture_int(f, "SELECT count(*) FROM audit WHERE action = 'publish'"), 2);
    assert_string_equal(fixture_text(f, "SELECT before || after FROM audit_value WHERE"
                                        " field = 'version' ORDER BY audit_id DESC LIMIT 1"),
                        "12");
}

static void it_is_known_who_accepted_which(void **state) {
    struct fixture *f = *state;
    bool changed;
    assert_int_equal(publish(f, 0, "One", &changed), OK);
    int64_t ana = fixture_account(f, "ana@example.org");
    int64_t eva = fixture_account(f, "eva@example.org");
    assert_int_equal(consent_accept_terms(&f->shop, ana, shop_read_settings(&f->shop), FIXTURE_NOW),
                     OK);
    assert_int_equal(publish(f, 1, "Two", &changed), OK);
    assert_int_equal(consent_accept_terms(&f->shop, ana, shop_read_settings(&f->shop), FIXTURE_NOW),
                     OK);
    assert_int_equal(consent_accept_terms(&f->shop, eva, shop_read_settings(&f->shop), FIXTURE_NOW),
                     OK);
    struct legal_version *versions;
    size_t count;
    const char *body;
    struct db *db = store_reader(f->shop.store);
    assert_int_equal(setting_versions(db, f->arena, "terms", &versions, &count), OK);
    assert_int_equal(setting_version_body(db, f->arena, "terms", 1, &body), OK);
    assert_string_equal(body, "One");
    assert_int_equal(setting_version_body(db, f->arena, "terms", 3, &body), ERR_NOT_FOUND);
    store_release(f->shop.store, db);
    assert_int_equal(count, 2);
    assert_int_equal(versions[0].version, 2);
    assert_int_equal(versions[0].accepted, 2);
    assert_int_equal(versions[1].accepted, 1);
}

#define ON_SHOP(test) cmocka_unit_test_setup_teardown(test, fixture_setup, fixture_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_row_is_in_the_section_it_names),
        ON_SHOP(a_section_is_saved_with_its_trail),
        ON_SHOP(the_same_again_changes_nothing),
        ON_SHOP(a_default_is_stored_as_none),
        ON_SHOP(one_bad_value_keeps_all_out),
        ON_SHOP(the_second_of_two_is_told),
        ON_SHOP(a_currency_with_orders_is_asked_about),
        ON_SHOP(a_time_zone_in_use_is_asked_about),
        ON_SHOP(a_text_is_published_in_versions),
        ON_SHOP(it_is_known_who_accepted_which),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
