/* The SMTP client against servers that behave, refuse, break off, stall and lie. */
#include "net/smtp.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/secret.h"
#include "fake_smtp.h"
#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

#define FROM "school@example.org"
#define TO "ana@example.com"
#define MESSAGE "Subject: x\r\n\r\nHello\r\n"

#define GREETING \
    { FAKE_CONNECT, "220 fake ESMTP\r\n" }
#define HELLO \
    { "EHLO ", "250-fake says hello\r\n250-8BITMIME\r\n250 SMTPUTF8\r\n" }
#define HELLO_AUTH(auth) \
    { "EHLO ", "250-fake\r\n250-SIZE 1000000\r\n250 " auth "\r\n" }
#define MAIL_OK \
    { "MAIL FROM:<" FROM ">", "250 2.1.0 fine\r\n" }
#define RCPT_OK \
    { "RCPT TO:<" TO ">", "250 2.1.5 fine\r\n" }
#define DATA_OK \
    { "DATA", "354 go ahead\r\n" }
#define TEXT(reply) \
    { FAKE_TEXT, reply }
#define RSET_OK \
    { "RSET", "250 forgotten\r\n" }
#define QUIT \
    { "QUIT", "221 bye\r\n" }
#define SCRIPT(...)              \
    (const struct fake_line[]) { \
        __VA_ARGS__, {           \
            NULL, NULL           \
        }                        \
    }

/* A conversation with the fake, and what came of it. */
struct talk {
    struct fake_smtp *fake;
    struct smtp_options options;
    struct smtp *smtp;
    int stop_fd;
    char error[512];
    struct buf heard;
};

static size_t script_length(const struct fake_line *script) {
    size_t count = 0;
    while (script[count].hear)
        count++;
    return count;
}

static struct talk prepare(const struct fake_line *script) {
    struct talk talk = {.fake = fake_smtp_start(script, script_length(script)), .stop_fd = -1};
    talk.options = (struct smtp_options){.host = "127.0.0.1",
                                         .port = fake_smtp_port(talk.fake),
                                         .connect_ms = 8000,
                                         .mail_ms = 8000};
    return talk;
}

static bool start(struct talk *talk) {
    talk->smtp = smtp_connect(&talk->options, talk->stop_fd, talk->error, sizeof(talk->error));
    return talk->smtp != NULL;
}

static enum smtp_result send_to(struct talk *talk, const char *to) {
    *talk->error = '\0';
    return smtp_send(talk->smtp, FROM, to, MESSAGE, strlen(MESSAGE), talk->error,
                     sizeof(talk->error));
}

/* Closes, and wants the script to be over. */
static void finish(struct talk *talk) {
    smtp_close(talk->smtp);
    talk->smtp = NULL;
    const char *problem = fake_smtp_stop(talk->fake, &talk->heard);
    if (problem)
        fail_msg("%s", problem);
    buf_free(&talk->heard);
}

static void assert_contains(const char *text, const char *piece) {
    if (!strstr(text, piece))
        fail_msg("no \"%s\" in: %s", piece, text);
}

/* The conversation must not begin, for this reason. */
static void expect_no_start(struct talk *talk, const char *why) {
    assert_false(start(talk));
    assert_contains(talk->error, why);
    finish(talk);
}

/* ---- the option -------------------------------------------------------------------------------
 */

static struct smtp_options parsed;
static char parse_error[512];

static enum err parse(struct arena *arena, const char *url) {
    return smtp_options_parse(&parsed, arena, url, "secret", "", parse_error, sizeof(parse_error));
}

