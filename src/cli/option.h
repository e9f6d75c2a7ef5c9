/* The options of the program: one table of name, type, default, help and secrecy (option.c). A
 * value comes from the flag, else the environment (TALLER_ and the name in capitals), else
 * taller.conf in the data folder, else the default. Secrets never come from a flag. */
#ifndef CLI_OPTION_H
#define CLI_OPTION_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum option {
    OPTION_DATA,
    OPTION_HTTPS,
    OPTION_HTTP,
    OPTION_OPS,
    OPTION_TLS_CERT,
    OPTION_TLS_KEY,
    OPTION_DOMAIN,
    OPTION_ACME_DIRECTORY,
    OPTION_ACME_EMAIL,
    OPTION_BEHIND_PROXY,
    OPTION_BASE_URL,
    OPTION_SMTP,
    OPTION_SMTP_PASSWORD,
    OPTION_CA_FILE,
    OPTION_METRICS_TOKEN,
    OPTION_BACKUPS,
    OPTION_BACKUP_KEY,
    OPTION_S3,
    OPTION_S3_REGION,
    OPTION_S3_ACCESS_KEY,
    OPTION_S3_SECRET_KEY,
    OPTION_WORKERS,
    OPTION_ANALYTICS_THREADS,
    OPTION_DRAIN_SECONDS,
    OPTION_LOG_LEVEL,
    OPTION_LOG_FORMAT,
    OPTIONS,
};

/* Flags that belong to some commands only. */
enum flag {
    FLAG_OWNER,
    FLAG_MANAGER,
    FLAG_DESK,
    FLAG_INSTRUCTOR,
    FLAG_IF_EMPTY,
    FLAG_JSON,
    FLAG_LICENSES,
    FLAG_LIVE,
    FLAG_VERIFY,
    FLAG_YES,
    FLAGS,
};

/* Filled by option_read; everything lives in the arena given to it. */
struct options {
    const char *value[OPTIONS];  /* never NULL; "" where nothing is set */
    const char *source[OPTIONS]; /* "flag", "environment", "taller.conf", "default" */
    bool flag[FLAGS];
    const char **arguments; /* what is neither an option nor its value */
    size_t argument_count;
};

/* Reads all sources and checks every value as its type demands. ERR_INVALID with one sentence in
 * `error` that names what is wrong. argv starts behind the command's name. */
enum err option_read(struct options *options, struct arena *arena, int argc, char **argv,
                     char *error, size_t error_size) MUST_CHECK;

/* Reads taller.conf again for what neither a flag nor the environment sets. On an error nothing in
 * `options` is to be used. */
enum err option_reload(struct options *options, struct arena *arena, char *error,
                       size_t error_size) MUST_CHECK;

int option_int(const struct options *options, enum option option);

/* Whether there is an option of that name, like "base-url". */
bool option_known(const char *name);

/* "--data DIR   what it means (default …)", a line or two an option. */
void option_usage(struct buf *out);

/* Every option, its value and where it came from; secrets redacted. */
void option_print(const struct options *options, struct buf *out);

#endif
