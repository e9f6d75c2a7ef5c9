/* The checkout page, and the one post that places and pays an order. Whatever happened is told on
 * the order's page; what stands in the way is told here, with nothing charged. */
#include "site/pages/checkout.h"
#include "base/money.h"
#include "base/secret.h"
#include "base/words.h"
#include "shop/consent.h"
#include "site/pages/order.h"
#include "site/visit.h"
#include "views.h"
#include <string.h>

enum { METHODS_MAX = 8, CARD_DIGITS_MAX = 23 };

static const struct form_field FIELDS[CHECKOUT_INPUTS] = {
    [CHECKOUT_METHOD] = {.name = "method", .kind = FORM_HIDDEN, .label = N_("Payment method")},
    [CHECKOUT_TOTAL] = {.name = "total", .kind = FORM_INTEGER, .label = N_("Total")},
    [CHECKOUT_DOCUMENT] = {.name = "document",
                           .kind = FORM_TEXT,
                           .label = N_("Identity document of who pays"),
                           .max = 20,
                           .autocomplete = "off"},
    [CHECKOUT_NUMBER] = {.name = "cc_number",
                         .kind = FORM_SECRET,
                         .label = N_("Card number"),
                         .max = CARD_DIGITS_MAX,
                         .autocomplete = "cc-number"},
    [CHECKOUT_MONTH] = {.name = "cc_month",
                        .kind = FORM_SECRET,
                        .label = N_("Month"),
                        .max = 2,
                        .autocomplete = "cc-exp-month"},
    [CHECKOUT_YEAR] = {.name = "cc_year",
                       .kind = FORM_SECRET,
                       .label = N_("Year"),
                       .max = 4,
                       .autocomplete = "cc-exp-year"},
    [CHECKOUT_CVV] = {.name = "cc_cvv",
                      .kind = FORM_SECRET,
                      .label = N_("Security code"),
                      .max = 4,
                      .autocomplete = "cc-csc"},
    [CHECKOUT_TERMS] = {.name = "terms",
                        .kind = FORM_CHECK,
                        .label = N_("I accept the terms of enrolment.")},
};

const struct form_spec checkout_form = {FIELDS, CHECKOUT_INPUTS};

/* ---- showing ----------------------------------------------------------------------------------
 */

static void find_methods(const struct visit *visit, struct checkout_page *view) {
    const struct payment_provider *methods[METHODS_MAX];
    size_t count = payment_methods(visit->settings, methods, METHODS_MAX);
    for (size_t i = 0; i < count; i++) {
        view->transfer = view->transfer || strcmp(methods[i]->name, "transfer") == 0;
        view->card = view->card || strcmp(methods[i]->name, "card") == 0;
    }
    struct buf until = {0};
    words_moment_long(&until, visit->lang, visit->settings->zone,
                      visit->now + visit->settings->transfer_hours * INT64_C(3600));
    view->until = arena_strdup(visit->arena, buf_text(&until));
    buf_free(&until);
    view->transfer_name = visit->settings->wallet_name
                              ? visit_say(visit, N_("{wallet} or bank transfer"),
                                          I18N_TEXT("wallet", visit->settings->wallet_name))
                              : tr(visit->lang, "Bank transfer");
}

/* Terms that were accepted at sign-up are not asked again until the school changes them. When that
 * cannot be read, asking once too often does no harm. */
static bool terms_due(struct visit *visit) {
    bool due;
    enum err err =
        consent_terms_due(visit_db(visit), visit->session.account_id, visit->settings, &due);
    return err || due;
}

static void show(struct visit *visit, const struct order *cart, struct checkout_page *view,
                 struct form *form, int status) {
    struct page page = page_start(visit, tr(visit->lang, "Payment"));
    page.section = PAGE_CART;
    struct cart_line *lines = arena_array(visit->arena, cart->lines.count, sizeof(*lines));
    for (size_t i = 0; i < cart->lines.count; i++)
        lines[i] = cart_line(visit, &cart->lines.items[i]);
    form_set_number(form, CHECKOUT_TOTAL, cart->total_cents);
    find_methods(visit, view);
    const char *method = form_text(form, CHECKOUT_METHOD);
    view->page = &page;
    view->cart = cart;
    view->lines = lines;
    view->form = form;
    view->total_cents = cart->total_cents;
    view->card_chosen = view->card && (!view->transfer || strcmp(method, "card") == 0);
    view->ask_document = visit->settings->ask_document && cart->total_cents > 0;
    view->ask_terms = terms_due(visit);
    struct out out = visit_page(visit, status, &page);
    view_checkout_page(&out, view);
    view->page = NULL;
}

