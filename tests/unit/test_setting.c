/* Settings: the table, its checks, and the copy in memory. */
#include "shop_fixture.h"

#include "shop/setting.h"
#include <pthread.h>
#include <string.h>
#include <unistd.h>

static const struct settings *now_set(struct fixture *f) {
    struct db *db = store_reader(f->shop.store);
    const struct settings *settings = shop_settings(&f->shop, db);
    store_release(f->shop.store, db);
    return settings;
}

struct change {
    const char *key, *value;
};

static enum err set_tx(struct tx *tx, void *arg) {
    const struct change *change = arg;
    return setting_set_tx(tx, change->key, change->value);
}

static enum err set(struct fixture *f, const char *key, const char *value) {
    return store_write(f->shop.store, set_tx, &(struct change){key, value});
}

static enum err publish_tx(struct tx *tx, void *arg) {
    const struct change *text = arg;
    return setting_publish_tx(tx, text->key, text->value, FIXTURE_NOW);
}

static enum err publish(struct fixture *f, const char *purpose, const char *body) {
    return store_write(f->shop.store, publish_tx, &(struct change){purpose, body});
}

/* ---- the table ------------------------------------------------------------------------------ */

static void every_default_is_valid(void **state) {
    (void)state;
    size_t count;
    const struct setting_info *table = setting_table(&count);
    assert_true(count > 30);
    for (size_t i = 0; i < count; i++) {
        assert_non_null(table[i].help);
        if (table[i].fallback && !setting_valid(&table[i], table[i].fallback))
            fail_msg("default of %s", table[i].key);
        for (size_t j = 0; j < i; j++)
            assert_string_not_equal(table[i].key, table[j].key);
    }
}

static void a_new_school_has_the_defaults(void **state) {
    const struct settings *s = now_set(*state);
    assert_string_equal(s->school_name, "Taller");
    assert_string_equal(s->currency, "PEN");
    assert_string_equal(s->tax_name, "IGV");
    assert_string_equal(s->time_zone, "America/Lima");
    assert_ptr_equal(s->zone, zone_find("America/Lima"));
    assert_int_equal(s->language, LANG_ES);
    assert_int_equal(s->hold_minutes, 30);
    assert_int_equal(s->extension_minutes, 15);
    assert_int_equal(s->transfer_hours, 48);
    assert_int_equal(s->signups_per_address, 600);
    assert_int_equal(s->failed_logins_per_address, 100);
    assert_int_equal(s->failed_logins_per_account, 10);
    assert_int_equal(s->live_holds_per_account, 12);
    assert_int_equal(s->pending_transfers_per_account, 3);
    assert_int_equal(s->declined_cards_per_hour, 10);
    assert_false(s->confirm_email);
    assert_false(s->demo);
    assert_null(s->slogan);
    assert_null(s->logo.name);
    assert_int_equal(s->terms.version, 0);
    assert_null(s->terms.body);
}

/* ---- checks --------------------------------------------------------------------------------- */

struct sample {
    const char *key, *value;
    bool good;
};

static const struct sample samples[] = {
    {"school_name", "Academia Ñandú", true},
    {"school_name", "two\nlines", false},
    {"school_name", "bell\a", false},
    {"school_name", "\xff", false},
    {"slogan",
     "01234567890123456789012345678901234567890123456789012345678901234567890123456789"
     "01234567890123456789012345678901234567890123456789012345678901234567890123456789",
     true},
    {"slogan",
     "01234567890123456789012345678901234567890123456789012345678901234567890123456789"
     "01234567890123456789012345678901234567890123456789012345678901234567890123456789x",
     false},
    {"address", "one\nand two", true},
    {"address", "bell\a", false},
    {"color", "#0E5f59", true},
    {"color", "0e5f59", false},
    {"color", "#0e5f5", false},
    {"color", "#0e5f590", false},
    {"color", "#0e5f5g", false},
    {"email", "hola@academia.example", true},
    {"email", "hola@academia", false},
    {"email", "@academia.example", false},
    {"email", "hola", false},
    {"email", "hola@academia.example, otro@x.example", false},
    {"email", "a b@academia.example", false},
    {"email", "hola@aca..demia", false},
    {"email", "hola@academia.", false},
    {"email", "hola@academia.example\nBcc: x@y.example", false},
    {"map_url", "https://maps.example/?q=a%20b", true},
    {"map_url", "http://maps.example/", true},
    {"map_url", "javascript:alert(1)", false},
    {"map_url", "https://", false},
    {"map_url", "https:///path", false},
    {"map_url", "https://x.example/\"onclick", false},
    {"map_url", "https://x.example/a b", false},
    {"whatsapp", "51900000000", true},
    {"whatsapp", "+51900000000", false},
    {"whatsapp", "5190000", false},
    {"currency", "EUR", true},
    {"currency", "eur", false},
    {"currency", "XXX", false},
    {"tax_rate_bp", "1800", true},
    {"tax_rate_bp", "10001", false},
    {"tax_rate_bp", "-1", false},
    {"tax_rate_bp", "18.0", false},
    {"tax_rate_bp", "99999999999999999999", false},
    {"hold_minutes", "5", true},
    {"hold_minutes", "4", false},
    {"hold_minutes", "30 ", false},
    {"confirm_email", "1", true},
    {"confirm_email", "yes", false},
    {"time_zone", "Europe/Madrid", true},
    {"time_zone", "Lima", false},
    {"language", "en", true},
    {"language", "fr", false},
    {"logo", "00000000000000000000000000000000", false}, /* not stored */
    {"logo", "xyz", false},
};