static void addresses_are_understood(void **state) {
    (void)state;
    struct arena *arena = arena_create();
    assert_int_equal(parse(arena, "smtp://mail.example.org"), OK);
    assert_string_equal(parsed.host, "mail.example.org");
    assert_int_equal(parsed.port, 587);
    assert_null(parsed.user);
    assert_false(parsed.implicit_tls);
    assert_int_equal(parse(arena, "smtps://ana%40example.org@mail.example.org/"), OK);
    assert_string_equal(parsed.user, "ana@example.org");
    assert_string_equal(parsed.password, "secret");
    assert_int_equal(parsed.port, 465);
    assert_true(parsed.implicit_tls);
    assert_int_equal(parse(arena, "smtp://ana@example.org@127.0.0.1:2525"), OK);
    assert_string_equal(parsed.user, "ana@example.org");
    assert_string_equal(parsed.host, "127.0.0.1");
    assert_int_equal(parsed.port, 2525);
    assert_int_equal(parse(arena, "smtp://[2001:db8::7]:25"), OK);
    assert_string_equal(parsed.host, "2001:db8::7");
    assert_int_equal(parsed.port, 25);
    arena_destroy(arena);
}

static void other_addresses_are_refused(void **state) {
    (void)state;
    static const char *const BAD[] = {
        "",
        "mail.example.org",
        "http://mail.example.org",
        "smtp://",
        "smtp://@mail.example.org",
        "smtp://user@",
        "smtp://user:secret@mail.example.org",
        "smtp://us%0Der@mail.example.org",
        "smtp://us%4@mail.example.org",
        "smtp://mail.example.org:",
        "smtp://mail.example.org:0",
        "smtp://mail.example.org:65536",
        "smtp://mail.example.org:99999999999999999999",
        "smtp://mail.example.org:58x",
        "smtp://mail.example.org:-1",
        "smtp://mail example.org",
        "smtp://mail.example.org/path",
        "smtp://mail.example.org?x",
        "smtp://[2001:db8::7",
        "smtp://[]:25",
        "smtp://2001:db8::7",
    };
    struct arena *arena = arena_create();
    for (size_t i = 0; i < ARRAY_COUNT(BAD); i++) {
        *parse_error = '\0';
        if (parse(arena, BAD[i]) != ERR_INVALID)
            fail_msg("taken: %s", BAD[i]);
        assert_contains(parse_error, "--smtp");
        assert_null(strstr(parse_error, "secret"));
    }
    arena_destroy(arena);
}

static void a_ca_file_is_read_at_once(void **state) {
    (void)state;
    struct arena *arena = arena_create();
    assert_int_equal(smtp_options_parse(&parsed, arena, "smtp://mail.example.org", NULL,
                                        "/does/not/exist", parse_error, sizeof(parse_error)),
                     ERR_INVALID);
    assert_contains(parse_error, "--ca-file");
    assert_int_equal(smtp_options_parse(&parsed, arena, "smtp://mail.example.org", NULL,
                                        "/proc/self/comm", parse_error, sizeof(parse_error)),
                     ERR_INVALID);
    arena_destroy(arena);
}

/* ---- what goes well ---------------------------------------------------------------------------
 */

static void a_mail_is_handed_over(void **state) {
    (void)state;
    struct talk talk = prepare(
        SCRIPT(GREETING, HELLO, MAIL_OK, RCPT_OK, DATA_OK, TEXT("250 2.0.0 queued\r\n"), QUIT));
    assert_true(start(&talk));
    assert_int_equal(send_to(&talk, TO), SMTP_SENT);
    assert_true(smtp_is_usable(talk.smtp));
    finish(&talk);
}

static void a_name_is_looked_up(void **state) {
    (void)state;
    struct talk talk = prepare(SCRIPT(GREETING, HELLO, QUIT));
    talk.options.host = "localhost";
    assert_true(start(&talk));
    finish(&talk);
}

