/* The order's page tells one of six stories, by its status; the receipt prints on one sheet. */
#include "site/pages/order.h"
#include "base/money.h"
#include "base/words.h"
#include "shop/payment.h"
#include "site/text.h"
#include "site/visit.h"
#include "views.h"
#include <string.h>

static const struct form_field FIELDS[REPORT_INPUTS] = {
    [REPORT_OPERATION] = {.name = "operation",
                          .kind = FORM_TEXT,
                          .label = N_("Operation number"),
                          .hint = N_("It is on the confirmation of your wallet or your bank."),
                          .required = true,
                          .max = 40,
                          .autocomplete = "off"},
};

const struct form_spec order_report_form = {FIELDS, REPORT_INPUTS};

const char *order_state_text(const struct visit *visit, enum order_status status, bool charging,
                             bool reported) {
    switch (status) {
    case ORDER_CART:
        return tr(visit->lang, "In the cart");
    case ORDER_PENDING:
        if (charging)
            return tr(visit->lang, "Being charged");
        return reported ? tr(visit->lang, "Being checked") : tr(visit->lang, "Payment pending");
    case ORDER_PAID:
        return tr(visit->lang, "Paid");
    case ORDER_REVIEW:
        return tr(visit->lang, "Being looked at");
    case ORDER_CANCELLED:
        return tr(visit->lang, "Cancelled");
    case ORDER_REFUNDED:
        return tr(visit->lang, "Refunded");
    }
    return "";
}

/* ---- what happened ----------------------------------------------------------------------------
 */

static const char *moment_text(const struct visit *visit, int64_t at) {
    struct buf text = {0};
    words_moment_long(&text, visit->lang, visit->settings->zone, at);
    const char *said = arena_strdup(visit->arena, buf_text(&text));
    buf_free(&text);
    return said;
}

static const char *money_text(const struct visit *visit, int64_t cents, const char *currency) {
    struct buf text = {0};
    money_print(&text, cents, currency);
    const char *said = arena_strdup(visit->arena, buf_text(&text));
    buf_free(&text);
    return said;
}

static void tell_paid(const struct visit *visit, struct order_page *view) {
    const struct order *order = view->order;
    const struct inscription *only = NULL;
    int64_t count = 0;
    for (size_t i = 0; i < order->lines.count; i++)
        if (order->lines.items[i].status == INSCRIPTION_CONFIRMED) {
            only = &order->lines.items[i];
            count++;
        }
    if (count != 1) {
        view->heading =
            visit_say(visit, N_("Done! {n} enrolments are confirmed."), I18N_INT("n", count));
        return;
    }
    view->heading = visit_say(visit, N_("Done! {name} is enrolled in {title}."),
                              I18N_TEXT("name", only->student_first_name),
                              I18N_TEXT("title", only->workshop.title));
    if (!date_is_set(only->workshop.start))
        return;
    struct buf start = {0};
    words_weekday(&start, visit->lang, only->workshop.start);
    if (only->workshop.start_minute >= 0) {
        buf_puts(&start, ", ");
        words_minute(&start, visit->lang, only->workshop.start_minute);
    }
    view->lead =
        visit_say(visit, N_("It starts on {moment}."), I18N_TEXT("moment", buf_text(&start)));
    buf_free(&start);
}

static void tell_pending(const struct visit *visit, struct order_page *view) {
    const struct order *order = view->order;
    if (order->charging) {
        view->heading = tr(visit->lang, "Your card is being charged");
        view->lead = tr(visit->lang, "This takes a moment. Reload the page; do not pay again.");
        return;
    }
    const struct settings *settings = visit->settings;
    const char *amount = money_text(visit, order->due_cents, order->currency);
    const char *holder = settings->wallet_holder ? settings->wallet_holder : settings->school_name;
    view->awaits_payment = true;
    view->heading =
        settings->wallet_name
            ? visit_say(visit,
                        N_("Pay {amount} by {wallet} to {holder} with the code "
                           "{code}"),
                        I18N_TEXT("amount", amount), I18N_TEXT("wallet", settings->wallet_name),
                        I18N_TEXT("holder", holder), I18N_TEXT("code", order->code))
            : visit_say(visit, N_("Transfer {amount} with the code {code}"),
                        I18N_TEXT("amount", amount), I18N_TEXT("code", order->code));
    view->lead = visit_say(visit, N_("We keep your seat until {moment}."),
                           I18N_TEXT("moment", moment_text(visit, order->due_at)));
}

