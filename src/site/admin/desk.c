/* An order made at the desk, in three steps that need no script: whose family, which student, which
 * workshops; and the change of an inscription to another workshop. */
#include "base/i18n.h"
#include "base/words.h"
#include "shop/account.h"
#include "shop/listings.h"
#include "shop/student.h"
#include "site/admin/forms.h"
#include "site/admin/order.h"
#include "site/pages/order.h"
#include "site/visit.h"
#include "views.h"
#include <stdlib.h>
#include <string.h>

/* ---- forms ---------------------------------------------------------------------------------- */

static const struct form_choice METHODS[] = {
    {"cash", N_("Cash, received now")},
    {"transfer", N_("Transfer: seen if you give its number, else to come")},
    {"free", N_("Free of charge")},
    {NULL},
};

static const struct form_field DESK[] = {
    {.name = "account", .kind = FORM_HIDDEN, .label = N_("Family"), .required = true, .max = 18},
    {.name = "student", .kind = FORM_HIDDEN, .label = N_("Student"), .required = true, .max = 18},
    {.name = "workshops",
     .kind = FORM_SET,
     .label = N_("Workshops"),
     .required = true,
     .required_text = N_("Choose at least one.")},
    {.name = "method",
     .kind = FORM_CHOICE,
     .label = N_("How it is paid"),
     .required = true,
     .choices = METHODS},
    {.name = "reference",
     .kind = FORM_TEXT,
     .label = N_("Operation or voucher number"),
     .max = 64,
     .autocomplete = "off"},
    {.name = "age_ok", .kind = FORM_CHECK, .label = N_("Enrol even where the age does not fit")},
};
enum { DESK_ACCOUNT, DESK_STUDENT, DESK_WORKSHOPS, DESK_METHOD, DESK_REFERENCE, DESK_AGE_OK };

static const struct form_field MOVE[] = {
    {.name = "workshop_id",
     .kind = FORM_CHOICE,
     .label = N_("To which workshop"),
     .required = true},
    {.name = "method",
     .kind = FORM_CHOICE,
     .label = N_("How the difference is settled"),
     .hint = N_("Only where the prices differ."),
     .unmarked = true},
    {.name = "reference",
     .kind = FORM_TEXT,
     .label = N_("Operation or voucher number"),
     .hint = N_("Of the difference. A transfer without a number is to come: the new seat waits for "
                "it."),
     .max = 64,
     .autocomplete = "off"},
    {.name = "reason",
     .kind = FORM_TEXT,
     .label = N_("Reason"),
     .hint = N_("The family reads it, in the mail too."),
     .max = REFUND_REASON_MAX},
    {.name = "age_ok", .kind = FORM_CHECK, .label = N_("Enrol even where the age does not fit")},
};
enum { MOVE_WORKSHOP, MOVE_METHOD, MOVE_REFERENCE, MOVE_REASON, MOVE_AGE_OK };

const struct form_spec desk_form = {DESK, ARRAY_COUNT(DESK)};
const struct form_spec move_form = {MOVE, ARRAY_COUNT(MOVE)};

/* ---- workshops to choose from --------------------------------------------------------------- */

static void add(struct buf *text, const char *part) {
    buf_puts(text, text->len ? " · " : "");
    buf_puts(text, part);
}

/* "Robótica · mar 13 ene · S/ 180.00 · 3 seats left · age 9, not 6 to 8" */
static const char *offer_text(struct visit *visit, const struct order_desk_offer *offer,
                              const char *money) {
    const struct workshop *w = &offer->workshop;
    struct buf text = {0}, day = {0};
    add(&text, w->title);
    if (date_is_set(w->start)) {
        words_day(&day, visit->lang, w->start);
        add(&text, buf_text(&day));
    }
    add(&text, money);
    if (w->seats_left == 0)
        add(&text, tr(visit->lang, "no seat left"));
    else if (w->seats_left > 0)
        add(&text,
            visit_say(visit, tr_n(visit->lang, "{n} seat left", "{n} seats left", w->seats_left),
                      I18N_INT("n", w->seats_left)));
    if (offer->fits != WORKSHOP_AGE_FITS)
        add(&text,
            visit_say(visit, N_("the age does not fit: {n} years"), I18N_INT("n", offer->age)));
    const char *said = arena_strdup(visit->arena, buf_text(&text));
    buf_free(&text);
    buf_free(&day);
    return said;
}

