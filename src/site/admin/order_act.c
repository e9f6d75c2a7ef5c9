/* What staff do with an order after being told what will happen: one table of acts, one page. */
#include "base/i18n.h"
#include "base/words.h"
#include "base/zone.h"
#include "site/admin/forms.h"
#include "site/admin/order.h"
#include "site/pages/order.h"
#include "site/visit.h"
#include "views.h"
#include <stdlib.h>
#include <string.h>

enum { MINUTES_AN_HOUR = 60, DAY_ENDS = 23 * 60 + 59, LINE_SIZE = 24 };

/* ---- forms ---------------------------------------------------------------------------------- */

#define WAY                                                                   \
    {.name = "method",                                                        \
     .kind = FORM_CHOICE,                                                     \
     .label = N_("How the money goes back"),                                  \
     .unmarked = true},                                                       \
    {                                                                         \
        .name = "reference", .kind = FORM_TEXT,                               \
        .label = N_("Number of that operation or voucher"),                   \
        .hint = N_("Empty: we number it. One number gives money back once."), \
        .max = REFUND_REFERENCE_MAX, .autocomplete = "off"                    \
    }
#define REASON                                                                        \
    {                                                                                 \
        .name = "reason", .kind = FORM_TEXT, .label = N_("Reason"),                   \
        .hint = N_("The family reads it, in the mail too."), .max = REFUND_REASON_MAX \
    }

static const struct form_field REJECT[] = {
    {.name = "operation", .kind = FORM_CHOICE, .label = N_("Reported number"), .required = true},
    {.name = "reason",
     .kind = FORM_TEXT,
     .label = N_("Reason"),
     .hint = N_("The family reads it, in the mail too."),
     .required = true,
     .max = REFUND_REASON_MAX},
    {.name = "cancel",
     .kind = FORM_CHECK,
     .label = N_("Cancel the order, too"),
     .hint = N_("Its seats are free again at once.")},
};
enum { REJECT_OPERATION, REJECT_REASON, REJECT_CANCEL };

static const struct form_field EXTEND[] = {
    {.name = "due_at", .kind = FORM_MOMENT, .label = N_("Pay until"), .required = true},
};

static const struct form_field SETTLE[] = {
    {.name = "decision", .kind = FORM_CHOICE, .label = N_("Decision"), .required = true},
    WAY,
    REASON,
};
enum { SETTLE_DECISION, SETTLE_METHOD, SETTLE_REFERENCE, SETTLE_REASON };

static const struct form_field CANCEL[] = {
    REASON,
    WAY,
};
enum { CANCEL_REASON, CANCEL_METHOD, CANCEL_REFERENCE };

static const struct form_field REFUND[] = {
    {.name = "inscriptions",
     .kind = FORM_SET,
     .label = N_("What goes back"),
     .required = true,
     .required_text = N_("Choose at least one.")},
    WAY,
    REASON,
};
enum { REFUND_INSCRIPTIONS, REFUND_BY_METHOD, REFUND_BY_REFERENCE, REFUND_BY_REASON };

const struct form_spec order_reject_form = {REJECT, ARRAY_COUNT(REJECT)};
const struct form_spec order_extend_form = {EXTEND, ARRAY_COUNT(EXTEND)};
const struct form_spec order_settle_form = {SETTLE, ARRAY_COUNT(SETTLE)};
const struct form_spec order_cancel_form = {CANCEL, ARRAY_COUNT(CANCEL)};
const struct form_spec order_refund_form = {REFUND, ARRAY_COUNT(REFUND)};

/* ---- one act -------------------------------------------------------------------------------- */

struct act {
    const char *name; /* last part of its address */
    const char *title, *submit;
    bool danger;
    const struct form_spec *form;
    bool (*possible)(const struct order_file *file);
    /* Offers and presets (`fresh`: the first time it is shown), and says what will happen. */
    void (*prepare)(struct visit *visit, const struct order_file *file, struct form *form,
                    bool fresh, struct admin_order_ask *ask);
    /* OK: *done is what to say, *replay whether nothing happened. ERR_REFUSED: the form says why.
     */
    enum err (*run)(struct visit *visit, int64_t id, const char **done, bool *replay);
};

static void say_line(struct admin_order_ask *ask, const char *text) {
    ask->lines[ask->line_count++] = text;
}

static const char *cents(struct visit *visit, const struct order *order, int64_t amount) {
    return admin_money(visit, amount, order->currency);
}

static struct refund_way way_of(const struct form *form, size_t method) {
    return (struct refund_way){form_text_or_null(form, method),
                               form_text_or_null(form, method + 1)};
}

