/* The outbox as staff see it: links that work once are masked and taken out, mails are sent again,
 * how delivery goes. */
#include "shop_fixture.h"

#include "base/clock.h"
#include "fake_smtp.h"
#include "shop/link.h"
#include "shop/outbox.h"
#include <string.h>

#define TOKEN "AbC-_0123456789abcdefghijklmnopqrstuvwxyzABCDE"
#define RESET FIXTURE_BASE_URL "/accounts/password/reset/key/" TOKEN "/"
#define CONFIRM FIXTURE_BASE_URL "/accounts/confirm-email/" TOKEN "/"

/* Writes a mail that holds `link`, written `age` seconds ago and due since then. */
static int64_t post(struct fixture *f, const char *link, int64_t age) {
    return fixture_sql(f,
                       "INSERT INTO outbox (recipient, subject, body_text, body_html, created_at,"
                       " next_attempt_at) VALUES ('ana@example.org', 'S', ?1, ?2, ?3, ?3)",
                       V(arena_printf(f->arena, "Tap %s now", link)),
                       V(arena_printf(f->arena, "<a href=\"%s\">%s</a>", link, link)),
                       V(clock_now() - age));
}

static void fail_it(struct fixture *f, int64_t id) {
    fixture_sql(f,
                "UPDATE outbox SET next_attempt_at = NULL, attempts = 9, last_error = '550 no'"
                " WHERE id = ?1",
                V(id));
}

static bool holds_token(struct fixture *f, int64_t id) {
    return fixture_int(f,
                       "SELECT instr(body_text || body_html, '" TOKEN "') > 0 FROM outbox"
                       " WHERE id = ?1",
                       V(id)) != 0;
}

static bool waits(struct fixture *f, int64_t id) {
    return fixture_int(f, "SELECT next_attempt_at IS NOT NULL FROM outbox WHERE id = ?1", V(id));
}

static struct outbox_mail look(struct fixture *f, int64_t id) {
    struct outbox_mail mail;
    struct db *db = store_reader(f->shop.store);
    assert_int_equal(outbox_find(db, f->arena, id, &mail), OK);
    store_release(f->shop.store, db);
    return mail;
}

/* One conversation in which the text is answered so. */
static void deliver(struct fixture *f, const char *answer) {
    const struct fake_line script[] = {{FAKE_CONNECT, "220 fake\r\n"}, {"EHLO ", "250 fake\r\n"},
                                       {"MAIL FROM:", "250 fine\r\n"}, {"RCPT TO:", "250 fine\r\n"},
                                       {"DATA", "354 go ahead\r\n"},   {FAKE_TEXT, answer},
                                       {"QUIT", "221 bye\r\n"}};
    struct fake_smtp *fake = fake_smtp_start(script, ARRAY_COUNT(script));
    struct smtp_options options = {.host = "127.0.0.1", .connect_ms = 5000, .mail_ms = 5000};
    options.port = fake_smtp_port(fake);
    outbox_deliver(&f->shop, &options, -1);
    fake_smtp_stop(fake, NULL);
}

static void tokens_are_masked(void **state) {
    struct fixture *f = *state;
    assert_string_equal(link_mask(f->arena, "a " RESET " b " CONFIRM),
                        "a " FIXTURE_BASE_URL "/accounts/password/reset/key/" LINK_MASK
                        "/ b " FIXTURE_BASE_URL "/accounts/confirm-email/" LINK_MASK "/");
    const char *plain = "See " FIXTURE_BASE_URL "/store/orders/7/";
    assert_ptr_equal(link_mask(f->arena, plain), plain);
    assert_null(link_mask(f->arena, NULL));
    bool masked;
    assert_int_equal(link_life(plain, &masked), 0);
    assert_int_equal(link_life(CONFIRM, &masked), LINK_CONFIRM_SECONDS);
    assert_false(masked);
    link_life(link_mask(f->arena, CONFIRM), &masked);
    assert_true(masked);
}

static void staff_never_see_a_token(void **state) {
    struct fixture *f = *state;
    struct outbox_mail mail = look(f, post(f, RESET, 0));
    assert_null(strstr(mail.text, TOKEN));
    assert_null(strstr(mail.html, TOKEN));
    assert_non_null(strstr(mail.html, LINK_MASK));
    assert_false(mail.link_gone); /* it is still there to be sent */
}

static void a_sent_mail_keeps_no_token(void **state) {
    struct fixture *f = *state;
    int64_t id = post(f, RESET, 5);
    deliver(f, "250 queued\r\n");
    assert_true(look(f, id).sent_at > 0);
    assert_false(holds_token(f, id));
    assert_true(look(f, id).link_gone);
}

