/* Delivering what waits in the outbox. */
#include "shop/outbox.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/email.h"
#include "base/log.h"
#include "base/secret.h"
#include "net/deadline.h"
#include "net/mime.h"
#include "shop/audit.h"
#include "shop/link.h"
#include "shop/outbox_sql.h"
#include "shop/shop.h"
#include <string.h>

enum {
    CLAIM_SECONDS = 15 * 60,            /* longer than any attempt: a sender that died lets go */
    GIVE_UP_SECONDS = 2 * 24 * 60 * 60, /* since the mail was written */
    CONNECTION_MAILS = 100,             /* servers count, and hang up */
    POSTPONED_MAX = 200,                /* in one transaction */
};

/* Minutes to wait after each attempt; the last one repeats. */
static const int PAUSES[] = {1, 2, 5, 15, 30, 60};

/* A mail that has been claimed. */
struct letter {
    struct arena *arena; /* of its texts */
    int64_t now;
    int64_t id, attempts, created_at;
    const char *recipient, *subject, *text, *html;
    const char *error;
    int64_t retry_at; /* 0: never again */
};

/* What is at work until nothing is due. */
struct round {
    struct shop *shop;
    const struct smtp_options *options;
    int stop_fd;
    struct arena *arena; /* of one mail */
    struct smtp *smtp;   /* NULL: not connected */
    int tried;           /* mails on this connection */
};

/* ---- the rows ---------------------------------------------------------------------------------
 */

/* The mail that has been due longest; 0: none. */
static int64_t find_due(struct db *db, int64_t now) {
    int64_t id = 0;
    return db_int(db, outbox_sql[OUTBOX_DUE], &id, V(now)) == OK ? id : 0;
}

/* Takes that mail: nobody else tries it before the claim is over. ERR_NOT_FOUND when none is due.
 */
static enum err read_letter(struct rows *rows, struct letter *letter) {
    bool found = rows_next(rows);
    if (found) {
        letter->recipient = rows_text(rows, 0, letter->arena);
        letter->subject = rows_text(rows, 1, letter->arena);
        letter->text = rows_text(rows, 2, letter->arena);
        letter->html = rows_text(rows, 3, letter->arena);
        letter->attempts = rows_int(rows, 4);
        letter->created_at = rows_int(rows, 5);
    }
    enum err err = rows_end(rows);
    return err ? err : found ? OK : ERR_NOT_FOUND;
}

static enum err claim_tx(struct tx *tx, void *arg) {
    struct letter *letter = arg;
    letter->id = find_due(tx_db(tx), letter->now);
    return read_letter(tx_query(tx, outbox_sql[OUTBOX_CLAIM], V(letter->id),
                                V(letter->now + CLAIM_SECONDS), V(letter->now)),
                       letter);
}

static enum err sent_tx(struct tx *tx, void *arg) {
    const struct letter *letter = arg;
    return tx_exec(tx, outbox_sql[OUTBOX_SENT], V(letter->id), V(letter->now),
                   V(link_mask(letter->arena, letter->text)),
                   V(link_mask(letter->arena, letter->html)));
}

static enum err failed_tx(struct tx *tx, void *arg) {
    const struct letter *letter = arg;
    if (letter->retry_at)
        return tx_exec(tx, outbox_sql[OUTBOX_FAILED], V(letter->id), V(letter->error),
                       V(letter->retry_at));
    return tx_exec(tx, outbox_sql[OUTBOX_GIVEN_UP], V(letter->id), V(letter->error),
                   V(link_mask(letter->arena, letter->text)),
                   V(link_mask(letter->arena, letter->html)));
}

/* When there is no sense in sending it any more: a link in it works that long. */
static int64_t last_moment(const struct letter *letter) {
    bool masked;
    int64_t life = link_life(letter->text, &masked);
    return letter->created_at + (life && life < GIVE_UP_SECONDS ? life : GIVE_UP_SECONDS);
}

static void plan_retry(struct letter *letter) {
    size_t attempt = letter->attempts > 0 ? (size_t)letter->attempts - 1 : 0;
    if (attempt >= ARRAY_COUNT(PAUSES))
        attempt = ARRAY_COUNT(PAUSES) - 1;
    int64_t retry = letter->now + PAUSES[attempt] * 60;
    letter->retry_at = retry > last_moment(letter) ? 0 : retry;
}

/* ---- a server that cannot be reached ----------------------------------------------------------
 */

struct postponing {
    struct arena *arena;
    const char *error;
    int count;
};