static const char *price_text(struct visit *visit, const struct order_desk_offer *offer) {
    const int64_t price = offer->workshop.price_now_cents;
    return price ? admin_money(visit, price, visit->settings->currency)
                 : tr(visit->lang, "Free of charge");
}

/* Those the student is not in yet. On a repeat those too, so that a second click finds it done. */
static enum err offer_workshops(struct visit *visit, const struct order_desk_student *student,
                                struct form *form, bool fresh) {
    struct order_desk_offer *offers;
    size_t found, count = 0;
    enum err err = order_desk_offers(visit_db(visit), visit->arena, student, visit->settings,
                                     visit->now, &offers, &found);
    if (err)
        return err;
    struct form_choice *choices = arena_array(visit->arena, found + 1, sizeof(*choices));
    for (size_t i = 0; i < found; i++)
        if (!offers[i].already || !fresh)
            choices[count++] = (struct form_choice){
                arena_printf(visit->arena, "%lld", (long long)offers[i].workshop.id),
                offer_text(visit, &offers[i], price_text(visit, &offers[i]))};
    form_offer(form, DESK_WORKSHOPS, choices);
    return OK;
}

/* ---- refusals ------------------------------------------------------------------------------- */

static const char *refusal_text(enum order_desk_refusal refusal) {
    switch (refusal) {
    case ORDER_DESK_NOTHING:
        return N_("Choose from one to twelve workshops.");
    case ORDER_DESK_GONE:
        return N_("This workshop is over or was called off.");
    case ORDER_DESK_FULL:
        return N_("{title}: there is no seat left.");
    case ORDER_DESK_ALREADY:
        return N_("{title}: enrolled already, or in the family's cart.");
    case ORDER_DESK_AGE:
        return N_("{title}: the age does not fit ({n} years). Tick the box below to enrol all the "
                  "same.");
    case ORDER_DESK_METHOD:
        return N_("Choose how it is paid.");
    case ORDER_DESK_REFERENCE:
        return N_("This number is too long.");
    case ORDER_DESK_REFERENCE_USED:
        return N_("This number was noted before, for another payment.");
    case ORDER_DESK_NOT_ENROLLED:
        return N_("Only a confirmed seat of a paid order can be changed.");
    case ORDER_DESK_SAME:
        return N_("That is where the seat is now.");
    case ORDER_DESK_REFUND:
    case ORDER_DESK_OK:
        break;
    }
    return NULL;
}

static const char *refusal_field(enum order_desk_refusal refusal, const char *workshops) {
    switch (refusal) {
    case ORDER_DESK_NOTHING:
    case ORDER_DESK_GONE:
    case ORDER_DESK_FULL:
    case ORDER_DESK_ALREADY:
    case ORDER_DESK_SAME:
        return workshops;
    case ORDER_DESK_AGE:
        return "age_ok";
    case ORDER_DESK_METHOD:
        return "method";
    case ORDER_DESK_REFERENCE:
    case ORDER_DESK_REFERENCE_USED:
        return "reference";
    case ORDER_DESK_NOT_ENROLLED:
    case ORDER_DESK_REFUND:
    case ORDER_DESK_OK:
        break;
    }
    return "";
}

