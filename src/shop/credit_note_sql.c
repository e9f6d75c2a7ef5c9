/* What credit_note.c asks of the database. */
#include "shop/credit_note_sql.h"

const char *const credit_note_sql[CREDIT_NOTE_SQL_COUNT] = {
    [CREDIT_NOTE_RECEIPT] = "SELECT number, currency, tax_rate_bp, tax_name, buyer_name,"
                            " buyer_document FROM receipt WHERE order_id = ?1",
    /* The next number; a trigger refuses any other. */
    [CREDIT_NOTE_INSERT] =
        "INSERT INTO credit_note (number, receipt_number, order_id, payment_id, issued_at, language,"
        " currency, total_cents, tax_rate_bp, tax_name, method, reference, reason, buyer_name,"
        " buyer_document, school_name, school_lines) SELECT coalesce(max(number), 0) + 1, ?1, ?2,"
        " ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16 FROM credit_note"
        " RETURNING number",
    [CREDIT_NOTE_INSERT_LINE] =
        "INSERT INTO credit_note_line (credit_number, inscription_id, student_name, title,"
        " amount_cents) VALUES (?1, ?2, ?3, ?4, ?5)",
    /* A row a line, the note's own columns first; ?2 a number, or 0 for all. */
    [CREDIT_NOTE_OF_ORDER] =
        "SELECT n.number, n.receipt_number, n.order_id, o.code, n.payment_id, n.issued_at,"
        " n.language, n.currency, n.total_cents, n.tax_rate_bp, n.tax_name, n.method, n.reference,"
        " n.reason, n.buyer_name, n.buyer_document, n.school_name, n.school_lines,"
        " l.inscription_id, l.student_name, l.title, l.amount_cents FROM credit_note n"
        " JOIN orders o ON o.id = n.order_id"
        " LEFT JOIN credit_note_line l ON l.credit_number = n.number"
        " WHERE n.order_id = ?1 AND (?2 = 0 OR n.number = ?2) ORDER BY n.number, l.id",
};
