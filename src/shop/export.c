/* A person's own data as JSON: one table says which statement becomes which list, and what its
 * columns are called. */
#include "shop/export.h"
#include "base/arena.h"
#include "base/date.h"
#include "shop/export_sql.h"
#include <cJSON.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

enum kind { TEXT, INTEGER, FLAG, MOMENT };

struct column {
    const char *name; /* NULL ends a list */
    enum kind kind;
};

enum { COLUMNS_MAX = 16, TEXT_SIZE = 32, DAY = 86400 };

/* The first is one object, the others are lists. */
static const struct section {
    const char *name;
    struct column columns[COLUMNS_MAX];
} SECTIONS[EXPORT_SQL_COUNT] = {
    [EXPORT_ACCOUNT] = {"account",
                        {{"id", INTEGER},
                         {"email", TEXT},
                         {"first_name", TEXT},
                         {"last_name", TEXT},
                         {"country", TEXT},
                         {"role", INTEGER},
                         {"phone", TEXT},
                         {"school", TEXT},
                         {"date_of_birth", TEXT},
                         {"staff_role", TEXT},
                         {"language", TEXT},
                         {"email_confirmed_at", MOMENT},
                         {"created_at", MOMENT},
                         {"last_seen_at", MOMENT},
                         {"notes", TEXT}}},
    [EXPORT_CONSENTS] =
        {"consents", {{"purpose", TEXT}, {"version", INTEGER}, {"granted", FLAG}, {"at", MOMENT}}},
    [EXPORT_STUDENTS] = {"students",
                         {{"id", INTEGER},
                          {"first_name", TEXT},
                          {"last_name", TEXT},
                          {"date_of_birth", TEXT},
                          {"school", TEXT},
                          {"is_self", FLAG},
                          {"created_at", MOMENT},
                          {"archived_at", MOMENT},
                          {"emergency_contact", TEXT},
                          {"notes", TEXT}}},
    [EXPORT_ORDERS] = {"orders",
                       {{"id", INTEGER},
                        {"code", TEXT},
                        {"status", TEXT},
                        {"method", TEXT},
                        {"total_cents", INTEGER},
                        {"currency", TEXT},
                        {"payer_document", TEXT},
                        {"created_at", MOMENT},
                        {"checkout_at", MOMENT},
                        {"due_at", MOMENT},
                        {"paid_at", MOMENT}}},
    [EXPORT_INSCRIPTIONS] = {"inscriptions",
                             {{"id", INTEGER},
                              {"order_id", INTEGER},
                              {"student_id", INTEGER},
                              {"workshop", TEXT},
                              {"start_date", TEXT},
                              {"list_price_cents", INTEGER},
                              {"price_cents", INTEGER},
                              {"status", TEXT},
                              {"created_at", MOMENT}}},
    [EXPORT_PAYMENTS] = {"payments",
                         {{"id", INTEGER},
                          {"order_id", INTEGER},
                          {"provider", TEXT},
                          {"reference", TEXT},
                          {"amount_cents", INTEGER},
                          {"status", TEXT},
                          {"created_at", MOMENT},
                          {"settled_at", MOMENT}}},
    [EXPORT_REPORTS] = {"payment_reports",
                        {{"order_id", INTEGER}, {"operation", TEXT}, {"created_at", MOMENT}}},
    [EXPORT_RECEIPTS] = {"receipts",
                         {{"number", INTEGER},
                          {"order_id", INTEGER},
                          {"issued_at", MOMENT},
                          {"currency", TEXT},
                          {"total_cents", INTEGER},
                          {"buyer_name", TEXT},
                          {"buyer_document", TEXT},
                          {"method", TEXT}}},
    [EXPORT_RECEIPT_LINES] = {"receipt_lines",
                              {{"receipt_number", INTEGER},
                               {"student_name", TEXT},
                               {"title", TEXT},
                               {"detail", TEXT},
                               {"list_price_cents", INTEGER},
                               {"price_cents", INTEGER}}},
    [EXPORT_CREDIT_NOTES] = {"credit_notes",
                             {{"number", INTEGER},
                              {"receipt_number", INTEGER},
                              {"order_id", INTEGER},
                              {"issued_at", MOMENT},
                              {"currency", TEXT},
                              {"total_cents", INTEGER},
                              {"buyer_name", TEXT},
                              {"buyer_document", TEXT},
                              {"reason", TEXT}}},
    [EXPORT_ATTENDANCE] = {"attendance",
                           {{"inscription_id", INTEGER}, {"day", TEXT}, {"state", TEXT}}},
    [EXPORT_MAILS] = {"mails", {{"subject", TEXT}, {"created_at", MOMENT}, {"sent_at", MOMENT}}},
    [EXPORT_SESSIONS] =
        {"sessions",
         {{"created_at", MOMENT}, {"seen_at", MOMENT}, {"expires_at", MOMENT}, {"remember", FLAG}}},
    [EXPORT_TRAIL] = {"account_trail", {{"at", MOMENT}, {"action", TEXT}}},
};

