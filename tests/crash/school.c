/* See school.h. */
#include "school.h"
#include "analytics/analytics.h"
#include "analytics/analytics_sql.h"
#include "base/clock.h"
#include "db/file.h"
#include "shop/backup.h"
#include "shop/inscription.h"
#include "shop/order.h"
#include "shop/payment.h"
#include "site/mail.h"
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    FIRST_ACCOUNT = 1000,
    QUIET_US = 1300 * 1000 /* longer than the writer waits for a pause */
};

bool school_open(struct school *school, const char *data, char *error, size_t error_size) {
    const struct shop_options options = {.data = data,
                                         .base_url = "https://taller.example",
                                         .render_mail = mail_render,
                                         .more_tables = analytics_tables,
                                         .more_table_count = analytics_table_count};
    school->data = data;
    return shop_open(&options, &school->shop, error, error_size) == OK;
}

void school_close(struct school *school) {
    shop_close(&school->shop);
}

/* ---- filling it ------------------------------------------------------------------------------ */

static const char *const FILLING[] = {
    "INSERT INTO setting (key, value) VALUES ('demo', '1') ON CONFLICT (key) DO NOTHING",
    "INSERT INTO topic (id, name) VALUES (1000, 'Robots')",
    "INSERT INTO workshop (slug, topic_id, title, price_cents, capacity, start_date, end_date,"
    " weekdays, start_minute, end_minute, created_at) VALUES"
    " ('" SCHOOL_SMALL "', 1000, 'Small', 18000, 2, '2099-04-06', '2099-05-25', 1, 960, 1050, 1),"
    " ('" SCHOOL_MIDDLE "', 1000, 'Middle', 9050, 5, '2099-04-06', '2099-05-25', 2, 960, 1050, 1),"
    " ('" SCHOOL_LARGE "', 1000, 'Large', 99, NULL, '2099-04-06', '2099-05-25', 4, 960, 1050, 1)",
    "WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 12)"
    " INSERT INTO account (id, email, first_name, last_name, phone, country, email_confirmed_at,"
    " created_at) SELECT i + 1000, 'family' || i || '@example.org', 'Rosa', 'Quispe', '987654321',"
    " 'PE', 1, 1 FROM n",
    "INSERT INTO student (slug, parent_id, first_name, last_name, date_of_birth, created_at)"
    " SELECT 'child-of-' || id, id, 'Ana', 'Quispe', '2017-06-15', 1 FROM account WHERE id >= 1000",
};

static enum err fill_tx(struct tx *tx, void *arg) {
    int64_t there = 0;
    (void)arg;
    enum err err = db_int(tx_db(tx), "SELECT count(*) FROM workshop WHERE slug = 'large'", &there);
    if (there > 0)
        return err;
    for (size_t i = 0; !err && i < ARRAY_COUNT(FILLING); i++)
        err = tx_exec(tx, FILLING[i]);
    return err;
}

bool school_fill(struct school *school) {
    return store_write(school->shop.store, fill_tx, NULL) == OK;
}

/* ---- buying ---------------------------------------------------------------------------------- */

static int64_t cart_of(struct school *school, int64_t account) {
    static const char sql[] = "SELECT id FROM orders WHERE account_id = ?1 AND status = 'cart'";
    int64_t id = 0;
    struct db *db = store_reader(school->shop.store);
    enum err err = db_int(db, sql, &id, V(account));
    store_release(school->shop.store, db);
    return err ? 0 : id;
}

static bool pay(struct school *school, struct arena *arena, int64_t account, const char *method,
                school_tell *tell) {
    const struct payment_card card = {"4242 4242 4242 4242", "12", "2035", "123"};
    const struct order_payment payment = {
        .order_id = cart_of(school, account), .method = method, .shown_total = -1, .card = &card};
    struct order_result result;
    enum err err = order_checkout(&school->shop, arena, account, &payment, clock_now(), &result);
    bool paid = !err && result.outcome == ORDER_DONE_PAID;
    bool placed = !err && result.outcome == ORDER_DONE_PENDING;
    if (paid || placed)
        tell(arena_printf(arena, "%s %lld", paid ? "paid" : "placed", (long long)result.order_id));
    return paid || placed;
}

