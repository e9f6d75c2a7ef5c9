/* What the orders ask of the database. Statements that select whole orders take the current moment
 * as ?1 and give a row a line, the order's own columns first. */
#include "shop/order_sql.h"
#include "shop/inscription_sql.h"

/* Of the order `o`: money that came and did not go back; whether a card is being charged. */
#define PAID                                                                              \
    "(SELECT sum(CASE p.status WHEN 'succeeded' THEN p.amount_cents ELSE -p.amount_cents" \
    " END) FROM payment p WHERE p.order_id = o.id AND p.status IN ('succeeded', 'refunded'))"
#define CHARGING "EXISTS (SELECT 1 FROM payment p WHERE p.order_id = o.id AND p.status = 'pending')"

/* The columns that order.c reads; those of a line follow. */
#define WHOLE                                                                                \
    "SELECT o.id, o.account_id, o.code, o.status, o.review_reason, o.method, o.total_cents," \
    " o.currency, o.payer_document, o.created_at, o.checkout_at, o.due_at, o.paid_at,"       \
    " a.email, a.first_name, a.last_name, a.language, r.number, " PAID ", " CHARGING         \
    ", " INSCRIPTION_COLUMNS

/* What was taken out of a cart is still there as cancelled, and not shown. */
#define WITH_LINES                                                                    \
    " JOIN account a ON a.id = o.account_id LEFT JOIN receipt r ON r.order_id = o.id" \
    " LEFT JOIN inscription i ON i.order_id = o.id"                                   \
    " AND NOT (o.status = 'cart' AND i.status = 'cancelled')" INSCRIPTION_JOINS(" LEFT JOIN")

/* Of the account ?1, without the cart; one never placed has no code. */
#define PLACED(o) " " o ".account_id = ?1 AND " o ".status <> 'cart' AND " o ".code IS NOT NULL"
#define OLDEST_SHOWN \
    "(SELECT x.id FROM orders x WHERE" PLACED("x") " ORDER BY x.id DESC LIMIT 1 OFFSET ?2)"

