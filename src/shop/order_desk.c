/* Making orders at the desk and moving inscriptions. */
#include "shop/order_desk.h"
#include "base/utf8.h"
#include "base/zone.h"
#include "shop/audit.h"
#include "shop/inscription_sql.h"
#include "shop/order_sql.h"
#include "shop/order_staff_sql.h"
#include "shop/setting.h"
#include "shop/shop.h"
#include <string.h>

enum { SEATING_SECONDS = 60, CODE_TRIES = 8, REFERENCE_MAX = 64 };

/* One desk order within its transaction. */
struct desk {
    struct shop *shop;
    struct tx *tx;
    struct arena *arena;
    int64_t actor_id, now;
    const struct settings *settings;
    struct order_desk_student student;
    struct order_desk_money money;
    bool age_ok;
    int64_t credit_cents; /* of a move: what was paid before … */
    const char *credit;   /* … under this reference */
    int64_t order_id;     /* the new order */
    struct order order;
    struct order_desk_result *result;
};

static enum err refuse(struct desk *d, enum order_desk_refusal refusal, const char *title) {
    d->result->refusal = refusal;
    d->result->workshop_title = title;
    return ERR_REFUSED;
}

static bool is(const char *a, const char *b) {
    return a && strcmp(a, b) == 0;
}

/* ---- the order and its seats ---------------------------------------------------------------- */

static enum err insert_order(struct desk *d, const char *method) {
    char code[ORDER_CODE_SIZE];
    for (int i = 0; i < CODE_TRIES; i++) {
        order_code_draw(code, i);
        enum err err =
            tx_exec(d->tx, order_staff_sql[ORDER_DESK_INSERT], V(d->student.account_id),
                    V((const char *)code), V(method), V(d->settings->currency), V(d->now));
        d->order_id = tx_last_id(d->tx);
        if (err != ERR_CONFLICT)
            return err;
    }
    return ERR_INTERNAL;
}

static enum err check_workshop(struct desk *d, const struct workshop *w) {
    char today[DATE_TEXT_SIZE];
    int64_t offered;
    struct date day = zone_date(d->settings->zone, d->now);
    date_format(day, today);
    enum err err = db_int(tx_db(d->tx), order_staff_sql[ORDER_DESK_OFFERED], &offered, V(w->id),
                          V((const char *)today));
    if (err == ERR_NOT_FOUND)
        return refuse(d, ORDER_DESK_GONE, w->title);
    if (err || workshop_age_fits(w, d->student.birth, day, &d->result->age) == WORKSHOP_AGE_FITS ||
        d->age_ok)
        return err;
    return refuse(d, ORDER_DESK_AGE, w->title);
}

static enum err take_seat(struct desk *d, int64_t workshop_id) {
    struct workshop w;
    enum err err = workshop_by_id(tx_db(d->tx), d->arena, workshop_id, d->now, &w);
    if (err == ERR_NOT_FOUND)
        return refuse(d, ORDER_DESK_GONE, NULL);
    if (!err)
        err = check_workshop(d, &w);
    if (!err)
        err = tx_exec(d->tx, inscription_sql[INSCRIPTION_EXPIRE_DUE], V(workshop_id), V(d->now));
    if (err)
        return err;
    err = tx_exec(d->tx, inscription_sql[INSCRIPTION_TAKE], V(d->order_id), V(d->student.id),
                  V(d->now + SEATING_SECONDS), V(d->now), V(workshop_id));
    if (err == ERR_CONFLICT)
        return refuse(d, ORDER_DESK_ALREADY, w.title);
    return err || tx_changes(d->tx) == 1 ? err : refuse(d, ORDER_DESK_FULL, w.title);
}

/* Seats in ascending id of the workshop, as everywhere. */
static enum err take_seats(struct desk *d, const int64_t *workshops, size_t count) {
    enum err err = OK;
    int64_t last = 0;
    for (size_t n = 0; !err && n < count; n++) {
        int64_t next = 0;
        for (size_t i = 0; i < count; i++)
            if (workshops[i] > last && (!next || workshops[i] < next))
                next = workshops[i];
        if (!next)
            break; /* the rest were said twice */
        err = take_seat(d, next);
        last = next;
    }
    return err;
}

