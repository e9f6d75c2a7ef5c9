/* A message in the school's own words to every family of a workshop. */
#include "shop/audit.h"
#include "shop/shop.h"
#include "shop/workshop_change.h"
#include "shop/workshop_change_sql.h"
#include "shop/workshop_mail.h"

struct writing {
    struct shop *shop;
    struct arena *arena;
    const struct message_request *request;
    struct change_result *result;
    int64_t now;
};

int workshop_family_count(const struct roster *roster) {
    int count = 0;
    for (size_t i = 0; i < roster->count; i++) {
        bool seen = roster->lines[i].erased;
        for (size_t k = 0; k < i && !seen; k++)
            seen = roster->lines[k].account_id == roster->lines[i].account_id;
        count += !seen;
    }
    return count;
}

/* Whether this page's message went out before: its first letter is there. */
static enum err sent_before(struct tx *tx, struct arena *arena, const char *dedupe,
                            const struct roster *roster, bool *sent) {
    int64_t count = 0;
    enum err err = OK;
    for (size_t i = 0; !err && count == 0 && i < roster->count; i++)
        err = db_int(
            tx_db(tx), workshop_change_sql[CHANGE_MAILED], &count,
            V(arena_printf(arena, "%s:%lld", dedupe, (long long)roster->lines[i].account_id)));
    *sent = count > 0;
    return err;
}

static enum err message_tx(struct tx *tx, void *arg) {
    struct writing *m = arg;
    const struct settings *settings = shop_settings(m->shop, tx_db(tx));
    const char *dedupe = arena_printf(m->arena, "message:%s", m->request->token);
    struct roster roster;
    *m->result = (struct change_result){0};
    enum err err = roster_read(tx_db(tx), m->arena, m->request->workshop_id, 0,
                               zone_date(settings->zone, m->now), m->now, &roster);
    if (!err)
        err = sent_before(tx, m->arena, dedupe, &roster, &m->result->replay);
    if (err || m->result->replay)
        return err;
    const struct workshop_letter letter = {.kind = MAIL_WORKSHOP_MESSAGE,
                                           .roster = &roster,
                                           .subject = m->request->subject,
                                           .note = m->request->text,
                                           .dedupe = dedupe};
    err = workshop_letter_tx(m->shop, tx, m->arena, settings, &letter, &m->result->families);
    if (!err && m->result->families == 0) {
        m->result->refusal = CHANGE_NOBODY;
        return ERR_REFUSED;
    }
    const struct audit_field fields[] = {
        {.name = "subject", .after = m->request->subject},
        {.name = "people", .after = arena_printf(m->arena, "%d", m->result->families)}};
    return err ? err
               : audit_change_tx(tx, m->request->actor_id, "message", "workshop",
                                 m->request->workshop_id, fields, 2);
}

enum err workshop_message(struct shop *shop, struct arena *arena,
                          const struct message_request *request, int64_t now,
                          struct change_result *result) {
    struct writing m = {
        .shop = shop, .arena = arena, .request = request, .result = result, .now = now};
    enum err err = store_write(shop->store, message_tx, &m);
    if (!err)
        mail_notify(shop);
    return err;
}