/* Everything that is due has been tried in vain. */
static enum err postpone_tx(struct tx *tx, void *arg) {
    struct postponing *postponing = arg;
    enum err err = OK;
    for (postponing->count = 0; !err && postponing->count < POSTPONED_MAX; postponing->count++) {
        arena_reset(postponing->arena);
        struct letter letter = {
            .arena = postponing->arena, .now = clock_now(), .error = postponing->error};
        err = claim_tx(tx, &letter);
        if (err)
            break;
        plan_retry(&letter);
        err = failed_tx(tx, &letter);
    }
    return err == ERR_NOT_FOUND ? OK : err;
}

static void postpone_all(struct round *round, const char *error) {
    struct postponing postponing = {.arena = round->arena, .error = error};
    enum err err;
    do
        err = store_write(round->shop->store, postpone_tx, &postponing);
    while (!err && postponing.count == POSTPONED_MAX);
    log_warn("mail_server_failed", "error", "%s", error);
}

/* Opens the conversation where there is none. */
static bool connect_once(struct round *round, char *error, size_t error_size) {
    if (round->smtp)
        return true;
    round->tried = 0;
    round->smtp = smtp_connect(round->options, round->stop_fd, error, error_size);
    return round->smtp != NULL;
}

static void disconnect(struct round *round) {
    smtp_close(round->smtp);
    round->smtp = NULL;
}

/* ---- one mail ---------------------------------------------------------------------------------
 */

/* The host of the site's address; a number in brackets without them. */
static const char *host_of(struct arena *arena, const char *base_url) {
    const char *host = strstr(base_url, "://");
    host = host ? host + 3 : base_url;
    return *host == '[' ? arena_strndup(arena, host + 1, strcspn(host + 1, "]/"))
                        : arena_strndup(arena, host, strcspn(host, ":/"));
}

/* The school's own address, else the mail account's, else one that nobody reads. */
static const char *sender(const struct round *round, const struct settings *settings) {
    if (settings->mail_from)
        return settings->mail_from;
    if (round->options->user && email_valid(round->options->user))
        return round->options->user;
    const char *own =
        arena_printf(round->arena, "no-reply@%s", host_of(round->arena, round->shop->base_url));
    return email_valid(own) ? own : "no-reply@localhost";
}

/* The same at every attempt, and nobody's guess. */
static const char *message_id(const struct shop *shop, const struct letter *letter) {
    char tag[SECRET_MAC_SIZE];
    secret_mac(shop->key,
               arena_printf(letter->arena, "mail:%lld:%lld", (long long)letter->id,
                            (long long)letter->created_at),
               tag);
    return arena_printf(letter->arena, "%lld.%s@%s", (long long)letter->id, tag,
                        host_of(letter->arena, shop->base_url));
}

static enum smtp_result send(struct round *round, struct letter *letter) {
    const struct settings *settings = shop_read_settings(round->shop);
    const char *from = sender(round, settings);
    const struct mime_mail mail = {.from_name = settings->school_name,
                                   .from = from,
                                   .reply_to = settings->mail_reply_to ? settings->mail_reply_to
                                                                       : settings->email,
                                   .to = letter->recipient,
                                   .subject = letter->subject,
                                   .message_id = message_id(round->shop, letter),
                                   .date = letter->created_at,
                                   .text = letter->text,
                                   .html = letter->html};
    struct buf message = {0};
    char error[512] = "";
    mime_write(&message, &mail);
    round->tried++;
    enum smtp_result result = smtp_send(round->smtp, from, letter->recipient, message.data,
                                        message.len, error, sizeof(error));
    buf_free(&message);
    letter->error = arena_strdup(letter->arena, error);
    letter->now = clock_now();
    return result;
}

/* A conversation that had gone on for a while may just have been ended by the server. That is no
 * fault of this mail, so it gets another one at once. */
static enum smtp_result hand_over(struct round *round, struct letter *letter) {
    enum smtp_result result = send(round, letter);
    char error[512];
    if (result != SMTP_TROUBLE || smtp_is_usable(round->smtp) || round->tried == 1)
        return result;
    disconnect(round);
    return connect_once(round, error, sizeof(error)) ? send(round, letter) : result;
}

/* Written whatever it takes: as long as nothing can be written, nothing can be claimed, and when
 * the claim is over the mail would go out once more. */
static enum err note_sent(struct round *round, struct letter *letter) {
    LOG_FIELDS(LOG_INFO, "mail_sent", LOG_INT("mail", letter->id),
               LOG_INT("attempt", letter->attempts));
    counter_add(&round->shop->counters.mails_sent, 1);
    enum err err = store_write(round->shop->store, sent_tx, letter);
    while (err && !deadline_stopped(round->stop_fd)) {
        log_error("mail_not_noted", "mail", "%lld", (long long)letter->id);
        deadline_sleep(1000, round->stop_fd);
        err = store_write(round->shop->store, sent_tx, letter);
    }
    return err;
}