static enum err sum_up(struct desk *d) {
    enum err err = OK;
    if (is(d->money.method, "free"))
        err = tx_exec(d->tx, order_staff_sql[ORDER_DESK_FREE], V(d->order_id));
    if (!err)
        err = tx_exec(d->tx, order_staff_sql[ORDER_DESK_TOTAL], V(d->order_id));
    return err ? err : order_any(tx_db(d->tx), d->arena, d->order_id, d->now, &d->order);
}

/* ---- its money ------------------------------------------------------------------------------ */

static enum err book(struct desk *d, const char *provider, const char *reference, int64_t cents) {
    enum err err = tx_exec(d->tx, order_staff_sql[ORDER_DESK_PAY], V(d->order_id), V(provider),
                           V(reference), V(cents), V(d->now));
    return err == ERR_CONFLICT ? refuse(d, ORDER_DESK_REFERENCE_USED, NULL) : err;
}

static enum err settle(struct desk *d) {
    enum order_effect effect;
    enum err err = order_settle_tx(d->shop, d->tx, d->arena, d->order_id, d->now, &effect);
    d->result->paid = true;
    return err || effect == ORDER_EFFECT_PAID ? err : ERR_INTERNAL;
}

/* As a family's own transfer: a deadline, its seats kept until then, and how to pay by mail. */
static enum err wait_for_transfer(struct desk *d) {
    const int64_t due = order_transfer_due(&d->order, d->settings, d->now);
    enum err err = tx_exec(d->tx, order_staff_sql[ORDER_STAFF_SET_DUE], V(d->order_id), V(due));
    if (!err)
        err = tx_exec(d->tx, order_staff_sql[ORDER_STAFF_KEEP_SEATS], V(d->order_id), V(due));
    if (!err)
        err = order_any(tx_db(d->tx), d->arena, d->order_id, d->now, &d->order);
    d->result->due_cents = d->order.due_cents;
    return err ? err
               : order_mail_tx(d->shop, d->tx, d->settings, MAIL_TRANSFER, &d->order,
                               arena_printf(d->arena, "transfer:%lld", (long long)d->order_id));
}

static enum err give_rest_back(struct desk *d, int64_t cents) {
    int64_t payment_id;
    struct refund_way way = {d->money.method, d->money.reference};
    if (is(way.method, "credit"))
        return refuse(d, ORDER_DESK_METHOD, NULL);
    enum err err = refund_book_tx(d->tx, d->arena, &d->order, &way, cents, d->now, &payment_id,
                                  &d->result->refund);
    d->money = (struct order_desk_money){way.method, way.reference};
    d->result->back_cents = cents;
    return err == ERR_REFUSED ? refuse(d, ORDER_DESK_REFUND, NULL) : err;
}

/* What is to be paid beyond the credit. */
static enum err take_rest(struct desk *d, int64_t cents) {
    const char *reference = utf8_squeeze(d->arena, d->money.reference ? d->money.reference : "");
    if (utf8_length(reference) > REFERENCE_MAX)
        return refuse(d, ORDER_DESK_REFERENCE, NULL);
    if (is(d->money.method, "transfer") && !*reference)
        return wait_for_transfer(d);
    if (!is(d->money.method, "transfer") && !is(d->money.method, "cash"))
        return refuse(d, ORDER_DESK_METHOD, NULL);
    if (!*reference)
        reference = arena_printf(d->arena, "%s-P1", d->order.code);
    enum err err = book(d, d->money.method, reference, cents);
    return err ? err : settle(d);
}

static enum err pay(struct desk *d) {
    const int64_t rest = d->order.total_cents - d->credit_cents;
    enum err err = OK;
    if (d->credit_cents)
        err = book(d, "credit", d->credit, d->credit_cents);
    if (err)
        return err;
    if (rest > 0)
        return take_rest(d, rest);
    if (rest < 0)
        err = give_rest_back(d, -rest);
    return err ? err : settle(d);
}

/* ---- at the desk ---------------------------------------------------------------------------- */

/* Whether the student has all these seats already, in one order that is no cart: done before. */
static enum err find_done(struct desk *d, const int64_t *workshops, size_t count, bool *done) {
    int64_t order_id = 0, found;
    *done = false;
    for (size_t i = 0; i < count; i++) {
        enum err err = db_int(tx_db(d->tx), order_staff_sql[ORDER_DESK_LIVE], &found,
                              V(d->student.id), V(workshops[i]), V(d->now));
        if (err == ERR_NOT_FOUND || (!err && order_id && order_id != found))
            return OK;
        if (err)
            return err;
        order_id = found;
    }
    *done = true;
    d->result->replay = true;
    d->result->order_id = order_id;
    return OK;
}

