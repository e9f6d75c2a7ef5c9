/* `taller restore`: a backup takes the place of the database. */
#include "shop/restore.h"
#include "base/clock.h"
#include "base/log.h"
#include "cli/command.h"
#include "cli/folder.h"
#include "site/offsite_shelf.h"
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static void print_age(int64_t made_at, int64_t now) {
    static const struct {
        int64_t seconds;
        const char *unit;
    } UNITS[] = {{86400, "day"}, {3600, "hour"}, {60, "minute"}};
    if (!made_at || now < made_at)
        return;
    for (size_t i = 0; i < ARRAY_COUNT(UNITS); i++) {
        int64_t count = (now - made_at) / UNITS[i].seconds;
        if (count) {
            printf(", made %" PRId64 " %s%s ago", count, UNITS[i].unit, count == 1 ? "" : "s");
            return;
        }
    }
    printf(", made just now");
}

static void print(const struct restore_plan *plan, const struct restore_done *done) {
    printf("%s is the school's database now: %" PRId64 " rows in %zu tables", plan->file,
           done->facts.rows, done->facts.table_count);
    print_age(done->made_at, plan->now);
    puts(".");
    if (done->kept)
        printf("The one that was there is kept as %s.\n", done->kept);
    if (done->mail_waiting)
        printf("Mail that waited in it and will be sent: %" PRId64 ".\n", done->mail_waiting);
    for (size_t i = 0; i < done->doubt_count; i++)
        fprintf(stderr, "taller: mind: %s.\n", done->doubts[i]);
}

/* A name of what is elsewhere becomes that of a file here. */
static enum err bring(const struct options *options, struct arena *arena, const char **file,
                      char *error, size_t error_size) {
    static const char ELSEWHERE[] = "s3:";
    const char *name = *file + sizeof(ELSEWHERE) - 1;
    struct s3_options s3;
    if (strncmp(*file, ELSEWHERE, sizeof(ELSEWHERE) - 1) != 0)
        return OK;
    enum err err = command_s3(options, arena, &s3, error, error_size);
    if (err == ERR_NOT_FOUND)
        snprintf(error, error_size, "%s: --s3 does not say where that is", *file);
    if (err)
        return err;
    const char *folder = arena_printf(arena, "%s/backups", options->value[OPTION_DATA]);
    if (strcmp(name, "latest") == 0)
        name = "";
    fprintf(stderr, "Fetching %s from %s …\n", *name ? name : "the newest backup",
            offsite_place(arena, &s3.place));
    return offsite_fetch(&s3, name, folder, arena, file, error, error_size);
}

int restore_command(const struct options *options, struct arena *arena) {
    log_setup(LOG_WARN, LOG_TEXT);
    struct restore_plan plan = {.data = options->value[OPTION_DATA],
                                .file = options->arguments[0],
                                .key = options->value[OPTION_BACKUP_KEY],
                                .verify = options->flag[FLAG_VERIFY],
                                .now = clock_now()};
    struct restore_done done;
    char error[512];
    enum err err = folder_enter(plan.data, error, sizeof(error));
    if (!err)
        err = folder_lock(arena, plan.data, error, sizeof(error));
    if (!err && (err = bring(options, arena, &plan.file, error, sizeof(error))))
        return command_fail("%s.", error);
    if (!err)
        err = restore_run(&plan, arena, &done, error, sizeof(error));
    if (err)
        return command_fail("%s", error);
    print(&plan, &done);
    return EXIT_DONE;
}
