/* Orders as staff list them; a cart is none. */
#include "shop/listings.h"

static const struct listing_choice STATES[] = {
    {"pending", N_("Waiting for payment"), .tone = TONE_WARN},
    {"paid", N_("Paid"), .tone = TONE_OK},
    {"review", N_("Look at it"), .tone = TONE_BAD},
    {"cancelled", N_("Cancelled"), .tone = TONE_OFF},
    {"refunded", N_("Refunded"), .tone = TONE_OFF},
    {"reported", N_("Payment reported"),
     .sql = "o.status = 'pending' AND o.id IN (SELECT order_id FROM payment_report"
            " WHERE rejected_at IS NULL)"},
    {NULL},
};

const struct listing order_listing = {
    .from = "orders o LEFT JOIN account a ON a.id = o.account_id",
    .where = "o.status <> 'cart'",
    .id = "o.id",
    .order = "o.id",
    .newest_first = true,
    /* A number is an order's, a receipt's or an operation's. */
    .search = "o.id IN (SELECT id FROM orders WHERE id = {} OR code = upper({})"
              " UNION SELECT order_id FROM payment WHERE reference = {}"
              " UNION SELECT order_id FROM payment_report WHERE operation = {}"
              " UNION SELECT order_id FROM receipt WHERE number = {}"
              " UNION SELECT id FROM orders WHERE account_id IN"
              " (SELECT rowid FROM account_fts WHERE account_fts MATCH {words})"
              " UNION SELECT order_id FROM inscription WHERE student_id IN"
              " (SELECT rowid FROM student_fts WHERE student_fts MATCH {words}))",
    .columns =
        (const struct listing_column[]){
            {"code", N_("Order"), "coalesce(o.code, 'N.º ' || o.id)", LISTING_TEXT},
            {"status", N_("State"), "o.status", LISTING_WORD, .choices = STATES},
            {"family", N_("Family"), "a.first_name || ' ' || a.last_name", LISTING_TEXT,
             .personal = true, .link = "accounts", .link_id = "a.id"},
            {"email", N_("E-mail"), "a.email", LISTING_TEXT, .personal = true, .file_only = true},
            {"phone", N_("Mobile"), "a.phone", LISTING_TEXT, .personal = true, .file_only = true},
            {"seats", N_("Seats"), "(SELECT count(*) FROM inscription i WHERE i.order_id = o.id)",
             LISTING_INT},
            {"total", N_("Total"), "o.total_cents", LISTING_MONEY, .sort = true},
            {"currency", N_("Currency"), "o.currency", LISTING_TEXT, .file_only = true},
            {"method", N_("Method"), "o.method", LISTING_WORD, .choices = payment_method_choices},
            {"checkout_at", N_("Placed"), "o.checkout_at", LISTING_MOMENT},
            {"due_at", N_("Deadline"), "o.due_at", LISTING_MOMENT, .file_only = true},
            {"paid_at", N_("Paid on"), "o.paid_at", LISTING_MOMENT, .file_only = true},
            {"receipt", N_("Receipt"), "(SELECT number FROM receipt r WHERE r.order_id = o.id)",
             LISTING_INT, .file_only = true},
            {NULL},
        },
    .filters =
        (const struct listing_filter[]){
            {"status", N_("State"), FILTER_CHOICE, "o.status = {}", .choices = STATES},
            {"method", N_("Method"), FILTER_CHOICE, "o.method = {}",
             .choices = payment_method_choices},
            {"from", N_("Placed from"), FILTER_FROM, "o.created_at >= {}", .moment = true},
            {"to", N_("Placed until"), FILTER_TO, "o.created_at < {}", .moment = true},
            {"account", N_("Family"), FILTER_ID, "o.account_id = {}"},
            {"workshop", N_("Workshop"), FILTER_ID,
             "o.id IN (SELECT order_id FROM inscription WHERE workshop_id = {})"},
            {NULL},
        },
};