/* The own order of the address. An order that is no cart any more has a page of its own. */
static bool load_cart(struct visit *visit, struct order *cart) {
    int64_t id = visit_id(visit, 0);
    enum err err =
        order_by_id(visit_db(visit), visit->arena, visit->session.account_id, id, visit->now, cart);
    if (err)
        visit_fail(visit, err);
    else if (cart->status != ORDER_CART)
        visit_redirect(visit, "/store/orders/%lld/", (long long)id);
    else
        return true;
    return false;
}

void checkout_get(struct visit *visit) {
    struct order cart;
    if (!load_cart(visit, &cart))
        return;
    if (!cart.live || cart.expired) {
        visit_redirect(visit, "/store/order-summary/");
        return;
    }
    struct form form = form_empty(&checkout_form, visit->arena, visit->lang);
    struct checkout_page view = {0};
    show(visit, &cart, &view, &form, 200);
}

/* ---- paying -----------------------------------------------------------------------------------
 */

static const char *change_text(const struct visit *visit, const struct order_change *change) {
    struct buf old = {0}, new = {0};
    const char *text = NULL;
    switch (change->kind) {
    case ORDER_CHANGE_PRICE:
        money_print(&old, change->old_price_cents, visit->settings->currency);
        money_print(&new, change->new_price_cents, visit->settings->currency);
        text = visit_say(visit, N_("{title}: the price changed from {old} to {new}."),
                         I18N_TEXT("title", change->workshop_title),
                         I18N_TEXT("old", buf_text(&old)), I18N_TEXT("new", buf_text(&new)));
        break;
    case ORDER_CHANGE_EXPIRED:
        text = visit_say(visit, N_("{title}: the hold for {name} has ended."),
                         I18N_TEXT("title", change->workshop_title),
                         I18N_TEXT("name", change->student_first_name));
        break;
    case ORDER_CHANGE_CLOSED:
        text = visit_say(visit, N_("{title} is no longer on sale."),
                         I18N_TEXT("title", change->workshop_title));
        break;
    }
    buf_free(&old);
    buf_free(&new);
    return text;
}

static void tell_changes(const struct visit *visit, const struct order_result *result,
                         struct checkout_page *view) {
    const char **changes = arena_array(visit->arena, result->change_count, sizeof(*changes));
    for (size_t i = 0; i < result->change_count; i++)
        changes[i] = change_text(visit, &result->changes[i]);
    view->changes = changes;
    view->change_count = result->change_count;
}

/* A hold that ended or a workshop that closed: agreeing to a new total is not enough. */
static bool is_blocked(const struct order_result *result) {
    for (size_t i = 0; i < result->change_count; i++)
        if (result->changes[i].kind != ORDER_CHANGE_PRICE)
            return true;
    return false;
}

static void tell_card_faults(unsigned faults, struct form *form) {
    if (faults & PAYMENT_CARD_NUMBER)
        form_refuse(form, CHECKOUT_NUMBER, N_("This is not a card number. Check the digits."));
    if (faults & PAYMENT_CARD_EXPIRY)
        form_refuse(form, CHECKOUT_MONTH, N_("This date has passed or does not exist."));
    if (faults & PAYMENT_CARD_CVV)
        form_refuse(form, CHECKOUT_CVV, N_("Three or four digits, on the back of the card."));
}

