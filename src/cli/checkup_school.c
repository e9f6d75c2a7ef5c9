/* The school: its database, its books, its mail, its backups. */
#include "analytics/analytics_sql.h"
#include "base/zone.h"
#include "cli/checkup.h"
#include "cli/folder.h"
#include "db/copy.h"
#include "shop/backup_shelf.h"
#include "shop/books.h"
#include "shop/outbox.h"
#include "shop/shop.h"
#include <inttypes.h>
#include <stdio.h>

enum { HOUR = 3600, TOLD = 5 /* of a kind; the rest is counted */ };

/* ---- the database ---------------------------------------------------------------------------- */

static bool check_schema(struct checkup *checkup) {
    struct copy_facts facts;
    char error[256];
    const struct store_options ours = shop_store_options(checkup->database, NULL);
    int64_t newest = (int64_t)ours.migration_count + 1;
    if (copy_identity(checkup->database, &facts, error, sizeof(error)) != OK) {
        checkup_fault(checkup, "database", "Restore a backup: taller restore FILE --verify.", "%s",
                      error);
        return false;
    }
    if (facts.application_id != ours.application_id || facts.schema > newest)
        checkup_fault(checkup, "database",
                      "Use the program that wrote it, or go back with its 'taller rollback'.",
                      "%s is of another or a newer program (schema %" PRId64
                      "; this one knows %" PRId64 ").",
                      checkup->database, facts.schema, newest);
    else if (facts.schema < newest)
        checkup_warn(checkup, "database",
                     "Nothing to do: the next start makes a backup and brings it up.",
                     "%s is of an older version (schema %" PRId64 " of %" PRId64
                     "); its rows are not looked at.",
                     checkup->database, facts.schema, newest);
    else
        checkup->is_current = true;
    return true;
}

static void tell(struct checkup *checkup, const char *advice, const char **faults, size_t count) {
    for (size_t i = 0; i < count && i < TOLD; i++)
        checkup_fault(checkup, "database", advice, "%s: %s.", checkup->database, faults[i]);
    if (count > TOLD)
        checkup_fault(checkup, "database", advice, "%zu more of these.", count - TOLD);
}

void checkup_database(struct checkup *checkup) {
    struct copy_faults faults;
    char error[256];
    if (!checkup->has_database) {
        checkup_warn(checkup, "database", "Start 'taller serve' once, or 'taller demo'.",
                     "There is no school in %s yet.", checkup->data);
        return;
    }
    if (!check_schema(checkup))
        return;
    if (copy_check(checkup->database, checkup->arena, &faults, error, sizeof(error)) != OK) {
        checkup->is_current = false;
        checkup_fault(checkup, "database", "Restore a backup: taller restore FILE --verify.", "%s",
                      error);
        return;
    }
    tell(checkup, "Look at the disk, then restore a backup: taller restore FILE --verify.",
         faults.damage, faults.damage_count);
    tell(checkup, "A change by hand left it behind; correct it with sqlite3 or restore a backup.",
         faults.references, faults.reference_count);
    checkup->is_current = checkup->is_current && !faults.damage_count;
    if (!faults.damage_count && !faults.reference_count)
        checkup_good(checkup, "database", "%s is whole, and so are its references.",
                     checkup->database);
}

/* ---- what its rows say ----------------------------------------------------------------------- */

static void check_books(struct checkup *checkup, struct db *db) {
    static const char ADVICE[] =
        "Open it in the administration and settle it, or ask whoever changed the database by hand.";
    struct books_fault *faults;
    size_t count;
    if (books_check(db, checkup->arena, &faults, &count) != OK) {
        checkup_fault(checkup, "books", "See the log above.", "The books could not be read.");
        return;
    }
    for (size_t i = 0; i < count && i < TOLD; i++)
        checkup_fault(checkup, "books", ADVICE,
                      "%s: %s %" PRId64 " has %" PRId64 " where %" PRId64 " belongs.",
                      faults[i].rule, faults[i].entity, faults[i].id, faults[i].found,
                      faults[i].expected);
    if (count > TOLD)
        checkup_fault(checkup, "books", ADVICE, "%zu more of these.", count - TOLD);
    if (count == 0)
        checkup_good(checkup, "books",
                     "Payments less refunds are what orders say, no workshop is overbooked, papers "
                     "are whole.");
}

static void check_outbox(struct checkup *checkup, struct db *db) {
    struct outbox_health health;
    if (outbox_health(db, checkup->arena, checkup->now, &health) != OK)
        return;
    if (health.failed)
        checkup_warn(checkup, "mail", "See /admin/mail/?state=failed.",
                     "%" PRId64 " mails were given up in the last two weeks.", health.failed);
    if (health.late)
        checkup_warn(checkup, "mail", "See /admin/mail/delivery/.",
                     "%" PRId64 " mails have been waiting for over an hour.", health.late);
}

void checkup_rows(struct checkup *checkup) {
    struct shop shop;
    char error[256];
    const struct shop_options options = {.data = checkup->data,
                                         .base_url = "https://localhost",
                                         .more_tables = analytics_tables,
                                         .more_table_count = analytics_table_count,
                                         .check_statements = true};
    if (!checkup->is_current)
        return;
    if (shop_open(&options, &shop, error, sizeof(error)) != OK) {
        checkup_fault(checkup, "database", "Correct it or restore a backup, then run this again.",
                      "%s", error);
        return;
    }
    struct db *db = store_reader(shop.store);
    check_books(checkup, db);
    check_outbox(checkup, db);
    store_release(shop.store, db);
    shop_close(&shop);
}

/* ---- backups --------------------------------------------------------------------------------- */

int64_t checkup_patience(const struct checkup *checkup) {
    struct backup_rota rota;
    bool read = backup_rota_parse(checkup->options->value[OPTION_BACKUPS], &rota);
    return (read ? 2 * backup_rota_interval(&rota) : 0) + INT64_C(24) * HOUR;
}

void checkup_backups(struct checkup *checkup) {
    static const char ADVICE[] = "taller backup FILE makes one; a server makes them by itself "
                                 "(--backups). Keep a copy on another machine.";
    struct shelf shelf;
    if (!checkup->has_database)
        return;
    if (shelf_read(checkup->backups, checkup->arena, &shelf) != OK) {
        checkup_fault(checkup, "backups", "Correct its rights.", "%s cannot be read.",
                      checkup->backups);
        return;
    }
    const struct shelf_item *newest = shelf_newest(&shelf, checkup->now);
    if (!newest)
        checkup_warn(checkup, "backups", ADVICE, "There is no backup in %s.", checkup->backups);
    else if (checkup->now - newest->at > checkup_patience(checkup))
        checkup_warn(checkup, "backups", ADVICE, "The last backup is %" PRId64 " hours old.",
                     (checkup->now - newest->at) / HOUR);
    else
        checkup_good(checkup, "backups", "The last one is %s, %" PRId64 " minutes old.",
                     newest->name, (checkup->now - newest->at) / 60);
}