static void one_to_be_tried_again_keeps_it(void **state) {
    struct fixture *f = *state;
    int64_t id = post(f, CONFIRM, 5);
    deliver(f, "451 later\r\n");
    assert_true(waits(f, id));
    assert_true(holds_token(f, id));
}

static void one_given_up_does_not(void **state) {
    struct fixture *f = *state;
    int64_t id = post(f, CONFIRM, 5);
    deliver(f, "554 never\r\n");
    assert_false(waits(f, id));
    assert_false(holds_token(f, id));
}

static void a_mail_that_waits_longer_than_its_link_is_given_up(void **state) {
    struct fixture *f = *state;
    int64_t ana = fixture_account(f, "ana@example.org"), now = clock_now();
    fixture_sql(f,
                "INSERT INTO one_time_link VALUES (zeroblob(32), 'confirm_email', ?1, ?2, ?3,"
                " NULL)",
                V(ana), V(now - 4 * DAY_SECONDS), V(now - DAY_SECONDS));
    int64_t old = post(f, CONFIRM, 4 * DAY_SECONDS), young = post(f, CONFIRM, DAY_SECONDS);
    int64_t other = post(f, FIXTURE_BASE_URL "/store/orders/7/", 4 * DAY_SECONDS);
    assert_int_equal(outbox_sweep(&f->shop, now), OK);
    assert_false(waits(f, old));
    assert_false(holds_token(f, old));
    assert_true(waits(f, young));
    assert_true(holds_token(f, young));
    assert_true(waits(f, other));
}

static void what_failed_is_sent_again(void **state) {
    struct fixture *f = *state;
    int64_t failed = post(f, "", 60), later = post(f, "", -600), sent = post(f, "", 60);
    int64_t sending = post(f, "", -600), scrubbed = post(f, RESET, 60), done;
    fail_it(f, failed);
    fixture_sql(f, "UPDATE outbox SET attempts = 1, last_error = '451 x' WHERE id = ?1", V(later));
    fixture_sql(f, "UPDATE outbox SET sent_at = 5, next_attempt_at = NULL WHERE id = ?1", V(sent));
    fixture_sql(f, "UPDATE outbox SET attempts = 1 WHERE id = ?1", V(sending));
    fixture_sql(f, "UPDATE outbox SET body_text = ?2, next_attempt_at = NULL WHERE id = ?1",
                V(scrubbed), V(link_mask(f->arena, RESET)));
    assert_true(look(f, sending).sending);
    const int64_t ids[] = {failed, later, sent, sending, scrubbed, 999};
    int64_t now = clock_now();
    assert_int_equal(outbox_retry(&f->shop, f->arena, 0, ids, ARRAY_COUNT(ids), now, &done), OK);
    assert_int_equal(done, 2);
    assert_int_equal(f->mails_announced, 1);
    assert_int_equal(look(f, failed).next_attempt_at, now);
    assert_int_equal(look(f, later).next_attempt_at, now);
    assert_int_equal(look(f, sent).next_attempt_at, 0);
    assert_true(look(f, sending).next_attempt_at > now);
    assert_false(waits(f, scrubbed));
    assert_int_equal(fixture_int(f, "SELECT count(*) FROM audit WHERE action = 'retry'"), 2);
}

static void health_tells_the_last_of_each(void **state) {
    struct fixture *f = *state;
    struct outbox_health health;
    int64_t now = clock_now(), sent = post(f, "", 60), failed = post(f, "", 50);
    post(f, "", 2 * HOUR_SECONDS);
    fixture_sql(f, "UPDATE outbox SET sent_at = ?2, next_attempt_at = NULL WHERE id = ?1", V(sent),
                V(now));
    fail_it(f, failed);
    struct db *db = store_reader(f->shop.store);
    assert_int_equal(outbox_health(db, f->arena, now, &health), OK);
    store_release(f->shop.store, db);
    assert_int_equal(health.last_sent_at, now);
    assert_int_equal(health.last_error_id, failed);
    assert_string_equal(health.last_error, "550 no");
    assert_int_equal(health.failed, 1);
    assert_int_equal(health.late, 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(tokens_are_masked),          TEST(staff_never_see_a_token),
        TEST(a_sent_mail_keeps_no_token), TEST(one_to_be_tried_again_keeps_it),
        TEST(one_given_up_does_not),      TEST(a_mail_that_waits_longer_than_its_link_is_given_up),
        TEST(what_failed_is_sent_again),  TEST(health_tells_the_last_of_each),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
