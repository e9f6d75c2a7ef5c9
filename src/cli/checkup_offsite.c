/* Copies of backups elsewhere (--s3). */
#include "cli/checkup.h"
#include "cli/command.h"
#include "shop/backup_shelf.h"
#include "site/offsite_shelf.h"
#include <inttypes.h>

enum { HOUR = 3600 };

static void judge(struct checkup *checkup, const char *place, const struct s3_names *shelf) {
    static const char ADVICE[] = "The server sends one after each scheduled backup; its log tells "
                                 "what failed (backup_not_sent).";
    if (!shelf->count) {
        checkup_warn(checkup, "backups", ADVICE, "There is no copy of a backup at %s yet.", place);
        return;
    }
    int64_t age = checkup->now - shelf_moment(shelf->names[0]);
    if (age > checkup_patience(checkup))
        checkup_warn(checkup, "backups", ADVICE, "The newest copy at %s is %" PRId64 " hours old.",
                     place, age / HOUR);
    else
        checkup_good(checkup, "backups", "The newest copy at %s is %s.", place, shelf->names[0]);
}

void checkup_offsite(struct checkup *checkup) {
    struct s3_options s3;
    struct s3_names names, shelf;
    char error[512];
    enum err err = command_s3(checkup->options, checkup->arena, &s3, error, sizeof(error));
    if (err == ERR_NOT_FOUND)
        return;
    if (!err)
        err = s3_list(&s3, checkup->arena, &names, error, sizeof(error));
    if (err) {
        checkup_fault(checkup, "backups", "Correct --s3, its region or its keys, or wait for it.",
                      "Copies elsewhere cannot be looked at: %s.", error);
        return;
    }
    offsite_pick(&names, true, checkup->arena, &shelf);
    judge(checkup, offsite_place(checkup->arena, &s3.place), &shelf);
}