const char *const order_sql[ORDER_SQL_COUNT] = {
    [ORDER_CART_OF] = WHOLE " FROM orders o" WITH_LINES
                            " WHERE o.account_id = ?2 AND o.status = 'cart' ORDER BY i.id",
    [ORDER_CART_COUNT] = "SELECT count(*) FROM orders o JOIN inscription i ON i.order_id = o.id"
                         " WHERE o.account_id = ?2 AND o.status = 'cart' AND i.status = 'held'"
                         " AND i.hold_until > ?1",
    [ORDER_OWN] =
        WHOLE " FROM orders o" WITH_LINES " WHERE o.id = ?3 AND o.account_id = ?2 ORDER BY i.id",
    [ORDER_ANY] = WHOLE " FROM orders o" WITH_LINES " WHERE o.id = ?2 ORDER BY i.id",
    /* The ?2 + 1 newest and all that wait, newest first, which is how the index gives them. An
     * order's lines, too, come from theirs by number: with ORDER BY each order would have a sorter
     * made. */
    [ORDER_LIST] =
        "SELECT o.id, o.code, o.status, o.total_cents, o.currency, o.checkout_at, o.due_at, r.number,"
        " (SELECT group_concat(w.title || ', ' || s.first_name, '; ')"
        "  FROM inscription i CROSS JOIN workshop w ON w.id = i.workshop_id"
        "  CROSS JOIN student s ON s.id = i.student_id WHERE i.order_id = o.id),"
        " CASE WHEN o.status = 'pending' THEN " PAID " END,"
        " o.status = 'pending' AND " CHARGING ","
        " o.status = 'pending' AND EXISTS (SELECT 1 FROM payment_report p WHERE p.order_id = o.id"
        "  AND p.rejected_at IS NULL)"
        " FROM orders o LEFT JOIN receipt r ON r.order_id = o.id"
        " WHERE" PLACED("o") " AND (o.status = 'pending' OR o.id >= coalesce(" OLDEST_SHOWN ", 0))"
                             " ORDER BY o.id DESC",
    [ORDER_REPORTS] =
        "SELECT operation, created_at, rejected_at, reason FROM payment_report WHERE order_id = ?1 ORDER BY id",

    [ORDER_CREATE_CART] =
        "INSERT INTO orders (account_id, status, currency, created_at) VALUES (?1, 'cart', ?2, ?3)",
    [ORDER_PENDING_TRANSFERS] = "SELECT count(*) FROM orders WHERE account_id = ?1"
                                " AND status = 'pending' AND method = ?2",
    /* ?1 order, ?2 status, ?3 code, ?4 method, ?5 total, ?6 currency, ?7 document, ?8 now, ?9 due
     */
    [ORDER_PLACE] =
        "UPDATE orders SET status = ?2, code = coalesce(code, ?3), method = ?4, total_cents = ?5,"
        " currency = ?6, payer_document = ?7, checkout_at = ?8, due_at = ?9"
        " WHERE id = ?1 AND status = 'cart'",
    [ORDER_REFRESH_PRICES] =
        "UPDATE inscription SET list_price_cents = w.price_cents,"
        " price_cents = coalesce(w.discount_price_cents, w.price_cents) FROM workshop w"
        " WHERE w.id = inscription.workshop_id AND inscription.order_id = ?1"
        " AND inscription.status = 'held'",
    [ORDER_DROP_REMOVED] = "DELETE FROM inscription WHERE order_id = ?1 AND status = 'cancelled'",
    /* ?2 until when, ?3 whether a later end is cut to that */
    [ORDER_KEEP_SEATS] = "UPDATE inscription SET hold_until = ?2"
                         " WHERE order_id = ?1 AND status = 'held' AND (?3 = 1 OR hold_until < ?2)",
    [ORDER_CONFIRM_SEATS] = "UPDATE inscription SET status = 'confirmed', hold_until = NULL"
                            " WHERE order_id = ?1 AND status = 'held'",
    [ORDER_CONFIRMED_PRICE] = "SELECT coalesce(sum(price_cents), 0) FROM inscription"
                              " WHERE order_id = ?1 AND status = 'confirmed'",
    [ORDER_LOST_SEATS] = "SELECT id, workshop_id FROM inscription"
                         " WHERE order_id = ?1 AND status = 'expired' ORDER BY workshop_id, id",
    /* ?1 inscription, ?2 today: what has begun is for staff to decide */
    [ORDER_CONFIRM_AGAIN] =
        "UPDATE inscription SET status = 'confirmed', hold_until = NULL FROM workshop w"
        " WHERE inscription.id = ?1 AND inscription.status = 'expired'"
        " AND w.id = inscription.workshop_id AND w.active = 1"
        " AND (w.start_date IS NULL OR w.start_date >= ?2)"
        " AND (w.capacity IS NULL OR w.seats_taken < w.capacity)",
    [ORDER_FREE_SEATS] =
        "UPDATE inscription SET status = 'expired' WHERE order_id = ?1 AND status = 'held'",
    /* ?2 total, ?3 now */
    [ORDER_SET_PAID] = "UPDATE orders SET status = 'paid', review_reason = NULL, total_cents = ?2,"
                       " due_at = NULL, paid_at = coalesce(paid_at, ?3) WHERE id = ?1",
    [ORDER_SET_REVIEW] = "UPDATE orders SET status = 'review', review_reason = ?2,"
                         " total_cents = ?3 WHERE id = ?1",
    [ORDER_SET_CANCELLED] = "UPDATE orders SET status = 'cancelled' WHERE id = ?1",
    [ORDER_NEWER_CART] = "SELECT c.id FROM orders o JOIN orders c ON c.account_id = o.account_id"
                         " AND c.status = 'cart' WHERE o.id = ?1 AND o.status = 'pending'",
    [ORDER_MOVE_LINES] = "UPDATE inscription SET order_id = ?1 WHERE order_id = ?2",
    [ORDER_SET_CART] = "UPDATE orders SET status = 'cart', method = NULL, total_cents = 0,"
                       " checkout_at = NULL, due_at = NULL WHERE id = ?1 AND status = 'pending'",
};
