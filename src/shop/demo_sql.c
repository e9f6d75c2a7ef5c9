/* How the demonstration is written: rows as the shop itself would have left them by now. */
#include "shop/demo_sql.h"

const char *const demo_sql[DEMO_SQL_COUNT] = {
    [DEMO_IN_USE] = "SELECT EXISTS (SELECT 1 FROM account) OR EXISTS (SELECT 1 FROM workshop)",
    [DEMO_MARK] = "INSERT INTO setting (key, value) VALUES ('demo', '1')",
    [DEMO_ADD_TOPIC] = "INSERT INTO topic (id, name, description, color, picture_hash)"
                       " VALUES (?1, ?2, ?3, ?4, ?5)",
    [DEMO_ADD_WORKSHOP] =
        "INSERT INTO workshop (slug, topic_id, title, description, bring, picture_hash,"
        " price_cents, discount_price_cents, min_age, max_age, place, start_date, end_date,"
        " schedule, hours, weekdays, start_minute, end_minute, weeks, level, capacity, private,"
        " private_key, sales_open_at, created_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10,"
        " ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22, ?23, ?24, ?25)",
    [DEMO_ADD_INSTRUCTOR] = "INSERT INTO workshop_instructor (workshop_id, account_id)"
                            " VALUES (?1, ?2)",
    [DEMO_ADD_ACCOUNT] =
        "INSERT INTO account (email, email_key, password_hash, first_name, last_name, country,"
        " role, phone, school, date_of_birth, staff_role, language, email_confirmed_at, created_at)"
        " VALUES (?1, ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, 'es', ?11, ?11)",
    [DEMO_ADD_CONSENT] = "INSERT INTO consent (account_id, purpose, version, granted, at)"
                         " VALUES (?1, ?2, ?3, ?4, ?5)",
    [DEMO_ADD_STUDENT] =
        "INSERT INTO student (slug, parent_id, first_name, last_name, date_of_birth, school,"
        " is_self, created_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
    [DEMO_ADD_ORDER] =
        "INSERT INTO orders (account_id, code, status, review_reason, method, total_cents,"
        " created_at, checkout_at, due_at, paid_at)"
        " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
    [DEMO_ADD_INSCRIPTION] =
        "INSERT INTO inscription (order_id, workshop_id, student_id, list_price_cents,"
        " price_cents, status, hold_until, created_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
    [DEMO_ADD_PAYMENT] =
        "INSERT INTO payment (order_id, provider, reference, amount_cents, status, created_at,"
        " settled_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    [DEMO_ADD_REPORT] = "INSERT INTO payment_report (order_id, operation, created_at)"
                        " VALUES (?1, ?2, ?3)",
    [DEMO_LAST_WORKSHOP] = "SELECT coalesce(max(id), 0) FROM workshop",
    [DEMO_LAST_ACCOUNT] = "SELECT coalesce(max(id), 0) FROM account",
};
