/* The outbox against a real database and a mail server that follows a script: claims, pauses, what
 * is given up, and that no mail goes out twice. Time is the real one; rows are moved in it. */
#include "shop_fixture.h"

#include "base/clock.h"
#include "base/secret.h"
#include "disk_fault.h"
#include "fake_smtp.h"
#include "shop/outbox.h"
#include <pthread.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum { CLAIM = 15 * 60, TWO_DAYS = 2 * DAY_SECONDS };

#define GREETING \
    { FAKE_CONNECT, "220 fake\r\n" }
#define HELLO \
    { "EHLO ", "250 fake\r\n" }
#define MAIL_OK \
    { "MAIL FROM:", "250 fine\r\n" }
#define RCPT_OK(who) \
    { "RCPT TO:<" who "@example.com>", "250 fine\r\n" }
#define DATA_OK \
    { "DATA", "354 go ahead\r\n" }
#define TEXT(reply) \
    { FAKE_TEXT, reply }
#define TAKEN(who) MAIL_OK, RCPT_OK(who), DATA_OK, TEXT("250 queued\r\n")
#define RSET_OK \
    { "RSET", "250 forgotten\r\n" }
#define QUIT \
    { "QUIT", "221 bye\r\n" }

static struct smtp_options options = {.host = "127.0.0.1", .connect_ms = 5000, .mail_ms = 5000};

/* Writes a mail to who@example.com that is due since `due` seconds; its id. */
static int64_t post(struct fixture *f, const char *who, int64_t due) {
    return fixture_sql(f,
                       "INSERT INTO outbox (recipient, subject, body_text, body_html, created_at, "
                       "next_attempt_at) VALUES (?1, 'Hello', 'Hello, you' || char(10), "
                       "'<p>Hello, you</p>', ?2, ?3)",
                       V(arena_printf(f->arena, "%s@example.com", who)), V(clock_now()),
                       V(clock_now() - due));
}

static void make_due(struct fixture *f, int64_t id) {
    fixture_sql(f, "UPDATE outbox SET next_attempt_at = 1 WHERE id = ?1", V(id));
}

/* Delivers to a server that follows the script, which must be over then; what the server heard. */
static struct buf deliver_to(struct fixture *f, const struct fake_line *script, size_t count) {
    struct buf heard = {0};
    struct fake_smtp *fake = fake_smtp_start(script, count);
    options.port = fake_smtp_port(fake);
    outbox_deliver(&f->shop, &options, -1);
    const char *problem = fake_smtp_stop(fake, &heard);
    if (problem)
        fail_msg("%s", problem);
    return heard;
}

#define deliver(f, ...)                                                                     \
    do {                                                                                    \
        const struct fake_line script_[] = {__VA_ARGS__};                                   \
        struct buf heard_ = deliver_to((f), script_, sizeof(script_) / sizeof(script_[0])); \
        buf_free(&heard_);                                                                  \
    } while (0)

/* Delivers to a port where nobody listens. */
static void deliver_in_vain(struct fixture *f) {
    static const struct fake_line nothing = {FAKE_CONNECT, FAKE_HANG_UP};
    struct fake_smtp *fake = fake_smtp_start(&nothing, 0);
    options.port = fake_smtp_port(fake);
    fake_smtp_stop(fake, NULL);
    outbox_deliver(&f->shop, &options, -1);
}

/* ---- how a mail stands ------------------------------------------------------------------------
 */

static int64_t column(struct fixture *f, int64_t id, const char *sql) {
    return fixture_int(f, sql, V(id));
}

static int64_t attempts(struct fixture *f, int64_t id) {
    return column(f, id, "SELECT attempts FROM outbox WHERE id = ?1");
}

static bool is_sent(struct fixture *f, int64_t id) {
    return column(f, id,
                  "SELECT sent_at IS NOT NULL AND next_attempt_at IS NULL AND last_error IS NULL "
                  "FROM outbox WHERE id = ?1") != 0;
}

static bool is_given_up(struct fixture *f, int64_t id) {
    return column(f, id,
                  "SELECT sent_at IS NULL AND next_attempt_at IS NULL FROM outbox WHERE id = ?1") !=
           0;
}

static const char *last_error(struct fixture *f, int64_t id) {
    return fixture_text(f, "SELECT coalesce(last_error, '') FROM outbox WHERE id = ?1", V(id));
}