/* Dots are doubled at the start of lines only; whatever ends a line, CR LF ends it on its way. */
static void the_text_cannot_end_the_mail(void **state) {
    (void)state;
    static const char TEXT_IN[] = ".\n.one\r\na.b\r\n..two\n.\r\nMAIL FROM:<x>\r.\rend";
    struct talk talk =
        prepare(SCRIPT(GREETING, HELLO, MAIL_OK, RCPT_OK, DATA_OK, TEXT("250 queued\r\n"), QUIT));
    assert_true(start(&talk));
    assert_int_equal(
        smtp_send(talk.smtp, FROM, TO, TEXT_IN, strlen(TEXT_IN), talk.error, sizeof(talk.error)),
        SMTP_SENT);
    smtp_close(talk.smtp);
    assert_null(fake_smtp_stop(talk.fake, &talk.heard));
    assert_contains(buf_text(&talk.heard),
                    "DATA\n..\n..one\na.b\n...two\n..\nMAIL FROM:<x>.end\n.\nQUIT\n");
    buf_free(&talk.heard);
}

static void passwords_are_sent_by_plain(void **state) {
    (void)state;
    /* "\0ana\0s\303\251same" */
    struct talk talk =
        prepare(SCRIPT(GREETING, HELLO_AUTH("AUTH LOGIN PLAIN-CLIENTTOKEN PLAIN"),
                       {"AUTH PLAIN AGFuYQBzw6lzYW1l", "235 2.7.0 welcome\r\n"}, QUIT));
    talk.options.user = "ana";
    talk.options.password = "s\303\251same";
    assert_true(start(&talk));
    finish(&talk);
}

static void passwords_are_sent_by_login(void **state) {
    (void)state;
    struct talk talk = prepare(
        SCRIPT(GREETING, HELLO_AUTH("AUTH=XPLAIN LOGIN"), {"AUTH LOGIN", "334 VXNlcm5hbWU6\r\n"},
               {"YW5h", "334 UGFzc3dvcmQ6\r\n"}, {"c2VjcmV0", "235 welcome\r\n"}, QUIT));
    talk.options.user = "ana";
    talk.options.password = "secret";
    assert_true(start(&talk));
    finish(&talk);
}

static void long_passwords_are_sent_whole(void **state) {
    (void)state;
    char password[3000];
    memset(password, 'p', sizeof(password) - 1);
    password[sizeof(password) - 1] = '\0';
    struct talk talk = prepare(SCRIPT(GREETING, HELLO_AUTH("AUTH PLAIN"),
                                      {"AUTH PLAIN AGFuYQBwcHBwcHBw", "235 welcome\r\n"}, QUIT));
    talk.options.user = "ana";
    talk.options.password = password;
    assert_true(start(&talk));
    finish(&talk);
}

/* A user alone is a sender's address. */
static void without_a_password_nobody_logs_in(void **state) {
    (void)state;
    struct talk talk = prepare(SCRIPT(GREETING, HELLO_AUTH("AUTH PLAIN"), MAIL_OK, RCPT_OK, DATA_OK,
                                      TEXT("250 queued\r\n"), QUIT));
    talk.options.user = "ana";
    assert_true(start(&talk));
    assert_int_equal(send_to(&talk, TO), SMTP_SENT);
    finish(&talk);
}

static void one_refusal_does_not_end_the_conversation(void **state) {
    (void)state;
    struct talk talk =
        prepare(SCRIPT(GREETING, HELLO, MAIL_OK, {"RCPT TO:<nobody@example.com>", "550 no\r\n"},
                       RSET_OK, MAIL_OK, RCPT_OK, DATA_OK, TEXT("250 queued\r\n"), QUIT));
    assert_true(start(&talk));
    assert_int_equal(send_to(&talk, "nobody@example.com"), SMTP_REFUSED);
    assert_string_equal(talk.error, "550 no");
    assert_true(smtp_is_usable(talk.smtp));
    assert_int_equal(send_to(&talk, TO), SMTP_SENT);
    finish(&talk);
}

