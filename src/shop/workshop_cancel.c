/* Calling a workshop off: the workshop itself, then seat by seat what staff chose, then who is
 * told. Money and moves are the business of refund.c, order_staff.c and order_desk.c. */
#include "shop/audit.h"
#include "shop/order_staff.h"
#include "shop/shop.h"
#include "shop/workshop_change.h"
#include "shop/workshop_change_sql.h"
#include "shop/workshop_mail.h"
#include "shop/workshop_staff.h"

struct cancel {
    struct shop *shop;
    struct tx *tx;
    struct arena *arena;
    const struct cancel_request *request;
    struct change_result *result;
    int64_t now;
    struct roster roster;
    enum cancel_choice *choices; /* one a line of the roster */
    bool *done;                  /* settled together with an earlier line */
};

static enum err refuse(struct cancel *c, enum change_refusal refusal, size_t line) {
    c->result->refusal = refusal;
    c->result->name = line < c->roster.count ? c->roster.lines[line].first_name : NULL;
    return ERR_REFUSED;
}

/* Everybody on the roster has a choice; who left meanwhile needs none. */
static enum err read_choices(struct cancel *c) {
    size_t count = c->roster.count;
    c->choices = arena_array(c->arena, count, sizeof(*c->choices));
    c->done = arena_array(c->arena, count, sizeof(*c->done));
    for (size_t i = 0; i < count; i++) {
        size_t at = 0;
        while (at < c->request->count &&
               c->request->lines[at].inscription_id != c->roster.lines[i].inscription_id)
            at++;
        if (at == c->request->count)
            return refuse(c, CHANGE_PEOPLE, i);
        c->choices[i] = c->request->lines[at].choice;
    }
    return OK;
}

/* What the family reads about it, in its language. */
static const char *reason_for(struct cancel *c, const struct roster_line *line) {
    const struct settings *settings = shop_settings(c->shop, tx_db(c->tx));
    enum lang lang = line->has_language ? line->language : settings->language;
    struct buf text = {0};
    i18n_format(&text, lang, N_("“{title}” was called off."),
                I18N_TEXT("title", c->roster.workshop.title));
    if (c->request->reason && *c->request->reason)
        buf_printf(&text, " %s", c->request->reason);
    const char *reason = arena_strdup(c->arena, buf_text(&text));
    buf_free(&text);
    return reason;
}

/* What a card has paid goes back to the card. */
static enum err way_for(struct cancel *c, int64_t order_id, int64_t cents, struct refund_way *way) {
    int64_t card = 0;
    enum err err = refund_card_left(tx_db(c->tx), order_id, &card);
    *way = (struct refund_way){.method = c->request->method};
    if (cents > 0 && card >= cents)
        way->method = "card";
    return err;
}

/* All seats of one paid order whose money goes back: one refund, one credit note. */
static enum err refund_order_of(struct cancel *c, size_t first) {
    const struct roster_line *line = &c->roster.lines[first];
    int64_t *ids = arena_array(c->arena, c->roster.count, sizeof(*ids)), cents = 0;
    size_t count = 0;
    for (size_t i = first; i < c->roster.count; i++) {
        if (c->roster.lines[i].order_id != line->order_id || c->choices[i] != CANCEL_REFUND)
            continue;
        ids[count++] = c->roster.lines[i].inscription_id;
        cents += c->roster.lines[i].price_cents;
        c->done[i] = true;
    }
    struct refund_request request = {.actor_id = c->request->actor_id,
                                     .order_id = line->order_id,
                                     .inscriptions = ids,
                                     .count = count,
                                     .reason = reason_for(c, line)};
    struct refund_result result = {0};
    enum err err = way_for(c, line->order_id, cents, &request.way);
    if (!err)
        err = refund_order_tx(c->shop, c->tx, c->arena, &request, c->now, &result);
    if (err != ERR_REFUSED)
        return err;
    c->result->refund = result.refusal;
    return refuse(c, CHANGE_REFUND, first);
}

/* An order that waits for its money ends as a whole. */
static enum err cancel_order_of(struct cancel *c, size_t first) {
    const struct roster_line *line = &c->roster.lines[first];
    for (size_t i = first; i < c->roster.count; i++)
        if (c->roster.lines[i].order_id == line->order_id)
            c->done[i] = true;
    struct order_staff_result result = {0};
    const struct order_cancellation request = {.actor_id = c->request->actor_id,
                                               .order_id = line->order_id,
                                               .reason = reason_for(c, line),
                                               .way = {.method = c->request->method}};
    enum err err = order_cancel_tx(c->shop, c->tx, c->arena, &request, c->now, &result);
    return err == ERR_REFUSED ? refuse(c, CHANGE_CANCEL, first) : err;
}

