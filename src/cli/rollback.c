/* `taller rollback`: what came since the last upgrade, and the way back to before it. */
#include "shop/rollback.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/zone.h"
#include "cli/command.h"
#include "cli/folder.h"
#include "cli/table.h"
#include "db/copy.h"
#include "db/file.h"
#include "shop/restore.h"
#include "shop/setting.h"
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { SHOWN = 50 };

static const char *moment(struct arena *arena, const struct zone *zone, int64_t at) {
    if (!at)
        return "—";
    struct local_time local = zone_local(zone, at);
    return arena_printf(arena, "%04d-%02d-%02d %02d:%02d", local.date.year, local.date.month,
                        local.date.day, local.hour, local.minute);
}

static void print_orders(const struct rollback *back, const struct zone *zone,
                         struct arena *arena) {
    struct table table = {.arena = arena, .align = "lllllr"};
    table_add(&table, "order", "made", "paid", "status", "family", "total");
    for (size_t i = 0; i < back->count && i < SHOWN; i++) {
        const struct rollback_order *order = &back->orders[i];
        table_add(&table, order->code ? order->code : arena_printf(arena, "%" PRId64, order->id),
                  moment(arena, zone, order->created_at), moment(arena, zone, order->paid_at),
                  order->status, order->family,
                  arena_printf(arena, "%s %" PRId64 ".%02d", order->currency,
                               order->total_cents / 100, (int)(order->total_cents % 100)));
    }
    table_print(&table, stdout);
    if (back->count > SHOWN)
        printf("  … and %zu more, all in the file.\n", back->count - SHOWN);
}

/* NULL and a sentence when it cannot be written. A second look in the same second has the same
 * orders. */
static const char *write_file(const struct rollback *back, const char *backups, int64_t now,
                              struct arena *arena) {
    const char *path = arena_printf(arena, "%s/orders-since-%" PRId64 ".csv", backups, now);
    int file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    bool written = file >= 0 &&
                   write(file, back->file.data, back->file.len) == (ssize_t)back->file.len &&
                   fsync(file) == 0 && file_sync_folder(path) == OK;
    int why = errno;
    if (file >= 0)
        close(file);
    if (written)
        return path;
    command_fail("%s cannot be written: %s.", path, strerror(why));
    return NULL;
}

/* What would be lost, told and written down. */
static bool tell(const struct rollback *back, struct shop *shop, const char *backups, int64_t now,
                 struct arena *arena) {
    const struct zone *zone = shop_read_settings(shop)->zone;
    printf("%s was made before the upgrade of %s (schema %" PRId64 ").\n\n", back->copy,
           moment(arena, zone, back->made_at), back->schema);
    if (!back->count)
        printf("No order was made or paid since.\n");
    else
        print_orders(back, zone, arena);
    if (back->accounts || back->students)
        printf("\nNew since: %" PRId64 " accounts, %" PRId64 " students.\n", back->accounts,
               back->students);
    const char *file = back->count ? write_file(back, backups, now, arena) : NULL;
    if (file)
        printf("\nOrders since then: %zu, written to %s.\n", back->count, file);
    return !back->count || file;
}

static int go_back(const struct rollback *back, const char *data, int64_t now,
                   struct arena *arena) {
    const struct restore_plan plan = {
        .data = data, .file = back->copy, .as_it_is = true, .now = now};
    struct restore_done done;
    char error[512];
    if (restore_run(&plan, arena, &done, error, sizeof(error)) != OK)
        return command_fail("%s", error);
    printf("\nThe database is the one from before the upgrade. The one of now is kept as %s.\n"
           "Start the older program: this one would upgrade it again.\n",
           done.kept);
    return EXIT_DONE;
}

static enum err look(const struct options *options, struct rollback *back, int64_t now,
                     struct arena *arena) {
    const char *data = options->value[OPTION_DATA];
    const char *backups = arena_printf(arena, "%s/backups", data);
    struct shop shop;
    char error[512];
    enum err err = folder_open_shop(data, &shop);
    if (err)
        return err;
    err = rollback_read(&shop, backups, arena, back, error, sizeof(error));
    if (err)
        command_fail("%s", error);
    else if (!tell(back, &shop, backups, now, arena))
        err = ERR_IO;
    buf_free(&back->file);
    shop_close(&shop);
    return err;
}

/* Opening a school that is not upgraded yet would upgrade it. */
static enum err check_upgraded(const char *database, char *error, size_t error_size) {
    struct copy_facts facts;
    enum err err = copy_identity(database, &facts, error, error_size);
    if (err || facts.schema > (int64_t)shop_migration_count)
        return err;
    snprintf(error, error_size,
             "%s is of an older version (schema %" PRId64 "), so this program has not upgraded it.",
             database, facts.schema);
    return ERR_REFUSED;
}

int rollback_command(const struct options *options, struct arena *arena) {
    log_setup(LOG_WARN, LOG_TEXT);
    const char *data = options->value[OPTION_DATA], *database;
    char error[512];
    int64_t now = clock_now();
    struct rollback back;
    enum err err = folder_enter_school(data, arena, &database, error, sizeof(error));
    if (!err && options->flag[FLAG_YES])
        err = folder_lock(arena, data, error, sizeof(error));
    if (!err)
        err = check_upgraded(database, error, sizeof(error));
    if (err)
        return command_fail("%s", error);
    if (look(options, &back, now, arena) != OK)
        return EXIT_FAILED;
    if (options->flag[FLAG_YES])
        return go_back(&back, data, now, arena);
    puts("\nNothing was changed. To return to it: stop the server, then 'taller rollback --yes'.");
    return EXIT_DONE;
}
