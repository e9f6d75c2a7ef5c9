/* How dates and times are said to people, in each language (after CLDR, es-PE and en): «mar 13 ene,
 * 4:00 p. m.», "Tue 13 Jan, 4:00 p.m.". No-break spaces keep "4:00 p. m." together. Appends plain
 * text; an unset date appends nothing. */
#ifndef BASE_WORDS_H
#define BASE_WORDS_H

#include "base/buf.h"
#include "base/date.h"
#include "base/i18n.h"
#include <stdint.h>

struct zone;

void words_day(struct buf *out, enum lang lang, struct date date);       /* mar 13 ene */
void words_day_month(struct buf *out, enum lang lang, struct date date); /* 13 ene */
void words_date(struct buf *out, enum lang lang, struct date date);      /* 13 de enero */
void words_date_year(struct buf *out, enum lang lang, struct date date); /* 13 de enero de 2026 */
void words_weekday(struct buf *out, enum lang lang, struct date date);   /* martes 13 */

/* A month, year × 12 + month − 1: enero de 2026; ene 2026. */
void words_month(struct buf *out, enum lang lang, int month);
void words_month_short(struct buf *out, enum lang lang, int month);

/* A quantity, grouped: 1,204 (es-PE and en write it alike). */
void words_count(struct buf *out, int64_t number);

void words_minute(struct buf *out, enum lang lang, int minute_of_day); /* 4:00 p. m. */

/* "4:00 a 5:30 p. m.": the half of the day is said once when both share it. */
void words_minutes(struct buf *out, enum lang lang, int start_minute, int end_minute);

/* "Lun, mié y vie" from a bit mask: 1 Monday … 64 Sunday. Capital at the start. */
void words_weekdays(struct buf *out, enum lang lang, int mask);

/* Moments, UTC seconds, told in the zone. */
void words_moment(struct buf *out, enum lang lang, const struct zone *zone, int64_t at);
/* mar 13 ene, 4:00 p. m. */
void words_moment_year(struct buf *out, enum lang lang, const struct zone *zone, int64_t at);
/* 13 de enero de 2026, 4:00 p. m. */
void words_moment_long(struct buf *out, enum lang lang, const struct zone *zone, int64_t at);
/* jueves 8 de enero, 6:00 p. m. */
void words_clock(struct buf *out, enum lang lang, const struct zone *zone, int64_t at);
/* las 5:42 p. m., la 1:05 p. m.: ready for a sentence; "5:42 p.m." */

#endif