static void letters_beyond_ascii_need_a_server_that_knows_them(void **state) {
    (void)state;
    struct talk talk =
        prepare(SCRIPT(GREETING, HELLO, {"MAIL FROM:<" FROM "> SMTPUTF8", "250 fine\r\n"},
                       {"RCPT TO:<mar\303\255a@example.com>", "250 fine\r\n"}, DATA_OK,
                       TEXT("250 queued\r\n"), QUIT));
    assert_true(start(&talk));
    assert_int_equal(send_to(&talk, "mar\303\255a@example.com"), SMTP_SENT);
    finish(&talk);
    talk = prepare(SCRIPT(GREETING, {"EHLO ", "250 fake\r\n"}, QUIT));
    assert_true(start(&talk));
    assert_int_equal(send_to(&talk, "mar\303\255a@example.com"), SMTP_REFUSED);
    assert_contains(talk.error, "ASCII");
    finish(&talk);
}

/* ---- what is refused --------------------------------------------------------------------------
 */

struct verdict {
    const char *name;
    enum smtp_result result;
    const char *error;
    struct fake_line script[10];
};

static void every_refusal_has_its_class(void **state) {
    (void)state;
    static const struct verdict VERDICTS[] = {
        /* of the sender: no mail of ours will pass, until somebody mends it */
        {"MAIL 4xx",
         SMTP_TROUBLE,
         "451 4.3.0 later",
         {{"MAIL", "451 4.3.0 later\r\n"}, RSET_OK, QUIT}},
        {"MAIL 5xx",
         SMTP_TROUBLE,
         "530 5.7.0 log in",
         {{"MAIL", "530 5.7.0 log in\r\n"}, RSET_OK, QUIT}},
        {"MAIL 421", SMTP_TROUBLE, "421 busy", {{"MAIL", "421 busy\r\n"}}},
        /* of the recipient */
        {"RCPT 4xx",
         SMTP_LATER,
         "450 4.2.1 greylisted",
         {MAIL_OK, {"RCPT", "450 4.2.1 greylisted\r\n"}, RSET_OK, QUIT}},
        {"RCPT 5xx",
         SMTP_REFUSED,
         "550 5.1.1 nobody 5.1.1 by that name",
         {MAIL_OK, {"RCPT", "550-5.1.1 nobody\r\n550 5.1.1 by that name\r\n"}, RSET_OK, QUIT}},
        {"RCPT 5xx bare", SMTP_REFUSED, "550", {MAIL_OK, {"RCPT", "550\r\n"}, RSET_OK, QUIT}},
        {"RCPT relaying",
         SMTP_LATER,
         "554 5.7.1 relay access denied",
         {MAIL_OK, {"RCPT", "554 5.7.1 relay access denied\r\n"}, RSET_OK, QUIT}},
        {"RCPT no AUTH",
         SMTP_LATER,
         "530 log in",
         {MAIL_OK, {"RCPT", "530 log in\r\n"}, RSET_OK, QUIT}},
        {"RCPT 421",
         SMTP_TROUBLE,
         "421 shutting down",
         {MAIL_OK, {"RCPT", "421 shutting down\r\n"}}},
        {"RCPT 251",
         SMTP_SENT,
         "",
         {MAIL_OK, {"RCPT", "251 forwarded\r\n"}, DATA_OK, TEXT("250 queued\r\n"), QUIT}},
        /* of the text */
        {"DATA 4xx",
         SMTP_LATER,
         "451 later",
         {MAIL_OK, RCPT_OK, {"DATA", "451 later\r\n"}, RSET_OK, QUIT}},
        {"DATA 5xx",
         SMTP_REFUSED,
         "554 no",
         {MAIL_OK, RCPT_OK, {"DATA", "554 no\r\n"}, RSET_OK, QUIT}},
        {"DATA 250",
         SMTP_LATER,
         "250 what",
         {MAIL_OK, RCPT_OK, {"DATA", "250 what\r\n"}, RSET_OK, QUIT}},
        {"text 4xx",
         SMTP_LATER,
         "452 disk full",
         {MAIL_OK, RCPT_OK, DATA_OK, TEXT("452 disk full\r\n"), QUIT}},
        {"text 5xx",
         SMTP_REFUSED,
         "554 5.7.1 spam",
         {MAIL_OK, RCPT_OK, DATA_OK, TEXT("554 5.7.1 spam\r\n"), QUIT}},
        {"text 421",
         SMTP_LATER,
         "421 closing",
         {MAIL_OK, RCPT_OK, DATA_OK, TEXT("421 closing\r\n")}},
    };
    for (size_t i = 0; i < ARRAY_COUNT(VERDICTS); i++) {
        struct fake_line script[16] = {GREETING, HELLO};
        memcpy(script + 2, VERDICTS[i].script, sizeof(VERDICTS[i].script));
        struct talk talk = prepare(script);
        assert_true(start(&talk));
        enum smtp_result result = send_to(&talk, TO);
        if (result != VERDICTS[i].result || strcmp(talk.error, VERDICTS[i].error) != 0)
            fail_msg("%s: %d %s", VERDICTS[i].name, (int)result, talk.error);
        finish(&talk);
    }
}

