/* Mails enter the outbox with the transaction they tell about, once a dedupe key. */
#include "shop_fixture.h"
#include <string.h>

struct enqueueing {
    struct fixture *f;
    struct mail mail;
    enum err after; /* what the transaction ends with */
};

static enum err enqueue_tx(struct tx *tx, void *arg) {
    struct enqueueing *e = arg;
    enum err err = mail_enqueue_tx(&e->f->shop, tx, NULL, &e->mail);
    return err ? err : e->after;
}

static const struct mail_link LINK = {.first_name = "Ana", .link = "https://x.example/"};

static struct mail plain(const char *dedupe_key) {
    return (struct mail){.kind = MAIL_PASSWORD_RESET,
                         .lang = LANG_ES,
                         .recipient = "ana@example.org",
                         .model = &LINK,
                         .dedupe_key = dedupe_key};
}

static void a_mail_is_written_and_due(void **state) {
    struct fixture *f = *state;
    struct enqueueing e = {.f = f, .mail = plain(NULL)};
    assert_int_equal(store_write(f->shop.store, enqueue_tx, &e), OK);
    assert_int_equal(fixture_int(f,
                                 "SELECT count(*) FROM outbox WHERE recipient = ?1 AND "
                                 "next_attempt_at = created_at AND attempts = 0 AND "
                                 "sent_at IS NULL AND body_html IS NULL AND order_id IS NULL",
                                 V("ana@example.org")),
                     1);
    assert_string_equal(fixture_text(f, "SELECT body_text FROM outbox"),
                        "name: Ana\nlink: https://x.example/\n");
}

static void a_key_sends_one_mail_for_ever(void **state) {
    struct fixture *f = *state;
    struct enqueueing e = {.f = f, .mail = plain("receipt:41")};
    for (int i = 0; i < 3; i++)
        assert_int_equal(store_write(f->shop.store, enqueue_tx, &e), OK);
    e.mail.dedupe_key = "receipt:42";
    assert_int_equal(store_write(f->shop.store, enqueue_tx, &e), OK);
    e.mail.dedupe_key = NULL;
    for (int i = 0; i < 2; i++)
        assert_int_equal(store_write(f->shop.store, enqueue_tx, &e), OK);
    assert_int_equal(fixture_int(f, "SELECT count(*) FROM outbox"), 4);
}

static void what_did_not_happen_is_not_mailed(void **state) {
    struct fixture *f = *state;
    struct enqueueing e = {.f = f, .mail = plain(NULL), .after = ERR_REFUSED};
    assert_int_equal(store_write(f->shop.store, enqueue_tx, &e), ERR_REFUSED);
    assert_int_equal(fixture_int(f, "SELECT count(*) FROM outbox"), 0);
}

static void render_evil(struct mail_text *out, enum mail_kind kind, enum lang lang,
                        const void *model, const struct settings *settings, const char *base_url) {
    (void)kind, (void)lang, (void)model, (void)settings, (void)base_url;
    buf_puts(&out->subject, "Robótica\r\nBcc: all@example.org\tx");
    buf_puts(&out->text, "text");
    buf_puts(&out->html, "<p>html</p>");
}

static void a_subject_is_one_line(void **state) {
    struct fixture *f = *state;
    struct enqueueing e = {.f = f, .mail = plain(NULL)};
    f->shop.render_mail = render_evil;
    assert_int_equal(store_write(f->shop.store, enqueue_tx, &e), OK);
    assert_string_equal(fixture_text(f, "SELECT subject FROM outbox"),
                        "Robótica  Bcc: all@example.org x");
    assert_string_equal(fixture_text(f, "SELECT body_html FROM outbox"), "<p>html</p>");
}

static void whoever_delivers_is_woken(void **state) {
    struct fixture *f = *state;
    mail_notify(&f->shop);
    assert_int_equal(f->mails_announced, 1);
    f->shop.mail_waiting = NULL;
    mail_notify(&f->shop);
    assert_int_equal(f->mails_announced, 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_mail_is_written_and_due),         TEST(a_key_sends_one_mail_for_ever),
        TEST(what_did_not_happen_is_not_mailed), TEST(a_subject_is_one_line),
        TEST(whoever_delivers_is_woken),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
