/* Filling an empty database with the demonstration school, in one transaction: the school itself
 * here, its families and their orders in demo_history.c. */
#include "shop/demo.h"
#include "base/log.h"
#include "base/secret.h"
#include "shop/demo_history.h"
#include "shop/demo_sql.h"
#include "shop/picture.h"
#include <stdio.h>

enum { DAY = 24 * 3600, OPENED = 200 * DAY, SALES_DAYS = 45 };

struct filling {
    demo_asset_fn *asset;
    struct demo_plan plan;
    struct arena *arena;
    char hashes[DEMO_ACCOUNTS][SECRET_PASSWORD_SIZE];
    struct demo_ids ids;
    int64_t staff[DEMO_STAFF];
};

/* ---- passwords ------------------------------------------------------------------------------ */

/* Four pairs of syllables and two digits, easy to copy by eye: "luna-rogu-beti-sado-47". 53 bits,
 * and a login limit in front. The consonants are chosen so that no rude word comes out. */
static void make_password(char password[24]) {
    static const char CONSONANTS[] = "bdfgklmnrsv", VOWELS[] = "aeiou";
    char *p = password;
    for (int i = 0; i < 16; i++) {
        const char *letters = i % 2 ? VOWELS : CONSONANTS;
        *p++ = letters[secret_random_below(i % 2 ? 5 : 11)];
        if (i % 4 == 3)
            *p++ = '-';
    }
    snprintf(p, 3, "%02u", (unsigned)secret_random_below(100));
}

static enum err make_accounts(struct filling *f, struct demo_accounts *out) {
    static const char *const WHAT[DEMO_ACCOUNTS] = {"owner", "desk", "instructor", "parent"};
    enum err err = OK;
    for (int i = 0; !err && i < DEMO_ACCOUNTS; i++) {
        struct demo_account *account = &out->items[i];
        account->what = WHAT[i];
        snprintf(account->email, sizeof(account->email), "%s",
                 i < DEMO_ACCOUNTS - 1 ? demo_staff[i].email : demo_history_email(f->arena, 0));
        make_password(account->password);
        err = secret_password_hash(account->password, f->hashes[i]);
    }
    return err;
}

/* ---- the school ----------------------------------------------------------------------------- */

static enum err store_picture(struct tx *tx, const struct filling *f, const char *name, int width,
                              int height, char hash[PICTURE_HASH_SIZE]) {
    size_t size;
    const void *bytes = f->asset(name, &size);
    if (!bytes) {
        log_error("demo_picture_missing", "name", "%s", name);
        return ERR_INTERNAL;
    }
    struct picture picture = {"image/svg+xml", width, height, bytes, size};
    return picture_put_tx(tx, &picture, hash);
}

static enum err set_picture(struct tx *tx, const struct filling *f, const char *key,
                            const char *name, int side) {
    char hash[PICTURE_HASH_SIZE];
    enum err err = store_picture(tx, f, name, side, side, hash);
    return err ? err : setting_set_tx(tx, key, hash);
}

static enum err add_school(struct tx *tx, const struct filling *f) {
    int64_t opened = f->plan.now - OPENED;
    enum err err = tx_exec(tx, demo_sql[DEMO_MARK]);
    for (size_t i = 0; !err && i < DEMO_SETTINGS; i++)
        err = setting_set_tx(tx, demo_settings[i].key, demo_settings[i].value);
    if (!err)
        err = set_picture(tx, f, "logo", "logo.svg", 64);
    if (!err)
        err = set_picture(tx, f, "wallet_qr", "pictures/demo/qr-yape.svg", 264);
    if (!err)
        err = setting_publish_tx(tx, "terms", demo_terms, opened);
    return err ? err : setting_publish_tx(tx, "privacy", demo_privacy, opened);
}

static enum err add_topics(struct tx *tx, const struct filling *f) {
    enum err err = OK;
    for (int i = 0; !err && i < DEMO_TOPICS; i++) {
        const struct demo_topic *topic = &demo_topics[i];
        char hash[PICTURE_HASH_SIZE];
        err = store_picture(tx, f, topic->picture, 400, 300, hash);
        if (!err)
            err = tx_exec(tx, demo_sql[DEMO_ADD_TOPIC], V(i + 1), V(topic->name),
                          V(topic->description), V(topic->color), V((const char *)hash));
    }
    return err;
}

