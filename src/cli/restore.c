/* `taller restore`: a backup takes the place of the database. */
#include "shop/restore.h"
#include "base/clock.h"
#include "base/log.h"
#include "cli/command.h"
#include "cli/folder.h"
#include <inttypes.h>
#include <stdio.h>

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

int restore_command(const struct options *options, struct arena *arena) {
    log_setup(LOG_WARN, LOG_TEXT);
    const struct restore_plan plan = {.data = options->value[OPTION_DATA],
                                      .file = options->arguments[0],
                                      .key = options->value[OPTION_BACKUP_KEY],
                                      .verify = options->flag[FLAG_VERIFY],
                                      .now = clock_now()};
    struct restore_done done;
    char error[512];
    enum err err = folder_enter(plan.data, error, sizeof(error));
    if (!err)
        err = folder_lock(arena, plan.data, error, sizeof(error));
    if (!err)
        err = restore_run(&plan, arena, &done, error, sizeof(error));
    if (err)
        return command_fail("%s", error);
    print(&plan, &done);
    return EXIT_DONE;
}
