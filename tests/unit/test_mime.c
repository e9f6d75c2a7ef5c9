/* Mails as bytes: what the RFCs ask of lines, headers and bodies, and what nobody can slip in. */
#include "net/mime.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct mime_mail mail;
static struct buf written;

static int setup(void **state) {
    (void)state;
    mail = (struct mime_mail){.from_name = "Academia Sol",
                              .from = "hola@academia.example",
                              .to = "ana@example.org",
                              .subject = "Hello",
                              .message_id = "7.tag@academia.example",
                              .date = 1772463600,
                              .text = "One\nTwo\n"};
    return 0;
}

static int teardown(void **state) {
    (void)state;
    buf_free(&written);
    return 0;
}

static const char *write_mail(void) {
    buf_reset(&written);
    mime_write(&written, &mail);
    return buf_text(&written);
}

static void assert_contains(const char *text, const char *piece) {
    if (!strstr(text, piece))
        fail_msg("no \"%s\" in:\n%s", piece, text);
}

static void assert_lacks(const char *text, const char *piece) {
    if (strstr(text, piece))
        fail_msg("\"%s\" in:\n%s", piece, text);
}

/* The lines of a header, folds included, from its name to its last line end. */
static struct buf header_of(const char *text, const char *name) {
    struct buf header = {0};
    const char *at = strstr(text, name);
    assert_non_null(at);
    do {
        const char *end = strstr(at, "\r\n") + 2;
        buf_append(&header, at, (size_t)(end - at));
        at = end;
    } while (*at == ' ');
    return header;
}

static void assert_header(const char *name, const char *expected) {
    struct buf header = header_of(write_mail(), name);
    assert_string_equal(buf_text(&header), expected);
    buf_free(&header);
}

/* Every line ends with CR LF and has at most `limit` characters, all of them ASCII. */
static void assert_lines(const char *text, size_t limit) {
    for (const char *line = text; *line;) {
        size_t length = strcspn(line, "\r\n");
        if (length > limit || strncmp(line + length, "\r\n", 2) != 0)
            fail_msg("a line of %zu: %s", length, line);
        for (size_t i = 0; i < length; i++)
            assert_in_range(line[i], ' ', '~');
        line += length + 2;
    }
}

static int hex(char c) {
    return c <= '9' ? c - '0' : c - 'A' + 10;
}

/* The body behind the last empty line, decoded. */
static struct buf decoded_body(const char *text) {
    struct buf body = {0};
    const char *at = text;
    for (const char *next; (next = strstr(at, "\r\n\r\n")) && strstr(at, "quoted-printable");)
        at = next + 4;
    for (; *at; at++) {
        if (strncmp(at, "=\r\n", 3) == 0) {
            at += 2;
        } else if (*at == '=') {
            buf_putc(&body, (char)(hex(at[1]) << 4 | hex(at[2])));
            at += 2;
        } else if (*at != '\r') {
            buf_putc(&body, *at);
        }
    }
    return body;
}

/* ---- whole mails ------------------------------------------------------------------------------
 */

static void a_plain_mail(void **state) {
    (void)state;
    assert_string_equal(write_mail(), "Date: Mon, 2 Mar 2026 15:00:00 +0000\r\n"
                                      "From: Academia Sol <hola@academia.example>\r\n"
                                      "To: <ana@example.org>\r\n"
                                      "Subject: Hello\r\n"
                                      "Message-ID: <7.tag@academia.example>\r\n"
                                      "MIME-Version: 1.0\r\n"
                                      "Auto-Submitted: auto-generated\r\n"
                                      "Content-Type: text/plain; charset=utf-8\r\n"
                                      "Content-Transfer-Encoding: quoted-printable\r\n"
                                      "\r\n"
                                      "One\r\nTwo\r\n");
}

static void two_parts(void **state) {
    (void)state;
    mail.html = "<p>One</p>";
    mail.reply_to = "secretaria@academia.example";
    const char *text = write_mail();
    assert_contains(text, "\r\nReply-To: <secretaria@academia.example>\r\n");
    assert_contains(text, "Content-Type: multipart/alternative; "
                          "boundary=\"=_taller_alternative\"\r\n"
                          "\r\n"
                          "--=_taller_alternative\r\n"
                          "Content-Type: text/plain; charset=utf-8\r\n"
                          "Content-Transfer-Encoding: quoted-printable\r\n"
                          "\r\n"
                          "One\r\nTwo\r\n"
                          "--=_taller_alternative\r\n"
                          "Content-Type: text/html; charset=utf-8\r\n"
                          "Content-Transfer-Encoding: quoted-printable\r\n"
                          "\r\n"
                          "<p>One</p>\r\n"
                          "--=_taller_alternative--\r\n");
}