static void every_break_has_its_class(void **state) {
    (void)state;
    static const struct verdict VERDICTS[] = {
        {"MAIL", SMTP_TROUBLE, "the connection was lost", {{"MAIL", FAKE_HANG_UP}}},
        {"RCPT", SMTP_TROUBLE, "the connection was lost", {MAIL_OK, {"RCPT", FAKE_HANG_UP}}},
        {"DATA",
         SMTP_TROUBLE,
         "the connection was lost",
         {MAIL_OK, RCPT_OK, {"DATA", FAKE_HANG_UP}}},
        {"text",
         SMTP_UNSURE,
         "the connection was lost after the whole text was sent: it may have arrived",
         {MAIL_OK, RCPT_OK, DATA_OK, TEXT(FAKE_HANG_UP)}},
        {"nonsense", SMTP_TROUBLE, "the answer is not SMTP", {{"MAIL", "HTTP/1.1 400 Bad\r\n"}}},
        {"RSET", SMTP_REFUSED, "550 no", {MAIL_OK, {"RCPT", "550 no\r\n"}, {"RSET", FAKE_HANG_UP}}},
    };
    for (size_t i = 0; i < ARRAY_COUNT(VERDICTS); i++) {
        struct fake_line script[16] = {GREETING, HELLO};
        memcpy(script + 2, VERDICTS[i].script, sizeof(VERDICTS[i].script));
        struct talk talk = prepare(script);
        assert_true(start(&talk));
        enum smtp_result result = send_to(&talk, TO);
        if (result != VERDICTS[i].result || strcmp(talk.error, VERDICTS[i].error) != 0)
            fail_msg("%s: %d %s", VERDICTS[i].name, (int)result, talk.error);
        assert_false(smtp_is_usable(talk.smtp));
        finish(&talk);
    }
}