/* The first three are accounts people log in to. */
static enum err add_staff(struct tx *tx, struct filling *f) {
    enum err err = OK;
    for (int i = 0; !err && i < DEMO_STAFF; i++) {
        const struct demo_staff *staff = &demo_staff[i];
        const char *hash = i < DEMO_ACCOUNTS - 1 ? f->hashes[i] : NULL;
        err = tx_exec(tx, demo_sql[DEMO_ADD_ACCOUNT], V(staff->email), V(hash),
                      V(staff->name.first_name), V(staff->name.last_name), V("PE"), V(1),
                      V(arena_printf(f->arena, "900 000 2%02d", i)), V_NULL, V_NULL, V(staff->role),
                      V(f->plan.now - OPENED));
        f->staff[i] = tx_last_id(tx);
    }
    return err;
}

/* It was put up some weeks before its start; those that start late are in the catalogue since ten
 * days. */
static int64_t created_at(const struct filling *f, int index) {
    const struct demo_plan *plan = &f->plan;
    int64_t start = zone_utc(plan->zone, plan->workshops[index].start, 9, 0);
    int64_t latest = plan->now - 25 * DAY + index * 600;
    return start - SALES_DAYS * DAY < latest ? start - SALES_DAYS * DAY : latest;
}

static enum err insert_workshop(struct tx *tx, const struct filling *f, int index,
                                const char *hash) {
    const struct demo_workshop *d = &demo_workshops[index];
    const struct demo_plan *plan = &f->plan;
    const struct workshop *w = &plan->workshops[index];
    char start[DATE_TEXT_SIZE], end[DATE_TEXT_SIZE];
    date_format(w->start, start);
    date_format(w->end, end);
    int64_t opens = zone_utc(plan->zone, date_add_days(plan->monday, 7 * d->opens), 9, 0);
    bool said = d->schedule != NULL;
    return tx_exec(tx, demo_sql[DEMO_ADD_WORKSHOP], V(d->slug), V(d->topic), V(d->title),
                   V(d->description), V(d->bring), V(hash), V(demo_plan_list_price(index)),
                   V_OPT(d->discount >= 0, d->discount * 100), V_OPT(d->min_age >= 0, d->min_age),
                   V_OPT(d->max_age >= 0, d->max_age), V(d->place), V((const char *)start),
                   V((const char *)end), V(d->schedule), V(d->hours), V(said ? 0 : d->weekdays),
                   V_OPT(!said, d->start), V_OPT(!said, d->end), V(d->weeks), V(d->level),
                   V_OPT(w->capacity >= 0, w->capacity), V(d->private),
                   V(d->private ? "equipo-sol" : NULL), V_OPT(d->opens, opens),
                   V(created_at(f, index)));
}

static enum err add_workshop(struct tx *tx, struct filling *f, int index) {
    const struct demo_workshop *d = &demo_workshops[index];
    char hash[PICTURE_HASH_SIZE];
    enum err err = store_picture(tx, f, arena_printf(f->arena, "pictures/demo/%s.svg", d->picture),
                                 400, 300, hash);
    if (!err)
        err = insert_workshop(tx, f, index, hash);
    f->ids.workshops[index] = tx_last_id(tx);
    for (int i = 0; !err && i < 2; i++)
        if (d->staff[i] >= 0)
            err = tx_exec(tx, demo_sql[DEMO_ADD_INSTRUCTOR], V(f->ids.workshops[index]),
                          V(f->staff[d->staff[i]]));
    return err;
}

/* ---- all of it ------------------------------------------------------------------------------ */

static enum err fill_tx(struct tx *tx, void *arg) {
    struct filling *f = arg;
    int64_t in_use;
    enum err err = db_int(tx_db(tx), demo_sql[DEMO_IN_USE], &in_use);
    if (err)
        return err;
    if (in_use)
        return ERR_REFUSED;
    err = add_school(tx, f);
    if (!err)
        err = add_topics(tx, f);
    if (!err)
        err = add_staff(tx, f);
    for (int i = 0; !err && i < DEMO_WORKSHOPS; i++)
        err = add_workshop(tx, f, i);
    if (!err)
        err = demo_history_families_tx(tx, &f->plan, f->hashes[DEMO_ACCOUNTS - 1], &f->ids);
    return err ? err : demo_history_orders_tx(tx, &f->plan, &f->ids);
}

enum err demo_fill(struct shop *shop, demo_asset_fn *asset, int64_t now,
                   struct demo_accounts *out) {
    struct arena *arena = arena_create();
    struct filling *f = arena_alloc(arena, sizeof(*f));
    f->asset = asset;
    f->arena = arena;
    demo_plan_make(arena, zone_find("America/Lima"), now, &f->plan);
    enum err err = make_accounts(f, out);
    if (!err)
        err = store_write(shop->store, fill_tx, f);
    secret_wipe(f->hashes, sizeof(f->hashes));
    arena_destroy(arena);
    return err;
}
