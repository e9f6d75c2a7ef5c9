/* What came since an upgrade. */
#include "shop/rollback.h"
#include "base/csv.h"
#include "base/date.h"
#include "db/copy.h"
#include "shop/backup_shelf.h"
#include "shop/rollback_sql.h"
#include <inttypes.h>
#include <stdio.h>

enum { DAY = 86400 };

enum column {
    COLUMN_ID,
    COLUMN_CODE,
    COLUMN_STATUS,
    COLUMN_CREATED,
    COLUMN_PAID,
    COLUMN_TOTAL,
    COLUMN_CURRENCY,
    COLUMN_FAMILY,
    COLUMN_EMAIL,
    COLUMN_PHONE,
    COLUMN_STUDENT,
    COLUMN_BIRTH,
    COLUMN_WORKSHOP,
    COLUMN_SEAT,
    COLUMN_PRICE,
    COLUMN_PAYMENT,
    COLUMNS,
};

static const struct {
    const char *name;
    enum { AS_NUMBER, AS_MOMENT, AS_MONEY, AS_TEXT, AS_DIGITS } as;
} HEADS[COLUMNS] = {
    [COLUMN_ID] = {"order", AS_NUMBER},        [COLUMN_CODE] = {"code", AS_TEXT},
    [COLUMN_STATUS] = {"status", AS_TEXT},     [COLUMN_CREATED] = {"created", AS_MOMENT},
    [COLUMN_PAID] = {"paid", AS_MOMENT},       [COLUMN_TOTAL] = {"total", AS_MONEY},
    [COLUMN_CURRENCY] = {"currency", AS_TEXT}, [COLUMN_FAMILY] = {"family", AS_TEXT},
    [COLUMN_EMAIL] = {"email", AS_TEXT},       [COLUMN_PHONE] = {"phone", AS_DIGITS},
    [COLUMN_STUDENT] = {"student", AS_TEXT},   [COLUMN_BIRTH] = {"date_of_birth", AS_TEXT},
    [COLUMN_WORKSHOP] = {"workshop", AS_TEXT}, [COLUMN_SEAT] = {"seat", AS_TEXT},
    [COLUMN_PRICE] = {"price", AS_MONEY},      [COLUMN_PAYMENT] = {"payment", AS_TEXT},
};

/* What the copy knew last. */
struct last {
    int64_t order, moment, account, student;
};

static void put_moment(struct buf *out, bool first, int64_t at) {
    char day[DATE_TEXT_SIZE], text[40];
    date_format(date_from_days(at / DAY), day);
    int second = (int)(at % DAY);
    snprintf(text, sizeof(text), "%sT%02d:%02d:%02dZ", day, second / 3600, second / 60 % 60,
             second % 60);
    csv_text(out, first, text);
}

static void put_cell(struct buf *out, struct rows *rows, int column, struct arena *arena) {
    bool first = column == 0;
    if (rows_null(rows, column)) {
        csv_text(out, first, NULL);
        return;
    }
    switch (HEADS[column].as) {
    case AS_NUMBER:
        csv_int(out, first, rows_int(rows, column));
        return;
    case AS_MOMENT:
        put_moment(out, first, rows_int(rows, column));
        return;
    case AS_MONEY:
        csv_money(out, first, rows_int(rows, column));
        return;
    case AS_TEXT:
        csv_text(out, first, rows_text(rows, column, arena));
        return;
    case AS_DIGITS:
        csv_digits(out, first, rows_text(rows, column, arena));
        return;
    }
}

static struct rollback_order read_order(struct rows *rows, struct arena *arena) {
    return (struct rollback_order){.id = rows_int(rows, COLUMN_ID),
                                   .code = rows_text(rows, COLUMN_CODE, arena),
                                   .status = rows_text(rows, COLUMN_STATUS, arena),
                                   .created_at = rows_int(rows, COLUMN_CREATED),
                                   .paid_at = rows_int(rows, COLUMN_PAID),
                                   .total_cents = rows_int(rows, COLUMN_TOTAL),
                                   .currency = rows_text(rows, COLUMN_CURRENCY, arena),
                                   .family = rows_text(rows, COLUMN_FAMILY, arena)};
}

