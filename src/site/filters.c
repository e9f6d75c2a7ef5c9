/* The filters: formatting by base/, escaping by base/out. */
#include "site/filters.h"
#include "base/buf.h"
#include "base/country.h"
#include "base/money.h"
#include "base/words.h"
#include "base/zone.h"
#include "shop/listings.h"
#include <string.h>

/* Prints what was gathered in a scratch buffer and frees it. */
static void flush(struct out *o, struct buf *scratch) {
    out_text_n(o, buf_text(scratch), scratch->len);
    buf_free(scratch);
}

void filter_money(struct out *o, int64_t cents, const char *currency) {
    struct buf scratch = {0};
    money_print(&scratch, cents, currency);
    flush(o, &scratch);
}

void filter_price(struct out *o, int64_t cents, const char *currency) {
    if (cents)
        filter_money(o, cents, currency);
    else
        out_text(o, tr(o->lang, "Free"));
}

void filter_money_plain(struct out *o, int64_t cents) {
    struct buf scratch = {0};
    money_print_plain(&scratch, cents);
    flush(o, &scratch);
}

static void put_date(struct out *o, const char *iso,
                     void (*say)(struct buf *, enum lang, struct date)) {
    struct date date;
    if (!date_parse(iso, &date))
        return;
    struct buf scratch = {0};
    say(&scratch, o->lang, date);
    flush(o, &scratch);
}

void filter_day(struct out *o, const char *iso) {
    put_date(o, iso, words_day);
}

void filter_date(struct out *o, const char *iso) {
    put_date(o, iso, words_date);
}

void filter_date_year(struct out *o, const char *iso) {
    put_date(o, iso, words_date_year);
}

static void put_moment(struct out *o, int64_t at, const struct zone *zone,
                       void (*say)(struct buf *, enum lang, const struct zone *, int64_t)) {
    struct buf scratch = {0};
    say(&scratch, o->lang, zone, at);
    flush(o, &scratch);
}

void filter_moment(struct out *o, int64_t at, const struct zone *zone) {
    put_moment(o, at, zone, words_moment);
}

void filter_moment_long(struct out *o, int64_t at, const struct zone *zone) {
    put_moment(o, at, zone, words_moment_long);
}

void filter_moment_year(struct out *o, int64_t at, const struct zone *zone) {
    put_moment(o, at, zone, words_moment_year);
}

void filter_clock(struct out *o, int64_t at, const struct zone *zone) {
    put_moment(o, at, zone, words_clock);
}

void filter_day_minutes(struct out *o, int start_minute, int end_minute) {
    struct buf scratch = {0};
    if (end_minute < 0)
        words_minute(&scratch, o->lang, start_minute);
    else
        words_minutes(&scratch, o->lang, start_minute, end_minute);
    flush(o, &scratch);
}

void filter_timestamp(struct out *o, int64_t at) {
    struct date date = date_from_days(at / 86400);
    int second = (int)(at % 86400);
    out_format(o, "%04d-%02d-%02dT%02d:%02d:%02dZ", date.year, date.month, date.day, second / 3600,
               second / 60 % 60, second % 60);
}

void filter_country(struct out *o, const char *code) {
    const char *name = code ? country_name(o->lang, code) : NULL;
    out_text(o, name ? name : code);
}

void filter_level(struct out *o, int64_t level) {
    static const char *const NAMES[] = {"", N_("Beginner"), N_("Intermediate"), N_("Advanced")};
    if (level >= 1 && level <= 3)
        out_text(o, tr(o->lang, NAMES[level]));
}

void filter_percent(struct out *o, int64_t basis_points) {
    out_int(o, basis_points / 100);
    if (basis_points % 100)
        out_format(o, ".%02d", (int)(basis_points % 100));
    out_text(o, "\u00a0%");
}

void filter_count(struct out *o, int64_t number) {
    struct buf scratch = {0};
    words_count(&scratch, number);
    flush(o, &scratch);
}

void filter_month(struct out *o, int month) {
    struct buf scratch = {0};
    words_month(&scratch, o->lang, month);
    flush(o, &scratch);
}

void filter_whatsapp(struct out *o, const char *digits) {
    enum { SUBSCRIBER = 9, GROUP = 3 };
    size_t length = digits ? strlen(digits) : 0;
    if (length <= SUBSCRIBER) {
        out_text(o, digits);
        return;
    }
    out_text(o, "+");
    out_text_n(o, digits, length - SUBSCRIBER);
    for (const char *group = digits + length - SUBSCRIBER; *group; group += GROUP) {
        out_text(o, "\u00a0");
        out_text_n(o, group, GROUP);
    }
}

void filter_or(struct out *o, const char *text, const char *instead) {
    out_text(o, text && *text ? text : instead);
}

void filter_audit_action(struct out *o, const char *action) {
    for (const struct listing_choice *word = audit_actions; word->value; word++)
        if (strcmp(word->value, action) == 0) {
            out_text(o, tr(o->lang, word->label));
            return;
        }
    out_text(o, action);
}