static void values_are_checked_by_type(void **state) {
    struct fixture *f = *state;
    for (size_t i = 0; i < ARRAY_COUNT(samples); i++) {
        enum err err = set(f, samples[i].key, samples[i].value);
        if (err != (samples[i].good ? OK : ERR_INVALID))
            fail_msg("%s = %s gave %d", samples[i].key, samples[i].value, (int)err);
    }
    assert_string_equal(now_set(f)->color, "#0E5f59"); /* the last good one stands */
}

static void unknown_names_are_not_found(void **state) {
    struct fixture *f = *state;
    assert_int_equal(set(f, "colour", "#000000"), ERR_NOT_FOUND);
    assert_int_equal(set(f, "", "1"), ERR_NOT_FOUND);
    assert_int_equal(set(f, "demo", "1"),
                     ERR_NOT_FOUND); /* opens the sandbox card: nobody's to set */
    assert_int_equal(fixture_int(f, "SELECT count(*) FROM setting"), 0);
}

static void null_and_empty_take_the_default_again(void **state) {
    struct fixture *f = *state;
    assert_int_equal(set(f, "hold_minutes", "45"), OK);
    assert_int_equal(now_set(f)->hold_minutes, 45);
    assert_int_equal(set(f, "hold_minutes", NULL), OK);
    assert_int_equal(now_set(f)->hold_minutes, 30);
    assert_int_equal(set(f, "slogan", "Hola"), OK);
    assert_int_equal(set(f, "slogan", ""), OK);
    assert_null(now_set(f)->slogan);
}

static void a_logo_is_a_stored_picture(void **state) {
    struct fixture *f = *state;
    fixture_sql(f, "INSERT INTO picture VALUES ('0123456789abcdef0123456789abcdef', 'image/webp',"
                   " 64, 32, x'00')");
    assert_int_equal(set(f, "logo", "0123456789abcdef0123456789abcdef"), OK);
    assert_string_equal(now_set(f)->logo.name, "0123456789abcdef0123456789abcdef.webp");
    assert_int_equal(now_set(f)->logo.width, 64);
    assert_int_equal(now_set(f)->logo.height, 32);
}

/* ---- reading -------------------------------------------------------------------------------- */

static void what_was_written_by_hand_and_wrong_counts_as_not_set(void **state) {
    struct fixture *f = *state;
    fixture_sql(f, "INSERT INTO setting VALUES ('hold_minutes', 'soon'), ('mystery', '1'),"
                   " ('slogan', 'Hola')");
    assert_int_equal(now_set(f)->hold_minutes, 30);
    assert_string_equal(now_set(f)->slogan, "Hola");
}

static void an_unknown_zone_is_an_error(void **state) {
    struct fixture *f = *state;
    struct settings settings;
    fixture_sql(f, "INSERT INTO setting VALUES ('time_zone', 'America/Atlantis')");
    struct db *db = store_reader(f->shop.store);
    assert_int_equal(setting_load(db, f->arena, &settings), ERR_INVALID);
    assert_ptr_equal(shop_settings(&f->shop, db)->zone, zone_find("America/Lima"));
    store_release(f->shop.store, db);
}

static void an_unknown_zone_stops_the_start(void **state) {
    struct fixture *f = *state;
    struct shop second;
    char error[128] = "";
    struct shop_options options = {.data = f->folder, .base_url = FIXTURE_BASE_URL};
    fixture_sql(f, "INSERT INTO setting VALUES ('time_zone', 'America/Atlantis')");
    assert_int_equal(shop_open(&options, &second, error, sizeof(error)), ERR_INVALID);
    assert_non_null(strstr(error, "time_zone"));
}

