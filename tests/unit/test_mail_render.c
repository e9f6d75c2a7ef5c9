/* Every kind of mail in both languages, of a school that has set everything and of one that has set
 * nothing: what is said, and that nothing unset, untranslated or unescaped shows. */
#include "shop/workshop_mail.h"
#include "site/mail.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/zone.h"

#define BASE_URL "https://taller.example"
#define ORDER_LINK BASE_URL "/store/orders/41/"
#define TOKEN_LINK BASE_URL "/accounts/password/reset/key/T0k3n_-x/"

/* ---- a school and a family --------------------------------------------------------------------
 */

static struct settings school(bool full) {
    struct settings settings = {.school_name = "Academia Sol",
                                .currency = "PEN",
                                .tax_name = "IGV",
                                .zone = zone_find("America/Lima")};
    if (full) {
        settings.address = "Av. Larco 123, Miraflores";
        settings.whatsapp = "51987654321";
        settings.legal_name = "Sol S.A.C.";
        settings.tax_number = "20123456789";
        settings.wallet_name = "Yape";
        settings.wallet_holder = "Luz Marina";
        settings.wallet_phone = "987 111 222";
        settings.bank_details = "BCP soles\r\n191-1234567-0-12\n\nCCI 002-191";
    }
    return settings;
}

static struct order order_of(struct inscription *lines, size_t count) {
    for (size_t i = 0; i < count; i++) {
        lines[i] = (struct inscription){.price_cents = 18000, .student_first_name = "Sof\303\255a"};
        lines[i].workshop.title = "Rob\303\263tica <con> \"LEGO\" & m\303\241s";
    }
    return (struct order){.id = 41,
                          .code = "TAL-7K3Q",
                          .status = ORDER_PENDING,
                          .total_cents = 18000 * (int64_t)count,
                          .due_cents = 18000 * (int64_t)count,
                          .currency = "PEN",
                          .due_at = 1772463600,
                          .lines = {lines, count},
                          .first_name = "Rosa"};
}

static struct receipt receipt_of(struct receipt_line *lines, size_t count, bool full) {
    for (size_t i = 0; i < count; i++)
        lines[i] = (struct receipt_line){.student_name = "Sof\303\255a Quispe",
                                         .title = "Rob\303\263tica <con> \"LEGO\" & m\303\241s",
                                         .detail = full ? "Mar \302\267 4:00 a 5:30 p. m." : NULL,
                                         .list_price_cents = 20000,
                                         .price_cents = full ? 18000 : 0};
    struct receipt receipt = {.number = 128,
                              .order_id = 41,
                              .issued_at = 1772463600,
                              .currency = "PEN",
                              .tax_name = "IGV",
                              .method = full ? "transfer" : "free",
                              .buyer_name = "Rosa O'Brien",
                              .school_name = "Academia Sol",
                              .lines = lines,
                              .line_count = count};
    if (full) {
        receipt.order_code = "TAL-7K3Q";
        receipt.total_cents = 18000 * (int64_t)count;
        receipt.tax_rate_bp = 1800;
        receipt.tax_cents = 2746;
        receipt.references = "00123456, 00123457";
        receipt.buyer_document = "DNI 12345678";
        receipt.school_lines = "Sol S.A.C.\nRUC 20123456789";
    }
    return receipt;
}

static struct credit_note credit_note_of(struct credit_note_line *lines, size_t count, bool full) {
    for (size_t i = 0; i < count; i++)
        lines[i] = (struct credit_note_line){.student_name = "Sof\303\255a Quispe",
                                             .title = "Rob\303\263tica <con> \"LEGO\" & m\303\241s",
                                             .amount_cents = 18000};
    struct credit_note note = {.number = 7,
                               .receipt_number = 128,
                               .order_id = 41,
                               .issued_at = 1772463600,
                               .currency = "PEN",
                               .total_cents = 18000 * (int64_t)count,
                               .tax_name = "IGV",
                               .method = "cash",
                               .buyer_name = "Rosa O'Brien",
                               .school_name = "Academia Sol",
                               .lines = lines,
                               .line_count = count};
    if (full) {
        note.reference = "TAL-7K3Q-R1";
        note.reason = "Cambio de horario";
        note.tax_rate_bp = 1800;
        note.tax_cents = 2746;
        note.buyer_document = "DNI 12345678";
        note.school_lines = "Sol S.A.C.\nRUC 20123456789";
    }
    return note;
}

/* ---- one mail ---------------------------------------------------------------------------------
 */

static struct mail_text mail;

static int teardown(void **state) {
    (void)state;
    buf_free(&mail.subject);
    buf_free(&mail.text);
    buf_free(&mail.html);
    return 0;
}

