/* Reports as JSON. Integers of 64 bits go in as they are: money is never a double. */
#include "analytics/report.h"
#include "base/buf.h"
#include <cJSON.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

static void put_int(cJSON *object, const char *name, int64_t value) {
    char text[24];
    snprintf(text, sizeof(text), "%" PRId64, value);
    cJSON_AddRawToObject(object, name, text);
}

static void put_uint(cJSON *object, const char *name, uint64_t value) {
    put_int(object, name, (int64_t)value);
}

static void put_date(cJSON *object, const char *name, struct date date) {
    char text[DATE_TEXT_SIZE];
    date_format(date, text);
    if (date_is_set(date))
        cJSON_AddStringToObject(object, name, text);
    else
        cJSON_AddNullToObject(object, name);
}

static void put_month(cJSON *object, const char *name, int month) {
    char text[24];
    snprintf(text, sizeof(text), "%04d-%02d", month / 12, month % 12 + 1);
    cJSON_AddStringToObject(object, name, text);
}

static cJSON *add_row(cJSON *list) {
    cJSON *row = cJSON_CreateObject();
    cJSON_AddItemToArray(list, row);
    return row;
}

static void add_totals(cJSON *reports, const struct report *r) {
    cJSON *o = cJSON_AddObjectToObject(reports, "totals");
    put_uint(o, "inscriptions", r->totals.inscriptions);
    put_uint(o, "students", r->totals.students);
    put_uint(o, "revenue_cents", r->totals.revenue_cents);
    put_uint(o, "refunded_cents", r->totals.refunded_cents);
}

static void add_month_topic(cJSON *reports, const struct report *r) {
    cJSON *list = cJSON_AddArrayToObject(reports, "month_topic");
    for (size_t i = 0; i < r->month_topic_count; i++) {
        cJSON *o = add_row(list);
        put_month(o, "month", r->month_topic[i].month);
        put_int(o, "topic_id", r->month_topic[i].topic_id);
        put_uint(o, "count", r->month_topic[i].count);
        put_uint(o, "revenue_cents", r->month_topic[i].revenue_cents);
    }
}

static void add_top(cJSON *reports, const struct report *r) {
    cJSON *list = cJSON_AddArrayToObject(reports, "top_workshops");
    for (size_t i = 0; i < r->top_count; i++) {
        const struct report_workshop *w = &r->top[i];
        cJSON *o = add_row(list);
        put_int(o, "workshop_id", w->workshop_id);
        put_uint(o, "count", w->count);
        put_uint(o, "revenue_cents", w->revenue_cents);
        put_uint(o, "mean_discount_cents", w->mean_discount_cents);
        if (w->capacity > 0)
            cJSON_AddNumberToObject(o, "fill_rate", (double)w->count / (double)w->capacity);
        else
            cJSON_AddNullToObject(o, "fill_rate");
    }
}

static void add_age_level(cJSON *reports, const struct report *r) {
    cJSON *list = cJSON_AddArrayToObject(reports, "age_level");
    for (size_t i = 0; i < r->age_level_count; i++) {
        cJSON *o = add_row(list);
        put_int(o, "age", r->age_level[i].age);
        if (r->age_level[i].level)
            put_int(o, "level", r->age_level[i].level);
        else
            cJSON_AddNullToObject(o, "level");
        put_uint(o, "count", r->age_level[i].count);
    }
}

static void add_cohorts(cJSON *reports, const struct report *r) {
    cJSON *list = cJSON_AddArrayToObject(reports, "cohorts");
    for (size_t i = 0; i < r->cohort_count; i++) {
        cJSON *o = add_row(list);
        put_month(o, "first_month", r->cohorts[i].first_month);
        put_int(o, "months_since", r->cohorts[i].months_since);
        put_uint(o, "accounts", r->cohorts[i].accounts);
    }
}

static void add_daily(cJSON *reports, const struct report *r) {
    cJSON *list = cJSON_AddArrayToObject(reports, "daily");
    for (size_t i = 0; i < r->daily_count; i++) {
        cJSON *o = add_row(list);
        put_date(o, "day", r->daily[i].day);
        put_uint(o, "revenue_cents", r->daily[i].revenue_cents);
        put_uint(o, "average_7d_cents", r->daily[i].average_7d_cents);
    }
}

static void add_groups(cJSON *reports, const struct report *r) {
    cJSON *list = cJSON_AddArrayToObject(reports, "country_role");
    for (size_t i = 0; i < r->group_count; i++) {
        cJSON *o = add_row(list);
        if (*r->groups[i].country)
            cJSON_AddStringToObject(o, "country", r->groups[i].country);
        else
            cJSON_AddNullToObject(o, "country");
        put_int(o, "role", r->groups[i].role);
        put_uint(o, "count", r->groups[i].count);
        put_uint(o, "revenue_cents", r->groups[i].revenue_cents);
    }
}

static void add_order_value(cJSON *reports, const struct report *r) {
    cJSON *o = cJSON_AddObjectToObject(reports, "order_value");
    put_uint(o, "orders", r->order_value.orders);
    put_uint(o, "median_cents", r->order_value.median_cents);
    put_uint(o, "p95_cents", r->order_value.p95_cents);
}

void report_json(const struct snapshot *snapshot, const struct report *report, struct buf *out) {
    static void (*const REPORTS[])(cJSON *, const struct report *) = {
        add_totals,  add_month_topic, add_top,    add_age_level,
        add_cohorts, add_daily,       add_groups, add_order_value};
    const struct snapshot_header *h = snapshot_header(snapshot);
    cJSON *all = cJSON_CreateObject();
    cJSON *o = cJSON_AddObjectToObject(all, "snapshot");
    put_uint(o, "rows", h->rows);
    put_uint(o, "bytes", h->file_size);
    put_int(o, "as_of", h->as_of);
    put_int(o, "build_us", h->build_us);
    put_int(all, "duration_us", report->duration_us);
    o = cJSON_AddObjectToObject(all, "period");
    put_date(o, "from", report->from);
    put_date(o, "to", report->to);
    cJSON *reports = cJSON_AddObjectToObject(all, "reports");
    for (size_t i = 0; i < ARRAY_COUNT(REPORTS); i++)
        REPORTS[i](reports, report);
    char *text = cJSON_PrintUnformatted(all);
    buf_puts(out, text);
    cJSON_free(text);
    cJSON_Delete(all);
}