static enum err move_line(struct cancel *c, size_t at) {
    const struct roster_line *line = &c->roster.lines[at];
    if (!line->paid)
        return refuse(c, CHANGE_MOVE_UNPAID, at);
    const struct order_move_request request = {.actor_id = c->request->actor_id,
                                               .inscription_id = line->inscription_id,
                                               .workshop_id = c->request->move_to,
                                               .money = {.method = c->request->method},
                                               .reason = reason_for(c, line),
                                               .age_ok = true};
    struct order_desk_result result = {0};
    enum err err = order_move_tx(c->shop, c->tx, c->arena, &request, c->now, &result);
    if (err != ERR_REFUSED)
        return err;
    c->result->desk = result.refusal;
    c->result->refund = result.refund;
    return refuse(c, CHANGE_MOVE, at);
}

/* Refunds first: a move changes what an order holds. */
static enum err settle(struct cancel *c) {
    enum err err = OK;
    for (size_t i = 0; !err && i < c->roster.count; i++)
        if (c->choices[i] == CANCEL_REFUND && !c->done[i])
            err = c->roster.lines[i].paid ? refund_order_of(c, i) : cancel_order_of(c, i);
    for (size_t i = 0; !err && i < c->roster.count; i++)
        if (c->choices[i] == CANCEL_MOVE)
            err = move_line(c, i);
    return err;
}

/* Those who keep their seat hear of it here; the others hear of their money or their move. */
static enum err tell(struct cancel *c) {
    bool *kept = arena_array(c->arena, c->roster.count, sizeof(*kept));
    for (size_t i = 0; i < c->roster.count; i++)
        kept[i] = c->choices[i] == CANCEL_KEEP && !c->done[i];
    const struct workshop_letter letter = {.kind = MAIL_WORKSHOP_CALLED_OFF,
                                           .roster = &c->roster,
                                           .chosen = kept,
                                           .note = c->request->reason};
    return workshop_letter_tx(c->shop, c->tx, c->arena, shop_settings(c->shop, tx_db(c->tx)),
                              &letter, &c->result->families);
}

static enum err mark(struct cancel *c) {
    const struct audit_field fields[] = {
        {.name = "cancelled", .before = "0", .after = "1"},
        {.name = "reason",
         .after = c->request->reason && *c->request->reason ? c->request->reason : NULL}};
    size_t count = fields[1].after ? 2 : 1;
    int64_t id = c->request->workshop_id;
    enum err err = tx_exec(c->tx, workshop_change_sql[CHANGE_SET_CANCELLED], V(id), V(c->now));
    if (!err)
        err = tx_exec(c->tx, workshop_change_sql[CHANGE_FREE_CARTS], V(id));
    return err ? err
               : audit_change_tx(c->tx, c->request->actor_id, "call_off", "workshop", id, fields,
                                 count);
}

static enum err cancel_tx(struct tx *tx, void *arg) {
    struct cancel *c = arg;
    struct workshop_staff workshop;
    c->tx = tx;
    *c->result = (struct change_result){0};
    struct date today = zone_date(shop_settings(c->shop, tx_db(tx))->zone, c->now);
    enum err err =
        workshop_staff_find(tx_db(tx), c->arena, c->request->workshop_id, 0, c->now, &workshop);
    if (err)
        return err;
    c->result->replay = workshop.cancelled;
    if (workshop.cancelled)
        return OK;
    err = roster_read(tx_db(tx), c->arena, workshop.id, 0, today, c->now, &c->roster);
    if (!err)
        err = read_choices(c);
    if (!err)
        err = mark(c);
    if (!err)
        err = settle(c);
    return err ? err : tell(c);
}

enum err workshop_cancel(struct shop *shop, struct arena *arena,
                         const struct cancel_request *request, int64_t now,
                         struct change_result *result) {
    struct cancel cancel = {
        .shop = shop, .arena = arena, .request = request, .result = result, .now = now};
    enum err err = store_write(shop->store, cancel_tx, &cancel);
    if (!err)
        mail_notify(shop);
    return err;
}