bool school_buy(struct school *school, int family, const char *workshop, const char *method,
                school_tell *tell) {
    struct arena *arena = arena_create();
    struct inscription_result held;
    int64_t account = FIRST_ACCOUNT + family;
    const char *child = arena_printf(arena, "child-of-%lld", (long long)account);
    bool bought = inscription_hold(&school->shop, arena, account, workshop, NULL, child,
                                   clock_now(), &held) == OK &&
                  pay(school, arena, account, method, tell);
    arena_destroy(arena);
    return bought;
}

void school_sell(struct school *school, school_tell *tell) {
    static const struct {
        int family;
        const char *workshop, *method;
    } purchases[] = {
        {8, SCHOOL_SMALL, "card"},  {9, SCHOOL_LARGE, "transfer"}, {10, SCHOOL_SMALL, "card"},
        {11, SCHOOL_SMALL, "card"}, {8, SCHOOL_LARGE, "card"},
    };
    for (size_t i = 0; i < ARRAY_COUNT(purchases); i++)
        school_buy(school, purchases[i].family, purchases[i].workshop, purchases[i].method, tell);
}

void school_look(struct school *school, school_tell *tell) {
    struct arena *arena = arena_create();
    struct db *db = store_reader(school->shop.store);
    struct rows *rows = db_query(db, "SELECT id FROM orders WHERE status = 'paid'");
    while (rows_next(rows))
        tell(arena_printf(arena, "paid %lld", (long long)rows_int(rows, 0)));
    if (rows_end(rows) != OK)
        abort();
    store_release(school->shop.store, db);
    arena_destroy(arena);
}

/* ---- the crowd ------------------------------------------------------------------------------- */

struct member {
    pthread_t thread;
    struct school *school;
    int family;
    const char *workshop;
    school_tell *tell;
};

static void *member_run(void *arg) {
    const struct member *m = arg;
    school_buy(m->school, m->family, m->workshop, m->family % 4 == 3 ? "transfer" : "card",
               m->tell);
    return NULL;
}

static void rush(struct school *school, const char *workshop, school_tell *tell) {
    struct member members[SCHOOL_CROWD];
    for (int i = 0; i < SCHOOL_CROWD; i++) {
        members[i] =
            (struct member){.school = school, .family = i, .workshop = workshop, .tell = tell};
        if (pthread_create(&members[i].thread, NULL, member_run, &members[i]) != 0)
            abort();
    }
    for (int i = 0; i < SCHOOL_CROWD; i++)
        pthread_join(members[i].thread, NULL);
}

void school_sell_to_crowd(struct school *school, school_tell *tell) {
    rush(school, SCHOOL_SMALL, tell);
    usleep(QUIET_US);
    rush(school, SCHOOL_MIDDLE, tell);
    usleep(QUIET_US);
    rush(school, SCHOOL_LARGE, tell);
}

/* ---- what else writes files ------------------------------------------------------------------ */

void school_back_up(struct school *school, const char *name, school_tell *tell) {
    struct arena *arena = arena_create();
    char error[512];
    struct backup_record record;
    const struct backup_plan plan = {.database = arena_printf(arena, "%s/taller.db", school->data),
                                     .file =
                                         arena_printf(arena, "%s/backups/%s", school->data, name),
                                     .now = clock_now()};
    const char *shelf = arena_printf(arena, "%s/backups", school->data);
    if (file_create_folder(shelf) == OK &&
        backup_make(&plan, arena, &record, error, sizeof(error)) == OK)
        tell(arena_printf(arena, "backup %s", name));
    arena_destroy(arena);
}

bool school_count(struct school *school) {
    char folder[PATH_MAX];
    snprintf(folder, sizeof(folder), "%s/snapshot", school->data);
    struct analytics *analytics = analytics_create(school->shop.store, folder, 1);
    const struct settings *settings = shop_read_settings(&school->shop);
    const struct snapshot_moment moment = {settings->zone, settings->time_zone, clock_now()};
    bool counted = analytics_refresh(analytics, &moment) == OK;
    analytics_destroy(analytics);
    return counted;
}