static void refuse(struct visit *visit, const struct order_desk_result *result,
                   const char *workshops) {
    struct form *form = &visit->form;
    if (result->refusal == ORDER_DESK_REFUND) {
        const bool by_number =
            result->refund == REFUND_REFERENCE || result->refund == REFUND_REFERENCE_USED;
        form_refuse_named(form, by_number ? "reference" : "method",
                          admin_refund_refusal(result->refund));
        return;
    }
    const char *text =
        visit_say(visit, refusal_text(result->refusal), I18N_TEXT("title", result->workshop_title),
                  I18N_INT("n", result->age));
    const char *field = refusal_field(result->refusal, workshops);
    for (size_t i = 0; i < form->count; i++)
        if (strcmp(form->entries[i].field->name, field) == 0) {
            form_refuse_text(form, i, text);
            return;
        }
    form->error = text;
}

static void flash_done(struct visit *visit, const struct order_desk_result *result) {
    const char *currency = visit->settings->currency;
    if (result->replay)
        visit_flash(visit, FLASH_NOTICE, tr(visit->lang, "This was done before. Nothing changed."));
    else if (!result->paid)
        visit_flash(
            visit, FLASH_SUCCESS,
            visit_say(visit,
                      N_("The seats are kept. {amount} is to come; we told the "
                         "family how to pay."),
                      I18N_TEXT("amount", admin_money(visit, result->due_cents, currency))));
    else if (result->back_cents)
        visit_flash(
            visit, FLASH_SUCCESS,
            visit_say(visit, N_("Enrolled. {amount} goes back to the family."),
                      I18N_TEXT("amount", admin_money(visit, result->back_cents, currency))));
    else
        visit_flash(visit, FLASH_SUCCESS, tr(visit->lang, "Enrolled. The receipt is on its way."));
}

/* ---- at the desk ---------------------------------------------------------------------------- */

static enum err find_families(struct visit *visit, struct admin_desk *view) {
    enum { SHOWN = 20 };
    struct listing_page found;
    const size_t filters = listing_filter_count(&account_listing);
    const struct listing_query query = {
        .text = view->text,
        .sort = -1,
        .page = 1,
        .filters = arena_array(visit->arena, filters, sizeof(const char *)),
        .zone = visit->settings->zone};
    if (!view->text || !*view->text)
        return OK;
    enum err err = listing_read(visit_db(visit), visit->arena, &account_listing, &query, &found);
    if (err)
        return err;
    view->families = arena_array(visit->arena, found.count, sizeof(*view->families));
    for (size_t i = 0; i < found.count && i < SHOWN; i++)
        view->families[view->family_count++] = (struct admin_desk_family){
            found.rows[i].id, found.rows[i].values[0].text, found.rows[i].values[1].text};
    return OK;
}

static int64_t number_of(const char *text) {
    return text ? strtoll(text, NULL, 10) : 0;
}

/* The family, then the student, as far as they are chosen. */
static enum err load_desk(struct visit *visit, int64_t account_id, int64_t student_id,
                          struct form *form, bool fresh, struct admin_desk *view) {
    struct account account;
    struct order_desk_student student;
    struct student_list *students = arena_alloc(visit->arena, sizeof(*students));
    *view = (struct admin_desk){.text = visit_query(visit, "q"), .form = form};
    if (!account_id)
        return find_families(visit, view);
    enum err err = account_find(visit_db(visit), visit->arena, account_id, &account);
    if (!err)
        err = student_by_parent(visit_db(visit), visit->arena, account_id, false, students);
    if (err)
        return err;
    view->account_id = account_id;
    view->family = arena_printf(visit->arena, "%s %s", account.first_name, account.last_name);
    view->students = students;
    if (!student_id && students->count == 1)
        student_id = students->items[0].id;
    if (!student_id)
        return OK;
    err = order_desk_student(visit_db(visit), visit->arena, student_id, &student);
    if (err || student.account_id != account_id)
        return err ? err : ERR_NOT_FOUND;
    view->student_id = student_id;
    view->student = arena_printf(visit->arena, "%s %s", student.first_name, student.last_name);
    return offer_workshops(visit, &student, form, fresh);
}

static void show_desk(struct visit *visit, struct admin_desk *view, bool refused, int status) {
    struct admin_page page =
        admin_page_start(visit, "orders", tr(visit->lang, "New order at the desk"));
    page.page.form = refused ? view->form : NULL;
    view->page = &page;
    struct out out = visit_page(visit, status, &page.page);
    view_admin_desk(&out, view);
    view->page = NULL; /* it was of this function */
}