static enum err refuse_staff(struct visit *visit, const struct order_staff_result *result) {
    struct form *form = &visit->form;
    switch (result->refusal) {
    case ORDER_STAFF_REFUND:
        form_refuse_named(form, admin_refund_field(result->refund),
                          admin_refund_refusal(result->refund));
        break;
    case ORDER_STAFF_STATE:
        form_refuse_all(form, N_("The order has changed meanwhile: this is not possible now."));
        break;
    case ORDER_STAFF_CHARGING:
        form_refuse_all(form, N_("A card is being charged right now. Reload in a moment."));
        break;
    case ORDER_STAFF_REPORT:
        form_refuse_named(form, "operation", N_("The family has not reported this number."));
        break;
    case ORDER_STAFF_REASON:
        form_refuse_named(form, "reason", N_("Please give a reason, not too long."));
        break;
    case ORDER_STAFF_DEADLINE:
        form_refuse_named(form, "due_at",
                          N_("Choose a later moment than now and than the deadline there is, "
                             "within 60 days."));
        break;
    case ORDER_STAFF_SEAT:
        form_refuse_all(form, N_("A seat is gone: there is none left in that workshop."));
        break;
    case ORDER_STAFF_TOO_LITTLE:
        form_refuse_all(form, N_("The money that came is not enough for these seats."));
        break;
    case ORDER_STAFF_RECEIPT:
    case ORDER_STAFF_OK:
        break;
    }
    return ERR_REFUSED;
}

/* ---- reject --------------------------------------------------------------------------------- */

static bool can_reject(const struct order_file *file) {
    return file->order.status == ORDER_PENDING && file->order.open_reports > 0;
}

static void prepare_reject(struct visit *visit, const struct order_file *file, struct form *form,
                           bool fresh, struct admin_order_ask *ask) {
    const struct order *order = &file->order;
    struct form_choice *reports =
        arena_array(visit->arena, order->report_count + 1, sizeof(*reports));
    size_t count = 0;
    for (size_t i = 0; i < order->report_count; i++)
        if (!order->reports[i].rejected_at)
            reports[count++] =
                (struct form_choice){order->reports[i].operation, order->reports[i].operation};
    form_offer(form, REJECT_OPERATION, reports);
    if (fresh && count == 1)
        form_set(form, REJECT_OPERATION, reports[0].value);
    say_line(ask, tr(visit->lang, "The family is told that there is no such money, with your "
                                  "reason, and can report another number."));
    say_line(ask, tr(visit->lang, "The seats stay theirs until the deadline, unless you cancel."));
}

static enum err run_reject(struct visit *visit, int64_t id, const char **done, bool *replay) {
    struct order_staff_result result = {0};
    const bool cancel = form_number(&visit->form, REJECT_CANCEL) != 0;
    enum err err = order_reject(
        visit_shop(visit), visit->session.account_id, id, form_text(&visit->form, REJECT_OPERATION),
        form_text(&visit->form, REJECT_REASON), cancel, visit->now, &result);
    *done = tr(visit->lang, cancel ? N_("Rejected and cancelled. The family is told.")
                                   : N_("Rejected. The family is told."));
    *replay = result.replay;
    return err == ERR_REFUSED ? refuse_staff(visit, &result) : err;
}

/* ---- extend --------------------------------------------------------------------------------- */

static bool can_extend(const struct order_file *file) {
    return file->order.status == ORDER_PENDING && file->order.due_at > 0;
}

static void prepare_extend(struct visit *visit, const struct order_file *file, struct form *form,
                           bool fresh, struct admin_order_ask *ask) {
    const int64_t from = file->order.due_at > visit->now ? file->order.due_at : visit->now;
    const struct date day = date_add_days(zone_date(visit->settings->zone, from), 2);
    char text[DATE_TEXT_SIZE];
    struct buf until = {0};
    date_format(day, text);
    if (fresh)
        form_set(form, 0, arena_printf(visit->arena, "%sT23:59", text));
    words_moment_long(&until, visit->lang, visit->settings->zone, file->order.due_at);
    say_line(ask, visit_say(visit, N_("The deadline now is {moment}."),
                            I18N_TEXT("moment", buf_text(&until))));
    buf_free(&until);
    say_line(ask, tr(visit->lang, "The seats are kept until the new one, and the family is told."));
}

