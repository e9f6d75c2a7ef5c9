/* The structured log: one event a line on standard error, as text for people or JSON for machines.
 *
 *     log_info("order_paid", "order", "%lld", id);
 *     log_warn("mail_failed", "to_domain error", "%s %s", domain, reason);   — see LOG_FIELDS
 *
 * An event is a fixed name; values go into fields, never into the name. Secrets and people's data
 * (names, addresses, birth dates, mail texts) are never logged: log ids. Safe from any thread; a
 * line is written with one write(2). */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include "base/err.h"
#include <stdbool.h>

enum log_level { LOG_ERROR, LOG_WARN, LOG_INFO, LOG_DEBUG };
enum log_format { LOG_TEXT, LOG_JSON };

/* What this thread works on from now on: `request`, an id, stands in each of its lines as the field
 * "request" until it is NULL again. The text is the caller's and outlives that. */
void log_about(const char *request);

/* By main, before the first thread starts; again at any time. */
void log_setup(enum log_level level, enum log_format format);
bool log_wants(enum log_level level);

struct log_field {
    const char *key;
    const char *text; /* NULL: the number counts */
    long long number;
};

void log_event(enum log_level level, const char *event, const struct log_field *fields, int count);

/* One event with one field formatted as printf does. `key` may be NULL for an event without. */
void log_one(enum log_level level, const char *event, const char *key, const char *format, ...)
    PRINTF_LIKE(4, 5);

#define log_error(event, key, ...) log_one(LOG_ERROR, (event), (key), __VA_ARGS__)
#define log_warn(event, key, ...) log_one(LOG_WARN, (event), (key), __VA_ARGS__)
#define log_info(event, key, ...) log_one(LOG_INFO, (event), (key), __VA_ARGS__)
#define log_debug(event, key, ...) log_one(LOG_DEBUG, (event), (key), __VA_ARGS__)

#define LOG_STR(k, v) \
    { .key = (k), .text = log_text(v) }
#define LOG_INT(k, v) \
    { .key = (k), .number = (long long)(v) }

/* The text, or "" for NULL. */
static inline const char *log_text(const char *text) {
    return text ? text : "";
}

/* Several fields:  LOG_FIELDS(LOG_INFO, "request", LOG_STR("path", p), LOG_INT("status", 200)); */
#define LOG_FIELDS(level, event, ...)                                        \
    do {                                                                     \
        if (log_wants(level)) {                                              \
            const struct log_field fields_[] = {__VA_ARGS__};                \
            log_event((level), (event), fields_, (int)ARRAY_COUNT(fields_)); \
        }                                                                    \
    } while (0)

#endif