/* ISO 8601 in UTC: 2026-03-02T15:00:00Z. */
static void format_moment(int64_t moment, char text[TEXT_SIZE]) {
    int64_t days = moment / DAY - (moment % DAY < 0);
    int second = (int)(moment - days * DAY);
    char date[DATE_TEXT_SIZE];
    date_format(date_from_days(days), date);
    snprintf(text, TEXT_SIZE, "%sT%02d:%02d:%02dZ", date, second / 3600, second / 60 % 60,
             second % 60);
}

static cJSON *make_value(struct rows *rows, int column, enum kind kind, struct arena *arena) {
    char text[TEXT_SIZE];
    if (rows_null(rows, column))
        return cJSON_CreateNull();
    switch (kind) {
    case TEXT:
        return cJSON_CreateString(rows_text(rows, column, arena));
    case FLAG:
        return cJSON_CreateBool(rows_bool(rows, column));
    case INTEGER: /* as digits: a double has no room for 64 bits */
        snprintf(text, sizeof(text), "%" PRId64, rows_int(rows, column));
        return cJSON_CreateRaw(text);
    case MOMENT:
        format_moment(rows_int(rows, column), text);
        return cJSON_CreateString(text);
    }
    return NULL;
}

static cJSON *make_object(struct rows *rows, const struct column *columns, struct arena *arena) {
    cJSON *object = cJSON_CreateObject();
    for (int i = 0; i < COLUMNS_MAX && columns[i].name; i++)
        cJSON_AddItemToObjectCS(object, columns[i].name,
                                make_value(rows, i, columns[i].kind, arena));
    return object;
}

static enum err add_account(struct db *db, int64_t account_id, struct arena *arena, cJSON *root) {
    const struct section *section = &SECTIONS[EXPORT_ACCOUNT];
    struct rows *rows = db_query(db, export_sql[EXPORT_ACCOUNT], V(account_id));
    bool found = rows_next(rows);
    if (found)
        cJSON_AddItemToObjectCS(root, section->name, make_object(rows, section->columns, arena));
    enum err err = rows_end(rows);
    if (err)
        return err;
    return found ? OK : ERR_NOT_FOUND;
}

static enum err add_list(struct db *db, int64_t account_id, size_t index, struct arena *arena,
                         cJSON *root) {
    const struct section *section = &SECTIONS[index];
    cJSON *list = cJSON_AddArrayToObject(root, section->name);
    struct rows *rows = db_query(db, export_sql[index], V(account_id));
    while (rows_next(rows))
        cJSON_AddItemToArray(list, make_object(rows, section->columns, arena));
    return rows_end(rows);
}

static enum err print(const cJSON *root, struct buf *out) {
    char *text = cJSON_Print(root);
    if (!text)
        return ERR_INTERNAL;
    buf_puts(out, text);
    buf_putc(out, '\n');
    cJSON_free(text);
    return OK;
}

enum err export_account(struct db *db, int64_t account_id, int64_t now, struct buf *out) {
    struct arena *arena = arena_create();
    cJSON *root = cJSON_CreateObject();
    char moment[TEXT_SIZE];
    format_moment(now, moment);
    cJSON_AddStringToObject(root, "exported_at", moment);
    enum err err = add_account(db, account_id, arena, root);
    for (size_t i = EXPORT_ACCOUNT + 1; !err && i < EXPORT_SQL_COUNT; i++)
        err = add_list(db, account_id, i, arena, root);
    if (!err)
        err = print(root, out);
    cJSON_Delete(root);
    arena_destroy(arena);
    return err;
}
