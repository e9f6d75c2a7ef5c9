/* See verdict.h. The product's own check of its books is one of many here; the others are
 * statements of their own, so that both would have to be wrong in the same way. */
#include "verdict.h"
#include "db/copy.h"
#include "school.h"
#include "shop/backup.h"
#include "shop/books.h"
#include <dirent.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct verdict {
    const char *data, *where;
    struct school school;
    struct arena *arena;
    int violations;
};

/* ---- what was told ----------------------------------------------------------------------------
 */

void told_add(struct told *told, const char *text) {
    enum { FIRST = 64 };
    if (told->count == told->room) {
        told->room = told->room ? told->room * 2 : FIRST;
        told->texts = realloc(told->texts, told->room * sizeof(told->texts[0]));
        if (!told->texts)
            abort();
    }
    snprintf(told->texts[told->count++], TOLD_SIZE, "%s", text);
}

void told_free(struct told *told) {
    free(told->texts);
    *told = (struct told){0};
}

static bool begins(const char *text, const char *word) {
    return strncmp(text, word, strlen(word)) == 0 && text[strlen(word)] == ' ';
}

size_t told_count(const struct told *told, const char *word) {
    size_t count = 0;
    for (size_t i = 0; i < told->count; i++)
        count += begins(told->texts[i], word);
    return count;
}

/* ---- judging ----------------------------------------------------------------------------------
 */

static void violated(struct verdict *v, const char *format, ...) PRINTF_LIKE(2, 3);

static void violated(struct verdict *v, const char *format, ...) {
    char text[512];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    if (v->violations++ == 0) /* the others follow from it, mostly */
        printf("VIOLATION %s: %s\n", v->where, text);
}

/* -1: it cannot be asked. */
static int64_t number(struct verdict *v, const char *sql, int64_t id) {
    int64_t value = -1;
    struct db *db = store_reader(v->school.shop.store);
    enum err err = id ? db_int(db, sql, &value, V(id)) : db_int(db, sql, &value);
    store_release(v->school.shop.store, db);
    return err ? -1 : value;
}

static void check_whole(struct verdict *v) {
    char error[512];
    struct copy_faults faults;
    const char *database = arena_printf(v->arena, "%s/taller.db", v->data);
    if (copy_check(database, v->arena, &faults, error, sizeof(error)) != OK)
        violated(v, "%s", error);
    else if (faults.damage_count || faults.reference_count)
        violated(v, "damaged: %s", faults.damage_count ? faults.damage[0] : faults.references[0]);
}

static void check_books(struct verdict *v) {
    struct books_fault *faults;
    size_t count = 0;
    struct db *db = store_reader(v->school.shop.store);
    enum err err = books_check(db, v->arena, &faults, &count);
    store_release(v->school.shop.store, db);
    if (err)
        violated(v, "the books cannot be read");
    for (size_t i = 0; !err && i < count; i++)
        violated(v, "books, %s: %s %lld", faults[i].rule, faults[i].entity,
                 (long long)faults[i].id);
}

/* Each counts what must not be. */
static const struct {
    const char *what, *sql;
} RULES[] = {
    {"workshops oversold",
     "SELECT count(*) FROM workshop w WHERE (SELECT count(*) FROM inscription i WHERE"
     " i.workshop_id = w.id AND i.status IN ('held', 'confirmed')) > w.capacity"},
    {"wrong counters of seats",
     "SELECT count(*) FROM workshop w WHERE seats_taken <> (SELECT count(*) FROM inscription i"
     " WHERE i.workshop_id = w.id AND i.status IN ('held', 'confirmed'))"},
    {"children in a workshop twice",
     "SELECT count(*) FROM (SELECT 1 FROM inscription WHERE status IN ('held', 'confirmed')"
     " GROUP BY workshop_id, student_id HAVING count(*) > 1)"},
    {"paid orders without one payment of all of it",
     "SELECT count(*) FROM orders o WHERE status = 'paid' AND (SELECT count(*) FROM payment p"
     " WHERE p.order_id = o.id AND p.status = 'succeeded' AND p.amount_cents = o.total_cents)"
     " <> 1"},
    {"payments without a paid order",
     "SELECT count(*) FROM payment p JOIN orders o ON o.id = p.order_id"
     " WHERE p.status = 'succeeded' AND o.status <> 'paid'"},
    {"paid orders without a confirmed seat",
     "SELECT count(*) FROM orders o WHERE status = 'paid' AND NOT EXISTS (SELECT 1 FROM"
     " inscription i WHERE i.order_id = o.id AND i.status = 'confirmed')"},
    {"paid orders without one mail with their receipt",
     "SELECT count(*) FROM orders o WHERE status = 'paid' AND (SELECT count(*) FROM receipt r"
     " JOIN outbox m ON m.dedupe_key = 'receipt:' || r.number AND m.order_id = o.id"
     " WHERE r.order_id = o.id) <> 1"},
    {"transfers awaited without one mail that says how",
     "SELECT count(*) FROM orders o WHERE status = 'pending' AND method = 'transfer' AND (SELECT"
     " count(*) FROM outbox m WHERE m.dedupe_key = 'transfer:' || o.id) <> 1"},
    {"mails neither sent nor waiting",
     "SELECT count(*) FROM outbox WHERE sent_at IS NULL AND next_attempt_at IS NULL"},
};

