/* The page of one order: what is to be done now on top, then who, what, money, papers, history. */
#include "site/admin/order.h"
#include "base/i18n.h"
#include "base/money.h"
#include "base/phone.h"
#include "shop/payment.h"
#include "site/admin/forms.h"
#include "site/pages/cart.h"
#include "site/pages/order.h"
#include "site/visit.h"
#include "views.h"
#include <string.h>

enum { HISTORY_SHOWN = 40 };

static const struct form_field CONFIRM[CONFIRM_INPUTS] = {
    [CONFIRM_REFERENCE] = {.name = "reference",
                           .kind = FORM_TEXT,
                           .label = N_("Operation number"),
                           .hint = N_("As your bank or wallet shows it."),
                           .required = true,
                           .max = 64,
                           .autocomplete = "off"},
    [CONFIRM_AMOUNT] = {.name = "amount",
                        .kind = FORM_MONEY,
                        .label = N_("Amount received"),
                        .unmarked = true,
                        .autocomplete = "off"},
};

const struct form_spec order_confirm_form = {CONFIRM, CONFIRM_INPUTS};

const char *admin_money(const struct visit *visit, int64_t cents, const char *currency) {
    struct buf text = {0};
    money_print(&text, cents, currency);
    const char *said = arena_strdup(visit->arena, buf_text(&text));
    buf_free(&text);
    return said;
}

bool admin_order_went_back(const struct order_payment_row *payment) {
    return strcmp(payment->status, "refunded") == 0;
}

/* ---- the state in words --------------------------------------------------------------------- */

static const char *reason_of(struct visit *visit, const struct order *order) {
    switch (order->status) {
    case ORDER_PENDING:
        if (order->charging)
            return tr(visit->lang, "A card is being charged right now. Reload in a moment.");
        return order->paid_cents
                   ? visit_say(
                         visit, N_("{paid} came; {due} is missing."),
                         I18N_TEXT("paid", admin_money(visit, order->paid_cents, order->currency)),
                         I18N_TEXT("due", admin_money(visit, order->due_cents, order->currency)))
                   : NULL;
    case ORDER_REVIEW:
        switch (order->review) {
        case ORDER_REVIEW_NO_SEAT:
            return tr(visit->lang, "It was paid, but a seat was gone.");
        case ORDER_REVIEW_LATE:
            return tr(visit->lang, "The money came after the deadline, and a seat was gone.");
        case ORDER_REVIEW_AMOUNT:
            return tr(visit->lang, order->paid_cents > order->total_cents
                                       ? N_("More money came than it costs.")
                                       : N_("Only a part of the money came in time."));
        case ORDER_REVIEW_NONE:
            break;
        }
        return NULL;
    case ORDER_CART:
    case ORDER_PAID:
    case ORDER_CANCELLED:
    case ORDER_REFUNDED:
        break;
    }
    return NULL;
}

static void tell_line(struct visit *visit, const struct order *order,
                      const struct inscription *inscription, struct admin_order_line *out) {
    static const struct {
        const char *text;
        int tone;
    } STATES[] = {
        [INSCRIPTION_HELD] = {N_("Held"), LINE_WARN},
        [INSCRIPTION_CONFIRMED] = {N_("Enrolled"), LINE_OK},
        [INSCRIPTION_CANCELLED] = {N_("Cancelled"), LINE_OFF},
        [INSCRIPTION_REFUNDED] = {N_("Refunded"), LINE_OFF},
        [INSCRIPTION_EXPIRED] = {N_("Seat is free again"), LINE_OFF},
    };
    out->inscription = inscription;
    out->when = cart_line(visit, inscription).when;
    out->state = tr(visit->lang, STATES[inscription->status].text);
    out->tone = STATES[inscription->status].tone;
    if (order->status == ORDER_PAID && inscription->status == INSCRIPTION_CONFIRMED &&
        noun_may(visit, MAY_SETTLE_ORDERS))
        out->move = arena_printf(visit->arena, "/admin/inscriptions/%lld/move/",
                                 (long long)inscription->id);
}

/* ---- confirming money ----------------------------------------------------------------------- */