static enum err run_extend(struct visit *visit, int64_t id, const char **done, bool *replay) {
    struct order_staff_result result = {0};
    const struct form_entry *entry = &visit->form.entries[0];
    const int minute = (int)entry->number;
    const int64_t due = zone_utc(visit->settings->zone, entry->date, minute / MINUTES_AN_HOUR,
                                 minute % MINUTES_AN_HOUR);
    enum err err =
        order_extend(visit_shop(visit), visit->session.account_id, id, due, visit->now, &result);
    *done = tr(visit->lang, "There is more time to pay. The family is told.");
    *replay = result.replay;
    return err == ERR_REFUSED ? refuse_staff(visit, &result) : err;
}

/* ---- settle --------------------------------------------------------------------------------- */

static const char *const DECISIONS[] = {
    [ORDER_SEAT] = "seat", [ORDER_KEEP] = "keep", [ORDER_GIVE_BACK] = "give_back"};

static bool can_settle(const struct order_file *file) {
    return file->order.status == ORDER_REVIEW;
}

/* Money for what is seated, and how many are not. */
static int64_t seated(const struct order *order, size_t *with, size_t *without) {
    int64_t price = 0;
    *with = *without = 0;
    for (size_t i = 0; i < order->lines.count; i++) {
        const struct inscription *line = &order->lines.items[i];
        bool in = line->status == INSCRIPTION_CONFIRMED;
        *with += in;
        *without += line->status == INSCRIPTION_EXPIRED || line->status == INSCRIPTION_CANCELLED;
        price += in ? line->price_cents : 0;
    }
    return price;
}

static const char *with_rest(struct visit *visit, const struct order *order, const char *plain,
                             const char *and_back, int64_t rest) {
    if (rest <= 0)
        return tr(visit->lang, plain);
    return visit_say(visit, and_back, I18N_TEXT("amount", cents(visit, order, rest)));
}

static void prepare_settle(struct visit *visit, const struct order_file *file, struct form *form,
                           bool fresh, struct admin_order_ask *ask) {
    const struct order *order = &file->order;
    size_t with, without, count = 0;
    const int64_t price = seated(order, &with, &without);
    struct form_choice *choices = arena_array(visit->arena, 4, sizeof(*choices));
    if (order->paid_cents >= order->total_cents)
        choices[count++] = (struct form_choice){
            DECISIONS[ORDER_SEAT],
            with_rest(visit, order,
                      without ? N_("Give the seats that are missing") : N_("Accept it as paid"),
                      without ? N_("Give the seats that are missing, give {amount} back")
                              : N_("Accept it as paid, give {amount} back"),
                      order->paid_cents - order->total_cents)};
    if (with && without && order->paid_cents >= price)
        choices[count++] =
            (struct form_choice){DECISIONS[ORDER_KEEP],
                                 with_rest(visit, order, N_("Keep only the seats they have"),
                                           N_("Keep only the seats they have, give {amount} back"),
                                           order->paid_cents - price)};
    choices[count++] = (struct form_choice){
        DECISIONS[ORDER_GIVE_BACK],
        visit_say(visit, N_("Give all of it back: {amount}"),
                  I18N_TEXT("amount", cents(visit, order, order->paid_cents)))};
    form_offer(form, SETTLE_DECISION, choices);
    form_offer(form, SETTLE_METHOD, admin_order_ways(visit, file->card_left_cents));
    (void)fresh;
    say_line(ask, visit_say(visit, N_("It costs {total}; {paid} came."),
                            I18N_TEXT("total", cents(visit, order, order->total_cents)),
                            I18N_TEXT("paid", cents(visit, order, order->paid_cents))));
    if (without)
        say_line(ask, visit_say(visit,
                                N_("Seats that were lost: {n}. They are taken again only if "
                                   "there are any."),
                                I18N_INT("n", (int64_t)without)));
    say_line(ask, tr(visit->lang, "The family is told what you decide."));
}

static enum err run_settle(struct visit *visit, int64_t id, const char **done, bool *replay) {
    struct order_staff_result result = {0};
    int decision = ORDER_SEAT;
    while (decision < ORDER_GIVE_BACK &&
           strcmp(DECISIONS[decision], form_text(&visit->form, SETTLE_DECISION)) != 0)
        decision++;
    enum err err = order_resolve(visit_shop(visit), visit->session.account_id, id,
                                 (enum order_decision)decision, way_of(&visit->form, SETTLE_METHOD),
                                 form_text(&visit->form, SETTLE_REASON), visit->now, &result);
    *done = tr(visit->lang, "Decided. The family is told.");
    *replay = result.replay;
    return err == ERR_REFUSED ? refuse_staff(visit, &result) : err;
}

/* ---- cancel --------------------------------------------------------------------------------- */