static void check_rules(struct verdict *v) {
    for (size_t i = 0; i < ARRAY_COUNT(RULES); i++) {
        int64_t count = number(v, RULES[i].sql, 0);
        if (count != 0)
            violated(v, "%lld %s", (long long)count, RULES[i].what);
    }
}

/* A backup has its name only when it is whole, with its record. */
static void check_backup(struct verdict *v, const char *name) {
    char error[512];
    struct backup_record record;
    struct copy_facts facts;
    struct copy_faults faults = {0};
    char sum[SEAL_SUM_SIZE] = "";
    const char *file = arena_printf(v->arena, "%s/backups/%s", v->data, name);
    if (access(file, F_OK) != 0)
        violated(v, "the backup %s is gone", name);
    else if (backup_read_record(file, v->arena, &record, error, sizeof(error)) != OK ||
             seal_sum(file, sum) != OK || strcmp(sum, record.sum) != 0 ||
             copy_facts(file, v->arena, &facts, error, sizeof(error)) != OK ||
             copy_check(file, v->arena, &faults, error, sizeof(error)) != OK ||
             facts.rows != record.rows || faults.damage_count)
        violated(v, "the backup %s is not what its record says", name);
}

static int64_t count_paid(struct verdict *v) {
    return number(v, "SELECT count(*) FROM orders WHERE status = 'paid'", 0);
}

/* "either 3 8": so many orders are paid. */
static void check_either(struct verdict *v, const char *numbers) {
    char *rest;
    int64_t one = strtoll(numbers, &rest, 10), other = strtoll(rest, NULL, 10),
            paid = count_paid(v);
    if (paid != one && paid != other)
        violated(v, "%lld orders are paid, not %s", (long long)paid, numbers);
}

static void check_told(struct verdict *v, const char *text) {
    static const char paid[] = "SELECT count(*) FROM orders WHERE id = ?1 AND status = 'paid'";
    static const char placed[] = "SELECT count(*) FROM orders WHERE id = ?1 AND status = 'pending'";
    const char *rest = strchr(text, ' ') + 1;
    if (begins(text, "backup"))
        check_backup(v, rest);
    else if (begins(text, "either"))
        check_either(v, rest);
    else if (number(v, begins(text, "paid") ? paid : placed, strtoll(rest, NULL, 10)) != 1)
        violated(v, "told and lost: %s", text);
}

static void check_told_all(struct verdict *v, const struct told *told) {
    for (size_t i = 0; i < told->count; i++)
        check_told(v, told->texts[i]);
}

static void tell_nobody(const char *text) {
    (void)text;
}

/* A file with the name of a backup is one, whether or not anybody was told. */
static void check_shelf(struct verdict *v) {
    const char *shelf = arena_printf(v->arena, "%s/backups", v->data);
    DIR *folder = opendir(shelf);
    for (struct dirent *item; folder && (item = readdir(folder));) {
        char error[512];
        struct copy_faults faults = {0};
        const char *end = strrchr(item->d_name, '.');
        if (!end || strcmp(end, ".db") != 0)
            continue;
        const char *file = arena_printf(v->arena, "%s/%s", shelf, item->d_name);
        if (copy_check(file, v->arena, &faults, error, sizeof(error)) != OK || faults.damage_count)
            violated(v, "%s has the name of a backup and is none", item->d_name);
    }
    if (folder)
        closedir(folder);
}

static void check_goes_on(struct verdict *v) {
    if (!school_fill(&v->school) ||
        !school_buy(&v->school, SCHOOL_LAST_FAMILY, SCHOOL_LARGE, "card", tell_nobody))
        violated(v, "nothing can be bought any more");
    if (!school_count(&v->school))
        violated(v, "nothing can be counted any more");
}

/* Of a damaged database nothing more is asked. */
static void check_school(struct verdict *v, const struct told *told) {
    check_whole(v);
    if (v->violations)
        return;
    check_books(v);
    check_rules(v);
    check_told_all(v, told);
    check_shelf(v);
    check_goes_on(v);
}

int verdict_check(const char *data, const struct told *told, const char *where) {
    struct verdict v = {.data = data, .where = where, .arena = arena_create()};
    char error[512];
    if (school_open(&v.school, data, error, sizeof(error))) {
        check_school(&v, told);
        school_close(&v.school);
    } else {
        violated(&v, "it does not open: %s", error);
    }
    arena_destroy(v.arena);
    return v.violations;
}