static void render(enum mail_kind kind, enum lang lang, bool full, size_t lines) {
    struct inscription inscriptions[3];
    struct receipt_line receipt_lines[3];
    const struct settings settings = school(full);
    const struct order order = order_of(inscriptions, lines);
    const struct receipt receipt = receipt_of(receipt_lines, lines, full);
    const bool has_link =
        kind != MAIL_PASSWORD_CHANGED && kind != MAIL_ACCOUNT_CLOSED && kind != MAIL_TEST;
    const struct mail_link link = {.first_name = "Rosa", .link = has_link ? TOKEN_LINK : NULL};
    struct credit_note_line credit_lines[3];
    const struct credit_note note = credit_note_of(credit_lines, lines, full);
    const struct mail_order news = {.order = &order,
                                    .credit = full ? &note : NULL,
                                    .back_cents = kind == MAIL_REFUND || full ? 18000 : 0,
                                    .method = "cash",
                                    .reference = "TAL-7K3Q-R1",
                                    .reason = full ? "Cambio de horario" : NULL,
                                    .operation = "00123456",
                                    .student = "Sof\303\255a",
                                    .from = "Rob\303\263tica",
                                    .to = "Ajedrez"};
    const bool is_news = kind >= MAIL_TRANSFER_REJECTED && kind <= MAIL_MOVED;
    const struct workshop workshop = {.title = "Rob\303\263tica"};
    const struct mail_workshop change = {.first_name = "Rosa",
                                         .students = "Sof\303\255a, Mateo",
                                         .workshop = &workshop,
                                         .before = "lunes",
                                         .after = "martes",
                                         .subject = "Traer ropa vieja",
                                         .note = full ? "Hola.\n\nGracias." : NULL};
    const void *model = kind == MAIL_RECEIPT               ? (const void *)&receipt
                        : kind >= MAIL_CONFIRM_EMAIL       ? (const void *)&link
                        : kind >= MAIL_WORKSHOP_CALLED_OFF ? (const void *)&change
                        : is_news                          ? (const void *)&news
                                                           : (const void *)&order;
    teardown(NULL);
    mail_render(&mail, kind, lang, model, &settings, BASE_URL);
}

static void assert_has(const struct buf *part, const char *piece) {
    if (!strstr(buf_text(part), piece))
        fail_msg("no \"%s\" in:\n%s", piece, buf_text(part));
}

static void assert_has_not(const struct buf *part, const char *piece) {
    if (strstr(buf_text(part), piece))
        fail_msg("\"%s\" in:\n%s", piece, buf_text(part));
}

static void assert_in_both(const char *piece) {
    assert_has(&mail.text, piece);
    assert_has(&mail.html, piece);
}

/* {name}, and what C or a template prints of nothing. */
static void assert_nothing_unset(const struct buf *part) {
    static const char *const LEFTOVERS[] = {"{{",     "}}",   "{%",        "%}",
                                            "(null)", "None", "undefined", "NaN"};
    for (size_t i = 0; i < sizeof(LEFTOVERS) / sizeof(LEFTOVERS[0]); i++)
        assert_has_not(part, LEFTOVERS[i]);
    for (const char *p = buf_text(part); (p = strchr(p, '{')); p++)
        if (p[1 + strspn(p + 1, "abcdefghijklmnopqrstuvwxyz_")] == '}')
            fail_msg("a placeholder in:\n%s", buf_text(part));
}

/* No English among the Spanish; the school and the family are called in neither. */
static void assert_spanish(const struct buf *part) {
    static const char *const ENGLISH[] = {" the ",  " The ", " your ", "Your ",  " you ",
                                          "You ",   " is ",  " and ",  " for ",  "See ",
                                          " with ", "Hello", "Thank ", "Log in", "Paid"};
    for (size_t i = 0; i < sizeof(ENGLISH) / sizeof(ENGLISH[0]); i++)
        assert_has_not(part, ENGLISH[i]);
}

static void assert_tidy(enum lang lang) {
    assert_true(mail.subject.len > 5);
    assert_has_not(&mail.subject, "\n");
    assert_has_not(&mail.text, " \n");
    assert_has_not(&mail.text, "\n\n\n");
    assert_has_not(&mail.text, "&#");
    assert_has_not(&mail.text, "<p");
    assert_int_equal(strncmp(buf_text(&mail.html), "<!DOCTYPE html>", 15), 0);
    assert_has(&mail.html, lang == LANG_ES ? "<html lang=\"es\">" : "<html lang=\"en\">");
    assert_has(&mail.html, "</html>");
    assert_has_not(&mail.html, "<p></p>");
    assert_has_not(&mail.html, "<con>");
    assert_has_not(&mail.html, "href=\"\"");
    assert_has_not(&mail.html, "href=\"#\"");
}