static enum err note(struct round *round, struct letter *letter, enum smtp_result result) {
    if (result == SMTP_SENT)
        return note_sent(round, letter);
    if (result != SMTP_REFUSED)
        plan_retry(letter);
    counter_add(&round->shop->counters.mails_failed, 1);
    LOG_FIELDS(LOG_WARN, letter->retry_at ? "mail_delayed" : "mail_given_up",
               LOG_INT("mail", letter->id), LOG_INT("attempt", letter->attempts));
    return store_write(round->shop->store, failed_tx, letter);
}

/* ---- a round ----------------------------------------------------------------------------------
 */

static bool is_due(struct shop *shop) {
    struct db *db = store_reader(shop->store);
    bool due = find_due(db, clock_now()) != 0;
    store_release(shop->store, db);
    return due;
}

/* Sends one mail, if one is due; reading first keeps an idle school from writing. False ends the
 * round. */
static bool deliver_one(struct round *round) {
    char error[512] = "";
    if (deadline_stopped(round->stop_fd) || !is_due(round->shop))
        return false;
    if (!connect_once(round, error, sizeof(error))) {
        if (!deadline_stopped(round->stop_fd))
            postpone_all(round, error);
        return false;
    }
    arena_reset(round->arena);
    struct letter letter = {.arena = round->arena, .now = clock_now()};
    if (store_write(round->shop->store, claim_tx, &letter) != OK)
        return false;
    enum smtp_result result = hand_over(round, &letter);
    enum err err = note(round, &letter, result);
    if (round->smtp && (!smtp_is_usable(round->smtp) || round->tried >= CONNECTION_MAILS))
        disconnect(round);
    return !err && result != SMTP_TROUBLE;
}

void outbox_deliver(struct shop *shop, const struct smtp_options *options, int stop_fd) {
    struct round round = {
        .shop = shop, .options = options, .stop_fd = stop_fd, .arena = arena_create()};
    while (deliver_one(&round))
        ;
    disconnect(&round);
    arena_destroy(round.arena);
}

/* ---- a test ----------------------------------------------------------------------------------
 */

enum { TEST_CONNECT_MS = 15000, TEST_MAIL_MS = 20000 }; /* somebody looks at a page that loads */

struct trial {
    struct round *round;
    const struct outbox_trial *asked;
    struct letter letter;
};

/* Written and claimed in one transaction, so that only this conversation sends it. */
static enum err post_tx(struct tx *tx, void *arg) {
    struct trial *t = arg;
    struct shop *shop = t->round->shop;
    const struct mail_link model = {.first_name = t->asked->first_name};
    const struct mail mail = {.kind = MAIL_TEST,
                              .lang = t->asked->lang,
                              .recipient = t->asked->recipient,
                              .model = &model};
    enum err err = mail_enqueue_tx(shop, tx, shop_settings(shop, tx_db(tx)), &mail);
    if (err)
        return err;
    struct letter *letter = &t->letter;
    letter->id = tx_last_id(tx);
    letter->now = clock_now();
    err = read_letter(
        tx_query(tx, outbox_sql[OUTBOX_TAKE], V(letter->id), V(letter->now + CLAIM_SECONDS)),
        letter);
    return err ? err : audit_write_tx(tx, t->asked->actor_id, "test", "outbox", letter->id, NULL);
}

enum err outbox_try(struct shop *shop, struct arena *arena, const struct smtp_options *options,
                    const struct outbox_trial *trial, bool *sent, const char **error) {
    struct smtp_options patient = *options;
    patient.connect_ms = TEST_CONNECT_MS;
    patient.mail_ms = TEST_MAIL_MS;
    struct round round = {.shop = shop, .options = &patient, .stop_fd = -1, .arena = arena};
    struct trial t = {.round = &round, .asked = trial, .letter = {.arena = arena}};
    char why[512] = "";
    enum err err = store_write(shop->store, post_tx, &t);
    if (err)
        return err;
    *sent = connect_once(&round, why, sizeof(why)) && send(&round, &t.letter) == SMTP_SENT;
    if (!*sent && !round.smtp)
        t.letter.error = arena_strdup(arena, why);
    disconnect(&round);
    *error = *sent ? NULL : t.letter.error;
    t.letter.now = clock_now();
    return store_write(shop->store, *sent ? sent_tx : failed_tx, &t.letter);
}
