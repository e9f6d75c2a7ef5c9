/* One function for each part that has figures. Names follow Prometheus' conventions: seconds and
 * bytes, `_total` for what only grows, moments instead of ages. */
#include "site/metrics.h"
#include "analytics/analytics.h"
#include "base/metric.h"
#include "http/server.h"
#include "shop/backup_clock.h"
#include "site/gauges.h"
#include "site/offsite.h"
#include "site/process.h"
#include "site/site.h"
#include "site/traffic.h"
#include "version.h"
#include <sys/stat.h>
#include <sys/statvfs.h>

static void write_build(struct buf *out) {
    struct buf labels = {0};
    metric_label(&labels, "version", TALLER_VERSION);
    metric_label(&labels, "commit", TALLER_COMMIT);
    metric_family(out, "taller_build_info", METRIC_GAUGE, "The running build.");
    metric_sample(out, "taller_build_info", buf_text(&labels), 1);
    buf_free(&labels);
}

static void write_server(struct buf *out, struct server *server) {
    struct server_stats stats;
    server_stats(server, &stats);
    metric_gauge(out, "taller_http_requests_in_flight", "Requests being worked on.", stats.at_work);
    metric_counter(out, "taller_http_bad_heads_total",
                   "Request heads that could not be read or were too large.",
                   (uint64_t)stats.bad_heads);
    metric_gauge(out, "taller_connections", "Connections open.", stats.connections);
    metric_gauge(out, "taller_connections_max", "Connections served at a time.", stats.workers);
    metric_counter(out, "taller_connections_accepted_total", "Connections accepted.",
                   (uint64_t)stats.accepted);
    metric_counter(out, "taller_connections_evicted_total",
                   "Idle connections the guard closed to make room for others.",
                   (uint64_t)stats.evicted);
    metric_counter(out, "taller_connections_expired_total",
                   "Connections the guard closed because the client was too slow.",
                   (uint64_t)stats.expired);
    metric_counter(out, "taller_tls_handshakes_total", "TLS handshakes completed.",
                   (uint64_t)stats.handshakes);
    metric_counter(out, "taller_tls_handshake_failures_total", "TLS handshakes that failed.",
                   (uint64_t)stats.handshake_failures);
    metric_counter(out, "taller_tls_resumptions_total",
                   "TLS handshakes that were short because the client had been here before.",
                   (uint64_t)stats.resumed);
    if (stats.certificate_end)
        metric_gauge(out, "taller_certificate_expiry_timestamp_seconds",
                     "When the certificate in use ends.", stats.certificate_end);
}

static void write_store(struct buf *out, struct store *store) {
    struct store_stats stats;
    store_stats(store, &stats);
    metric_family(out, "taller_db_commit_duration_seconds", METRIC_HISTOGRAM,
                  "From the beginning of a transaction until it is on disk.");
    metric_buckets(out, "taller_db_commit_duration_seconds", "", &HISTOGRAM_DURATION,
                   stats.commit_us);
    metric_family(out, "taller_db_commit_batch_size", METRIC_HISTOGRAM,
                  "Pieces of work made durable by one commit.");
    metric_buckets(out, "taller_db_commit_batch_size", "", &HISTOGRAM_BATCH, stats.batch);
    metric_family(out, "taller_db_writes_total", METRIC_COUNTER,
                  "Pieces of work by outcome: refused ones were said no to by a rule of the shop, "
                  "failed ones were lost to the disk.");
    metric_sample(out, "taller_db_writes_total", "outcome=\"written\"", (int64_t)stats.writes);
    metric_sample(out, "taller_db_writes_total", "outcome=\"refused\"", (int64_t)stats.refused);
    metric_sample(out, "taller_db_writes_total", "outcome=\"failed\"", (int64_t)stats.failed);
    metric_gauge(out, "taller_db_writes_queued", "Pieces of work waiting for the writer.",
                 (int64_t)stats.queued);
    metric_counter(out, "taller_db_queries_total", "Questions asked by readers.", stats.queries);
    metric_gauge(out, "taller_db_readers_lent", "Read connections on loan.",
                 (int64_t)stats.readers_lent);
    metric_gauge(out, "taller_db_readers_waiting", "Requests waiting for a read connection.",
                 (int64_t)stats.readers_waiting);
    metric_counter(out, "taller_db_reader_waits_total",
                   "Loans of a read connection that had to wait.", stats.reader_waits);
    metric_counter(out, "taller_db_checkpoints_total",
                   "Times the write-ahead log was copied into the database.", stats.checkpoints);
    metric_gauge(out, "taller_db_wal_pages", "Pages in the write-ahead log after the last commit.",
                 (int64_t)stats.wal_pages);
}

/* A file that is not there has no size; nor has a folder that cannot be asked. */
static void write_disk(struct buf *out, struct arena *arena, const char *data) {
    struct stat file;
    if (stat(arena_printf(arena, "%s/taller.db", data), &file) == 0)
        metric_gauge(out, "taller_db_size_bytes", "Size of the database file.", file.st_size);
    if (stat(arena_printf(arena, "%s/taller.db-wal", data), &file) == 0)
        metric_gauge(out, "taller_db_wal_size_bytes", "Size of the write-ahead log's file.",
                     file.st_size);
    struct statvfs disk;
    if (statvfs(data, &disk) != 0)
        return;
    metric_gauge(out, "taller_data_free_bytes", "Space left where the data folder is.",
                 (int64_t)(disk.f_bavail * disk.f_frsize));
    metric_gauge(out, "taller_data_size_bytes", "Size of the disk where the data folder is.",
                 (int64_t)(disk.f_blocks * disk.f_frsize));
}

