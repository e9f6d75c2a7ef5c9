/* Reading everything about one order for the people who look after it. */
#include "shop/order_staff.h"
#include "shop/order_staff_sql.h"

static enum err read_phone(struct db *db, struct arena *arena, struct order_file *out) {
    struct rows *rows = db_query(db, order_staff_sql[ORDER_STAFF_PHONE], V(out->order.account_id));
    if (rows_next(rows)) {
        out->phone = rows_text(rows, 0, arena);
        out->country = rows_text(rows, 1, arena);
    }
    return rows_end(rows);
}

enum err order_payments(struct db *db, struct arena *arena, int64_t order_id,
                        struct order_payment_row **out, size_t *count) {
    *out = NULL;
    *count = 0;
    struct rows *rows = db_query(db, order_staff_sql[ORDER_STAFF_PAYMENTS], V(order_id));
    while (rows_next(rows)) {
        *out = arena_grow(arena, *out, *count, sizeof(**out));
        (*out)[(*count)++] = (struct order_payment_row){.id = rows_int(rows, 0),
                                                        .provider = rows_text(rows, 1, arena),
                                                        .reference = rows_text(rows, 2, arena),
                                                        .status = rows_text(rows, 3, arena),
                                                        .amount_cents = rows_int(rows, 4),
                                                        .created_at = rows_int(rows, 5)};
    }
    return rows_end(rows);
}

static enum err read_mails(struct db *db, struct arena *arena, struct order_file *out) {
    struct rows *rows = db_query(db, order_staff_sql[ORDER_STAFF_MAILS], V(out->order.id));
    while (rows_next(rows)) {
        out->mails = arena_grow(arena, out->mails, out->mail_count, sizeof(*out->mails));
        out->mails[out->mail_count++] =
            (struct order_mail_row){.id = rows_int(rows, 0),
                                    .subject = rows_text(rows, 1, arena),
                                    .last_error = rows_text(rows, 2, arena),
                                    .created_at = rows_int(rows, 3),
                                    .sent_at = rows_int(rows, 4),
                                    .given_up = rows_bool(rows, 5)};
    }
    return rows_end(rows);
}

enum err order_file_read(struct db *db, struct arena *arena, int64_t order_id, int64_t now,
                         struct order_file *out) {
    *out = (struct order_file){0};
    enum err err = order_any(db, arena, order_id, now, &out->order);
    if (!err && out->order.status == ORDER_CART)
        err = ERR_NOT_FOUND;
    if (!err)
        err = order_reports(db, arena, &out->order);
    if (!err)
        err = read_phone(db, arena, out);
    if (!err)
        err = order_payments(db, arena, order_id, &out->payments, &out->payment_count);
    if (!err)
        err = credit_note_list(db, arena, order_id, &out->credits);
    if (!err)
        err = refund_card_left(db, order_id, &out->card_left_cents);
    return err ? err : read_mails(db, arena, out);
}