void admin_desk_get(struct visit *visit) {
    struct admin_desk view;
    struct form form = form_empty(&desk_form, visit->arena, visit->lang);
    enum err err = load_desk(visit, visit_query_int(visit, "account", 0),
                             visit_query_int(visit, "student", 0), &form, true, &view);
    if (err)
        visit_fail(visit, err);
    else
        show_desk(visit, &view, false, 200);
}

void admin_desk_post(struct visit *visit) {
    struct form *form = &visit->form;
    struct admin_desk view;
    struct order_desk_result result = {0};
    int64_t ids[ORDER_DESK_WORKSHOPS_MAX + 1];
    struct order_desk_request request = {
        .actor_id = visit->session.account_id,
        .account_id = number_of(form_text(form, DESK_ACCOUNT)),
        .student_id = number_of(form_text(form, DESK_STUDENT)),
        .workshops = ids,
        .money = {form_text_or_null(form, DESK_METHOD), form_text_or_null(form, DESK_REFERENCE)},
        .age_ok = form_number(form, DESK_AGE_OK) != 0};
    enum err err = load_desk(visit, request.account_id, request.student_id, form, false, &view);
    if (err) {
        visit_fail(visit, err);
        return;
    }
    const char *text = form_text(form, DESK_WORKSHOPS);
    for (char *end; *text && request.count < ARRAY_COUNT(ids); text = end)
        ids[request.count++] = strtoll(text, &end, 10);
    err = ERR_REFUSED;
    if (form_ok(form)) {
        err = order_desk(visit_shop(visit), visit->arena, &request, visit->now, &result);
        if (err == ERR_REFUSED)
            refuse(visit, &result, "workshops");
    }
    if (err == ERR_REFUSED) {
        show_desk(visit, &view, true, 422);
        return;
    }
    if (err) {
        visit_fail(visit, err);
        return;
    }
    flash_done(visit, &result);
    visit_redirect(visit, "/admin/orders/%lld/", (long long)result.order_id);
}

/* ---- another workshop ----------------------------------------------------------------------- */

/* "S/ 180.00, S/ 20.00 to pay": what the change costs. */
static const char *difference_text(struct visit *visit, const struct order_desk_offer *offer,
                                   int64_t paid) {
    const char *currency = visit->settings->currency;
    const int64_t rest = offer->workshop.price_now_cents - paid;
    const char *price = price_text(visit, offer);
    if (!rest)
        return price;
    return visit_say(
        visit, rest > 0 ? N_("{price}: {amount} more to pay") : N_("{price}: {amount} goes back"),
        I18N_TEXT("price", price),
        I18N_TEXT("amount", admin_money(visit, rest > 0 ? rest : -rest, currency)));
}

static enum err prepare_move(struct visit *visit, const struct inscription *line, struct form *form,
                             bool fresh, struct admin_order_ask *ask) {
    struct order_desk_student student;
    struct order_desk_offer *offers;
    size_t found, count = 0;
    enum err err = order_desk_student(visit_db(visit), visit->arena, line->student_id, &student);
    if (!err)
        err = order_desk_offers(visit_db(visit), visit->arena, &student, visit->settings,
                                visit->now, &offers, &found);
    if (err)
        return err;
    struct form_choice *choices = arena_array(visit->arena, found + 1, sizeof(*choices));
    for (size_t i = 0; i < found; i++)
        if (!fresh || (!offers[i].already && offers[i].workshop.seats_left != 0))
            choices[count++] = (struct form_choice){
                arena_printf(visit->arena, "%lld", (long long)offers[i].workshop.id),
                offer_text(visit, &offers[i],
                           difference_text(visit, &offers[i], line->price_cents))};
    form_offer(form, MOVE_WORKSHOP, choices);
    form_offer(form, MOVE_METHOD, admin_order_ways(visit, 0));
    ask->lines[ask->line_count++] = visit_say(
        visit, N_("{name} leaves {title}; {amount} paid for it counts for the new one."),
        I18N_TEXT("name", line->student_first_name), I18N_TEXT("title", line->workshop.title),
        I18N_TEXT("amount", admin_money(visit, line->price_cents, visit->settings->currency)));
    ask->lines[ask->line_count++] =
        tr(visit->lang, "The old order gets a credit note, the new one a receipt. The family is "
                        "told by mail.");
    return OK;
}

