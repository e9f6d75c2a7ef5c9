/* `taller backups`: which ones there are, here and elsewhere. */
#include "base/clock.h"
#include "base/date.h"
#include "base/log.h"
#include "cli/command.h"
#include "cli/folder.h"
#include "cli/table.h"
#include "shop/backup_shelf.h"
#include "site/offsite_shelf.h"
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { DAY = 86400 };

enum err command_s3(const struct options *options, struct arena *arena, struct s3_options *out,
                    char *error, size_t error_size) {
    const char *const *value = options->value;
    if (!*value[OPTION_S3])
        return ERR_NOT_FOUND;
    *out = (struct s3_options){.region = value[OPTION_S3_REGION],
                               .access_key = value[OPTION_S3_ACCESS_KEY],
                               .secret_key = value[OPTION_S3_SECRET_KEY],
                               .ca_file = value[OPTION_CA_FILE],
                               .stop_fd = -1};
    if (*out->access_key && *out->secret_key &&
        s3_place_parse(&out->place, arena, value[OPTION_S3])) /* checked when it was read */
        return OK;
    snprintf(error, error_size,
             "--s3 needs TALLER_S3_ACCESS_KEY and TALLER_S3_SECRET_KEY in the environment or in "
             "taller.conf.");
    return ERR_INVALID;
}

static const char *moment_words(struct arena *arena, int64_t at) {
    char day[DATE_TEXT_SIZE];
    date_format(date_from_days(at / DAY), day);
    int minute = (int)(at % DAY / 60);
    return arena_printf(arena, "%s %02d:%02d UTC", day, minute / 60, minute % 60);
}

static const char *kind_words(enum shelf_kind kind) {
    static const char *const WORDS[] = {[SHELF_SCHEDULED] = "by the clock",
                                        [SHELF_BY_HAND] = "by hand",
                                        [SHELF_BEFORE_UPGRADE] = "before an upgrade",
                                        [SHELF_REPLACED] = "replaced by a restore"};
    return WORDS[kind];
}

static enum err print_here(const char *folder, struct arena *arena) {
    struct shelf shelf;
    struct table table = {.arena = arena, .align = "llrll"};
    if (shelf_read(folder, arena, &shelf) != OK)
        return ERR_IO;
    for (size_t i = 0; i < shelf.count; i++) {
        const struct shelf_item *item = &shelf.items[i];
        const char *const cells[] = {
            item->name, moment_words(arena, item->at),
            arena_printf(arena, "%" PRId64 " kB", (item->bytes + 999) / 1000),
            kind_words(item->kind), item->sealed ? "encrypted" : ""};
        table_row(&table, cells);
    }
    printf(shelf.count ? "In %s:\n\n" : "There is no backup in %s.\n", folder);
    table_print(&table, stdout);
    return OK;
}

static enum err print_elsewhere(const struct s3_options *s3, struct arena *arena, char *error,
                                size_t error_size) {
    struct s3_names names, shelf;
    struct table table = {.arena = arena, .align = "ll"};
    const char *place = offsite_place(arena, &s3->place);
    fflush(stdout); /* the line may be slow */
    enum err err = s3_list(s3, arena, &names, error, error_size);
    if (err)
        return err;
    offsite_pick(&names, true, arena, &shelf);
    for (size_t i = 0; i < shelf.count; i++) {
        const char *const cells[] = {arena_printf(arena, "s3:%s", shelf.names[i]),
                                     moment_words(arena, shelf_moment(shelf.names[i]))};
        table_row(&table, cells);
    }
    printf(shelf.count ? "\nAt %s:\n\n" : "\nThere is no backup at %s.\n", place);
    table_print(&table, stdout);
    return OK;
}

int backups_run(const struct options *options, struct arena *arena) {
    log_setup(LOG_WARN, LOG_TEXT);
    const char *folder = arena_printf(arena, "%s/backups", options->value[OPTION_DATA]);
    struct s3_options s3;
    char error[512];
    enum err elsewhere = command_s3(options, arena, &s3, error, sizeof(error));
    if (elsewhere == ERR_INVALID)
        return command_fail("%s", error);
    if (folder_enter(options->value[OPTION_DATA], error, sizeof(error)) != OK)
        return command_fail("%s", error);
    if (print_here(folder, arena) != OK)
        return command_fail("%s cannot be read.", folder);
    if (elsewhere == OK && print_elsewhere(&s3, arena, error, sizeof(error)) != OK)
        return command_fail("%s.", error);
    return EXIT_DONE;
}
