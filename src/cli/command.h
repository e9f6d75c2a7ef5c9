/* The commands of the program, one table of them in main.c, one file a group here. */
#ifndef CLI_COMMAND_H
#define CLI_COMMAND_H

#include "base/arena.h"
#include "cli/option.h"
#include "net/s3.h"

enum { EXIT_DONE = 0, EXIT_FAILED = 1, EXIT_USAGE = 2 };

struct command {
    const char *name;
    const char *arguments; /* for usage: "FILE", "create|password|role|disable EMAIL" */
    const char *help;      /* one line */
    int (*run)(const struct options *options, struct arena *arena); /* answers the exit status */
    size_t min_arguments, max_arguments;
    unsigned flags;   /* 1 << enum flag of those it takes */
    const char *more; /* further lines of its help, or NULL */
};

int serve_run(const struct options *options, struct arena *arena);
int drain_run(const struct options *options, struct arena *arena);
int demo_run(const struct options *options, struct arena *arena);
int account_run(const struct options *options, struct arena *arena);
int analytics_run(const struct options *options, struct arena *arena);
int backup_run(const struct options *options, struct arena *arena);
int backups_run(const struct options *options, struct arena *arena);
int restore_command(const struct options *options, struct arena *arena);
int rollback_command(const struct options *options, struct arena *arena);
int doctor_run(const struct options *options, struct arena *arena);
int config_run(const struct options *options, struct arena *arena);
int version_run(const struct options *options, struct arena *arena);

/* Where copies of backups are, as --s3 and its keys say: OK, ERR_NOT_FOUND without --s3,
 * ERR_INVALID and a sentence without the keys. Texts are those of the options, or in the arena. */
enum err command_s3(const struct options *options, struct arena *arena, struct s3_options *out,
                    char *error, size_t error_size) MUST_CHECK;

/* One sentence on standard error, "taller: " in front; answers EXIT_FAILED. */
int command_fail(const char *format, ...) PRINTF_LIKE(1, 2);

#endif
