/* What the page of statistics is asked for: a period, a topic, a level. A period is one of a few
 * that have a name and end today, or any two days. Everything comes from the address. */
#ifndef SITE_ADMIN_PERIOD_H
#define SITE_ADMIN_PERIOD_H

#include "analytics/report.h"
#include "http/form.h"
#include "shop/topic.h"
#include <stdbool.h>

struct visit;

enum { PERIOD_PRESET, PERIOD_FROM, PERIOD_TO, PERIOD_TOPIC, PERIOD_LEVEL, PERIOD_FIELDS };

struct period_preset {
    const char *name, *label; /* in addresses; translated */
    const char *query;        /* the same topic and level over it: "?period=…" */
    bool chosen;
};

struct period {
    struct form form;   /* as it came in, for the page; its dates are those of the period */
    const char *preset; /* its name; "" for two days */
    const char *query;  /* the address's end that asks for the same again: "?period=…" */
    struct report_filter filter;
    struct report_filter before; /* as long, directly before */
    bool has_before;             /* not where the period has no beginning */
    struct period_preset *presets;
    size_t preset_count;
    const char *topic_name; /* of the chosen one; NULL: all */
};

/* Reads the address. False: something in it is wrong, and the form says what. */
bool period_read(struct visit *visit, const struct topics *topics, struct period *out);

#endif