/* Whether money by transfer may come for it: while it waits, as the missing part, or late. */
static bool expects_money(const struct order *order) {
    bool transfer = order->method && strcmp(order->method, "transfer") == 0;
    return transfer && !order->charging &&
           (order->status == ORDER_PENDING || order->status == ORDER_CANCELLED ||
            (order->status == ORDER_REVIEW && order->due_cents > 0));
}

/* Filled with the number that the family reported last and what is due. */
static struct form confirm_form(struct visit *visit, const struct order *order) {
    struct form form = form_empty(&order_confirm_form, visit->arena, visit->lang);
    for (size_t i = 0; i < order->report_count; i++)
        if (!order->reports[i].rejected_at)
            form_set(&form, CONFIRM_REFERENCE, order->reports[i].operation);
    struct buf amount = {0};
    money_print_plain(&amount, order->due_cents);
    if (order->due_cents)
        form_set(&form, CONFIRM_AMOUNT, arena_strdup(visit->arena, buf_text(&amount)));
    buf_free(&amount);
    return form;
}

/* ---- the page ------------------------------------------------------------------------------- */

static void fill(struct visit *visit, const struct order_file *file, struct admin_order *view) {
    const struct order *order = &file->order;
    *view = (struct admin_order){
        .file = file,
        .heading = order->code ? order->code
                               : arena_printf(visit->arena, "%s %lld", tr(visit->lang, "Order"),
                                              (long long)order->id),
        .list = "/admin/orders/",
        .address = arena_printf(visit->arena, "/admin/orders/%lld/", (long long)order->id),
        .state = order_state_text(visit, order->status, order->charging, order->open_reports),
        .reason = reason_of(visit, order),
        .whatsapp = phone_international(visit->arena, file->phone, file->country),
        .confirm_first = order->status != ORDER_CANCELLED,
        .lines = arena_array(visit->arena, order->lines.count, sizeof(*view->lines)),
        .may_settle = noun_may(visit, MAY_SETTLE_ORDERS),
        .may_see_people = noun_may(visit, MAY_SEE_PEOPLE),
        .trail = {.currency = order->currency, .zone = visit->settings->zone},
        .zone = visit->settings->zone};
    const char *dial = phone_dial(visit->arena, file->phone, file->country);
    view->dial = dial ? arena_printf(visit->arena, "tel:%s", dial) : NULL;
    for (size_t i = 0; i < order->lines.count; i++)
        tell_line(visit, order, &order->lines.items[i], &view->lines[i]);
}

void admin_order_page(struct visit *visit, int64_t id, const struct form *confirm, int status) {
    struct order_file file;
    struct admin_order view;
    struct form form;
    enum err err = order_file_read(visit_db(visit), visit->arena, id, visit->now, &file);
    if (!err) {
        fill(visit, &file, &view);
        err = audit_of(visit_db(visit), visit->arena, "orders", id, HISTORY_SHOWN,
                       &view.trail.history, &view.trail.history_count);
    }
    if (err) {
        visit_fail(visit, err);
        return;
    }
    if (view.may_settle) {
        admin_order_offer(visit, &view);
        form = confirm_form(visit, &file.order);
        view.confirm = confirm ? confirm : expects_money(&file.order) ? &form : NULL;
    }
    struct admin_page page = admin_page_start(visit, "orders", view.heading);
    page.page.path = view.address;
    page.page.form = confirm;
    view.page = &page;
    struct out out = visit_page(visit, status, &page.page);
    view_admin_order(&out, &view);
}

void admin_order_show(struct visit *visit, int64_t id) {
    admin_order_page(visit, id, NULL, 200);
}

/* ---- at once -------------------------------------------------------------------------------- */

static const char *confirm_refusal(enum payment_refusal refusal) {
    switch (refusal) {
    case PAYMENT_OPERATION:
        return N_("Please type the operation number.");
    case PAYMENT_REFERENCE_USED:
        return N_("This operation number was confirmed before, for another payment.");
    case PAYMENT_AMOUNT:
        return N_("Please type the amount that came.");
    case PAYMENT_NOT_DUE:
        return N_("This order does not wait for a transfer.");
    case PAYMENT_OK:
    case PAYMENT_TOO_MANY:
        break;
    }
    return N_("This number cannot be used.");
}

