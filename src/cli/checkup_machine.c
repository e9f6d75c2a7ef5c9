/* The machine: options, the folder and its disk, the clock. */
#include "base/date.h"
#include "cli/checkup.h"
#include "cli/folder.h"
#include "db/file.h"
#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/timex.h>
#include <unistd.h>

enum {
    MB = 1 << 20,
    ROOM_ERROR = 50 * MB,
    AHEAD_SECONDS = 300,
};
static const int64_t ROOM_WARNING = INT64_C(1024) * MB;
/* 1 January 2025: the program is younger. */
static const int64_t BIRTH = 1735689600;

/* ---- configuration --------------------------------------------------------------------------- */

/* TALLER_DAYA=… says nothing to anybody, and nobody says so. */
static void look_for_misspelt(struct checkup *checkup) {
    for (char **entry = environ; *entry; entry++) {
        size_t length = strcspn(*entry, "=");
        if (strncmp(*entry, "TALLER_", 7) != 0)
            continue;
        char *name = arena_strndup(checkup->arena, *entry + 7, length - 7);
        for (char *p = name; *p; p++)
            *p = *p == '_' ? '-' : (char)tolower((unsigned char)*p);
        if (!option_known(name))
            checkup_warn(checkup, "configuration", "See 'taller help' for the names of options.",
                         "The environment sets %.*s, which is no option.", (int)length, *entry);
    }
}

static void look_at_file(struct checkup *checkup) {
    struct stat info;
    const char *path = arena_printf(checkup->arena, "%s/taller.conf", checkup->data);
    if (stat(path, &info) == 0 && info.st_mode & (S_IRGRP | S_IROTH))
        checkup_warn(checkup, "configuration", "chmod 600 it: it may hold passwords.",
                     "%s can be read by other users.", path);
}

void checkup_configuration(struct checkup *checkup) {
    const char *const *value = checkup->options->value;
    size_t before = checkup->count;
    look_for_misspelt(checkup);
    look_at_file(checkup);
    if (!*value[OPTION_BASE_URL])
        checkup_warn(checkup, "configuration",
                     "Set --base-url to the address families use, like https://shop.example.org.",
                     "No --base-url is set: links in mail lead to this machine only.");
    if (*value[OPTION_DOMAIN] && *value[OPTION_TLS_CERT])
        checkup_fault(checkup, "configuration", "Keep one of the two.",
                      "--domain obtains a certificate, --tls-cert names one.");
    if (*value[OPTION_TLS_CERT] && !*value[OPTION_TLS_KEY])
        checkup_fault(checkup, "configuration", "Set --tls-key to its private key.",
                      "--tls-cert is set without --tls-key.");
    if (checkup->count == before)
        checkup_good(checkup, "configuration", "Every option has a value that will do.");
}

/* ---- the folder ------------------------------------------------------------------------------ */

static void look_at_room(struct checkup *checkup) {
    int64_t room = file_space(checkup->database), size = file_size(checkup->database);
    int64_t wanted = size > 0 && 3 * size > ROOM_WARNING ? 3 * size : ROOM_WARNING;
    if (room < 0)
        return;
    if (room < ROOM_ERROR)
        checkup_fault(checkup, "disk",
                      "Make room now: with a full disk nobody can enrol. Old backups are in "
                      "backups/.",
                      "The disk of %s has %" PRId64 " MB left.", checkup->data, room / MB);
    else if (room < wanted)
        checkup_warn(checkup, "disk", "Make room soon, or keep fewer backups (--backups).",
                     "The disk of %s has %" PRId64 " MB left; %" PRId64 " MB would be comfortable.",
                     checkup->data, room / MB, wanted / MB);
    else
        checkup_good(checkup, "disk", "%" PRId64 " MB are free.", room / MB);
}

void checkup_folder(struct checkup *checkup) {
    struct stat info;
    if (stat(checkup->data, &info) != 0) {
        checkup_fault(checkup, "folder", "Name it with --data, or start 'taller serve' once.",
                      "There is no data folder %s.", checkup->data);
        return;
    }
    if (access(checkup->data, R_OK | W_OK | X_OK) != 0)
        checkup_fault(checkup, "folder", "Run this as its owner, or as root.",
                      "The data folder %s cannot be written.", checkup->data);
    else if (info.st_mode & (S_IRWXG | S_IRWXO))
        checkup_warn(checkup, "folder", "chmod 700 it.",
                     "Other users of the machine can look into the data folder %s.", checkup->data);
    else
        checkup_good(checkup, "folder", "%s belongs to its owner alone.", checkup->data);
    look_at_room(checkup);
}

/* ---- the clock ------------------------------------------------------------------------------- */

/* When the database was last written, wherever that is kept. */
static int64_t last_write(struct checkup *checkup) {
    struct stat info;
    int64_t last = 0;
    const char *paths[] = {checkup->database,
                           arena_printf(checkup->arena, "%s-wal", checkup->database)};
    for (size_t i = 0; i < ARRAY_COUNT(paths); i++)
        if (stat(paths[i], &info) == 0 && info.st_mtime > last)
            last = info.st_mtime;
    return last;
}

void checkup_clock(struct checkup *checkup) {
    static const char ADVICE[] =
        "Set the clock, and let it be kept (timedatectl set-ntp true): holds, deadlines and "
        "receipts go by it.";
    struct timex state = {0};
    char day[DATE_TEXT_SIZE];
    date_format(date_from_days(checkup->now / 86400), day);
    if (checkup->now < BIRTH)
        checkup_fault(checkup, "clock", ADVICE, "The clock says %s.", day);
    else if (last_write(checkup) > checkup->now + AHEAD_SECONDS)
        checkup_fault(checkup, "clock", ADVICE,
                      "The clock says %s, but the database was written later than that.", day);
    else if (adjtimex(&state) >= 0 && state.status & STA_UNSYNC)
        checkup_warn(checkup, "clock", ADVICE, "The clock says %s; nobody keeps it right.", day);
    else
        checkup_good(checkup, "clock", "It is %s and the clock is kept right.", day);
}