/* Waits for its next try in so many seconds, give or take those of the test. */
static void assert_waits(struct fixture *f, int64_t id, int64_t seconds) {
    int64_t next = column(f, id,
                          "SELECT coalesce(next_attempt_at, 0) FROM outbox "
                          "WHERE id = ?1 AND sent_at IS NULL");
    int64_t wait = next - clock_now();
    if (wait > seconds || wait < seconds - 20)
        fail_msg("next try in %lld s, not %lld", (long long)wait, (long long)seconds);
}

static void assert_contains(const char *text, const char *piece) {
    if (!strstr(text, piece))
        fail_msg("no \"%s\" in: %s", piece, text);
}

/* ---- what goes well ---------------------------------------------------------------------------
 */

static void what_is_due_is_sent_over_one_connection(void **state) {
    struct fixture *f = *state;
    int64_t later = post(f, "later", -60), second = post(f, "second", 5),
            first = post(f, "first", 9);
    deliver(f, GREETING, HELLO, TAKEN("first"), TAKEN("second"), QUIT);
    assert_true(is_sent(f, first));
    assert_true(is_sent(f, second));
    assert_int_equal(attempts(f, first), 1);
    assert_int_equal(attempts(f, later), 0);
    assert_waits(f, later, 60);
}

static void the_letter_says_who_writes(void **state) {
    struct fixture *f = *state;
    fixture_setting(f, "school_name", "Academia Sol, Lima");
    fixture_setting(f, "mail_from", "hola@academia.example");
    fixture_setting(f, "email", "secretaria@academia.example");
    post(f, "ana", 0);
    const struct fake_line script[] = {GREETING,
                                       HELLO,
                                       {"MAIL FROM:<hola@academia.example>", "250 fine\r\n"},
                                       RCPT_OK("ana"),
                                       DATA_OK,
                                       TEXT("250 queued\r\n"),
                                       QUIT};
    struct buf heard = deliver_to(f, script, ARRAY_COUNT(script));
    const char *text = buf_text(&heard);
    assert_contains(text, "\nFrom: \"Academia Sol, Lima\" <hola@academia.example>\n");
    assert_contains(text, "\nReply-To: <secretaria@academia.example>\n");
    assert_contains(text, "\nTo: <ana@example.com>\nSubject: Hello\nMessage-ID: <1.");
    assert_contains(text, "@taller.example>\n");
    assert_contains(text, "\n\nHello, you\n");
    assert_contains(text, "\n\n<p>Hello, you</p>\n");
    buf_free(&heard);
}

/* The account at the mail server where the school has no address, else one nobody reads. */
static void the_sender_is_found(void **state) {
    struct fixture *f = *state;
    post(f, "ana", 0);
    options.user = "account@mail.example";
    deliver(f, GREETING, HELLO, {"MAIL FROM:<account@mail.example>", "250 fine\r\n"},
            RCPT_OK("ana"), DATA_OK, TEXT("250 queued\r\n"), QUIT);
    post(f, "ana", 0);
    options.user = "account";
    deliver(f, GREETING, HELLO, {"MAIL FROM:<no-reply@taller.example>", "250 fine\r\n"},
            RCPT_OK("ana"), DATA_OK, TEXT("250 queued\r\n"), QUIT);
    post(f, "ana", 0);
    f->shop.base_url = "https://[::1]:8443";
    deliver(f, GREETING, HELLO, {"MAIL FROM:<no-reply@localhost>", "250 fine\r\n"}, RCPT_OK("ana"),
            DATA_OK, TEXT("250 queued\r\n"), QUIT);
    options.user = NULL;
}

static void many_mails_take_several_connections(void **state) {
    struct fixture *f = *state;
    const struct fake_line begin[] = {GREETING, HELLO}, mail[] = {TAKEN("ana")}, end = QUIT;
    struct fake_line script[2 * 3 + 101 * 4];
    size_t count = 0;
    for (int i = 0; i < 101; i++) {
        post(f, "ana", 0);
        if (i % 100 == 0) {
            memcpy(script + count, begin, sizeof(begin));
            count += 2;
        }
        memcpy(script + count, mail, sizeof(mail));
        count += 4;
        if (i >= 99)
            script[count++] = end;
    }
    struct buf heard = deliver_to(f, script, count);
    buf_free(&heard);
    assert_int_equal(fixture_int(f, "SELECT count(*) FROM outbox WHERE sent_at IS NULL"), 0);
}

static void an_idle_school_writes_nothing(void **state) {
    struct fixture *f = *state;
    struct store_stats before, after;
    post(f, "later", -60);
    store_stats(f->shop.store, &before);
    deliver_in_vain(f);
    store_stats(f->shop.store, &after);
    assert_int_equal(after.writes, before.writes);
}