static void refuse_confirmation(struct visit *visit, enum payment_refusal refusal) {
    const char *english = confirm_refusal(refusal);
    if (refusal == PAYMENT_NOT_DUE)
        form_refuse_all(&visit->form, english);
    else
        form_refuse(&visit->form, refusal == PAYMENT_AMOUNT ? CONFIRM_AMOUNT : CONFIRM_REFERENCE,
                    english);
}

static void flash_confirmation(struct visit *visit, const struct payment_confirmation *result) {
    switch (result->effect) {
    case ORDER_EFFECT_PAID:
        visit_flash(visit, FLASH_SUCCESS,
                    tr(visit->lang, "Confirmed. The seats are theirs and the receipt is on its "
                                    "way."));
        return;
    case ORDER_EFFECT_PARTIAL:
        visit_flash(visit, FLASH_SUCCESS,
                    visit_say(visit, N_("Confirmed. {due} is still missing."),
                              I18N_TEXT("due", admin_money(visit, result->due_cents,
                                                           visit->settings->currency))));
        return;
    case ORDER_EFFECT_REVIEW:
        visit_flash(visit, FLASH_PROBLEM,
                    tr(visit->lang, "The money is noted, but the order needs your decision."));
        return;
    case ORDER_EFFECT_NONE:
    case ORDER_EFFECT_BACK:
        break;
    }
    visit_flash(visit, FLASH_NOTICE,
                tr(visit->lang, "This payment had been confirmed before. Nothing changed."));
}

void admin_order_confirm_post(struct visit *visit) {
    const int64_t id = visit_id(visit, 0);
    struct payment_confirmation result = {0};
    enum err err = ERR_REFUSED;
    if (form_ok(&visit->form)) {
        const int64_t amount = form_given(&visit->form, CONFIRM_AMOUNT)
                                   ? form_number(&visit->form, CONFIRM_AMOUNT)
                                   : -1;
        err = payment_confirm_transfer(visit_shop(visit), visit->session.account_id, id,
                                       form_text(&visit->form, CONFIRM_REFERENCE), amount,
                                       visit->now, &result);
        if (err == ERR_REFUSED)
            refuse_confirmation(visit, result.refusal);
    }
    if (err == ERR_REFUSED) {
        admin_order_page(visit, id, &visit->form, 422);
        return;
    }
    if (err) {
        visit_fail(visit, err);
        return;
    }
    flash_confirmation(visit, &result);
    /* Where it was confirmed: on the order's page or on the page of today. */
    visit_redirect(
        visit, "%s",
        visit_safe_next(fields_get(&visit->request->form, "next"),
                        arena_printf(visit->arena, "/admin/orders/%lld/", (long long)id)));
}

void admin_order_resend_post(struct visit *visit) {
    const int64_t id = visit_id(visit, 0);
    struct order_staff_result result = {0};
    enum err err =
        order_send_receipt(visit_shop(visit), visit->session.account_id, id, visit->now, &result);
    if (err && err != ERR_REFUSED) {
        visit_fail(visit, err);
        return;
    }
    if (err)
        visit_flash(visit, FLASH_PROBLEM, tr(visit->lang, "This order has no receipt."));
    else if (result.replay)
        visit_flash(visit, FLASH_NOTICE, tr(visit->lang, "The receipt went out a moment ago."));
    else
        visit_flash(visit, FLASH_SUCCESS, tr(visit->lang, "The receipt is on its way again."));
    visit_redirect(visit, "/admin/orders/%lld/", (long long)id);
}

/* ---- papers --------------------------------------------------------------------------------- */

static const char *back_of(struct visit *visit) {
    return arena_printf(visit->arena, "/admin/orders/%lld/", (long long)visit_id(visit, 0));
}

void admin_order_receipt_get(struct visit *visit) {
    order_show_receipt(visit, visit_id(visit, 0), back_of(visit));
}

void admin_order_credit_get(struct visit *visit) {
    order_show_credit(visit, visit_id(visit, 0), visit_id(visit, 1), back_of(visit));
}
