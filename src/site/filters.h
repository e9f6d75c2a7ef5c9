/* How values look in templates: {{ v->price_cents | money(v->currency) }} calls filter_money. */
#ifndef SITE_FILTERS_H
#define SITE_FILTERS_H

#include "base/date.h"
#include "base/out.h"
#include <stdint.h>

struct zone;

void filter_money(struct out *o, int64_t cents, const char *currency); /* S/ 180.00 */
void filter_price(struct out *o, int64_t cents, const char *currency); /* the same, 0: Gratis */
void filter_money_plain(struct out *o, int64_t cents);                 /* 180.00, for fields */

/* Dates, as ISO text in the template's structs; NULL or "" prints nothing. */
void filter_day(struct out *o, const char *iso);       /* mar 13 ene */
void filter_date(struct out *o, const char *iso);      /* 13 de enero */
void filter_date_year(struct out *o, const char *iso); /* 13 de enero de 2026 */

/* Moments, UTC seconds. */
void filter_moment(struct out *o, int64_t at, const struct zone *zone); /* mar 13 ene, 4:00 p. m. */
void filter_moment_long(struct out *o, int64_t at,
                        const struct zone *zone); /* jueves 8 de enero, … */
void filter_moment_year(struct out *o, int64_t at,
                        const struct zone *zone); /* 13 de enero de 2026, … */
void filter_clock(struct out *o, int64_t at, const struct zone *zone);    /* las 5:42 p. m. */
void filter_day_minutes(struct out *o, int start_minute, int end_minute); /* 4:00 a 5:30 p. m.; an
                                                                         end < 0 is not said */
void filter_timestamp(struct out *o, int64_t at); /* 2026-01-13T21:00:00Z, for datetime="" */

void filter_country(struct out *o, const char *code);     /* Perú */
void filter_level(struct out *o, int64_t level);          /* Principiante */
void filter_percent(struct out *o, int64_t basis_points); /* 18 %, 10.5 % */

void filter_count(struct out *o, int64_t number); /* 1,204 */
void filter_month(struct out *o, int month);      /* enero de 2026; see words_month */

/* A number with its country code as people read it: 51987654321 → +51 987 654 321. */
void filter_whatsapp(struct out *o, const char *digits);

/* A word of the trail ("edit") as people read it. */
void filter_audit_action(struct out *o, const char *action);
/* One shown in place of nothing: {{ v->phone | or("—") }}. */
void filter_or(struct out *o, const char *text, const char *instead);

#endif