static enum err trail_desk(struct desk *d) {
    const struct audit_field fields[] = {
        {"code", NULL, d->order.code, false},
        {"total_cents", NULL, audit_number(d->arena, d->order.total_cents), false},
        {"method", NULL, d->money.method, false},
        {"reference", NULL, d->money.reference, false},
        {"student", NULL,
         arena_printf(d->arena, "%s %s", d->student.first_name, d->student.last_name), true},
    };
    return audit_change_tx(d->tx, d->actor_id, "create", "orders", d->order_id, fields,
                           ARRAY_COUNT(fields));
}

struct desk_errand {
    struct desk desk;
    const struct order_desk_request *request;
};

static enum err desk_tx(struct tx *tx, void *arg) {
    struct desk_errand *e = arg;
    struct desk *d = &e->desk;
    const struct order_desk_request *request = e->request;
    bool done;
    d->tx = tx;
    d->money = request->money;
    d->settings = shop_settings(d->shop, tx_db(tx));
    *d->result = (struct order_desk_result){0};
    if (request->count < 1 || request->count > ORDER_DESK_WORKSHOPS_MAX)
        return refuse(d, ORDER_DESK_NOTHING, NULL);
    enum err err = order_desk_student(tx_db(tx), d->arena, request->student_id, &d->student);
    if (!err && d->student.account_id != request->account_id)
        err = ERR_NOT_FOUND;
    if (!err)
        err = find_done(d, request->workshops, request->count, &done);
    if (err || done)
        return err;
    err = insert_order(d, is(d->money.method, "free") ? NULL : d->money.method);
    if (!err)
        err = take_seats(d, request->workshops, request->count);
    if (!err)
        err = sum_up(d);
    if (!err)
        err = pay(d);
    d->result->order_id = d->order_id;
    return err ? err : trail_desk(d);
}

enum err order_desk(struct shop *shop, struct arena *arena,
                    const struct order_desk_request *request, int64_t now,
                    struct order_desk_result *result) {
    struct desk_errand e = {.desk = {.shop = shop,
                                     .arena = arena,
                                     .actor_id = request->actor_id,
                                     .now = now,
                                     .age_ok = request->age_ok,
                                     .result = result},
                            .request = request};
    enum err err = store_write(shop->store, desk_tx, &e);
    if (!err)
        mail_notify(shop);
    return err;
}

/* ---- moving --------------------------------------------------------------------------------- */

static enum err trail_move(struct desk *d, const struct order *old, const struct inscription *line,
                           const struct order_move_request *request, const char *to) {
    const struct audit_field fields[] = {
        {"workshop", line->workshop.title, to, false},
        {"code", old->code, d->order.code, false},
        {"price_cents", audit_number(d->arena, line->price_cents),
         audit_number(d->arena, d->order.total_cents), false},
        {"method", NULL, d->money.method, false},
        {"reference", NULL, d->money.reference, false},
        {"reason", NULL, request->reason, true},
    };
    enum err err = audit_change_tx(d->tx, d->actor_id, "move", "inscription", line->id, fields,
                                   ARRAY_COUNT(fields));
    if (!err)
        err = audit_change_tx(d->tx, d->actor_id, "move", "orders", old->id, fields,
                              ARRAY_COUNT(fields));
    return err ? err
               : audit_change_tx(d->tx, d->actor_id, "move", "orders", d->order_id, fields,
                                 ARRAY_COUNT(fields));
}

/* The seat is free and what it cost is credit, with its credit note. */
static enum err turn_into_credit(struct desk *d, const struct order *old,
                                 const struct inscription *line, const char *reason,
                                 struct credit_note *note) {
    bool *chosen = arena_array(d->arena, old->lines.count, sizeof(*chosen));
    chosen[line - old->lines.items] = true;
    const char *reference = arena_printf(d->arena, "%s-M%lld", old->code, (long long)line->id);
    struct refund_seats seats = {
        .order = old, .chosen = chosen, .way = {"credit", reference}, .reason = reason};
    enum err err = refund_seats_tx(d->tx, d->arena, d->settings, &seats, d->now);
    *note = seats.note;
    d->credit_cents = line->price_cents;
    d->credit = reference;
    return err == ERR_REFUSED ? ERR_INTERNAL : err; /* the reference is of this seat alone */
}