static void bad_beginnings_end_it(void **state) {
    (void)state;
    static const struct verdict VERDICTS[] = {
        {.error = "did not greet: 554 go away", .script = {{FAKE_CONNECT, "554 go away\r\n"}}},
        {.error = "did not greet: 421 full", .script = {{FAKE_CONNECT, "421 full\r\n"}}},
        {.error = "the connection was lost", .script = {{FAKE_CONNECT, FAKE_HANG_UP}}},
        {.error = "not SMTP", .script = {{FAKE_CONNECT, "SSH-2.0-OpenSSH_9\r\n"}}},
        {.error = "not SMTP", .script = {{FAKE_CONNECT, "22\r\n"}}},
        {.error = "not SMTP", .script = {{FAKE_CONNECT, "2200 fake\r\n"}}},
        {.error = "not SMTP", .script = {{FAKE_CONNECT, "999 fake\r\n"}}},
        {.error = "not SMTP", .script = {{FAKE_CONNECT, "220-fake\r\n250 fake\r\n"}}},
        {.error = "did not greet back: 502 what?",
         .script = {GREETING, {"EHLO ", "502 what?\r\n"}}},
        {.error = "the connection was lost", .script = {GREETING, {"EHLO ", FAKE_HANG_UP}}},
        {.error = "refused STARTTLS: 454 not now",
         .script = {GREETING, HELLO_AUTH("STARTTLS"), {"STARTTLS", "454 not now\r\n"}}},
        {.error = "TLS with 127.0.0.1 failed: the answer is not TLS",
         .script =
             {GREETING, HELLO_AUTH("starttls"), {"STARTTLS", "220 go\r\n"}, {"", "250 x\r\n"}}},
        {.error = "password: 535 5.7.8 wrong",
         .script = {GREETING, HELLO_AUTH("AUTH PLAIN"), {"AUTH PLAIN", "535 5.7.8 wrong\r\n"}}},
        {.error = "password: 454 later",
         .script = {GREETING, HELLO_AUTH("AUTH PLAIN"), {"AUTH PLAIN", "454 later\r\n"}}},
        {.error = "the connection was lost",
         .script = {GREETING, HELLO_AUTH("AUTH PLAIN"), {"AUTH PLAIN", FAKE_HANG_UP}}},
        {.error = "password: 535 no",
         .script = {GREETING,
                    HELLO_AUTH("AUTH LOGIN"),
                    {"AUTH LOGIN", "334 x\r\n"},
                    {"YW5h", "535 no\r\n"}}},
        {.error = "by PLAIN or LOGIN", .script = {GREETING, HELLO_AUTH("AUTH CRAM-MD5 GSSAPI")}},
        {.error = "by PLAIN or LOGIN", .script = {GREETING, HELLO}},
    };
    for (size_t i = 0; i < ARRAY_COUNT(VERDICTS); i++) {
        struct talk talk = prepare(VERDICTS[i].script);
        talk.options.user = "ana";
        talk.options.password = "secret";
        expect_no_start(&talk, VERDICTS[i].error);
    }
}

/* ---- what a hostile server or somebody in between tries ---------------------------------------
 */

static void replies_are_bounded(void **state) {
    (void)state;
    struct buf reply = {0};
    for (int i = 0; i < 3000; i++)
        buf_puts(&reply, i ? "x" : "220 ");
    buf_puts(&reply, "\r\n");
    struct talk talk = prepare(SCRIPT({FAKE_CONNECT, buf_text(&reply)}));
    expect_no_start(&talk, "not SMTP");
    buf_reset(&reply);
    for (int i = 0; i < 101; i++)
        buf_puts(&reply, "220-again\r\n");
    talk = prepare(SCRIPT({FAKE_CONNECT, buf_text(&reply)}));
    expect_no_start(&talk, "not SMTP");
    buf_free(&reply);
}

static void what_a_server_says_is_kept_as_printable_ascii(void **state) {
    (void)state;
    struct talk talk = prepare(SCRIPT(GREETING, HELLO, MAIL_OK,
                                      {"RCPT", "550 <b>n\303\263\033[31m\xff\r\n"}, RSET_OK, QUIT));
    assert_true(start(&talk));
    assert_int_equal(send_to(&talk, TO), SMTP_REFUSED);
    assert_string_equal(talk.error, "550 <b>n???[31m?");
    finish(&talk);
}

/* Words in clear behind the answer to STARTTLS would be read as if they came after it. */
static void nothing_slips_in_before_tls(void **state) {
    (void)state;
    struct talk talk = prepare(SCRIPT(GREETING, HELLO_AUTH("STARTTLS"),
                                      {"STARTTLS", "220 go\r\n250-fake\r\n250 AUTH PLAIN\r\n"}));
    expect_no_start(&talk, "out of turn");
}

