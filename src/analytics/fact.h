/* What a row of the snapshot holds, computed from what the database says: one place for the full
 * build and the refresh, so that both say the same. */
#ifndef ANALYTICS_FACT_H
#define ANALYTICS_FACT_H

#include "analytics/snapshot.h"
#include "base/date.h"
#include "base/log.h"
#include "base/zone.h"
#include <stdint.h>

/* What to answer where a table holds what its schema lets nobody write; says so in the log. */
static inline enum err fact_damaged(const char *table) {
    log_error("database_damaged", "table", "%s", table);
    return ERR_INTERNAL;
}

/* The local day of a moment, days since 1970-01-01. Moments come roughly in order, so the day of
 * the last one is tried first; `cache` begins as zeros. */
struct fact_day {
    int64_t day, begin, end;
};

static inline int64_t fact_day(const struct zone *zone, int64_t at, struct fact_day *cache) {
    if (at >= cache->begin && at < cache->end)
        return cache->day;
    struct date date = zone_date(zone, at);
    cache->day = date_to_days(date);
    cache->begin = zone_utc(zone, date, 0, 0);
    cache->end = zone_utc(zone, date_add_days(date, 1), 0, 0);
    return cache->day;
}

/* A date as one number that orders as dates do, the month and day in its last nine bits. */
static inline uint64_t fact_date(uint64_t year, uint64_t month, uint64_t day) {
    return year * 512 + month * 32 + day;
}

/* The same of a day since 1970-01-01. */
static inline uint64_t fact_date_of_day(int64_t days) {
    struct date date = date_from_days(days);
    return fact_date((uint64_t)date.year, (uint64_t)date.month, (uint64_t)date.day);
}

/* The same of "2017-04-30"; the schema makes sure of the form, not of the calendar. False: it has
 * another form, so the database is damaged. */
static inline bool fact_birth(const char *iso, uint32_t *birth) {
    uint64_t digit[10];
    unsigned odd = 0;
    if (!iso)
        return false;
    for (int i = 0; i < 10; i++) {
        if (!iso[i])
            return false;
        digit[i] = (uint64_t)(iso[i] - '0');
        odd |= i != 4 && i != 7 && digit[i] > 9;
    }
    *birth = (uint32_t)fact_date(digit[0] * 1000 + digit[1] * 100 + digit[2] * 10 + digit[3],
                                 digit[5] * 10 + digit[6], digit[8] * 10 + digit[9]);
    return !odd;
}

/* 0: the workshop is for all levels. False: no level of the schema, so the database is damaged. */
static inline bool fact_level(int64_t value, uint32_t *level) {
    *level = value >= 0 && value < SNAPSHOT_LEVELS ? (uint32_t)value : 0;
    return *level == value;
}

/* Whole years from a birth to a day, both of fact_date, by calendar comparison; who was born on 29
 * February has the birthday on 1 March in a common year. */
static inline uint32_t fact_age(uint64_t birth, uint64_t day) {
    int64_t years = (int64_t)(day / 512) - (int64_t)(birth / 512) - (day % 512 < birth % 512);
    return years < 0 ? 0 : years >= SNAPSHOT_AGES ? SNAPSHOT_AGES - 1 : (uint32_t)years;
}

/* Ages, as fact_age, and levels together have dense numbers; begins as zeros. */
struct fact_brackets {
    uint16_t number[SNAPSHOT_AGES][SNAPSHOT_LEVELS]; /* plus one; 0: none yet */
    struct {
        uint8_t age, level;
    } of[SNAPSHOT_AGES * SNAPSHOT_LEVELS];
    uint32_t count;
};

/* A new one gets the next number. */
static inline uint16_t fact_bracket(struct fact_brackets *b, uint32_t age, uint32_t level) {
    uint16_t *number = &b->number[age][level];
    if (!*number) {
        b->of[b->count].age = (uint8_t)age;
        b->of[b->count++].level = (uint8_t)level;
        *number = (uint16_t)b->count;
    }
    return (uint16_t)(*number - 1);
}

/* What the database says, which is never negative unless somebody else wrote it. */
static inline uint64_t fact_number(int64_t value) {
    return value > 0 ? (uint64_t)value : 0;
}

static inline uint32_t fact_cents(uint64_t value) {
    return value < UINT32_MAX ? (uint32_t)value : UINT32_MAX;
}

static inline uint32_t fact_discount(uint64_t list_price, uint64_t price) {
    return fact_cents(list_price > price ? list_price - price : 0);
}

/* Two letters, the first in the low byte; 0: none. */
static inline uint64_t fact_country(const char *text) {
    return text && text[0]
               ? (uint64_t)(unsigned char)text[0] | (uint64_t)(unsigned char)text[1] << 8
               : 0;
}

#endif
