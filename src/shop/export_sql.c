/* Statements of a person's own data; their columns are named, in order, in shop/export.c. */
#include "shop/export_sql.h"

const char *const export_sql[] = {
    [EXPORT_ACCOUNT] = "SELECT id, email, first_name, last_name, country, role, phone, school, "
                       "date_of_birth, staff_role, language, email_confirmed_at, created_at, "
                       "last_seen_at, notes FROM account WHERE id = ?1",

    [EXPORT_CONSENTS] =
        "SELECT purpose, version, granted, at FROM consent WHERE account_id = ?1 ORDER BY id",

    [EXPORT_STUDENTS] =
        "SELECT id, first_name, last_name, date_of_birth, school, is_self, "
        "created_at, archived_at, emergency_contact, notes FROM student WHERE parent_id = ?1 ORDER BY id",

    [EXPORT_ORDERS] = "SELECT id, code, status, method, total_cents, currency, payer_document, "
                      "created_at, checkout_at, due_at, paid_at "
                      "FROM orders WHERE account_id = ?1 ORDER BY id",

    [EXPORT_INSCRIPTIONS] =
        "SELECT i.id, i.order_id, i.student_id, w.title, w.start_date, i.list_price_cents, "
        "i.price_cents, i.status, i.created_at FROM orders o "
        "JOIN inscription i ON i.order_id = o.id JOIN workshop w ON w.id = i.workshop_id "
        "WHERE o.account_id = ?1 ORDER BY i.id",

    [EXPORT_PAYMENTS] = "SELECT p.id, p.order_id, p.provider, p.reference, p.amount_cents, "
                        "p.status, p.created_at, p.settled_at "
                        "FROM orders o JOIN payment p ON p.order_id = o.id "
                        "WHERE o.account_id = ?1 ORDER BY p.id",

    [EXPORT_REPORTS] = "SELECT r.order_id, r.operation, r.created_at "
                       "FROM orders o JOIN payment_report r ON r.order_id = o.id "
                       "WHERE o.account_id = ?1 ORDER BY r.id",

    [EXPORT_RECEIPTS] = "SELECT r.number, r.order_id, r.issued_at, r.currency, r.total_cents, "
                        "r.buyer_name, r.buyer_document, r.method "
                        "FROM orders o JOIN receipt r ON r.order_id = o.id "
                        "WHERE o.account_id = ?1 ORDER BY r.number",

    [EXPORT_RECEIPT_LINES] =
        "SELECT l.receipt_number, l.student_name, l.title, l.detail, l.list_price_cents, "
        "l.price_cents FROM orders o JOIN receipt r ON r.order_id = o.id "
        "JOIN receipt_line l ON l.receipt_number = r.number WHERE o.account_id = ?1 ORDER BY l.id",

    [EXPORT_CREDIT_NOTES] =
        "SELECT c.number, c.receipt_number, c.order_id, c.issued_at, c.currency, c.total_cents, "
        "c.buyer_name, c.buyer_document, c.reason FROM orders o "
        "JOIN credit_note c ON c.order_id = o.id WHERE o.account_id = ?1 ORDER BY c.number",

    [EXPORT_ATTENDANCE] =
        "SELECT t.inscription_id, t.day, t.state FROM orders o "
        "JOIN inscription i ON i.order_id = o.id JOIN attendance t ON t.inscription_id = i.id "
        "WHERE o.account_id = ?1 ORDER BY t.inscription_id, t.day",

    [EXPORT_MAILS] = "SELECT m.subject, m.created_at, m.sent_at "
                     "FROM account a JOIN outbox m ON m.recipient = a.email "
                     "WHERE a.id = ?1 ORDER BY m.id",

    [EXPORT_SESSIONS] = "SELECT created_at, seen_at, expires_at, remember "
                        "FROM session WHERE account_id = ?1 ORDER BY created_at",

    [EXPORT_TRAIL] =
        "SELECT at, action FROM audit WHERE entity = 'account' AND entity_id = ?1 ORDER BY id",
};