static enum err mail_move(struct desk *d, const struct inscription *line,
                          const struct order_move_request *request, const struct credit_note *note,
                          const char *to) {
    const struct mail_order news = {
        .order = &d->order,
        .credit = note->number ? note : NULL,
        .back_cents = d->result->back_cents,
        .method = d->money.method,
        .reference = d->money.reference,
        .reason = request->reason && *request->reason ? request->reason : NULL,
        .student = line->student_first_name,
        .from = line->workshop.title,
        .to = to,
    };
    return order_news_tx(d->shop, d->tx, d->settings, MAIL_MOVED, &news,
                         arena_printf(d->arena, "moved:%lld", (long long)line->id));
}

static enum err move(struct desk *d, const struct order *old, const struct inscription *line,
                     const struct order_move_request *request) {
    struct credit_note note;
    bool later = is(d->money.method, "transfer") && (!d->money.reference || !*d->money.reference);
    d->student = (struct order_desk_student){.id = line->student_id, .account_id = old->account_id};
    enum err err = order_desk_student(tx_db(d->tx), d->arena, line->student_id, &d->student);
    if (err == ERR_NOT_FOUND)
        return refuse(d, ORDER_DESK_NOT_ENROLLED, NULL); /* put away meanwhile */
    if (!err)
        err = turn_into_credit(d, old, line, request->reason, &note);
    if (!err) /* one that waits for its rest must be one that takes transfers */
        err = insert_order(d, later || !d->credit_cents ? d->money.method : "credit");
    if (!err)
        err = take_seat(d, request->workshop_id);
    if (!err)
        err = sum_up(d);
    if (!err)
        err = pay(d);
    if (err)
        return err;
    const char *to = d->order.lines.items[0].workshop.title;
    d->result->order_id = d->order_id;
    err = mail_move(d, line, request, &note, to);
    return err ? err : trail_move(d, old, line, request, to);
}

enum err order_move_tx(struct shop *shop, struct tx *tx, struct arena *arena,
                       const struct order_move_request *request, int64_t now,
                       struct order_desk_result *result) {
    struct desk d = {.shop = shop,
                     .tx = tx,
                     .arena = arena,
                     .actor_id = request->actor_id,
                     .now = now,
                     .settings = shop_settings(shop, tx_db(tx)),
                     .money = request->money,
                     .age_ok = request->age_ok,
                     .result = result};
    struct order old;
    const struct inscription *line;
    bool done = false;
    *result = (struct order_desk_result){0};
    enum err err =
        order_of_inscription(tx_db(tx), arena, request->inscription_id, now, &old, &line);
    if (err)
        return err;
    d.student.id = line->student_id;
    if (line->status == INSCRIPTION_REFUNDED)
        err = find_done(&d, &request->workshop_id, 1, &done);
    if (err || done)
        return err;
    if (old.status != ORDER_PAID || line->status != INSCRIPTION_CONFIRMED)
        return refuse(&d, ORDER_DESK_NOT_ENROLLED, NULL);
    if (line->workshop.id == request->workshop_id)
        return refuse(&d, ORDER_DESK_SAME, line->workshop.title);
    if (is(request->money.method, "free"))
        return refuse(&d, ORDER_DESK_METHOD, NULL);
    return move(&d, &old, line, request);
}

struct move_errand {
    struct shop *shop;
    struct arena *arena;
    const struct order_move_request *request;
    struct order_desk_result *result;
    int64_t now;
};

static enum err move_tx(struct tx *tx, void *arg) {
    const struct move_errand *e = arg;
    return order_move_tx(e->shop, tx, e->arena, e->request, e->now, e->result);
}

enum err order_move(struct shop *shop, struct arena *arena,
                    const struct order_move_request *request, int64_t now,
                    struct order_desk_result *result) {
    struct move_errand errand = {shop, arena, request, result, now};
    enum err err = store_write(shop->store, move_tx, &errand);
    if (!err)
        mail_notify(shop);
    return err;
}
