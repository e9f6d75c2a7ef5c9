/* Statements that make a person anonymous; shop/erase.c runs them. What the books need stays: that
 * somebody bought what, when and for how much. ?1 is the account, ?2 its name from now on, ?3 the
 * moment. */
#include "shop/erase_sql.h"

#define ORDERS_OF "(SELECT id FROM orders WHERE account_id = ?1)"
#define STUDENTS_OF "(SELECT id FROM student WHERE parent_id = ?1)"

/* A mail that is gone is no longer on its way either. */
#define SCRUB                                                                              \
    "UPDATE outbox SET recipient = '-', subject = '-', body_text = '', body_html = NULL, " \
    "last_error = NULL, next_attempt_at = NULL "

const char *const erase_sql[ERASE_SQL_COUNT] = {
    [ERASE_PREVIEW] =
        "SELECT a.email, a.email_key, a.erased_at IS NOT NULL, a.staff_role, "
        "(SELECT count(*) FROM student s WHERE s.parent_id = a.id), "
        "(SELECT count(*) FROM orders o WHERE o.account_id = a.id AND o.status <> 'cart'), "
        "(SELECT count(*) FROM orders o JOIN receipt r ON r.order_id = o.id "
        "WHERE o.account_id = a.id), "
        "(SELECT count(*) FROM outbox m WHERE m.recipient = a.email), "
        "(SELECT count(*) FROM consent c WHERE c.account_id = a.id), "
        "(SELECT count(*) FROM orders o WHERE o.account_id = a.id "
        "AND o.status IN ('pending', 'review')), "
        "(SELECT count(*) FROM account b WHERE b.staff_role = 'owner' AND b.is_active = 1 "
        "AND b.id <> a.id), a.first_name, a.last_name "
        "FROM account a WHERE a.id = ?1",

    /* Addresses the account once had stand in the trail: those come first, before that is gone. */
    [ERASE_MAIL_TO_FORMER] =
        SCRUB "WHERE recipient IN (SELECT v.before FROM audit x JOIN audit_value v "
              "ON v.audit_id = x.id WHERE x.entity = 'account' AND x.entity_id = ?1 "
              "AND v.field = 'email')",

    [ERASE_MAIL] = SCRUB "WHERE recipient = (SELECT email FROM account WHERE id = ?1) "
                         "OR order_id IN " ORDERS_OF,

    [ERASE_AUDIT_VALUES] =
        "UPDATE audit_value SET before = NULL, after = NULL, redacted = 1 "
        "WHERE personal = 1 AND redacted = 0 AND audit_id IN (SELECT id FROM audit "
        "WHERE entity = 'account' AND entity_id = ?1 "
        "UNION SELECT id FROM audit WHERE entity = 'student' AND entity_id IN " STUDENTS_OF
        " UNION SELECT id FROM audit WHERE entity = 'orders' AND entity_id IN " ORDERS_OF
        " UNION SELECT id FROM audit WHERE entity = 'inscription' AND entity_id IN "
        "(SELECT i.id FROM inscription i WHERE i.order_id IN " ORDERS_OF
        " OR i.student_id IN " STUDENTS_OF ")"
        " UNION SELECT id FROM audit WHERE entity = 'payment' AND entity_id IN "
        "(SELECT p.id FROM payment p WHERE p.order_id IN " ORDERS_OF ")"
        " UNION SELECT id FROM audit WHERE entity = 'outbox' AND entity_id IN "
        "(SELECT m.id FROM outbox m WHERE m.order_id IN " ORDERS_OF "))",

    [ERASE_RECEIPTS] = "UPDATE receipt SET buyer_name = ?2, buyer_document = NULL "
                       "WHERE order_id IN " ORDERS_OF,

    [ERASE_RECEIPT_LINES] = "UPDATE receipt_line SET student_name = ?2 WHERE receipt_number IN "
                            "(SELECT number FROM receipt WHERE order_id IN " ORDERS_OF ")",

    [ERASE_CREDIT_NOTES] =
        "UPDATE credit_note SET buyer_name = ?2, buyer_document = NULL, reason = NULL "
        "WHERE order_id IN " ORDERS_OF,

    /* The number stays for the books; why it was refused may name somebody. */
    [ERASE_REPORTS] = "UPDATE payment_report SET reason = NULL WHERE order_id IN " ORDERS_OF,

    [ERASE_CREDIT_NOTE_LINES] =
        "UPDATE credit_note_line SET student_name = ?2 WHERE credit_number IN "
        "(SELECT number FROM credit_note WHERE order_id IN " ORDERS_OF ")",

    [ERASE_DOCUMENTS] = "UPDATE orders SET payer_document = NULL WHERE account_id = ?1",

    /* The year of birth stays for figures by age. */
    [ERASE_STUDENTS] =
        "UPDATE student SET first_name = ?2, last_name = '', "
        "date_of_birth = substr(date_of_birth, 1, 4) || '-01-01', school = NULL, "
        "emergency_contact = NULL, notes = NULL, archived_at = coalesce(archived_at, ?3) "
        "WHERE parent_id = ?1",

    [ERASE_SESSIONS] = "DELETE FROM session WHERE account_id = ?1",
    [ERASE_LINKS] = "DELETE FROM one_time_link WHERE account_id = ?1",
    [ERASE_CODES] = "DELETE FROM recovery_code WHERE account_id = ?1",
    [ERASE_FACTOR] = "DELETE FROM second_factor WHERE account_id = ?1",
    [ERASE_TEACHING] = "DELETE FROM workshop_instructor WHERE account_id = ?1",

    /* Whoever was looking through a file with families uploads it again. */
    [ERASE_IMPORTS] = "DELETE FROM import_file WHERE kind = 'families'",

    [ERASE_ACCOUNT] =
        "UPDATE account SET first_name = ?2, last_name = '', email = 'erased:' || id, "
        "email_key = 'erased:' || id, phone = NULL, school = NULL, notes = NULL, "
        "date_of_birth = substr(date_of_birth, 1, 4) || '-01-01', password_hash = NULL, "
        "staff_role = NULL, is_active = 0, language = NULL, last_seen_at = NULL, "
        "closed_at = coalesce(closed_at, ?3), erased_at = ?3 WHERE id = ?1",

    /* The index of names keeps words of old rows until its parts are merged into one. */
    [ERASE_ACCOUNT_WORDS] = "INSERT INTO account_fts (account_fts) VALUES ('optimize')",
    [ERASE_STUDENT_WORDS] = "INSERT INTO student_fts (student_fts) VALUES ('optimize')",
};