/* ---- what goes wrong --------------------------------------------------------------------------
 */

static void a_dead_server_postpones_all_that_is_due(void **state) {
    struct fixture *f = *state;
    int64_t ana = post(f, "ana", 9), luz = post(f, "luz", 0), later = post(f, "later", -600);
    deliver_in_vain(f);
    assert_waits(f, ana, 60);
    assert_waits(f, luz, 60);
    assert_waits(f, later, 600);
    assert_int_equal(attempts(f, luz), 1);
    assert_int_equal(attempts(f, later), 0);
    assert_contains(last_error(f, luz), "127.0.0.1 does not answer on port");
    make_due(f, ana);
    deliver(f, GREETING, HELLO, TAKEN("ana"), QUIT);
    assert_true(is_sent(f, ana));
    assert_int_equal(attempts(f, ana), 2);
}

static void a_crowd_is_postponed_in_one_round(void **state) {
    struct fixture *f = *state;
    fixture_sql(f,
                "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 450) "
                "INSERT INTO outbox (recipient, subject, body_text, created_at, next_attempt_at) "
                "SELECT 'ana@example.com', 'Hello', 'Hello', ?1, ?1 FROM n",
                V(clock_now()));
    deliver_in_vain(f);
    assert_int_equal(fixture_int(f,
                                 "SELECT count(*) FROM outbox WHERE attempts = 1 AND "
                                 "last_error IS NOT NULL AND next_attempt_at > ?1",
                                 V(clock_now())),
                     450);
}

static void pauses_grow_to_an_hour(void **state) {
    struct fixture *f = *state;
    static const int MINUTES[] = {1, 2, 5, 15, 30, 60, 60, 60};
    int64_t id = post(f, "ana", 0);
    for (size_t i = 0; i < ARRAY_COUNT(MINUTES); i++) {
        make_due(f, id);
        deliver_in_vain(f);
        assert_int_equal(attempts(f, id), i + 1);
        assert_waits(f, id, MINUTES[i] * 60);
    }
}

static void after_two_days_a_mail_is_given_up(void **state) {
    struct fixture *f = *state;
    int64_t almost = post(f, "almost", 0), over = post(f, "over", 0), fresh = post(f, "fresh", 0);
    fixture_sql(f, "UPDATE outbox SET attempts = 50, created_at = ?2 WHERE id = ?1", V(almost),
                V(clock_now() - TWO_DAYS + 2 * HOUR_SECONDS));
    fixture_sql(f, "UPDATE outbox SET attempts = 50, created_at = ?2 WHERE id = ?1", V(over),
                V(clock_now() - TWO_DAYS + HOUR_SECONDS / 2));
    deliver_in_vain(f);
    assert_waits(f, almost, HOUR_SECONDS);
    assert_true(is_given_up(f, over));
    assert_contains(last_error(f, over), "does not answer");
    assert_waits(f, fresh, 60);
    make_due(f, fresh);
    deliver(f, GREETING, HELLO, TAKEN("fresh"), QUIT); /* and nothing else */
    assert_int_equal(attempts(f, over), 51);
}

/* Written while the school had no mail server yet. */
static void an_old_mail_that_was_never_tried_is_tried(void **state) {
    struct fixture *f = *state;
    int64_t id = post(f, "ana", 0);
    fixture_sql(f, "UPDATE outbox SET created_at = ?2 WHERE id = ?1", V(id),
                V(clock_now() - 2 * TWO_DAYS));
    deliver(f, GREETING, HELLO, TAKEN("ana"), QUIT);
    assert_true(is_sent(f, id));
}

static void a_refused_mail_is_given_up_and_keeps_no_other_waiting(void **state) {
    struct fixture *f = *state;
    int64_t nobody = post(f, "nobody", 9), ana = post(f, "ana", 0);
    deliver(f, GREETING, HELLO, MAIL_OK, {"RCPT TO:<nobody@example.com>", "550 5.1.1 nobody\r\n"},
            RSET_OK, TAKEN("ana"), QUIT);
    assert_true(is_given_up(f, nobody));
    assert_string_equal(last_error(f, nobody), "550 5.1.1 nobody");
    assert_true(is_sent(f, ana));
}

static void a_mail_put_off_keeps_no_other_waiting(void **state) {
    struct fixture *f = *state;
    int64_t grey = post(f, "grey", 9), ana = post(f, "ana", 0);
    deliver(f, GREETING, HELLO, MAIL_OK, {"RCPT TO:<grey@example.com>", "450 4.2.0 later\r\n"},
            RSET_OK, TAKEN("ana"), QUIT);
    assert_waits(f, grey, 60);
    assert_string_equal(last_error(f, grey), "450 4.2.0 later");
    assert_true(is_sent(f, ana));
}