static void write_backups(struct buf *out, struct backup_clock *clock) {
    struct backup_status status = backup_clock_status(clock);
    if (status.last_at) {
        metric_gauge(out, "taller_backup_timestamp_seconds", "When the last backup was made.",
                     status.last_at);
        metric_gauge(out, "taller_backup_size_bytes", "Size of the last backup.",
                     status.last_bytes);
    }
    metric_gauge(out, "taller_backup_interval_seconds",
                 "Time between two backups; 0 when the clock makes none.", status.interval);
    metric_gauge(out, "taller_backup_failed", "1 when the last attempt failed.",
                 status.failed_at != 0);
    metric_counter(out, "taller_backups_total", "Backups made.", status.made);
    metric_counter(out, "taller_backup_failures_total", "Backups that failed.", status.failures);
}

static void write_offsite(struct buf *out, struct offsite *offsite) {
    if (!offsite)
        return;
    struct offsite_status status = offsite_status(offsite);
    if (status.last_at)
        metric_gauge(out, "taller_offsite_backup_timestamp_seconds",
                     "When the newest backup at --s3 was made.", status.last_at);
    metric_gauge(out, "taller_offsite_backup_failed", "1 when the last attempt to send one failed.",
                 status.failed_at != 0);
    metric_counter(out, "taller_offsite_backups_total", "Backups sent to --s3.", status.sent);
    metric_counter(out, "taller_offsite_backup_failures_total",
                   "Attempts to send a backup that failed.", status.failures);
}

static void write_analytics(struct buf *out, struct analytics *analytics) {
    struct analytics_progress progress = analytics_progress(analytics);
    metric_gauge(out, "taller_analytics_running", "1 while the statistics are being counted.",
                 progress.running);
    metric_gauge(out, "taller_analytics_waiting", "1 when they are asked for and wait.",
                 progress.waiting);
}

static void write_happenings(struct buf *out, const struct shop_counters *counters) {
    metric_counter(out, "taller_logins_total", "Log-ins with the right password.",
                   counter_read(&counters->logins));
    metric_counter(out, "taller_logins_failed_total", "Wrong passwords and wrong codes.",
                   counter_read(&counters->logins_failed));
    metric_counter(out, "taller_signups_total", "Accounts that people made themselves.",
                   counter_read(&counters->signups));
    metric_counter(out, "taller_seats_refused_total",
                   "Times a family wanted a seat and there was none left.",
                   counter_read(&counters->seats_refused));
    metric_counter(out, "taller_mails_sent_total", "Mails taken by the mail server.",
                   counter_read(&counters->mails_sent));
    metric_counter(out, "taller_mails_failed_total", "Attempts to send a mail that failed.",
                   counter_read(&counters->mails_failed));
}

static void write_states(struct buf *out, const char *name, const char *help,
                         const char *const *states, const int64_t *counts, size_t count) {
    struct buf label = {0};
    metric_family(out, name, METRIC_GAUGE, help);
    for (size_t i = 0; i < count; i++) {
        buf_reset(&label);
        metric_label(&label, "status", states[i]);
        metric_sample(out, name, buf_text(&label), counts[i]);
    }
    buf_free(&label);
}

static void write_census(struct buf *out, const struct gauges_now *now) {
    const struct census *census = &now->census;
    if (!now->census_at)
        return;
    metric_gauge(out, "taller_census_timestamp_seconds", "When what follows was last counted.",
                 now->census_at);
    write_states(out, "taller_orders", "Orders by state.", census_order_states, census->orders,
                 CENSUS_ORDER_STATES);
    write_states(out, "taller_inscriptions",
                 "Inscriptions by state: a held one keeps a seat until it is paid.",
                 census_inscription_states, census->inscriptions, CENSUS_INSCRIPTION_STATES);
    metric_gauge(out, "taller_revenue_cents",
                 "Totals of all paid orders, refunds taken off, in hundredths of the currency.",
                 census->revenue_cents);
    metric_gauge(out, "taller_mail_waiting", "Mails to be sent.", census->mail_waiting);
    if (census->mail_oldest_at)
        metric_gauge(out, "taller_mail_oldest_timestamp_seconds",
                     "When the oldest mail to be sent was written.", census->mail_oldest_at);
    metric_gauge(out, "taller_mail_given_up", "Mails that will never be sent.",
                 census->mail_given_up);
    if (census->counted_at)
        metric_gauge(out, "taller_snapshot_timestamp_seconds",
                     "When the statistics were last brought up to date.", census->counted_at);
}

static void write_books(struct buf *out, const struct gauges_now *now) {
    if (!now->books_at)
        return;
    struct buf label = {0};
    metric_family(out, "taller_invariant_broken", METRIC_GAUGE,
                  "Rows that break a rule of the books at the last check, 100 at most.");
    for (size_t rule = 0; rule < BOOKS_RULES; rule++) {
        buf_reset(&label);
        metric_label(&label, "rule", books_rules[rule]);
        metric_sample(out, "taller_invariant_broken", buf_text(&label), now->broken[rule]);
    }
    buf_free(&label);
    metric_gauge(out, "taller_invariant_check_timestamp_seconds",
                 "When the books were last checked.", now->books_at);
}

void metrics_write(struct site *site, struct arena *arena, struct buf *out) {
    struct server *server = atomic_load(&site->server);
    struct gauges_now now;
    gauges_read(site->gauges, &now);
    write_build(out);
    traffic_write(site->traffic, out);
    if (server)
        write_server(out, server);
    write_store(out, site->shop.store);
    write_disk(out, arena, site->data);
    write_backups(out, site->backup_clock);
    write_offsite(out, site->offsite);
    write_analytics(out, site->analytics);
    write_happenings(out, &site->shop.counters);
    write_census(out, &now);
    write_books(out, &now);
    process_write(out);
}