/* Why nothing was charged, in words; NULL where the fields say it. */
static const char *refusal_text(const struct visit *visit, const struct order_result *result,
                                struct form *form) {
    switch (result->outcome) {
    case ORDER_CHANGED:
        return is_blocked(result)
                   ? tr(visit->lang, "Something changed since you looked. We charged nothing.")
                   : tr(visit->lang, "Something changed since you looked. We charged nothing: look "
                                     "at the new total and confirm again.");
    case ORDER_NO_METHOD:
        return tr(visit->lang, "Choose how you want to pay.");
    case ORDER_NO_DOCUMENT:
        form_refuse(form, CHECKOUT_DOCUMENT, N_("Please fill this in."));
        return NULL;
    case ORDER_TOO_MANY_PENDING:
        return visit_say(visit,
                         N_("You already have {n} orders waiting for a transfer. Pay one "
                            "of them first, or pay this one another way."),
                         I18N_INT("n", result->limit));
    case ORDER_CARD_INVALID:
        tell_card_faults(result->card_faults, form);
        return NULL;
    case ORDER_CARD_DECLINED:
        return tr(visit->lang, "Your bank did not approve the payment. Nothing was charged; your "
                               "seat is still held.");
    case ORDER_CARD_NO_FUNDS:
        return tr(visit->lang, "The card does not have enough funds. Nothing was charged; your "
                               "seat is still held.");
    case ORDER_CARD_TOO_MANY:
        return tr(visit->lang, "Too many declined cards. Wait an hour or pay by transfer.");
    case ORDER_CARD_FAILED:
        return tr(visit->lang, "The card company did not answer. Nothing was charged; try again.");
    case ORDER_DONE_PAID:
    case ORDER_DONE_PENDING:
    case ORDER_DONE_REVIEW:
    case ORDER_DONE_CHARGING:
    case ORDER_DONE_BEFORE:
    case ORDER_EMPTY:
    case ORDER_OVER:
        break;
    }
    return NULL;
}

static void refuse(struct visit *visit, const struct order_result *result) {
    struct order cart;
    if (!load_cart(visit, &cart))
        return;
    struct checkout_page view = {.problem = refusal_text(visit, result, &visit->form),
                                 .blocked = is_blocked(result)};
    tell_changes(visit, result, &view);
    if (result->outcome == ORDER_CARD_TOO_MANY)
        response_header(visit->response, "Retry-After", "3600");
    show(visit, &cart, &view, &visit->form, result->outcome == ORDER_CARD_TOO_MANY ? 429 : 422);
}

static enum err pay(struct visit *visit, struct order_result *result) {
    const struct form *form = &visit->form;
    const struct payment_card card = {.number = form_text(form, CHECKOUT_NUMBER),
                                      .month = form_text(form, CHECKOUT_MONTH),
                                      .year = form_text(form, CHECKOUT_YEAR),
                                      .cvv = form_text(form, CHECKOUT_CVV)};
    const struct order_payment payment = {
        .order_id = visit_id(visit, 0),
        .method = form_text(form, CHECKOUT_METHOD),
        .payer_document = form_text_or_null(form, CHECKOUT_DOCUMENT),
        .shown_total = form_given(form, CHECKOUT_TOTAL) ? form_number(form, CHECKOUT_TOTAL) : -1,
        .card = &card};
    return order_checkout(visit_shop(visit), visit->arena, visit->session.account_id, &payment,
                          visit->now, result);
}

/* What was typed of a card is gone from memory before the page is made. */
static void wipe_card(struct form *form) {
    for (size_t i = CHECKOUT_NUMBER; i <= CHECKOUT_CVV; i++) {
        char *text = (char *)(uintptr_t)form->entries[i].text;
        secret_wipe(text, strlen(text));
    }
}

/* What the form itself lacks: the page again, nothing tried. */
static void refuse_form(struct visit *visit) {
    struct order cart;
    wipe_card(&visit->form);
    if (!load_cart(visit, &cart))
        return;
    struct checkout_page view = {0};
    show(visit, &cart, &view, &visit->form, 422);
}

/* The terms, where they are due: accepted by the ticked box, on disk before anything is paid. */
static enum err accept_terms(struct visit *visit) {
    if (!terms_due(visit))
        return OK;
    if (!form_number(&visit->form, CHECKOUT_TERMS)) {
        form_refuse(&visit->form, CHECKOUT_TERMS, N_("The terms must be accepted to go on."));
        return ERR_REFUSED;
    }
    return consent_accept_terms(visit_shop(visit), visit->session.account_id, visit->settings,
                                visit->now);
}

void checkout_post(struct visit *visit) {
    struct order_result result = {0};
    enum err err = accept_terms(visit);
    if (err == ERR_REFUSED || !form_ok(&visit->form)) {
        refuse_form(visit);
        return;
    }
    if (!err)
        err = pay(visit, &result);
    wipe_card(&visit->form);
    if (err == OK)
        visit_redirect(visit, "/store/orders/%lld/", (long long)result.order_id);
    else if (err == ERR_REFUSED && result.outcome == ORDER_EMPTY)
        visit_redirect(visit, "/store/order-summary/");
    else if (err == ERR_REFUSED)
        refuse(visit, &result);
    else
        visit_fail(visit, err);
}