static void a_refused_sender_costs_no_mail(void **state) {
    struct fixture *f = *state;
    int64_t ana = post(f, "ana", 9), luz = post(f, "luz", 0);
    deliver(f, GREETING, HELLO, {"MAIL FROM:", "550 5.7.60 not your address\r\n"}, RSET_OK, QUIT);
    assert_waits(f, ana, 60);
    assert_int_equal(attempts(f, luz), 0); /* its turn is in the next round */
}

/* Servers hang up after so many mails: the next one gets a connection of its own at once. */
static void a_conversation_may_end_between_two_mails(void **state) {
    struct fixture *f = *state;
    static const char *const ENDS[] = {"421 enough for today\r\n", FAKE_HANG_UP};
    for (size_t i = 0; i < ARRAY_COUNT(ENDS); i++) {
        int64_t ana = post(f, "ana", 9), luz = post(f, "luz", 0);
        deliver(f, GREETING, HELLO, TAKEN("ana"), {"MAIL FROM:", ENDS[i]}, GREETING, HELLO,
                TAKEN("luz"), QUIT);
        assert_true(is_sent(f, ana));
        assert_true(is_sent(f, luz));
        assert_int_equal(attempts(f, luz), 1);
    }
}

static void rows_from_outside_are_understood(void **state) {
    struct fixture *f = *state;
    int64_t bare = fixture_sql(f, "INSERT INTO outbox (recipient, subject, body_text, "
                                  "next_attempt_at) VALUES ('ana@example.com', 'Hello', 'Hi', 1)");
    int64_t done =
        fixture_sql(f, "INSERT INTO outbox (recipient, subject, body_text, sent_at, "
                       "next_attempt_at) VALUES ('done@example.com', 'Hello', 'Hi', 1, 0)");
    int64_t bad = fixture_sql(
        f, "INSERT INTO outbox (recipient, subject, body_text, next_attempt_at) "
           "VALUES ('x> SIZE=1' || char(13, 10) || 'RCPT TO:<eve@example.com', 'Hello', 'Hi', 1)");
    deliver_in_vain(f);
    assert_waits(f, bare, 60); /* not given up for want of a date */
    make_due(f, bare);
    make_due(f, bad);
    deliver(f, GREETING, HELLO, TAKEN("ana"), QUIT);
    assert_true(is_sent(f, bare));
    assert_true(is_given_up(f, bad));
    assert_int_equal(attempts(f, done), 0);
}

/* ---- never twice ------------------------------------------------------------------------------
 */

struct sender {
    struct fixture *f;
    int stop_fd;
    pthread_t thread;
};

static void *run_sender(void *arg) {
    struct sender *sender = arg;
    outbox_deliver(&sender->f->shop, &options, sender->stop_fd);
    return NULL;
}

static void sender_start(struct sender *sender, struct fixture *f, struct fake_smtp *fake) {
    *sender = (struct sender){.f = f, .stop_fd = eventfd(0, EFD_CLOEXEC)};
    options.port = fake_smtp_port(fake);
    assert_int_equal(pthread_create(&sender->thread, NULL, run_sender, sender), 0);
}

static void sender_join(struct sender *sender) {
    pthread_join(sender->thread, NULL);
    close(sender->stop_fd);
}

static void wait_for_claim(struct fixture *f, int64_t id) {
    for (int i = 0; i < 2000 && attempts(f, id) == 0; i++)
        usleep(5000);
    assert_int_equal(attempts(f, id), 1);
}

static void a_mail_is_claimed_before_a_word_is_said(void **state) {
    struct fixture *f = *state;
    static const struct fake_line script[] = {GREETING, HELLO, {"MAIL FROM:", FAKE_SILENCE}};
    struct fake_smtp *fake = fake_smtp_start(script, ARRAY_COUNT(script));
    struct sender sender;
    int64_t id = post(f, "ana", 0);
    sender_start(&sender, f, fake);
    wait_for_claim(f, id);
    assert_waits(f, id, CLAIM);
    outbox_deliver(&f->shop, &options, -1); /* another sender finds nothing to do */
    assert_int_equal(attempts(f, id), 1);
    eventfd_write(sender.stop_fd, 1);
    int64_t since = clock_monotonic_us();
    sender_join(&sender);
    assert_in_range(clock_monotonic_us() - since, 0, 5000000);
    assert_null(fake_smtp_stop(fake, NULL));
    assert_waits(f, id, 60);
}

