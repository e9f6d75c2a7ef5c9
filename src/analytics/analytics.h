/* Analytics as one handle: the snapshot of the moment, the workers that count, the runs that are
 * kept in analytics_result. Opened once by main; safe from any thread.
 *
 * Who shows figures pins the snapshot, runs reports over it and releases it: milliseconds, and the
 * shop goes on selling. Bringing the snapshot up to date (analytics_refresh) takes milliseconds for
 * what changed, or seconds where it has to be made anew; whoever must not wait asks for it
 * (analytics_request) and looks at analytics_progress. */
#ifndef ANALYTICS_ANALYTICS_H
#define ANALYTICS_ANALYTICS_H

#include "analytics/report.h"
#include "analytics/snapshot.h"

struct analytics;

/* `folder` is made when it is needed and holds one file; copied. `threads` 0: one a core. */
struct analytics *analytics_create(struct store *store, const char *folder, int threads);
void analytics_destroy(struct analytics *analytics); /* NULL is fine */

/* The snapshot of the last refresh, one reference more: for snapshot_release. Before the first one,
 * the file that an earlier program left. NULL: there is none. */
struct snapshot *analytics_pin(struct analytics *analytics);

/* report_run on the own workers. */
void analytics_report(struct analytics *analytics, const struct snapshot *snapshot,
                      const struct report_filter *filter, unsigned parts, struct arena *arena,
                      struct report *out);

/* Brings the snapshot up to the database as it is now. Callers at the same time share one run: who
 * comes while it goes on gets its outcome. ERR_IO, ERR_FULL as the file system says; ERR_INVALID:
 * orders were paid further apart than the calendar of a snapshot reaches, 179 years, which is a
 * mistake of whoever wrote them. What was pinned before stays. */
enum err analytics_refresh(struct analytics *analytics,
                           const struct snapshot_moment *moment) MUST_CHECK;

/* Refreshes, runs every report and keeps the answers as a row of analytics_result. */
enum err analytics_execute(struct analytics *analytics,
                           const struct snapshot_moment *moment) MUST_CHECK;

/* ---- in the background ------------------------------------------------------------------------
 */

/* Asks for a run; whoever waits on analytics_fd does it. Two requests before it begins are one. */
void analytics_request(struct analytics *analytics);
int analytics_fd(const struct analytics *analytics); /* readable when a run is asked for */

/* Does what was asked for, and the weekly run of Monday 12:00, school time, unless one was done
 * since: a run that was missed is made up for once. One thread. */
void analytics_serve(struct analytics *analytics, const struct snapshot_moment *moment);

/* The last Monday 12:00, school time, that is not after `now`. */
int64_t analytics_due(const struct snapshot_moment *moment);

struct analytics_progress {
    bool waiting, running;
    int permille;     /* of a snapshot that is being made anew */
    enum err outcome; /* of the last refresh */
};
struct analytics_progress analytics_progress(struct analytics *analytics);

#endif
