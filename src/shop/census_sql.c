/* Statements of the census; shop/census.c runs them. */
#include "shop/census_sql.h"

#define IN(state_) "count(*) FILTER (WHERE status = '" state_ "')"

const char *const census_sql[CENSUS_SQL_COUNT] = {
    /* In the order of census_order_states and census_inscription_states. Each reads an index and no
     * row; filters are faster here than groups, which are sorted. */
    [CENSUS_ORDERS] = "SELECT " IN("cart") ", " IN("pending") ", " IN("paid") ", " IN(
        "review") ", " IN("cancelled") ", " IN("refunded") " FROM orders",
    [CENSUS_INSCRIPTIONS] = "SELECT " IN("held") ", " IN("confirmed") ", " IN("cancelled") ", " IN(
        "refunded") ", " IN("expired") " FROM inscription",
    [CENSUS_REVENUE] = "SELECT coalesce(sum(total_cents), 0) FROM orders WHERE status = 'paid'",
    /* The moment of a mail that somebody wrote from outside may be lacking: it is not the oldest.
     */
    [CENSUS_MAIL] =
        "SELECT (SELECT count(*) FROM outbox WHERE next_attempt_at IS NOT NULL),"
        " (SELECT coalesce(min(created_at), 0) FROM outbox"
        "  WHERE next_attempt_at IS NOT NULL AND created_at > 0),"
        " (SELECT count(*) FROM outbox WHERE sent_at IS NULL"
        "  AND next_attempt_at IS NULL),"
        " coalesce((SELECT created_at FROM analytics_result ORDER BY id DESC LIMIT 1), 0)",
};
