/* Statements of a person's own data. */
#ifndef SHOP_EXPORT_SQL_H
#define SHOP_EXPORT_SQL_H

enum {
    EXPORT_ACCOUNT,
    EXPORT_CONSENTS,
    EXPORT_STUDENTS,
    EXPORT_ORDERS,
    EXPORT_INSCRIPTIONS,
    EXPORT_PAYMENTS,
    EXPORT_REPORTS,
    EXPORT_RECEIPTS,
    EXPORT_RECEIPT_LINES,
    EXPORT_MAILS,
    EXPORT_SESSIONS,
    EXPORT_TRAIL,
    EXPORT_SQL_COUNT
};
extern const char *const export_sql[];

#endif