static void tell(const struct visit *visit, struct order_page *view) {
    switch (view->order->status) {
    case ORDER_PAID:
        tell_paid(visit, view);
        return;
    case ORDER_PENDING:
        tell_pending(visit, view);
        return;
    case ORDER_REVIEW:
        view->heading = tr(visit->lang, "We have your payment and are looking at it");
        view->lead = tr(visit->lang, "Something about it needs a person: a seat, the amount or the "
                                     "date. We will write to you; you need not do anything.");
        return;
    case ORDER_CANCELLED:
        view->heading = tr(visit->lang, "This order was cancelled");
        view->lead = tr(visit->lang, "Its seats are free again. If you have paid, tell us the "
                                     "operation number below.");
        return;
    case ORDER_REFUNDED:
        view->heading = tr(visit->lang, "This order was refunded");
        return;
    case ORDER_CART:
        return;
    }
}

/* ---- pages ------------------------------------------------------------------------------------
 */

static bool load(struct visit *visit, struct order *order) {
    enum err err = order_by_id(visit_db(visit), visit->arena, visit->session.account_id,
                               visit_id(visit, 0), visit->now, order);
    if (err)
        visit_fail(visit, err);
    else if (order->status == ORDER_CART)
        visit_redirect(visit, "/store/order-summary/");
    else
        return true;
    return false;
}

static const char *page_of(struct visit *visit, int64_t order_id) {
    return arena_printf(visit->arena, "/store/orders/%lld/", (long long)order_id);
}

/* Money that went back, and the papers that say so. */
static enum err load_refunds(struct visit *visit, struct order_page *view) {
    struct order_payment_row *rows;
    size_t count;
    const int64_t id = view->order->id;
    enum err err = credit_note_list(visit_db(visit), visit->arena, id, &view->credits);
    if (!err)
        err = order_payments(visit_db(visit), visit->arena, id, &rows, &count);
    if (err)
        return err;
    view->refunds = arena_array(visit->arena, count, sizeof(*view->refunds));
    for (size_t i = 0; i < count; i++)
        if (strcmp(rows[i].status, "refunded") == 0)
            view->refunds[view->refund_count++] =
                (struct order_refund){.at = rows[i].created_at,
                                      .amount_cents = rows[i].amount_cents,
                                      .method = order_method_text(visit->lang, rows[i].provider),
                                      .reference = rows[i].reference};
    return OK;
}

static void show(struct visit *visit, const struct form *form, int status) {
    struct order order;
    if (!load(visit, &order))
        return;
    struct page page = page_start(visit, NULL);
    page.section = PAGE_PROFILE;
    page.path = page_of(visit, order.id);
    struct cart_line *lines = arena_array(visit->arena, order.lines.count, sizeof(*lines));
    for (size_t i = 0; i < order.lines.count; i++)
        lines[i] = cart_line(visit, &order.lines.items[i]);
    struct order_page view = {
        .page = &page,
        .order = &order,
        .lines = lines,
        .form = form,
        .settings = visit->settings,
        .zone = visit->settings->zone,
        .state = order_state_text(visit, order.status, order.charging, order.open_reports)};
    enum err err = load_refunds(visit, &view);
    if (err) {
        visit_fail(visit, err);
        return;
    }
    tell(visit, &view);
    page.title = view.heading;
    if (visit->settings->wallet_qr.name)
        view.wallet_qr = arena_printf(visit->arena, "/media/%s", visit->settings->wallet_qr.name);
    view.bank_lines =
        text_lines(visit->arena, visit->settings->bank_details, &view.bank_line_count);
    struct out out = visit_page(visit, status, &page);
    view_order_page(&out, &view);
}

void order_get(struct visit *visit) {
    struct form form = form_empty(&order_report_form, visit->arena, visit->lang);
    show(visit, &form, 200);
}

