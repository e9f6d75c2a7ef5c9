/* Calendar arithmetic. */
#include "base/date.h"
#include <ctype.h>
#include <stdio.h>
#include <string.h>

bool date_is_set(struct date date) {
    return date.year != 0;
}

static int days_in_month(int year, int month) {
    static const int DAYS[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return month == 2 && leap ? 29 : DAYS[month - 1];
}

static int digits(const char *text, int count) {
    int number = 0;
    for (int i = 0; i < count; i++)
        number = number * 10 + (text[i] - '0');
    return number;
}

bool date_parse(const char *text, struct date *out) {
    *out = (struct date){0};
    if (!text || strlen(text) != DATE_TEXT_SIZE - 1)
        return false;
    for (int i = 0; i < DATE_TEXT_SIZE - 1; i++) {
        bool dash = i == 4 || i == 7;
        if (dash ? text[i] != '-' : !isdigit((unsigned char)text[i]))
            return false;
    }
    struct date date = {digits(text, 4), digits(text + 5, 2), digits(text + 8, 2)};
    if (date.year < 1 || date.month < 1 || date.month > 12 || date.day < 1 ||
        date.day > days_in_month(date.year, date.month))
        return false;
    *out = date;
    return true;
}

void date_format(struct date date, char text[DATE_TEXT_SIZE]) {
    if (!date_is_set(date)) {
        text[0] = '\0';
        return;
    }
    snprintf(text, DATE_TEXT_SIZE, "%04u-%02u-%02u", (unsigned)date.year % 10000,
             (unsigned)date.month % 100, (unsigned)date.day % 100);
}

int date_compare(struct date a, struct date b) {
    if (a.year != b.year)
        return a.year < b.year ? -1 : 1;
    if (a.month != b.month)
        return a.month < b.month ? -1 : 1;
    return (a.day > b.day) - (a.day < b.day);
}

int64_t date_to_days(struct date date) {
    int64_t year = date.month <= 2 ? date.year - 1 : date.year;
    int64_t era = (year >= 0 ? year : year - 399) / 400;
    int64_t year_of_era = year - era * 400;
    int64_t month = (date.month + 9) % 12;
    int64_t day_of_year = (153 * month + 2) / 5 + date.day - 1;
    int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * 146097 + day_of_era - 719468;
}

struct date date_from_days(int64_t days) {
    days += 719468;
    int64_t era = (days >= 0 ? days : days - 146096) / 146097;
    int64_t day_of_era = days - era * 146097;
    int64_t year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t month = (5 * day_of_year + 2) / 153;
    struct date date = {.month = (int)(month < 10 ? month + 3 : month - 9),
                        .day = (int)(day_of_year - (153 * month + 2) / 5 + 1)};
    date.year = (int)(year_of_era + era * 400 + (date.month <= 2));
    return date;
}

struct date date_add_days(struct date date, int64_t days) {
    return date_from_days(date_to_days(date) + days);
}

int date_weekday(struct date date) {
    int64_t days = date_to_days(date) + 3; /* 1970-01-01 was a Thursday */
    return (int)((days % 7 + 7) % 7);
}

int date_age(struct date birth, struct date on) {
    bool before_birthday =
        on.month < birth.month || (on.month == birth.month && on.day < birth.day);
    return on.year - birth.year - before_birthday;
}
