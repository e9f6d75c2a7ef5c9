/* Sums along the index payment_moved, which holds all that is asked for: the table is not read. */
#include "shop/cash_sql.h"

#define MOMENT "coalesce(settled_at, created_at)"

/* From ?1 on, before ?2. */
#define MOVED                                                \
    "FROM payment WHERE status IN ('succeeded', 'refunded')" \
    " AND " MOMENT " >= ?1 AND " MOMENT " < ?2"

const char *const cash_sql[CASH_SQL_COUNT] = {
    [CASH_SPAN] = "SELECT (SELECT min(" MOMENT ") " MOVED "), (SELECT max(" MOMENT ") " MOVED ")",
    [CASH_MOVED] = "SELECT coalesce(sum(CASE status WHEN 'succeeded' THEN amount_cents END), 0),"
                   " coalesce(sum(CASE status WHEN 'refunded' THEN amount_cents END), 0),"
                   " count(CASE status WHEN 'succeeded' THEN 1 END),"
                   " count(CASE status WHEN 'refunded' THEN 1 END) " MOVED,
};
