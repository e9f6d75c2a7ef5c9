/* A list as a file for a spreadsheet. */
#include "base/csv.h"
#include "base/date.h"
#include "base/i18n.h"
#include "shop/audit.h"
#include "site/admin/list.h"
#include "site/visit.h"
#include <stdio.h>
#include <string.h>

struct file {
    struct visit *visit;
    const struct noun *noun;
    struct buf *out;
    int64_t rows;
};

/* Personal columns are for those who may take people's data home. */
static bool left_out(const struct file *file, const struct listing_column *column) {
    return column->personal && !noun_may(file->visit, MAY_EXPORT_PEOPLE);
}

/* Whether who is asking gets people's data in it: everybody's at once is as sensitive as one's. */
static bool holds_people(const struct file *file) {
    const struct listing_column *column = file->noun->listing->columns;
    while (column->name && (!column->personal || left_out(file, column)))
        column++;
    return column->name != NULL;
}

static void put_moment(struct file *file, bool first, const struct listing_value *value) {
    if (value->null) {
        csv_text(file->out, first, NULL);
        return;
    }
    struct local_time t = zone_local(file->visit->settings->zone, value->number);
    char day[DATE_TEXT_SIZE], text[40];
    date_format(t.date, day);
    snprintf(text, sizeof(text), "%s %02d:%02d", day, t.hour, t.minute);
    csv_text(file->out, first, text);
}

static void put_word(struct file *file, bool first, const struct listing_column *column,
                     const char *word) {
    const struct listing_choice *choice = listing_choice_find(column->choices, word);
    csv_text(file->out, first, choice ? tr(file->visit->lang, choice->label) : word);
}

static void put_value(struct file *file, bool first, const struct listing_column *column,
                      const struct listing_value *value) {
    switch (column->kind) {
    case LISTING_TEXT:
        csv_digits(file->out, first, value->text);
        return;
    case LISTING_DATE:
        csv_text(file->out, first, value->text);
        return;
    case LISTING_INT:
        if (value->null)
            csv_text(file->out, first, NULL);
        else
            csv_int(file->out, first, value->number);
        return;
    case LISTING_MONEY:
        csv_money(file->out, first, value->number);
        return;
    case LISTING_MOMENT:
        put_moment(file, first, value);
        return;
    case LISTING_FLAG:
        csv_text(file->out, first, value->number ? tr(file->visit->lang, "Yes") : NULL);
        return;
    case LISTING_WORD:
        put_word(file, first, column, value->text);
        return;
    }
}

static bool put_row(void *ctx, const struct listing_row *row) {
    struct file *file = ctx;
    const struct listing_column *columns = file->noun->listing->columns;
    bool first = true;
    for (size_t i = 0; columns[i].name; i++) {
        if (left_out(file, &columns[i]))
            continue;
        put_value(file, first, &columns[i], &row->values[i]);
        first = false;
    }
    csv_end_row(file->out);
    file->rows++;
    return true;
}

static void put_headings(struct file *file) {
    const struct listing_column *columns = file->noun->listing->columns;
    bool first = true;
    csv_begin(file->out);
    for (size_t i = 0; columns[i].name; i++) {
        if (left_out(file, &columns[i]))
            continue;
        csv_text(file->out, first, tr(file->visit->lang, columns[i].label));
        first = false;
    }
    csv_end_row(file->out);
}

/* Whoever takes data home leaves a line in the trail. */
static void note(struct file *file) {
    const char *detail = arena_printf(file->visit->arena, "{\"noun\": \"%s\", \"rows\": %lld}",
                                      file->noun->name, (long long)file->rows);
    audit_note(visit_shop(file->visit), file->visit->session.account_id, "export", "file", 0,
               detail);
}

static void answer(struct visit *visit, const struct noun *noun,
                   const struct listing_query *query) {
    struct file file = {.visit = visit, .noun = noun, .out = &visit->response->body};
    if (holds_people(&file) && !visit_fresh(visit)) {
        visit_ask_again(visit);
        return;
    }
    put_headings(&file);
    enum err err = listing_each(visit_db(visit), noun->listing, query, put_row, &file);
    if (err) {
        visit_fail(visit, err);
        return;
    }
    note(&file);
    visit_csv(visit, noun->name, true);
}

void noun_file_get(struct visit *visit) {
    const struct noun *noun = noun_of(visit);
    const struct listing_query query = list_query(visit, noun);
    answer(visit, noun, &query);
}

void list_file(struct visit *visit, const struct noun *noun, const int64_t *ids, size_t count) {
    struct listing_query query = list_query(visit, noun);
    query.ids = ids;
    query.id_count = count;
    answer(visit, noun, &query);
}