static bool can_cancel(const struct order_file *file) {
    return file->order.status == ORDER_PENDING && !file->order.charging;
}

static void prepare_cancel(struct visit *visit, const struct order_file *file, struct form *form,
                           bool fresh, struct admin_order_ask *ask) {
    (void)fresh;
    form_offer(form, CANCEL_METHOD, admin_order_ways(visit, file->card_left_cents));
    ask->no_money = file->order.paid_cents == 0;
    say_line(ask, tr(visit->lang, "Its seats are free again at once, and the family is told."));
    if (!ask->no_money)
        say_line(ask, visit_say(
                          visit, N_("{amount} had come already and goes back."),
                          I18N_TEXT("amount", cents(visit, &file->order, file->order.paid_cents))));
}

static enum err run_cancel(struct visit *visit, int64_t id, const char **done, bool *replay) {
    struct order_staff_result result = {0};
    const struct order_cancellation request = {.actor_id = visit->session.account_id,
                                               .order_id = id,
                                               .reason = form_text(&visit->form, CANCEL_REASON),
                                               .way = way_of(&visit->form, CANCEL_METHOD)};
    enum err err = order_cancel(visit_shop(visit), &request, visit->now, &result);
    *done = tr(visit->lang, "Cancelled. The family is told.");
    *replay = result.replay;
    return err == ERR_REFUSED ? refuse_staff(visit, &result) : err;
}

/* ---- refund --------------------------------------------------------------------------------- */

static bool can_refund(const struct order_file *file) {
    return file->order.status == ORDER_PAID;
}

/* Everything that is enrolled, ticked at first; what is not any more stays choosable on a repeat,
 * so that a second click finds it done. */
static void prepare_refund(struct visit *visit, const struct order_file *file, struct form *form,
                           bool fresh, struct admin_order_ask *ask) {
    const struct order *order = &file->order;
    struct form_choice *lines = arena_array(visit->arena, order->lines.count + 1, sizeof(*lines));
    const char *all = "";
    size_t count = 0;
    for (size_t i = 0; i < order->lines.count; i++) {
        const struct inscription *line = &order->lines.items[i];
        if (fresh && line->status != INSCRIPTION_CONFIRMED)
            continue;
        const char *id = arena_printf(visit->arena, "%lld", (long long)line->id);
        lines[count++] = (struct form_choice){
            id, arena_printf(visit->arena, "%s · %s · %s", line->workshop.title,
                             line->student_first_name, cents(visit, order, line->price_cents))};
        all = arena_printf(visit->arena, "%s%s%s", all, *all ? " " : "", id);
    }
    form_offer(form, REFUND_INSCRIPTIONS, lines);
    if (fresh)
        form_set(form, REFUND_INSCRIPTIONS, all);
    form_offer(form, REFUND_BY_METHOD, admin_order_ways(visit, file->card_left_cents));
    if (fresh && order->method && strcmp(order->method, "credit") != 0)
        form_set(form, REFUND_BY_METHOD, order->method); /* the way it came */
    ask->no_money = order->total_cents == 0;
    say_line(ask, tr(visit->lang, "What you choose is cancelled: its seats are free again, the "
                                  "family gets a credit note by mail."));
    if (!ask->no_money)
        say_line(ask, tr(visit->lang, "Taller notes that the money went back. Giving it back "
                                      "is yours to do."));
}

static enum err run_refund(struct visit *visit, int64_t id, const char **done, bool *replay) {
    int64_t ids[LINE_SIZE];
    struct refund_request request = {.actor_id = visit->session.account_id,
                                     .order_id = id,
                                     .inscriptions = ids,
                                     .way = way_of(&visit->form, REFUND_BY_METHOD),
                                     .reason = form_text(&visit->form, REFUND_BY_REASON)};
    struct refund_result result = {0};
    const char *text = form_text(&visit->form, REFUND_INSCRIPTIONS);
    for (char *end; *text && request.count < LINE_SIZE; text = end)
        ids[request.count++] = strtoll(text, &end, 10);
    enum err err = refund_order(visit_shop(visit), &request, visit->now, &result);
    if (err == ERR_REFUSED)
        form_refuse_named(&visit->form, admin_refund_field(result.refusal),
                          admin_refund_refusal(result.refusal));
    *done = visit_say(
        visit, N_("Refunded: {amount}. The credit note is on its way."),
        I18N_TEXT("amount", admin_money(visit, result.amount_cents, visit->settings->currency)));
    *replay = result.replay;
    return err;
}

/* ---- the table ------------------------------------------------------------------------------ */