static void addresses_cannot_carry_commands(void **state) {
    (void)state;
    static const char *const BAD[] = {
        "",
        "ana@example.com>\r\nRCPT TO:<eve@example.com",
        "ana@example.com\nDATA",
        "ana@example.com> SIZE=1",
        "<ana@example.com",
        "a na@example.com",
        "ana\177@example.com",
    };
    struct talk talk = prepare(SCRIPT(GREETING, HELLO, QUIT));
    assert_true(start(&talk));
    for (size_t i = 0; i < ARRAY_COUNT(BAD); i++)
        assert_int_equal(send_to(&talk, BAD[i]), SMTP_REFUSED);
    assert_int_equal(smtp_send(talk.smtp, "a\r\nb", TO, MESSAGE, strlen(MESSAGE), talk.error,
                               sizeof(talk.error)),
                     SMTP_REFUSED);
    finish(&talk);
}

/* This machine's address on a network, or false where it has none. */
static bool own_address(char *address, size_t size) {
    struct ifaddrs *list;
    bool found = false;
    if (getifaddrs(&list) != 0)
        return false;
    for (struct ifaddrs *i = list; i && !found; i = i->ifa_next)
        if (i->ifa_addr && i->ifa_addr->sa_family == AF_INET && !(i->ifa_flags & IFF_LOOPBACK) &&
            i->ifa_flags & IFF_UP)
            found = inet_ntop(AF_INET,
                              &((const struct sockaddr_in *)(const void *)i->ifa_addr)->sin_addr,
                              address, (socklen_t)size) != NULL;
    freeifaddrs(list);
    return found;
}

static void no_mail_crosses_a_network_in_clear(void **state) {
    (void)state;
    char address[INET_ADDRSTRLEN];
    if (!own_address(address, sizeof(address)))
        skip();
    struct talk talk = prepare(SCRIPT(GREETING, HELLO_AUTH("AUTH PLAIN")));
    talk.options.host = address;
    talk.options.user = "ana";
    talk.options.password = "secret";
    expect_no_start(&talk, "offers no TLS");
}

/* ---- time -------------------------------------------------------------------------------------
 */

static int64_t elapsed_ms(int64_t since_us) {
    return (clock_monotonic_us() - since_us) / 1000;
}

static void silence_and_drips_end_with_the_deadline(void **state) {
    (void)state;
    static const char *const STALLS[] = {FAKE_SILENCE, FAKE_DRIP};
    for (size_t i = 0; i < ARRAY_COUNT(STALLS); i++) {
        struct talk talk = prepare(SCRIPT({FAKE_CONNECT, STALLS[i]}));
        talk.options.connect_ms = 300;
        int64_t since = clock_monotonic_us();
        assert_false(start(&talk));
        assert_contains(talk.error, "no answer in time");
        assert_in_range(elapsed_ms(since), 290, 3000);
        finish(&talk);

        talk = prepare(SCRIPT(GREETING, HELLO, MAIL_OK, {"RCPT", STALLS[i]}));
        talk.options.mail_ms = 300;
        assert_true(start(&talk));
        since = clock_monotonic_us();
        assert_int_equal(send_to(&talk, TO), SMTP_TROUBLE);
        assert_string_equal(talk.error, "no answer in time");
        assert_in_range(elapsed_ms(since), 290, 3000);
        finish(&talk);
    }
}

/* With TLS right away the server speaks only after the client's hello: it may also never. */
static void a_silent_handshake_ends_with_the_deadline(void **state) {
    (void)state;
    struct talk talk = prepare(SCRIPT({FAKE_CONNECT, FAKE_SILENCE}));
    talk.options.implicit_tls = true;
    talk.options.connect_ms = 300;
    int64_t since = clock_monotonic_us();
    expect_no_start(&talk, "TLS with 127.0.0.1 failed");
    assert_in_range(elapsed_ms(since), 290, 3000);
}

