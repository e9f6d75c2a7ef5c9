/* Calendar dates in the proleptic Gregorian calendar: birthdays, workshop days. No clock, no zone:
 * base/zone.h turns moments into local dates. */
#ifndef BASE_DATE_H
#define BASE_DATE_H

#include <stdbool.h>
#include <stdint.h>

struct date {
    int year;  /* 1 to 9999; 0 means "no date" */
    int month; /* 1 to 12 */
    int day;   /* 1 to 31 */
};

enum { DATE_TEXT_SIZE = 11 }; /* "2026-03-09" and its NUL */

bool date_is_set(struct date date);

/* ISO 8601 calendar date, exactly YYYY-MM-DD, and a day that exists. False leaves *out unset. */
bool date_parse(const char *text, struct date *out);
/* "" for an unset date. */
void date_format(struct date date, char text[DATE_TEXT_SIZE]);

int date_compare(struct date a, struct date b); /* < 0, 0, > 0 */

/* Days since 1970-01-01, and back (Howard Hinnant's days_from_civil). */
int64_t date_to_days(struct date date);
struct date date_from_days(int64_t days);
struct date date_add_days(struct date date, int64_t days);
int date_weekday(struct date date); /* 0 Monday … 6 Sunday */

/* Whole years lived on the day `on`, by comparison of (month, day): somebody born on 29 February
 * turns a year older on 1 March of a common year. Negative when `on` is before the birth. */
int date_age(struct date birth, struct date on);

#endif