/* In order of use: the first that is possible is the primary one. */
static const struct act ACTS[] = {
    {"settle", N_("Decide"), N_("Decide"), false, &order_settle_form, can_settle, prepare_settle,
     run_settle},
    {"reject", N_("Reject the reported payment"), N_("Reject"), true, &order_reject_form,
     can_reject, prepare_reject, run_reject},
    {"extend", N_("Give more time"), N_("Give more time"), false, &order_extend_form, can_extend,
     prepare_extend, run_extend},
    {"cancel", N_("Cancel the order"), N_("Cancel the order"), true, &order_cancel_form, can_cancel,
     prepare_cancel, run_cancel},
    {"refund", N_("Refund"), N_("Refund"), true, &order_refund_form, can_refund, prepare_refund,
     run_refund},
};

void admin_order_offer(struct visit *visit, struct admin_order *out) {
    for (size_t i = 0; i < ARRAY_COUNT(ACTS); i++)
        if (ACTS[i].possible(out->file) && out->act_count < ARRAY_COUNT(out->acts))
            out->acts[out->act_count++] = (struct admin_order_act){
                arena_printf(visit->arena, "%s%s/", out->address, ACTS[i].name),
                tr(visit->lang, ACTS[i].title)};
}

static const struct act *act_of(const struct visit *visit) {
    const char *name = strstr(visit->hit.route->pattern, "{id}/") + strlen("{id}/");
    size_t i = 0;
    while (strncmp(ACTS[i].name, name, strlen(ACTS[i].name)) != 0)
        i++; /* every row of the table of routes has its act */
    return &ACTS[i];
}

static void show_ask(struct visit *visit, const struct act *act, const struct order_file *file,
                     struct admin_order_ask *ask, struct form *form, int status) {
    const char *name = file->order.code ? file->order.code : "";
    ask->heading = arena_printf(visit->arena, "%s: %s", tr(visit->lang, act->title), name);
    ask->back = arena_printf(visit->arena, "/admin/orders/%lld/", (long long)file->order.id);
    ask->back_text = tr(visit->lang, "Back to the order");
    ask->action = arena_printf(visit->arena, "%s%s/", ask->back, act->name);
    ask->submit = tr(visit->lang, act->submit);
    ask->danger = act->danger;
    ask->form = form;
    struct admin_page page = admin_page_start(visit, "orders", ask->heading);
    page.page.form = form;
    ask->page = &page;
    struct out out = visit_page(visit, status, &page.page);
    view_admin_order_ask(&out, ask);
    ask->page = NULL; /* it was of this function */
}

static bool load(struct visit *visit, struct order_file *file) {
    enum err err =
        order_file_read(visit_db(visit), visit->arena, visit_id(visit, 0), visit->now, file);
    if (err)
        visit_fail(visit, err);
    return err == OK;
}

void admin_order_act_get(struct visit *visit) {
    const struct act *act = act_of(visit);
    struct order_file file;
    struct admin_order_ask ask = {0};
    if (!load(visit, &file))
        return;
    if (!act->possible(&file)) {
        visit_flash(visit, FLASH_NOTICE,
                    tr(visit->lang, "The order has changed meanwhile: this is not possible now."));
        visit_redirect(visit, "/admin/orders/%lld/", (long long)file.order.id);
        return;
    }
    struct form form = form_empty(act->form, visit->arena, visit->lang);
    act->prepare(visit, &file, &form, true, &ask);
    show_ask(visit, act, &file, &ask, &form, 200);
}

void admin_order_act_post(struct visit *visit) {
    const struct act *act = act_of(visit);
    struct order_file file;
    struct admin_order_ask ask = {0};
    const char *done = NULL;
    bool replay = false;
    if (!load(visit, &file))
        return;
    /* Choices of an order that has changed are gone: the operation itself says what became of it.
     */
    const bool now_possible = act->possible(&file);
    if (now_possible)
        act->prepare(visit, &file, &visit->form, false, &ask);
    enum err err =
        form_ok(&visit->form) ? act->run(visit, file.order.id, &done, &replay) : ERR_REFUSED;
    if (err == ERR_REFUSED) {
        if (!now_possible)
            act->prepare(visit, &file, &visit->form, false, &ask);
        show_ask(visit, act, &file, &ask, &visit->form, 422);
        return;
    }
    if (err) {
        visit_fail(visit, err);
        return;
    }
    visit_flash(visit, replay ? FLASH_NOTICE : FLASH_SUCCESS,
                replay ? tr(visit->lang, "This was done before. Nothing changed.") : done);
    visit_redirect(visit, "/admin/orders/%lld/", (long long)file.order.id);
}
