/* Each report as a table: names instead of numbers of rows, amounts in the school's currency. */
#include "cli/report_text.h"
#include "base/clock.h"
#include "base/country.h"
#include "base/money.h"
#include "cli/table.h"
#include "shop/topic.h"
#include "shop/workshop.h"
#include <inttypes.h>
#include <string.h>

enum { ROWS_SHOWN = 12, MONTHS_SINCE = 12, LEVELS = 4 };

static const char *const LEVEL_NAMES[LEVELS] = {"no level", "beginner", "intermediate", "advanced"};
static const char *const ROLE_NAMES[] = {"-", "parent", "teacher", "adult student"};

struct view {
    const struct report *r;
    struct db *db;
    const char *currency;
    struct arena *arena;
    struct topics topics;
};

/* ---- cells ---------------------------------------------------------------------------------- */

static const char *amount(const struct view *v, uint64_t cents) {
    struct buf text = {0};
    money_print(&text, (int64_t)cents, v->currency);
    const char *copy = arena_strdup(v->arena, buf_text(&text));
    buf_free(&text);
    return copy;
}

static const char *number(const struct view *v, uint64_t n) {
    return arena_printf(v->arena, "%" PRIu64, n);
}

static const char *month(const struct view *v, int month) {
    return arena_printf(v->arena, "%04d-%02d", month / 12, month % 12 + 1);
}

static const char *topic(const struct view *v, int64_t id) {
    for (size_t i = 0; i < v->topics.count; i++)
        if (v->topics.items[i].id == id)
            return v->topics.items[i].name;
    return arena_printf(v->arena, "topic %" PRId64, id);
}

static const char *workshop(const struct view *v, int64_t id) {
    struct workshop found;
    if (workshop_by_id(v->db, v->arena, id, clock_now(), &found) == OK)
        return found.title;
    return arena_printf(v->arena, "workshop %" PRId64, id);
}

static struct table begin(const struct view *v, const char *title, const char *align) {
    printf("\n%s\n", title);
    return (struct table){.arena = v->arena, .align = align};
}

static void end(const struct table *table, size_t more, const char *which) {
    if (table->count > 1)
        table_print(table, stdout);
    else
        puts("  nothing yet");
    if (more)
        printf("  … %zu %s, --json has all\n", more, which);
}

/* Where the newest rows begin. */
static size_t newest(size_t count) {
    return count > ROWS_SHOWN ? count - ROWS_SHOWN : 0;
}

/* ---- the reports ---------------------------------------------------------------------------- */

static void print_totals(const struct view *v) {
    const struct report_totals *t = &v->r->totals;
    const struct report_order_value *o = &v->r->order_value;
    struct table table = {.arena = v->arena, .align = "lr"};
    table_add(&table, "Enrolments", number(v, t->inscriptions));
    table_add(&table, "Students", number(v, t->students));
    table_add(&table, "Revenue", amount(v, t->revenue_cents));
    table_add(&table, "Refunded", amount(v, t->refunded_cents));
    table_add(&table, "Orders", number(v, o->orders));
    table_add(&table, "half of them up to", amount(v, o->median_cents));
    table_add(&table, "95 % of them up to", amount(v, o->p95_cents));
    table_print(&table, stdout);
}

static void print_months(const struct view *v) {
    struct table table = begin(v, "Month and topic", "llrr");
    table_add(&table, "month", "topic", "enrolments", "revenue");
    size_t first = newest(v->r->month_topic_count);
    for (size_t i = first; i < v->r->month_topic_count; i++) {
        const struct report_month_topic *m = &v->r->month_topic[i];
        table_add(&table, month(v, m->month), topic(v, m->topic_id), number(v, m->count),
                  amount(v, m->revenue_cents));
    }
    end(&table, first, "earlier");
}

static void print_top(const struct view *v) {
    struct table table = begin(v, "Workshops by revenue", "lrrrr");
    table_add(&table, "workshop", "enrolments", "revenue", "mean discount", "seats taken");
    size_t count = v->r->top_count, shown = count > ROWS_SHOWN ? ROWS_SHOWN : count;
    for (size_t i = 0; i < shown; i++) {
        const struct report_workshop *w = &v->r->top[i];
        const char *full = "no limit";
        if (w->capacity > 0)
            full = arena_printf(v->arena, "%" PRIu64 " %%", w->count * 100 / (uint64_t)w->capacity);
        table_add(&table, workshop(v, w->workshop_id), number(v, w->count),
                  amount(v, w->revenue_cents), amount(v, w->mean_discount_cents), full);
    }
    end(&table, count - shown, "more");
}

