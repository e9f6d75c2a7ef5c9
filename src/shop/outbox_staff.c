/* The outbox as staff look at it and after it; sending is outbox.c. */
#include "shop/audit.h"
#include "shop/link.h"
#include "shop/mail.h"
#include "shop/outbox.h"
#include "shop/outbox_sql.h"
#include "shop/shop.h"

enum {
    FAILED_SECONDS = 14 * 24 * 60 * 60,
    LATE_SECONDS = 60 * 60,
    OLD_LINK_SECONDS = 7 * 24 * 60 * 60, /* how far a sweep looks back */
};

enum err outbox_find(struct db *db, struct arena *arena, int64_t id, struct outbox_mail *out) {
    *out = (struct outbox_mail){.id = id};
    struct rows *rows = db_query(db, outbox_sql[OUTBOX_ONE], V(id));
    bool found = rows_next(rows);
    if (found) {
        out->recipient = rows_text(rows, 0, arena);
        out->subject = rows_text(rows, 1, arena);
        out->text = rows_text(rows, 2, arena);
        out->html = rows_text(rows, 3, arena);
        out->attempts = rows_int(rows, 4);
        out->created_at = rows_int(rows, 5);
        out->next_attempt_at = rows_int(rows, 6);
        out->sent_at = rows_int(rows, 7);
        out->last_error = rows_text(rows, 8, arena);
        out->order_id = rows_int(rows, 9);
    }
    enum err err = rows_end(rows);
    if (err || !found)
        return err ? err : ERR_NOT_FOUND;
    link_life(out->text, &out->link_gone);
    out->sending = out->next_attempt_at && out->attempts && !out->last_error;
    out->text = link_mask(arena, out->text);
    out->html = link_mask(arena, out->html);
    return OK;
}

/* ---- again ----------------------------------------------------------------------------------- */

struct retry {
    struct arena *arena;
    int64_t actor_id, now;
    const int64_t *ids;
    size_t count;
    int64_t done;
};

static enum err retry_one(struct tx *tx, struct retry *r, int64_t id) {
    struct outbox_mail mail;
    enum err err = outbox_find(tx_db(tx), r->arena, id, &mail);
    if (err == ERR_NOT_FOUND || (!err && mail.link_gone))
        return OK;
    if (!err)
        err = tx_exec(tx, outbox_sql[OUTBOX_RETRY], V(id), V(r->now));
    if (err || tx_changes(tx) == 0)
        return err;
    r->done++;
    const struct audit_field due = {
        .name = "next_attempt_at",
        .before = mail.next_attempt_at
                      ? arena_printf(r->arena, "%lld", (long long)mail.next_attempt_at)
                      : NULL,
        .after = arena_printf(r->arena, "%lld", (long long)r->now)};
    return audit_change_tx(tx, r->actor_id, "retry", "outbox", id, &due, 1);
}

static enum err retry_tx(struct tx *tx, void *arg) {
    struct retry *r = arg;
    enum err err = OK;
    r->done = 0;
    for (size_t i = 0; !err && i < r->count; i++)
        err = retry_one(tx, r, r->ids[i]);
    return err;
}

enum err outbox_retry(struct shop *shop, struct arena *arena, int64_t actor_id, const int64_t *ids,
                      size_t count, int64_t now, int64_t *done) {
    struct retry retry = {
        .arena = arena, .actor_id = actor_id, .now = now, .ids = ids, .count = count};
    enum err err = store_write(shop->store, retry_tx, &retry);
    *done = err ? 0 : retry.done;
    if (*done)
        mail_notify(shop);
    return err;
}

/* ---- health ---------------------------------------------------------------------------------- */

enum err outbox_health(struct db *db, struct arena *arena, int64_t now, struct outbox_health *out) {
    *out = (struct outbox_health){0};
    struct rows *rows = db_query(db, outbox_sql[OUTBOX_LAST_SENT]);
    if (rows_next(rows)) {
        out->last_sent_at = rows_int(rows, 0);
        out->last_sent_to = rows_text(rows, 1, arena);
    }
    enum err err = rows_end(rows);
    if (err)
        return err;
    rows = db_query(db, outbox_sql[OUTBOX_LAST_ERROR]);
    if (rows_next(rows)) {
        out->last_error_id = rows_int(rows, 0);
        out->last_error_at = rows_int(rows, 1);
        out->last_error = rows_text(rows, 2, arena);
    }
    err = rows_end(rows);
    if (err)
        return err;
    rows = db_query(db, outbox_sql[OUTBOX_COUNTS], V(now - FAILED_SECONDS), V(now - LATE_SECONDS));
    if (rows_next(rows)) {
        out->failed = rows_int(rows, 0);
        out->late = rows_int(rows, 1);
    }
    return rows_end(rows);
}

/* ---- links that are too old ------------------------------------------------------------------ */

struct old_mail {
    int64_t id;
    const char *text, *html;
};

struct sweep {
    struct arena *arena;
    struct old_mail *mails;
    size_t count;
};

static enum err sweep_tx(struct tx *tx, void *arg) {
    const struct sweep *sweep = arg;
    enum err err = OK;
    for (size_t i = 0; !err && i < sweep->count; i++)
        err = tx_exec(tx, outbox_sql[OUTBOX_GIVEN_UP], V(sweep->mails[i].id),
                      V("the link in it is too old"),
                      V(link_mask(sweep->arena, sweep->mails[i].text)),
                      V(link_mask(sweep->arena, sweep->mails[i].html)));
    return err;
}

static enum err find_old(struct db *db, int64_t now, struct sweep *sweep) {
    struct rows *rows =
        db_query(db, outbox_sql[OUTBOX_OLD_LINKS], V(now - OLD_LINK_SECONDS), V(now));
    while (rows_next(rows)) {
        struct old_mail mail = {rows_int(rows, 0), rows_text(rows, 1, sweep->arena),
                                rows_text(rows, 2, sweep->arena)};
        bool masked;
        int64_t life = link_life(mail.text, &masked);
        if (life == 0 || rows_int(rows, 3) + life > now)
            continue;
        sweep->mails = arena_grow(sweep->arena, sweep->mails, sweep->count, sizeof(mail));
        sweep->mails[sweep->count++] = mail;
    }
    return rows_end(rows);
}

enum err outbox_sweep(struct shop *shop, int64_t now) {
    struct sweep sweep = {.arena = arena_create()};
    struct db *db = store_reader(shop->store);
    enum err err = find_old(db, now, &sweep);
    store_release(shop->store, db);
    if (!err && sweep.count)
        err = store_write(shop->store, sweep_tx, &sweep);
    arena_destroy(sweep.arena);
    return err;
}
