/* What lies in the folder of backups: those made by the hour, those made by hand, what an upgrade
 * or a restore set aside; and which of the first are kept for how long. */
#ifndef SHOP_BACKUP_SHELF_H
#define SHOP_BACKUP_SHELF_H

#include "base/arena.h"
#include "base/err.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum shelf_kind {
    SHELF_SCHEDULED,      /* taller-20260309T140000Z.db, .sealed behind it if it is: rotated */
    SHELF_BY_HAND,        /* any other with a record */
    SHELF_BEFORE_UPGRADE, /* before-migration-from-3-2026-03-09.db: what rollback returns to */
    SHELF_REPLACED,       /* replaced-20260309T140000Z.db: what a restore or a rollback set aside */
};

struct shelf_item {
    enum shelf_kind kind;
    const char *name;  /* in the folder */
    int64_t at, bytes; /* when it was made: as its record says, else its last write */
    int64_t rows;      /* of its record; -1: it has none */
    bool sealed;
};

struct shelf {
    struct shelf_item *items; /* newest first */
    size_t count;
};

/* A folder that is not there yet is empty. */
enum err shelf_read(const char *folder, struct arena *arena, struct shelf *out) MUST_CHECK;

/* The newest that is a backup: scheduled or by hand. One from the future says nothing of how old
 * the last one is: the clock was wrong then. NULL: there is none. */
const struct shelf_item *shelf_newest(const struct shelf *shelf, int64_t now);

/* How many are kept: the newest of each of the last `hourly` hours that have one, and so on by day
 * and by week (Monday to Sunday), in UTC. All 0: none is ever made. */
struct backup_rota {
    int hourly, daily, weekly;
};

/* "24,7,5". False: something else. "" is all 0. */
bool backup_rota_parse(const char *text, struct backup_rota *out);

/* Seconds from one backup to the next; 0: none is made. */
int64_t backup_rota_interval(const struct backup_rota *rota);

/* Seconds after which the newest of those made every `interval` is too old to be left at that. */
int64_t backup_patience(int64_t interval);

/* The name of a scheduled backup made at that moment, and of what a restore sets aside. */
const char *shelf_name(struct arena *arena, enum shelf_kind kind, int64_t at, bool sealed);

/* When a scheduled backup was made, by its name; -1: it is the name of none. */
int64_t shelf_moment(const char *name);

/* Removes scheduled backups that the rota does not keep, and what interrupted ones left behind more
 * than a day ago. Never the newest one. Answers how many backups went. */
size_t shelf_rotate(const char *folder, const struct backup_rota *rota, int64_t now);

/* Which of `count` moments, newest first, are kept: the rule alone. */
void backup_rota_keep(const struct backup_rota *rota, const int64_t *at, size_t count, bool *keep);

#endif
