/* What receipt.c asks of the database. */
#include "shop/receipt_sql.h"

const char *const receipt_sql[RECEIPT_SQL_COUNT] = {
    /* The next number; a trigger refuses any other. */
    [RECEIPT_INSERT] =
        "INSERT INTO receipt (number, order_id, issued_at, language, currency, total_cents,"
        " tax_rate_bp, tax_name, method, references_, buyer_name, buyer_document, school_name,"
        " school_lines) SELECT coalesce(max(number), 0) + 1, ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9,"
        " ?10, ?11, ?12, ?13 FROM receipt RETURNING number",
    [RECEIPT_INSERT_LINE] =
        "INSERT INTO receipt_line (receipt_number, student_name, title, detail, list_price_cents,"
        " price_cents) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    [RECEIPT_REFERENCES] = "SELECT reference FROM payment"
                           " WHERE order_id = ?1 AND status = 'succeeded' ORDER BY id",
    /* A row a line, the receipt's own columns first. */
    [RECEIPT_BY_ORDER] =
        "SELECT r.number, r.order_id, o.code, r.issued_at, r.language, r.currency, r.total_cents,"
        " r.tax_rate_bp, r.tax_name, r.method, r.references_, r.buyer_name, r.buyer_document,"
        " r.school_name, r.school_lines, l.student_name, l.title, l.detail, l.list_price_cents,"
        " l.price_cents FROM receipt r JOIN orders o ON o.id = r.order_id"
        " LEFT JOIN receipt_line l ON l.receipt_number = r.number WHERE r.order_id = ?1"
        " ORDER BY l.id",
};