static void print_ages(const struct view *v) {
    struct table table = begin(v, "Age and level", "rrrrr");
    table_add(&table, "age", LEVEL_NAMES[0], LEVEL_NAMES[1], LEVEL_NAMES[2], LEVEL_NAMES[3]);
    const struct report *r = v->r;
    size_t more = 0;
    for (size_t i = 0; i < r->age_level_count;) {
        int age = r->age_level[i].age;
        const char *cells[LEVELS + 1] = {arena_printf(v->arena, "%d", age), "-", "-", "-", "-"};
        for (; i < r->age_level_count && r->age_level[i].age == age; i++)
            cells[1 + r->age_level[i].level % LEVELS] = number(v, r->age_level[i].count);
        if (table.count <= ROWS_SHOWN)
            table_row(&table, cells);
        else
            more++;
    }
    end(&table, more, "ages more");
}

/* A line a first month, a column a month since: how many came back. */
static void print_cohorts(const struct view *v) {
    struct table table = begin(v, "Families that came back, by months since their first enrolment",
                               "lrrrrrrrrrrrrr");
    table_add(&table, "first month", "0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11",
              "12");
    const struct report *r = v->r;
    size_t months = 0, skip, seen = 0;
    for (size_t i = 0; i < r->cohort_count; i++)
        months += i == 0 || r->cohorts[i].first_month != r->cohorts[i - 1].first_month;
    skip = newest(months);
    for (size_t i = 0; i < r->cohort_count; seen++) {
        int first = r->cohorts[i].first_month;
        const char *cells[TABLE_COLUMNS] = {month(v, first)};
        for (; i < r->cohort_count && r->cohorts[i].first_month == first; i++)
            if (r->cohorts[i].months_since <= MONTHS_SINCE)
                cells[1 + r->cohorts[i].months_since] = number(v, r->cohorts[i].accounts);
        if (seen >= skip)
            table_row(&table, cells);
    }
    end(&table, skip, "earlier");
}

static void print_days(const struct view *v) {
    struct table table = begin(v, "Days", "lrr");
    table_add(&table, "day", "revenue", "mean of 7 days");
    size_t first = newest(v->r->daily_count);
    for (size_t i = first; i < v->r->daily_count; i++) {
        const struct report_day *d = &v->r->daily[i];
        char day[DATE_TEXT_SIZE];
        date_format(d->day, day);
        table_add(&table, day, amount(v, d->revenue_cents), amount(v, d->average_7d_cents));
    }
    end(&table, first, "earlier");
}

static void print_groups(const struct view *v) {
    struct table table = begin(v, "Country and role", "llrr");
    table_add(&table, "country", "role", "enrolments", "revenue");
    size_t count = v->r->group_count, shown = count > ROWS_SHOWN ? ROWS_SHOWN : count;
    for (size_t i = 0; i < shown; i++) {
        const struct report_group *g = &v->r->groups[i];
        const char *country = country_name(LANG_EN, g->country);
        bool known = g->role > 0 && (size_t)g->role < ARRAY_COUNT(ROLE_NAMES);
        table_add(&table,
                  country       ? country
                  : *g->country ? g->country
                                : "-",
                  ROLE_NAMES[known ? g->role : 0], number(v, g->count),
                  amount(v, g->revenue_cents));
    }
    end(&table, count - shown, "more");
}

void report_text_print(const struct report *report, struct db *db, const char *currency,
                       struct arena *arena) {
    struct view v = {.r = report, .db = db, .currency = currency, .arena = arena};
    if (topic_list(db, arena, &v.topics) != OK)
        v.topics.count = 0; /* numbers then; the log says why */
    print_totals(&v);
    print_months(&v);
    print_top(&v);
    print_ages(&v);
    print_cohorts(&v);
    print_days(&v);
    print_groups(&v);
}