/* Every kind, both languages, bare and full, one line and three. */
static void nothing_shows_that_should_not(void **state) {
    (void)state;
    for (int kind = 0; kind < MAIL_KINDS; kind++) {
        for (int i = 0; i < LANG_COUNT * 2 * 2; i++) {
            enum lang lang = (enum lang)(i % LANG_COUNT);
            render((enum mail_kind)kind, lang, i / 2 % 2 != 0, i / 4 ? 3 : 1);
            const struct buf *const parts[] = {&mail.subject, &mail.text, &mail.html};
            for (size_t part = 0; part < 3; part++) {
                assert_nothing_unset(parts[part]);
                if (lang == LANG_ES)
                    assert_spanish(parts[part]);
            }
            assert_tidy(lang);
        }
    }
}

static void every_subject_is_another(void **state) {
    (void)state;
    struct buf seen = {0};
    for (int i = 0; i < MAIL_KINDS * LANG_COUNT; i++) {
        if (i / LANG_COUNT == MAIL_WORKSHOP_MESSAGE) /* the school's own, in any language */
            continue;
        render((enum mail_kind)(i / LANG_COUNT), (enum lang)(i % LANG_COUNT), true, 1);
        assert_has_not(&seen, buf_text(&mail.subject));
        buf_puts(&seen, buf_text(&mail.subject));
        buf_putc(&seen, '\n');
    }
    buf_free(&seen);
}

/* ---- what is said -----------------------------------------------------------------------------
 */

static void a_receipt_says_all_of_it(void **state) {
    (void)state;
    render(MAIL_RECEIPT, LANG_ES, true, 2);
    assert_string_equal(buf_text(&mail.subject), "Tu constancia 000128 (Academia Sol)");
    static const char *const FACTS[] = {"000128",
                                        "Sof\303\255a Quispe",
                                        "Mar \302\267 4:00 a 5:30 p. m.",
                                        "S/ 180.00",
                                        "S/ 360.00",
                                        "2 de marzo de 2026",
                                        "DNI 12345678",
                                        "Transferencia",
                                        "00123456",
                                        "TAL-7K3Q",
                                        "IGV",
                                        "S/ 27.46",
                                        "RUC 20123456789",
                                        "Academia Sol",
                                        "no es un comprobante",
                                        ORDER_LINK,
                                        "Inscripciones confirmadas"};
    for (size_t i = 0; i < sizeof(FACTS) / sizeof(FACTS[0]); i++)
        assert_in_both(FACTS[i]);
    assert_has(&mail.text, "Rosa O'Brien");
    assert_has(&mail.text, "- Rob\303\263tica <con> \"LEGO\" & m\303\241s, Sof\303\255a Quispe:");
    assert_has(&mail.html, "Rob\303\263tica &lt;con&gt; &quot;LEGO&quot; &amp; m\303\241s");
    assert_has(&mail.html, "href=\"" ORDER_LINK "\"");
}

static void a_free_inscription_speaks_of_no_payment(void **state) {
    (void)state;
    render(MAIL_RECEIPT, LANG_EN, false, 1);
    assert_in_both("Inscription confirmed");
    assert_in_both("Free of charge");
    assert_has_not(&mail.text, "We have your payment");
    assert_has_not(&mail.html, "We have your payment");
}

static void a_transfer_says_how_to_pay(void **state) {
    (void)state;
    render(MAIL_TRANSFER, LANG_ES, true, 2);
    assert_string_equal(buf_text(&mail.subject), "C\303\263mo pagar tu pedido TAL-7K3Q");
    static const char *const FACTS[] = {
        "S/ 360.00",  "S/ 180.00",  "TAL-7K3Q",         "Yape",        "987 111 222",
        "Luz Marina", "BCP soles",  "191-1234567-0-12", "CCI 002-191", "Sof\303\255a",
        "2 vacantes", "2 de marzo", "Hola, Rosa",       ORDER_LINK};
    for (size_t i = 0; i < sizeof(FACTS) / sizeof(FACTS[0]); i++)
        assert_in_both(FACTS[i]);
    render(MAIL_TRANSFER, LANG_EN, false, 1);
    assert_in_both("We keep your seat until");
    assert_has_not(&mail.text, "Bank transfer");
    assert_has_not(&mail.html, "Bank transfer");
}

