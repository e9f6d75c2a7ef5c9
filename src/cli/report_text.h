/* The eight reports for people at a terminal. */
#ifndef CLI_REPORT_TEXT_H
#define CLI_REPORT_TEXT_H

#include "analytics/report.h"
#include "base/arena.h"
#include "db/db.h"

/* Compact tables on standard output: long ones are cut and say so. Topics and workshops by the
 * names they have now in `db`; one that is gone, by its number. */
void report_text_print(const struct report *report, struct db *db, const char *currency,
                       struct arena *arena);

#endif
