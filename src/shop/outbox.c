/* Delivering what waits in the outbox. */
#include "shop/outbox.h"
#include "base/buf.h"
#include "base/log.h"
#include "base/secret.h"
#include "net/mime.h"
#include "shop/outbox_sql.h"
#include "shop/shop.h"
#include <string.h>

enum {
    CLAIM_SECONDS = 15 * 60,            /* a sender that died lets go of its mail after this */
    GIVE_UP_SECONDS = 2 * 24 * 60 * 60, /* since the mail was written */
    ROUND_MAX = 200,                    /* mails in one round, so that other work gets its turn */
};

/* Minutes to wait after each attempt; the last one repeats. */
static const int PAUSES[] = {1, 2, 5, 15, 30, 60, 120, 240};

struct letter {
    int64_t id, now, attempts, created_at;
    struct arena *arena;
    const char *recipient, *subject, *text, *html;
    const char *error;
    int64_t retry_at; /* 0: never again */
};

/* ---- the rows ---------------------------------------------------------------------------------
 */

/* Takes the mail that has been due longest; ERR_NOT_FOUND when none is. */
static enum err claim(struct tx *tx, void *arg) {
    struct letter *letter = arg;
    enum err err = db_int(tx_db(tx), outbox_sql[OUTBOX_DUE], &letter->id, V(letter->now));
    if (err)
        return err;
    struct rows *rows = tx_query(tx, outbox_sql[OUTBOX_CLAIM], V(letter->id),
                                 V(letter->now + CLAIM_SECONDS), V(letter->now));
    bool found = rows_next(rows);
    if (found) {
        letter->recipient = rows_text(rows, 0, letter->arena);
        letter->subject = rows_text(rows, 1, letter->arena);
        letter->text = rows_text(rows, 2, letter->arena);
        letter->html = rows_text(rows, 3, letter->arena);
        letter->attempts = rows_int(rows, 4);
        letter->created_at = rows_int(rows, 5);
    }
    err = rows_end(rows);
    return err ? err : found ? OK : ERR_NOT_FOUND;
}

static enum err note_sent(struct tx *tx, void *arg) {
    const struct letter *letter = arg;
    return tx_exec(tx, outbox_sql[OUTBOX_SENT], V(letter->id), V(letter->now));
}

static enum err note_failed(struct tx *tx, void *arg) {
    const struct letter *letter = arg;
    return tx_exec(tx, outbox_sql[OUTBOX_FAILED], V(letter->id), V(letter->error),
                   V_OPT(letter->retry_at != 0, letter->retry_at));
}

/* ---- the letter -------------------------------------------------------------------------------
 */

static const char *host_of(struct arena *arena, const char *base_url) {
    const char *host = strstr(base_url, "://");
    host = host ? host + 3 : base_url;
    return arena_strndup(arena, host, strcspn(host, ":/"));
}

/* The school's own address, else the mail account's, else one that nobody reads. */
static const char *sender(const struct shop *shop, const struct settings *settings,
                          const struct smtp_options *smtp, struct arena *arena) {
    if (settings->mail_from)
        return settings->mail_from;
    if (smtp->user && strchr(smtp->user, '@'))
        return smtp->user;
    return arena_printf(arena, "no-reply@%s", host_of(arena, shop->base_url));
}

/* The same mail has the same Message-ID at every attempt, so that a receiver can drop a repeat. */
static const char *message_id(const struct shop *shop, const struct letter *letter) {
    char tag[SECRET_MAC_SIZE];
    secret_mac(shop->key,
               arena_printf(letter->arena, "mail:%lld:%lld", (long long)letter->id,
                            (long long)letter->created_at),
               tag);
    return arena_printf(letter->arena, "%lld.%s@%s", (long long)letter->id, tag,
                        host_of(letter->arena, shop->base_url));
}

static enum smtp_result send(struct shop *shop, struct smtp *smtp,
                             const struct smtp_options *options, struct letter *letter) {
    struct db *db = store_reader(shop->store);
    const struct settings *settings = shop_settings(shop, db);
    store_release(shop->store, db);
    char boundary[SECRET_TOKEN_SIZE], error[512] = "";
    secret_token(boundary);
    const char *from = sender(shop, settings, options, letter->arena);
    const struct mime_mail mail = {.from_name = settings->school_name,
                                   .from = from,
                                   .reply_to = settings->mail_reply_to,
                                   .to = letter->recipient,
                                   .subject = letter->subject,
                                   .message_id = message_id(shop, letter),
                                   .date = letter->now,
                                   .text = letter->text,
                                   .html = letter->html,
                                   .boundary = boundary};
    struct buf message = {0};
    mime_write(&message, &mail);
    enum smtp_result result =
        smtp_send(smtp, from, letter->recipient, message.data, message.len, error, sizeof(error));
    buf_free(&message);
    letter->error = arena_strdup(letter->arena, error);
    return result;
}

/* ---- a round ----------------------------------------------------------------------------------
 */

static void plan_retry(struct letter *letter, bool permanent) {
    size_t attempt = letter->attempts > 0 ? (size_t)letter->attempts - 1 : 0;
    if (attempt >= ARRAY_COUNT(PAUSES))
        attempt = ARRAY_COUNT(PAUSES) - 1;
    int64_t retry = letter->now + PAUSES[attempt] * 60;
    bool too_late = retry > letter->created_at + GIVE_UP_SECONDS;
    letter->retry_at = permanent || too_late ? 0 : retry;
}

static enum err note(struct shop *shop, struct letter *letter, enum smtp_result result) {
    if (result == SMTP_SENT) {
        LOG_FIELDS(LOG_INFO, "mail_sent", LOG_INT("mail", letter->id),
                   LOG_INT("attempt", letter->attempts));
        return store_write(shop->store, note_sent, letter);
    }
    plan_retry(letter, result == SMTP_REFUSED);
    LOG_FIELDS(LOG_WARN, letter->retry_at ? "mail_delayed" : "mail_given_up",
               LOG_INT("mail", letter->id), LOG_INT("attempt", letter->attempts));
    return store_write(shop->store, note_failed, letter);
}

/* One mail over a connection that is opened when it is first needed. False ends the round. */
static bool deliver_one(struct shop *shop, const struct smtp_options *options, struct smtp **smtp,
                        struct letter *letter) {
    if (store_write(shop->store, claim, letter) != OK)
        return false;
    enum smtp_result result = SMTP_LATER;
    if (!*smtp) {
        char error[512] = "";
        *smtp = smtp_connect(options, error, sizeof(error));
        letter->error = arena_strdup(letter->arena, error);
        if (!*smtp)
            log_warn("smtp_failed", "error", "%s", error);
    }
    if (*smtp)
        result = send(shop, *smtp, options, letter);
    bool noted = note(shop, letter, result) == OK;
    return noted && *smtp && (result == SMTP_SENT || result == SMTP_REFUSED);
}

void outbox_deliver(struct shop *shop, const struct smtp_options *options, int64_t now) {
    struct smtp *smtp = NULL;
    struct arena *arena = arena_create();
    bool more = true;
    for (int i = 0; more && i < ROUND_MAX; i++) {
        arena_reset(arena);
        struct letter letter = {.now = now, .arena = arena};
        more = deliver_one(shop, options, &smtp, &letter);
    }
    arena_destroy(arena);
    smtp_close(smtp);
}