static void links_are_in_both_parts(void **state) {
    (void)state;
    static const struct {
        enum mail_kind kind;
        const char *link;
    } CASES[] = {
        {MAIL_TRANSFER_REPORTED, ORDER_LINK},
        {MAIL_TRANSFER_EXPIRED, ORDER_LINK},
        {MAIL_REVIEW, ORDER_LINK},
        {MAIL_TRANSFER_REJECTED, ORDER_LINK},
        {MAIL_TRANSFER_EXTENDED, ORDER_LINK},
        {MAIL_ORDER_CANCELLED, ORDER_LINK},
        {MAIL_REFUND, ORDER_LINK},
        {MAIL_MOVED, ORDER_LINK},
        {MAIL_CONFIRM_EMAIL, TOKEN_LINK},
        {MAIL_PASSWORD_RESET, TOKEN_LINK},
        {MAIL_ALREADY_MEMBER, TOKEN_LINK},
    };
    for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
        struct buf line = {0}, attribute = {0};
        buf_printf(&line, "\n%s\n", CASES[i].link);
        buf_printf(&attribute, "<a href=\"%s\"", CASES[i].link);
        render(CASES[i].kind, LANG_ES, true, 1);
        assert_has(&mail.text, buf_text(&line));
        assert_has(&mail.html, buf_text(&attribute));
        assert_in_both("Hola, Rosa");
        buf_free(&line);
        buf_free(&attribute);
    }
}

static void other_days_say_before_and_after(void **state) {
    (void)state;
    render(MAIL_WORKSHOP_RESCHEDULED, LANG_ES, true, 1);
    static const char *const FACTS[] = {"Rob\303\263tica", "Sof\303\255a, Mateo", "Antes: lunes",
                                        "Ahora: martes", "Gracias."};
    for (size_t i = 0; i < sizeof(FACTS) / sizeof(FACTS[0]); i++)
        assert_in_both(FACTS[i]);
    render(MAIL_WORKSHOP_MESSAGE, LANG_EN, true, 1);
    assert_string_equal(buf_text(&mail.subject), "Traer ropa vieja");
    assert_in_both("Gracias.");
}

static void a_credit_note_says_all_of_it(void **state) {
    (void)state;
    render(MAIL_REFUND, LANG_ES, true, 2);
    static const char *const FACTS[] = {"000007",       "000128",         "Sof\303\255a Quispe",
                                        "S/ 180.00",    "S/ 360.00",      "2 de marzo de 2026",
                                        "DNI 12345678", "Efectivo",       "TAL-7K3Q-R1",
                                        "IGV",          "S/ 27.46",       "Cambio de horario",
                                        "Sol S.A.C.",   "RUC 20123456789"};
    for (size_t i = 0; i < sizeof(FACTS) / sizeof(FACTS[0]); i++)
        assert_in_both(FACTS[i]);
    render(MAIL_REFUND, LANG_ES, false, 1); /* nothing was ever receipted: money only */
    assert_in_both("S/ 180.00");
    assert_has_not(&mail.text, "Nota de cr\303\251dito");
}

static void a_change_of_workshop_names_both(void **state) {
    (void)state;
    render(MAIL_MOVED, LANG_ES, false, 1);
    assert_string_equal(buf_text(&mail.subject), "Sof\303\255a pasa a Ajedrez");
    assert_in_both("Rob\303\263tica");
    assert_has_not(&mail.text, "S/ "); /* no money went back */
    render(MAIL_MOVED, LANG_ES, true, 1);
    assert_in_both("diferencia de S/ 180.00");
}

static void a_rejected_transfer_names_its_number(void **state) {
    (void)state;
    render(MAIL_TRANSFER_REJECTED, LANG_ES, true, 1);
    assert_in_both("00123456");
    assert_in_both("Cambio de horario");
    assert_in_both("lunes 2 de marzo");
}

static void a_changed_password_leads_nowhere(void **state) {
    (void)state;
    render(MAIL_PASSWORD_CHANGED, LANG_EN, false, 1);
    assert_has_not(&mail.text, "http");
    assert_has_not(&mail.html, "<a ");
}

static void the_school_is_named_and_reached(void **state) {
    (void)state;
    for (int kind = 0; kind < MAIL_KINDS; kind++) {
        render((enum mail_kind)kind, LANG_ES, true, 1);
        assert_in_both("Academia Sol");
        assert_has(&mail.html, "href=\"https://wa.me/51987654321\"");
        assert_has(&mail.html, "Av. Larco 123, Miraflores");
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(nothing_shows_that_should_not, teardown),
        cmocka_unit_test_teardown(every_subject_is_another, teardown),
        cmocka_unit_test_teardown(a_receipt_says_all_of_it, teardown),
        cmocka_unit_test_teardown(a_free_inscription_speaks_of_no_payment, teardown),
        cmocka_unit_test_teardown(a_transfer_says_how_to_pay, teardown),
        cmocka_unit_test_teardown(links_are_in_both_parts, teardown),
        cmocka_unit_test_teardown(other_days_say_before_and_after, teardown),
        cmocka_unit_test_teardown(a_credit_note_says_all_of_it, teardown),
        cmocka_unit_test_teardown(a_change_of_workshop_names_both, teardown),
        cmocka_unit_test_teardown(a_rejected_transfer_names_its_number, teardown),
        cmocka_unit_test_teardown(a_changed_password_leads_nowhere, teardown),
        cmocka_unit_test_teardown(the_school_is_named_and_reached, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