static enum err read_orders(struct db *db, const struct last *last, struct arena *arena,
                            struct rollback *out) {
    csv_begin(&out->file);
    for (int column = 0; column < COLUMNS; column++)
        csv_text(&out->file, column == 0, HEADS[column].name);
    csv_end_row(&out->file);
    struct rows *rows =
        db_query(db, rollback_sql[ROLLBACK_ORDERS], V(last->order), V(last->moment));
    while (rows_next(rows)) {
        for (int column = 0; column < COLUMNS; column++)
            put_cell(&out->file, rows, column, arena);
        csv_end_row(&out->file);
        if (out->count && out->orders[out->count - 1].id == rows_int(rows, COLUMN_ID))
            continue;
        out->orders = arena_grow(arena, out->orders, out->count, sizeof(*out->orders));
        out->orders[out->count++] = read_order(rows, arena);
    }
    return rows_end(rows);
}

static enum err read_people(struct db *db, const struct last *last, struct rollback *out) {
    struct rows *rows =
        db_query(db, rollback_sql[ROLLBACK_PEOPLE], V(last->account), V(last->student));
    if (rows_next(rows)) {
        out->accounts = rows_int(rows, 0);
        out->students = rows_int(rows, 1);
    }
    return rows_end(rows);
}

static enum err read_last(const char *copy, struct last *out, char *error, size_t error_size) {
    const struct {
        int statement;
        int64_t *number;
    } questions[] = {{ROLLBACK_LAST_ORDER, &out->order},
                     {ROLLBACK_LAST_MOMENT, &out->moment},
                     {ROLLBACK_LAST_ACCOUNT, &out->account},
                     {ROLLBACK_LAST_STUDENT, &out->student}};
    enum err err = OK;
    for (size_t i = 0; !err && i < ARRAY_COUNT(questions); i++)
        err = copy_number(copy, rollback_sql[questions[i].statement], questions[i].number, error,
                          error_size);
    return err;
}

static enum err find_copy(const char *backups, struct arena *arena, struct rollback *out,
                          char *error, size_t error_size) {
    struct shelf shelf;
    if (shelf_read(backups, arena, &shelf) != OK)
        shelf.count = 0;
    for (size_t i = 0; i < shelf.count && !out->copy; i++) {
        if (shelf.items[i].kind != SHELF_BEFORE_UPGRADE)
            continue;
        out->copy = arena_printf(arena, "%s/%s", backups, shelf.items[i].name);
        out->made_at = shelf.items[i].at;
    }
    if (out->copy)
        return OK;
    snprintf(error, error_size,
             "no upgrade has left a copy in %s (before-migration-….db): there is nothing to return "
             "to.",
             backups);
    return ERR_NOT_FOUND;
}

static enum err check_older(struct rollback *out, char *error, size_t error_size) {
    struct copy_facts facts;
    enum err err = copy_identity(out->copy, &facts, error, error_size);
    if (err)
        return err;
    out->schema = facts.schema;
    if (facts.schema <= (int64_t)shop_migration_count)
        return OK;
    snprintf(error, error_size,
             "%s is not older than this program (schema %" PRId64
             "): there is nothing to return to.",
             out->copy, facts.schema);
    return ERR_REFUSED;
}

enum err rollback_read(struct shop *shop, const char *backups, struct arena *arena,
                       struct rollback *out, char *error, size_t error_size) {
    struct last last;
    *out = (struct rollback){0};
    enum err err = find_copy(backups, arena, out, error, error_size);
    if (!err)
        err = check_older(out, error, error_size);
    if (!err)
        err = read_last(out->copy, &last, error, error_size);
    if (err)
        return err;
    struct db *db = store_reader(shop->store);
    err = read_orders(db, &last, arena, out);
    if (!err)
        err = read_people(db, &last, out);
    store_release(shop->store, db);
    if (err)
        snprintf(error, error_size, "the orders since then cannot be read; the log says why.");
    return err;
}
