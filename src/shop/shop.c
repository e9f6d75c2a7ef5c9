/* Opening and closing the shop: its folder, its database, its key. */
#include "shop/shop.h"
#include "base/embedded.h"
#include "base/secret.h"
#include "db/file.h"
#include "shop/limit.h"
#include "shop/shop_sql.h"
#include <errno.h>
#include <string.h>

enum { APPLICATION_ID = 0x54414c55 }; /* "TALU", as in schema.sql */

static enum err make_folder(const char *path, char *error, size_t error_size) {
    enum err err = file_create_folder(path);
    if (err)
        snprintf(error, error_size, "cannot create the data folder %s: %s", path, strerror(errno));
    return err;
}

struct store_options shop_store_options(const char *path, const char *backup_dir) {
    return (struct store_options){
        .path = path,
        .backup_dir = backup_dir,
        .schema = embedded_schema(),
        .application_id = APPLICATION_ID,
        .migrations = shop_migrations,
        .migration_count = shop_migration_count,
        .tables = shop_tables,
        .table_count = shop_table_count,
    };
}

static enum err open_store(const struct shop_options *options, struct arena *arena,
                           struct store **store, char *error, size_t error_size) {
    size_t count = shop_table_count + options->more_table_count;
    struct sql_table *tables = arena_array(arena, count, sizeof(*tables));
    memcpy(tables, shop_tables, shop_table_count * sizeof(*tables));
    if (options->more_table_count > 0)
        memcpy(tables + shop_table_count, options->more_tables,
               options->more_table_count * sizeof(*tables));
    struct store_options ours =
        shop_store_options(arena_printf(arena, "%s/taller.db", options->data),
                           arena_printf(arena, "%s/backups", options->data));
    ours.tables = tables;
    ours.table_count = count;
    ours.check_statements = options->check_statements;
    return store_open(&ours, store, error, error_size);
}

static enum err read_key(struct db *db, uint8_t key[SECRET_KEY_SIZE]) {
    struct arena *arena = arena_create();
    struct rows *rows = db_query(db, shop_sql[SHOP_KEY]);
    size_t size;
    bool found = rows_next(rows);
    if (found)
        memcpy(key, rows_blob(rows, 0, arena, &size), SECRET_KEY_SIZE);
    arena_destroy(arena);
    enum err err = rows_end(rows);
    if (err)
        return err;
    return found ? OK : ERR_NOT_FOUND;
}

/* The key that another process made first is ours too. */
static enum err make_key_tx(struct tx *tx, void *arg) {
    uint8_t *key = arg;
    enum err err = read_key(tx_db(tx), key);
    if (err != ERR_NOT_FOUND)
        return err;
    secret_random(key, SECRET_KEY_SIZE);
    return tx_exec(tx, shop_sql[SHOP_KEY_INSERT], V_BLOB(key, SECRET_KEY_SIZE));
}

static enum err load_key(struct shop *shop, char *error, size_t error_size) {
    struct db *db = store_reader(shop->store);
    enum err err = read_key(db, shop->key);
    store_release(shop->store, db);
    if (err == ERR_NOT_FOUND)
        err = store_write(shop->store, make_key_tx, shop->key);
    if (err)
        snprintf(error, error_size, "cannot read the school's signing key from the database");
    return err;
}

/* With a zone that nobody knows every date of the shop would be wrong, so it does not start. */
static enum err check_settings(struct shop *shop, char *error, size_t error_size) {
    struct settings settings;
    struct arena *arena = arena_create();
    struct db *db = store_reader(shop->store);
    enum err err = setting_load(db, arena, &settings);
    store_release(shop->store, db);
    arena_destroy(arena);
    if (err)
        snprintf(error, error_size, "%s",
                 err == ERR_INVALID ? "the setting time_zone names a time zone that does not exist"
                                    : "cannot read the school's settings from the database");
    return err;
}

enum err shop_open(const struct shop_options *options, struct shop *shop, char *error,
                   size_t error_size) {
    *shop = (struct shop){.base_url = options->base_url, .render_mail = options->render_mail};
    enum err err = make_folder(options->data, error, error_size);
    if (err)
        return err;
    struct arena *arena = arena_create();
    err = open_store(options, arena, &shop->store, error, error_size);
    arena_destroy(arena);
    if (err)
        return err;
    shop->settings = setting_cache_create();
    shop->limits = limit_create();
    err = load_key(shop, error, error_size);
    if (!err)
        err = check_settings(shop, error, error_size);
    if (err)
        shop_close(shop);
    return err;
}

void shop_close(struct shop *shop) {
    store_close(shop->store);
    setting_cache_destroy(shop->settings);
    limit_destroy(shop->limits);
    secret_wipe(shop, sizeof(*shop));
}

const struct settings *shop_settings(struct shop *shop, struct db *db) {
    return setting_cached(shop->settings, shop->store, db);
}

const struct settings *shop_read_settings(struct shop *shop) {
    struct db *db = store_reader(shop->store);
    const struct settings *settings = shop_settings(shop, db);
    store_release(shop->store, db);
    return settings;
}