static void names_that_are_none_end_it(void **state) {
    (void)state;
    struct smtp_options options = {
        .host = "mail.invalid", .port = 25, .connect_ms = 1500, .mail_ms = 1500};
    char error[512] = "";
    int64_t since = clock_monotonic_us();
    assert_null(smtp_connect(&options, -1, error, sizeof(error)));
    assert_contains(error, "mail.invalid is not found");
    assert_in_range(elapsed_ms(since), 0, 4000);
}

static void closed_ports_are_named(void **state) {
    (void)state;
    struct talk talk = prepare(SCRIPT({FAKE_CONNECT, FAKE_HANG_UP}));
    assert_false(start(&talk));
    finish(&talk);
    assert_false(start(&talk)); /* nobody listens any more */
    assert_contains(talk.error, "127.0.0.1 does not answer on port ");
}

static void the_end_of_the_program_is_heard(void **state) {
    (void)state;
    struct talk talk = prepare(SCRIPT({FAKE_CONNECT, FAKE_SILENCE}));
    const struct itimerspec soon = {.it_value.tv_nsec = 200000000};
    talk.stop_fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);
    timerfd_settime(talk.stop_fd, 0, &soon, NULL);
    int64_t since = clock_monotonic_us();
    assert_false(start(&talk));
    assert_in_range(elapsed_ms(since), 190, 2000);
    finish(&talk);
    close(talk.stop_fd);
}

/* A mail whose text is under way gets a few seconds to be taken. */
static void a_mail_under_way_gets_some_grace(void **state) {
    (void)state;
    struct talk talk =
        prepare(SCRIPT(GREETING, HELLO, MAIL_OK, RCPT_OK, DATA_OK, TEXT(FAKE_SILENCE)));
    talk.stop_fd = eventfd(0, EFD_CLOEXEC);
    talk.options.mail_ms = 60000;
    assert_true(start(&talk));
    eventfd_write(talk.stop_fd, 1);
    int64_t since = clock_monotonic_us();
    assert_int_equal(send_to(&talk, TO), SMTP_UNSURE);
    assert_in_range(elapsed_ms(since), 2500, 4500);
    finish(&talk);
    close(talk.stop_fd);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(addresses_are_understood),
        cmocka_unit_test(other_addresses_are_refused),
        cmocka_unit_test(a_ca_file_is_read_at_once),
        cmocka_unit_test(a_mail_is_handed_over),
        cmocka_unit_test(a_name_is_looked_up),
        cmocka_unit_test(the_text_cannot_end_the_mail),
        cmocka_unit_test(passwords_are_sent_by_plain),
        cmocka_unit_test(passwords_are_sent_by_login),
        cmocka_unit_test(long_passwords_are_sent_whole),
        cmocka_unit_test(without_a_password_nobody_logs_in),
        cmocka_unit_test(one_refusal_does_not_end_the_conversation),
        cmocka_unit_test(letters_beyond_ascii_need_a_server_that_knows_them),
        cmocka_unit_test(every_refusal_has_its_class),
        cmocka_unit_test(every_break_has_its_class),
        cmocka_unit_test(bad_beginnings_end_it),
        cmocka_unit_test(replies_are_bounded),
        cmocka_unit_test(what_a_server_says_is_kept_as_printable_ascii),
        cmocka_unit_test(nothing_slips_in_before_tls),
        cmocka_unit_test(addresses_cannot_carry_commands),
        cmocka_unit_test(no_mail_crosses_a_network_in_clear),
        cmocka_unit_test(silence_and_drips_end_with_the_deadline),
        cmocka_unit_test(a_silent_handshake_ends_with_the_deadline),
        cmocka_unit_test(names_that_are_none_end_it),
        cmocka_unit_test(closed_ports_are_named),
        cmocka_unit_test(the_end_of_the_program_is_heard),
        cmocka_unit_test(a_mail_under_way_gets_some_grace),
    };
    if (secret_setup(1, 8) != OK)
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