/* What a sender that died between claim and answer leaves behind. */
static void a_claim_without_a_sender_ends_by_itself(void **state) {
    struct fixture *f = *state;
    int64_t id = post(f, "ana", 0);
    fixture_sql(f, "UPDATE outbox SET attempts = 1, next_attempt_at = ?2 WHERE id = ?1", V(id),
                V(clock_now() + CLAIM));
    deliver_in_vain(f);
    assert_int_equal(attempts(f, id), 1);
    assert_string_equal(last_error(f, id), "");
    fixture_sql(f, "UPDATE outbox SET next_attempt_at = ?2 WHERE id = ?1", V(id), V(clock_now()));
    deliver(f, GREETING, HELLO, TAKEN("ana"), QUIT);
    assert_true(is_sent(f, id));
    assert_int_equal(attempts(f, id), 2);
}

/* Nobody knows whether it arrived: it goes out again as the same mail, for the reader to tell. */
static void an_unsure_mail_is_the_same_mail_again(void **state) {
    struct fixture *f = *state;
    const struct fake_line first[] = {GREETING,       HELLO,   MAIL_OK,
                                      RCPT_OK("ana"), DATA_OK, TEXT(FAKE_HANG_UP)};
    const struct fake_line second[] = {GREETING, HELLO, TAKEN("ana"), QUIT};
    int64_t id = post(f, "ana", 0);
    struct buf once = deliver_to(f, first, ARRAY_COUNT(first));
    assert_waits(f, id, 60);
    assert_contains(last_error(f, id), "may have arrived");
    make_due(f, id);
    struct buf twice = deliver_to(f, second, ARRAY_COUNT(second));
    buf_puts(&once, "QUIT\n");
    assert_string_equal(buf_text(&once), buf_text(&twice));
    buf_free(&once);
    buf_free(&twice);
}

/* The disk is full when the mail is out: that it is out gets written as soon as it can be. */
static void a_sent_mail_is_noted_whatever_it_takes(void **state) {
    struct fixture *f = *state;
    const struct fake_line script[] = {
        GREETING, HELLO, MAIL_OK, RCPT_OK("ana"), DATA_OK, TEXT(FAKE_PAUSE "250 queued\r\n"), QUIT};
    struct fake_smtp *fake = fake_smtp_start(script, ARRAY_COUNT(script));
    struct sender sender;
    int64_t id = post(f, "ana", 0);
    sender_start(&sender, f, fake);
    wait_for_claim(f, id);
    disk_fault_set(DISK_FULL);
    usleep(1000000);
    assert_false(is_sent(f, id));
    disk_fault_set(DISK_SOUND);
    sender_join(&sender);
    assert_null(fake_smtp_stop(fake, NULL));
    assert_true(is_sent(f, id));
}

static void nothing_begins_once_the_program_ends(void **state) {
    struct fixture *f = *state;
    int64_t id = post(f, "ana", 0);
    int stop_fd = eventfd(1, EFD_CLOEXEC);
    outbox_deliver(&f->shop, &options, stop_fd);
    assert_int_equal(attempts(f, id), 0);
    close(stop_fd);
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)
    const struct CMUnitTest tests[] = {
        TEST(what_is_due_is_sent_over_one_connection),
        TEST(the_letter_says_who_writes),
        TEST(the_sender_is_found),
        TEST(many_mails_take_several_connections),
        TEST(an_idle_school_writes_nothing),
        TEST(a_dead_server_postpones_all_that_is_due),
        TEST(a_crowd_is_postponed_in_one_round),
        TEST(pauses_grow_to_an_hour),
        TEST(after_two_days_a_mail_is_given_up),
        TEST(an_old_mail_that_was_never_tried_is_tried),
        TEST(a_refused_mail_is_given_up_and_keeps_no_other_waiting),
        TEST(a_mail_put_off_keeps_no_other_waiting),
        TEST(a_refused_sender_costs_no_mail),
        TEST(a_conversation_may_end_between_two_mails),
        TEST(rows_from_outside_are_understood),
        TEST(a_mail_is_claimed_before_a_word_is_said),
        TEST(a_claim_without_a_sender_ends_by_itself),
        TEST(an_unsure_mail_is_the_same_mail_again),
        TEST(a_sent_mail_is_noted_whatever_it_takes),
        TEST(nothing_begins_once_the_program_ends),
    };
#undef TEST
    disk_fault_install();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