static void the_boundary_is_in_no_body(void **state) {
    (void)state;
    mail.text = "\n--=_taller_alternative--\n--=_taller_alternative\nX: y\n";
    mail.html = "--=_taller_alternative--";
    const char *text = write_mail();
    int found = 0;
    for (const char *at = text; (at = strstr(at, "--=_taller_alternative")); at++)
        found++;
    assert_int_equal(found, 3);
}

static void the_same_mail_is_the_same_bytes(void **state) {
    (void)state;
    mail.html = "<p>One</p>";
    struct buf again = {0};
    mime_write(&again, &mail);
    assert_string_equal(write_mail(), buf_text(&again));
    buf_free(&again);
}

/* ---- headers ----------------------------------------------------------------------------------
 */

static void letters_beyond_ascii_are_encoded(void **state) {
    (void)state;
    mail.subject = "Recibo n.\302\272 000128";
    assert_header("Subject:", "Subject: =?UTF-8?Q?Recibo_n=2E=C2=BA_000128?=\r\n");
    mail.from_name = "Taller Ni\303\261os";
    assert_header("From:", "From: =?UTF-8?Q?Taller_Ni=C3=B1os?= <hola@academia.example>\r\n");
}

/* Encoded words hold whole characters (RFC 2047, 5) and their lines at most 76. */
static void long_encoded_words_are_split_between_characters(void **state) {
    (void)state;
    mail.subject = "\303\261\303\261\303\261\303\261\303\261\303\261\303\261\303\261\303\261"
                   "\303\261\303\261 \360\237\216\211\360\237\216\211\360\237\216\211";
    assert_header("Subject:",
                  "Subject: =?UTF-8?Q?=C3=B1=C3=B1=C3=B1=C3=B1=C3=B1=C3=B1=C3=B1=C3=B1=C3=B1?=\r\n"
                  " =?UTF-8?Q?=C3=B1=C3=B1_=F0=9F=8E=89=F0=9F=8E=89=F0=9F=8E=89?=\r\n");
    assert_lines(write_mail(), 76);
}

static void long_plain_subjects_are_folded_at_spaces(void **state) {
    (void)state;
    mail.subject = "We have your payment and are looking at it, because the seat was taken "
                   "meanwhile (TAL-7K3Q)";
    assert_header("Subject:",
                  "Subject: We have your payment and are looking at it, because the seat was\r\n"
                  " taken meanwhile (TAL-7K3Q)\r\n");
}

static void words_longer_than_a_line_are_encoded(void **state) {
    (void)state;
    char subject[301];
    memset(subject, 'w', 300);
    subject[300] = '\0';
    mail.subject = mail.from_name = subject;
    const char *text = write_mail();
    assert_lines(text, 76);
    assert_contains(text, "Subject: =?UTF-8?Q?wwww");
    assert_contains(text, "From: =?UTF-8?Q?wwww");
}

/* What looks encoded would be decoded by the reader. */
static void encoded_words_typed_by_people_stay_text(void **state) {
    (void)state;
    mail.subject = "=?UTF-8?Q?x?=";
    assert_header("Subject:", "Subject: =?UTF-8?Q?=3D=3FUTF=2D8=3FQ=3Fx=3F=3D?=\r\n");
    mail.subject = "1 + 1 = 2?";
    assert_header("Subject:", "Subject: 1 + 1 = 2?\r\n");
}

/* A comma would make two addresses of it (RFC 5322, 3.2.3). */
static void names_are_quoted_where_they_must_be(void **state) {
    (void)state;
    mail.from_name = "Academia Sol, S.A.C.";
    assert_header("From:", "From: \"Academia Sol, S.A.C.\" <hola@academia.example>\r\n");
    mail.from_name = "The \"Sun\" \\ <x@y>";
    assert_header("From:", "From: \"The \\\"Sun\\\" \\\\ <x@y>\" <hola@academia.example>\r\n");
    mail.from_name = "";
    assert_header("From:", "From: <hola@academia.example>\r\n");
}

static void nothing_begins_another_header(void **state) {
    (void)state;
    mail.subject = "x\r\nBcc: eve@example.com\r\n\r\nbody\177";
    mail.from_name = "x\nBcc: eve@example.com";
    mail.to = "ana@example.org>\r\nBcc: <eve@example.com";
    mail.reply_to = "a@b.example\n Bcc: eve@example.com";
    mail.from = "hola@academia.example\nBcc: eve@example.com";
    mail.message_id = "7\r\nBcc: eve@example.com";
    const char *text = write_mail();
    assert_lines(text, 76);
    assert_lacks(text, "\nBcc");
    assert_lacks(text, "\n Bcc");
    assert_header("Subject:", "Subject: x Bcc: eve@example.com body\r\n");
    assert_contains(text, "\r\nTo: <ana@example.orgBcc:eve@example.com>\r\n");
}

/* An address is never broken, so it may be longer than a line: one of its own. */
static void long_addresses_stand_alone(void **state) {
    (void)state;
    char address[255];
    memset(address, 'a', sizeof(address) - 1);
    memcpy(address + 64, "@b.", 3);
    address[254] = '\0';
    mail.to = mail.from = address;
    const char *text = write_mail();
    assert_lines(text, 258);
    assert_contains(text, "To:\r\n <aaa");
    assert_contains(text, "From: Academia Sol\r\n <aaa");
}