static void legal_texts_have_versions(void **state) {
    struct fixture *f = *state;
    assert_int_equal(publish(f, "terms", "First"), OK);
    assert_int_equal(publish(f, "privacy", "Private"), OK);
    assert_int_equal(publish(f, "terms", "Second"), OK);
    assert_int_equal(now_set(f)->terms.version, 2);
    assert_string_equal(now_set(f)->terms.body, "Second");
    assert_int_equal(now_set(f)->privacy.version, 1);
    assert_string_equal(now_set(f)->privacy.body, "Private");
    assert_int_equal(publish(f, "cookies", "x"), ERR_INVALID);
    assert_int_equal(publish(f, "terms", ""), ERR_INVALID);
    assert_int_equal(fixture_int(f, "SELECT count(*) FROM legal_text"), 3);
}

static void a_demonstration_stays_one(void **state) {
    struct fixture *f = *state;
    fixture_sql(f, "INSERT INTO setting VALUES ('demo', '1')");
    assert_true(now_set(f)->demo);
}

/* ---- the copy in memory --------------------------------------------------------------------- */

static void the_copy_changes_only_with_the_settings(void **state) {
    struct fixture *f = *state;
    const struct settings *before = now_set(f);
    fixture_account(f, "ana@example.org");
    assert_ptr_equal(now_set(f), before);
    assert_int_equal(set(f, "slogan", "Hola"), OK);
    const struct settings *after = now_set(f);
    assert_ptr_not_equal(after, before);
    assert_null(before->slogan); /* who holds the old one keeps it */
    assert_string_equal(after->slogan, "Hola");
    assert_int_equal(publish(f, "terms", "T"), OK);
    assert_int_equal(now_set(f)->terms.version, 1);
}

/* A connection borrowed before a change still reads the old moment; that must not stick. */
static void an_old_connection_does_not_hold_the_copy_back(void **state) {
    struct fixture *f = *state;
    int64_t revision;
    struct db *old = store_reader(f->shop.store);
    assert_int_equal(db_int(old, "SELECT revision FROM setting_revision", &revision), OK);
    assert_int_equal(set(f, "slogan", "Hola"), OK);
    (void)shop_settings(&f->shop, old);
    store_release(f->shop.store, old);
    for (int tries = 0; tries < 30 && !now_set(f)->slogan; tries++)
        usleep(100 * 1000);
    assert_string_equal(now_set(f)->slogan, "Hola");
}

enum { READERS = 8, CHANGES = 40 };

struct race {
    struct fixture *fixture;
    bool torn;
};

static void *keep_reading(void *arg) {
    struct race *race = arg;
    for (int i = 0; i < 400; i++) {
        const struct settings *s = now_set(race->fixture);
        /* Both are set in one transaction. */
        if (s->slogan && (!s->address || strcmp(s->slogan, s->address) != 0))
            __atomic_store_n(&race->torn, true, __ATOMIC_RELAXED);
    }
    return NULL;
}

static enum err set_both_tx(struct tx *tx, void *arg) {
    enum err err = setting_set_tx(tx, "slogan", arg);
    return err ? err : setting_set_tx(tx, "address", arg);
}

static void readers_never_see_half_a_change(void **state) {
    struct race race = {.fixture = *state};
    pthread_t threads[READERS];
    char text[32] = "";
    for (int i = 0; i < READERS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, keep_reading, &race), 0);
    for (int i = 0; i < CHANGES; i++) {
        snprintf(text, sizeof(text), "change %d", i);
        assert_int_equal(store_write(race.fixture->shop.store, set_both_tx, text), OK);
    }
    for (int i = 0; i < READERS; i++)
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    assert_false(race.torn);
    assert_string_equal(now_set(race.fixture)->address, text);
}

#define ON_SHOP(test) cmocka_unit_test_setup_teardown(test, fixture_setup, fixture_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_default_is_valid),
        ON_SHOP(a_new_school_has_the_defaults),
        ON_SHOP(values_are_checked_by_type),
        ON_SHOP(unknown_names_are_not_found),
        ON_SHOP(null_and_empty_take_the_default_again),
        ON_SHOP(a_logo_is_a_stored_picture),
        ON_SHOP(what_was_written_by_hand_and_wrong_counts_as_not_set),
        ON_SHOP(an_unknown_zone_is_an_error),
        ON_SHOP(an_unknown_zone_stops_the_start),
        ON_SHOP(legal_texts_have_versions),
        ON_SHOP(a_demonstration_stays_one),
        ON_SHOP(the_copy_changes_only_with_the_settings),
        ON_SHOP(an_old_connection_does_not_hold_the_copy_back),
        ON_SHOP(readers_never_see_half_a_change),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
