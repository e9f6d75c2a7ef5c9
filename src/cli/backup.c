/* `taller backup`: one file that is the whole school. */
#include "shop/backup.h"
#include "base/clock.h"
#include "base/log.h"
#include "cli/command.h"
#include "cli/folder.h"
#include "db/file.h"
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static void print(const char *file, const struct backup_record *record) {
    printf("%s: %" PRId64 " bytes%s, %" PRId64 " rows in %zu tables.\nSHA-256 %s\n"
           "What it holds stands in %s.json.\n",
           file, record->bytes, record->sealed ? ", encrypted" : "", record->rows,
           record->table_count, record->sum, file);
}

/* backups/ is made with the first backup in it, by hand or by the clock: an image has no mkdir.
 * Where it cannot be, backup_make says so. */
static void make_shelf(struct arena *arena, const char *data, const char *file) {
    const char *shelf = arena_printf(arena, "%s/backups", data);
    const char *name = strrchr(file, '/');
    if (name && strlen(shelf) == (size_t)(name - file) &&
        strncmp(file, shelf, strlen(shelf)) == 0 && file_create_folder(shelf) != OK)
        log_warn("backups_folder", "folder", "%s", shelf);
}

int backup_run(const struct options *options, struct arena *arena) {
    log_setup(LOG_WARN, LOG_TEXT);
    const char *data = options->value[OPTION_DATA];
    char error[512];
    struct backup_plan plan = {.file = options->arguments[0],
                               .key = options->value[OPTION_BACKUP_KEY],
                               .now = clock_now()};
    struct backup_record record;
    enum err err = folder_enter_school(data, arena, &plan.database, error, sizeof(error));
    if (!err) {
        make_shelf(arena, data, plan.file);
        err = backup_make(&plan, arena, &record, error, sizeof(error));
    }
    if (err)
        return command_fail("%s", error);
    print(plan.file, &record);
    return EXIT_DONE;
}