/* Text that is not UTF-8 should not be there; it must not lead past its end. */
static void broken_utf8_is_survived(void **state) {
    (void)state;
    char *subject = strdup("x\360");
    mail.subject = subject;
    assert_header("Subject:", "Subject: =?UTF-8?Q?x=F0?=\r\n");
    free(subject);
    subject = calloc(1, 201);
    memset(subject, 0x80, 200);
    mail.subject = subject;
    assert_lines(write_mail(), 76);
    free(subject);
}

static void dates_are_those_of_the_calendar(void **state) {
    (void)state;
    mail.date = 0;
    assert_header("Date:", "Date: Thu, 1 Jan 1970 00:00:00 +0000\r\n");
    mail.date = 1709251199;
    assert_header("Date:", "Date: Thu, 29 Feb 2024 23:59:59 +0000\r\n");
}

/* ---- bodies -----------------------------------------------------------------------------------
 */

static void assert_body(const char *text) {
    mail.text = text;
    assert_lines(write_mail(), 76);
    struct buf body = decoded_body(buf_text(&written));
    assert_string_equal(buf_text(&body), text);
    buf_free(&body);
}

static void bodies_come_through(void **state) {
    (void)state;
    assert_body(
        "Hola, Mar\303\255a:\n\ntu inscripci\303\263n est\303\241 lista \360\237\216\211.\n");
    assert_body("=3D =\n=\n\t tab\t\nspace \n.\n..\n-- \nFrom me\n");
    assert_body("\001\177control\n");
    assert_body("\n\n\n");
    struct buf longest = {0};
    for (int i = 0; i < 2000; i++)
        buf_puts(&longest, i % 7 ? "x" : "\303\261");
    buf_puts(&longest, "\n");
    assert_body(buf_text(&longest));
    buf_free(&longest);
}

/* Every length around the end of a line, with what needs one and three characters there. */
static void soft_breaks_fall_right(void **state) {
    (void)state;
    static const char *const LAST[] = {"x", "=", " ", "\303\261", ".", "\t"};
    char text[120];
    for (size_t length = 70; length < 80; length++) {
        for (size_t i = 0; i < sizeof(LAST) / sizeof(LAST[0]); i++) {
            struct buf line = {0};
            memset(text, 'y', length);
            text[length] = '\0';
            buf_printf(&line, "%s%s\n%s%sz\n", text, LAST[i], text, LAST[i]);
            assert_body(buf_text(&line));
            buf_free(&line);
        }
    }
}

static void spaces_at_the_end_of_a_line_are_kept(void **state) {
    (void)state;
    mail.text = "a \nb\t\r\nc ";
    assert_contains(write_mail(), "a=20\r\nb=09\r\nc=20\r\n");
}

static void line_ends_are_all_the_same(void **state) {
    (void)state;
    mail.text = "one\r\ntwo\nthree\rfour\r\r\n";
    assert_contains(write_mail(), "\r\n\r\none\r\ntwo\r\nthree=0Dfour=0D\r\n");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_plain_mail, setup, teardown),
        cmocka_unit_test_setup_teardown(two_parts, setup, teardown),
        cmocka_unit_test_setup_teardown(the_boundary_is_in_no_body, setup, teardown),
        cmocka_unit_test_setup_teardown(the_same_mail_is_the_same_bytes, setup, teardown),
        cmocka_unit_test_setup_teardown(letters_beyond_ascii_are_encoded, setup, teardown),
        cmocka_unit_test_setup_teardown(long_encoded_words_are_split_between_characters, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(long_plain_subjects_are_folded_at_spaces, setup, teardown),
        cmocka_unit_test_setup_teardown(words_longer_than_a_line_are_encoded, setup, teardown),
        cmocka_unit_test_setup_teardown(encoded_words_typed_by_people_stay_text, setup, teardown),
        cmocka_unit_test_setup_teardown(names_are_quoted_where_they_must_be, setup, teardown),
        cmocka_unit_test_setup_teardown(nothing_begins_another_header, setup, teardown),
        cmocka_unit_test_setup_teardown(long_addresses_stand_alone, setup, teardown),
        cmocka_unit_test_setup_teardown(broken_utf8_is_survived, setup, teardown),
        cmocka_unit_test_setup_teardown(dates_are_those_of_the_calendar, setup, teardown),
        cmocka_unit_test_setup_teardown(bodies_come_through, setup, teardown),
        cmocka_unit_test_setup_teardown(soft_breaks_fall_right, setup, teardown),
        cmocka_unit_test_setup_teardown(spaces_at_the_end_of_a_line_are_kept, setup, teardown),
        cmocka_unit_test_setup_teardown(line_ends_are_all_the_same, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
