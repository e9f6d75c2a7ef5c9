/* Counting what there is. */
#include "shop/census.h"
#include "shop/census_sql.h"

const char *const census_order_states[CENSUS_ORDER_STATES] = {"cart",   "pending",   "paid",
                                                              "review", "cancelled", "refunded"};
const char *const census_inscription_states[CENSUS_INSCRIPTION_STATES] = {
    "held", "confirmed", "cancelled", "refunded", "expired"};

/* One row, a column for each state. */
static enum err count_states(struct db *db, const char *sql, int count, int64_t *out) {
    struct rows *rows = db_query(db, sql);
    if (rows_next(rows))
        for (int i = 0; i < count; i++)
            out[i] = rows_int(rows, i);
    return rows_end(rows);
}

static enum err count_mail(struct db *db, struct census *census) {
    struct rows *rows = db_query(db, census_sql[CENSUS_MAIL]);
    if (rows_next(rows)) {
        census->mail_waiting = rows_int(rows, 0);
        census->mail_oldest_at = rows_int(rows, 1);
        census->mail_given_up = rows_int(rows, 2);
        census->counted_at = rows_int(rows, 3);
    }
    return rows_end(rows);
}

enum err census_take(struct db *db, struct census *census) {
    *census = (struct census){0};
    enum err err = count_states(db, census_sql[CENSUS_ORDERS], CENSUS_ORDER_STATES, census->orders);
    if (!err)
        err = count_states(db, census_sql[CENSUS_INSCRIPTIONS], CENSUS_INSCRIPTION_STATES,
                           census->inscriptions);
    if (!err)
        err = db_int(db, census_sql[CENSUS_REVENUE], &census->revenue_cents);
    return err ? err : count_mail(db, census);
}