static void show_move(struct visit *visit, const struct order *order,
                      const struct inscription *line, struct admin_order_ask *ask,
                      struct form *form, int status) {
    ask->heading = visit_say(visit, N_("{name} to another workshop"),
                             I18N_TEXT("name", line->student_first_name));
    ask->back = arena_printf(visit->arena, "/admin/orders/%lld/", (long long)order->id);
    ask->back_text = tr(visit->lang, "Back to the order");
    ask->action = arena_printf(visit->arena, "/admin/inscriptions/%lld/move/", (long long)line->id);
    ask->submit = tr(visit->lang, "Change the workshop");
    ask->form = form;
    struct admin_page page = admin_page_start(visit, "orders", ask->heading);
    page.page.form = form;
    ask->page = &page;
    struct out out = visit_page(visit, status, &page.page);
    view_admin_order_ask(&out, ask);
    ask->page = NULL; /* it was of this function */
}

void admin_move_get(struct visit *visit) {
    struct order order;
    const struct inscription *line;
    struct admin_order_ask ask = {0};
    struct form form = form_empty(&move_form, visit->arena, visit->lang);
    enum err err = order_of_inscription(visit_db(visit), visit->arena, visit_id(visit, 0),
                                        visit->now, &order, &line);
    bool possible = !err && order.status == ORDER_PAID && line->status == INSCRIPTION_CONFIRMED;
    if (possible)
        err = prepare_move(visit, line, &form, true, &ask);
    if (err) {
        visit_fail(visit, err);
        return;
    }
    if (possible) {
        show_move(visit, &order, line, &ask, &form, 200);
        return;
    }
    visit_flash(visit, FLASH_NOTICE,
                tr(visit->lang, "Only a confirmed seat of a paid order can be changed."));
    if (order.status == ORDER_CART)
        visit_redirect(visit, "/admin/inscriptions/%lld/", (long long)line->id);
    else
        visit_redirect(visit, "/admin/orders/%lld/", (long long)order.id);
}

void admin_move_post(struct visit *visit) {
    struct form *form = &visit->form;
    struct order order;
    const struct inscription *line;
    struct admin_order_ask ask = {0};
    struct order_desk_result result = {0};
    const struct order_move_request request = {
        .actor_id = visit->session.account_id,
        .inscription_id = visit_id(visit, 0),
        .workshop_id = number_of(form_text(form, MOVE_WORKSHOP)),
        .money = {form_text_or_null(form, MOVE_METHOD), form_text_or_null(form, MOVE_REFERENCE)},
        .reason = form_text(form, MOVE_REASON),
        .age_ok = form_number(form, MOVE_AGE_OK) != 0};
    enum err err = order_of_inscription(visit_db(visit), visit->arena, request.inscription_id,
                                        visit->now, &order, &line);
    if (!err)
        err = prepare_move(visit, line, form, false, &ask);
    if (!err && !form_ok(form))
        err = ERR_REFUSED;
    else if (!err) {
        err = order_move(visit_shop(visit), visit->arena, &request, visit->now, &result);
        if (err == ERR_REFUSED)
            refuse(visit, &result, "workshop_id");
    }
    if (err == ERR_REFUSED) {
        show_move(visit, &order, line, &ask, form, 422);
        return;
    }
    if (err) {
        visit_fail(visit, err);
        return;
    }
    flash_done(visit, &result);
    visit_redirect(visit, "/admin/orders/%lld/", (long long)result.order_id);
}
