/* Reading very many rows. A statement that hands its rows out one by one leaves SQLite's machine
 * and enters it again for each; an aggregate function is called from within, which is nearly half
 * of the cost. So every connection has one, each_row(…), that passes its arguments on. */
#include "db/scan.h"
#include "db/connection.h"
#include "db/db.h"
#include "db/statement.h"

/* What each_row is called with, for as long as the call lasts. */
struct row {
    int count;
    sqlite3_value **values;
};

struct scan {
    db_row_fn *each;
    void *ctx;
};

static void pass_on(sqlite3_context *context, int count, sqlite3_value **values) {
    const struct db *db = sqlite3_user_data(context);
    if (db->scan)
        db->scan->each(&(struct row){count, values}, db->scan->ctx);
}

static void finish(sqlite3_context *context) {
    sqlite3_result_null(context);
}

int scan_register(struct db *db) {
    const int flags = SQLITE_UTF8 | SQLITE_DIRECTONLY;
    return sqlite3_create_function_v2(db->handle, "each_row", -1, flags, db, NULL, pass_on, finish,
                                      NULL);
}

enum err db_scan_values(struct db *db, const char *sql, db_row_fn *each, void *ctx,
                        const struct value *values) {
    struct scan scan = {each, ctx};
    struct rows *rows = db_query_values(db, sql, values);
    db->scan = &scan;
    rows_next(rows);
    db->scan = NULL;
    return rows_end(rows);
}

int64_t row_int(const struct row *row, int column) {
    return column < row->count ? sqlite3_value_int64(row->values[column]) : 0;
}

const char *row_text(const struct row *row, int column) {
    return column < row->count ? (const char *)sqlite3_value_text(row->values[column]) : NULL;
}