static const char *report_refusal(enum payment_refusal refusal) {
    switch (refusal) {
    case PAYMENT_OPERATION:
        return N_("Please type the operation number as it is on your confirmation.");
    case PAYMENT_NOT_DUE:
        return N_("This order does not wait for a payment.");
    case PAYMENT_TOO_MANY:
        return N_("You have told us several numbers already. We are checking them.");
    case PAYMENT_OK:
    case PAYMENT_REFERENCE_USED:
    case PAYMENT_AMOUNT:
        break;
    }
    return N_("This number cannot be used.");
}

void order_report_post(struct visit *visit) {
    if (!form_ok(&visit->form)) {
        show(visit, &visit->form, 422);
        return;
    }
    enum payment_refusal refusal;
    int64_t id = visit_id(visit, 0);
    enum err err = payment_report(visit_shop(visit), visit->arena, visit->session.account_id, id,
                                  form_text(&visit->form, REPORT_OPERATION), visit->now, &refusal);
    if (err == ERR_REFUSED) {
        form_refuse(&visit->form, REPORT_OPERATION, report_refusal(refusal));
        show(visit, &visit->form, 422);
        return;
    }
    if (err) {
        visit_fail(visit, err);
        return;
    }
    visit_flash(visit, FLASH_SUCCESS,
                tr(visit->lang, "We have your operation number. We will write to you once it is "
                                "checked."));
    visit_redirect(visit, "/store/orders/%lld/", (long long)id);
}

const char *order_method_text(enum lang lang, const char *method) {
    if (strcmp(method, "transfer") == 0)
        return tr(lang, "Transfer");
    if (strcmp(method, "card") == 0)
        return tr(lang, "Card");
    if (strcmp(method, "credit") == 0)
        return tr(lang, "Credit from another enrolment");
    return strcmp(method, "cash") == 0 ? tr(lang, "Cash") : tr(lang, "Free of charge");
}

static const char *paper_number(struct visit *visit, int64_t number) {
    return arena_printf(visit->arena, "%06lld", (long long)number);
}

/* A paper keeps the language in which it was issued, whatever the visitor reads now. */
void order_show_receipt(struct visit *visit, int64_t order_id, const char *back) {
    struct receipt receipt;
    enum err err = receipt_by_order(visit_db(visit), visit->arena, order_id, &receipt);
    if (err) {
        visit_fail(visit, err);
        return;
    }
    visit->lang = receipt.language;
    struct page page = page_start(visit, tr(visit->lang, "Payment receipt"));
    page.section = PAGE_PROFILE;
    struct order_receipt view = {.paper = {.page = &page,
                                           .number = paper_number(visit, receipt.number),
                                           .issued_at = receipt.issued_at,
                                           .zone = visit->settings->zone,
                                           .school_name = receipt.school_name},
                                 .back = back,
                                 .receipt = &receipt,
                                 .method = order_method_text(visit->lang, receipt.method)};
    view.paper.school_lines =
        text_lines(visit->arena, receipt.school_lines, &view.paper.school_line_count);
    struct out out = visit_page(visit, 200, &page);
    view_order_receipt(&out, &view);
}

void order_receipt_get(struct visit *visit) {
    struct order order;
    if (load(visit, &order))
        order_show_receipt(visit, order.id, page_of(visit, order.id));
}

void order_show_credit(struct visit *visit, int64_t order_id, int64_t number, const char *back) {
    struct credit_note note;
    enum err err = credit_note_find(visit_db(visit), visit->arena, order_id, number, &note);
    if (err) {
        visit_fail(visit, err);
        return;
    }
    visit->lang = note.language;
    struct page page = page_start(visit, tr(visit->lang, "Credit note"));
    page.section = PAGE_PROFILE;
    struct order_credit view = {.paper = {.page = &page,
                                          .number = paper_number(visit, note.number),
                                          .issued_at = note.issued_at,
                                          .zone = visit->settings->zone,
                                          .school_name = note.school_name},
                                .back = back,
                                .note = &note,
                                .receipt = paper_number(visit, note.receipt_number),
                                .method = order_method_text(visit->lang, note.method)};
    view.paper.school_lines =
        text_lines(visit->arena, note.school_lines, &view.paper.school_line_count);
    struct out out = visit_page(visit, 200, &page);
    view_order_credit(&out, &view);
}

void order_credit_get(struct visit *visit) {
    struct order order;
    if (load(visit, &order))
        order_show_credit(visit, order.id, visit_id(visit, 1), page_of(visit, order.id));
}
