/* Every statement of shop/, noun by noun: what is checked whenever a schema is made or brought up,
 * and by those who look into a school (taller doctor, taller restore). */
#include "shop/account_sql.h"
#include "shop/audit_sql.h"
#include "shop/books_sql.h"
#include "shop/cash_sql.h"
#include "shop/census_sql.h"
#include "shop/consent_sql.h"
#include "shop/credit_note_sql.h"
#include "shop/demo_sql.h"
#include "shop/erase_sql.h"
#include "shop/export_sql.h"
#include "shop/import_sql.h"
#include "shop/inscription_sql.h"
#include "shop/link_sql.h"
#include "shop/mail_sql.h"
#include "shop/maintenance_sql.h"
#include "shop/order_sql.h"
#include "shop/order_staff_sql.h"
#include "shop/outbox_sql.h"
#include "shop/payment_sql.h"
#include "shop/picture_sql.h"
#include "shop/receipt_sql.h"
#include "shop/refund_sql.h"
#include "shop/restore_sql.h"
#include "shop/rollback_sql.h"
#include "shop/roster_sql.h"
#include "shop/second_factor_sql.h"
#include "shop/session_sql.h"
#include "shop/setting_sql.h"
#include "shop/shop.h"
#include "shop/shop_sql.h"
#include "shop/student_sql.h"
#include "shop/today_sql.h"
#include "shop/topic_sql.h"
#include "shop/workshop_change_sql.h"
#include "shop/workshop_sql.h"
#include "shop/workshop_staff_sql.h"

#define TABLE(noun_, count_) \
    { .name = #noun_, .sql = noun_##_sql, .count = (count_) }

/* clang-format off */
const struct sql_table shop_tables[] = {
    TABLE(account, ACCOUNT_SQL_COUNT),
    TABLE(audit, AUDIT_SQL_COUNT),
    TABLE(books, BOOKS_SQL_COUNT),
    TABLE(cash, CASH_SQL_COUNT),
    TABLE(census, CENSUS_SQL_COUNT),
    TABLE(consent, CONSENT_SQL_COUNT),
    TABLE(credit_note, CREDIT_NOTE_SQL_COUNT),
    TABLE(demo, DEMO_SQL_COUNT),
    TABLE(erase, ERASE_SQL_COUNT),
    TABLE(export, EXPORT_SQL_COUNT),
    TABLE(inscription, INSCRIPTION_SQL_COUNT),
    TABLE(link, LINK_SQL_COUNT),
    TABLE(mail, MAIL_SQL_COUNT),
    TABLE(maintenance, MAINTENANCE_SQL_COUNT),
    TABLE(order, ORDER_SQL_COUNT),
    TABLE(order_staff, ORDER_STAFF_SQL_COUNT),
    TABLE(outbox, OUTBOX_SQL_COUNT),
    TABLE(payment, PAYMENT_SQL_COUNT),
    TABLE(import, IMPORT_SQL_COUNT),
    TABLE(picture, PICTURE_SQL_COUNT),
    TABLE(receipt, RECEIPT_SQL_COUNT),
    TABLE(refund, REFUND_SQL_COUNT),
    TABLE(restore, RESTORE_SQL_COUNT),
    TABLE(rollback, ROLLBACK_SQL_COUNT),
    TABLE(second_factor, SECOND_FACTOR_SQL_COUNT),
    TABLE(roster, ROSTER_SQL_COUNT),
    TABLE(session, SESSION_SQL_COUNT),
    TABLE(setting, SETTING_SQL_COUNT),
    TABLE(shop, SHOP_SQL_COUNT),
    TABLE(student, STUDENT_SQL_COUNT),
    TABLE(today, TODAY_SQL_COUNT),
    TABLE(topic, TOPIC_SQL_COUNT),
    TABLE(workshop, WORKSHOP_SQL_COUNT),
    TABLE(workshop_change, WORKSHOP_CHANGE_SQL_COUNT),
    TABLE(workshop_staff, WORKSHOP_STAFF_SQL_COUNT),
};
/* clang-format on */

const size_t shop_table_count = ARRAY_COUNT(shop_tables);
