/* Reading rosters, taking attendance. */
#include "shop/roster.h"
#include "base/utf8.h"
#include "shop/audit.h"
#include "shop/person.h"
#include "shop/roster_sql.h"
#include "shop/shop.h"
#include <stdlib.h>
#include <string.h>

static const char *const WORDS[ATTENDANCE_STATES] = {
    [ATTENDANCE_NONE] = "",
    [ATTENDANCE_PRESENT] = "present",
    [ATTENDANCE_LATE] = "late",
    [ATTENDANCE_ABSENT] = "absent",
};

const char *attendance_word(enum attendance state) {
    return WORDS[state];
}

bool attendance_parse(const char *word, enum attendance *state) {
    for (int i = 0; i < ATTENDANCE_STATES; i++)
        if (strcmp(WORDS[i], word) == 0) {
            *state = (enum attendance)i;
            return true;
        }
    return false;
}

/* ---- reading -------------------------------------------------------------------------------- */

static struct roster_line read_line(struct rows *rows, struct arena *arena, struct date on) {
    struct roster_line line = {.inscription_id = rows_int(rows, 0),
                               .student_id = rows_int(rows, 1),
                               .first_name = rows_text(rows, 2, arena),
                               .last_name = rows_text(rows, 3, arena),
                               .birth = person_read_date(rows, 4, arena),
                               .emergency_contact = rows_text(rows, 5, arena),
                               .notes = rows_text(rows, 6, arena),
                               .is_self = rows_bool(rows, 7),
                               .account_id = rows_int(rows, 8),
                               .email = rows_text(rows, 11, arena),
                               .phone = rows_text(rows, 12, arena),
                               .country = rows_text(rows, 13, arena),
                               .order_id = rows_int(rows, 14),
                               .code = rows_text(rows, 15, arena),
                               .paid = rows_bool(rows, 16),
                               .due_at = rows_int(rows, 17),
                               .price_cents = rows_int(rows, 18),
                               .erased = rows_bool(rows, 19)};
    line.has_language = lang_parse(rows_text(rows, 20, arena), &line.language);
    line.parent_first_name = rows_text(rows, 9, arena);
    line.parent = arena_printf(arena, "%s %s", line.parent_first_name, rows_text(rows, 10, arena));
    line.age = date_age(line.birth, on);
    return line;
}

static enum err read_lines(struct db *db, struct arena *arena, struct date today, int64_t now,
                           struct roster *out) {
    struct date on = date_is_set(out->workshop.start) ? out->workshop.start : today;
    struct rows *rows = db_query(db, roster_sql[ROSTER_LINES], V(out->workshop.id), V(now));
    while (rows_next(rows)) {
        out->lines = arena_grow(arena, out->lines, out->count, sizeof(*out->lines));
        out->lines[out->count++] = read_line(rows, arena, on);
    }
    return rows_end(rows);
}

/* Both lines and marks come by inscription. Marks of those who left stay unread. */
static enum err read_marks(struct db *db, struct arena *arena, struct roster *out) {
    struct rows *rows = db_query(db, roster_sql[ROSTER_MARKS], V(out->workshop.id));
    size_t at = 0;
    while (rows_next(rows)) {
        int64_t id = rows_int(rows, 0);
        while (at < out->count && out->lines[at].inscription_id < id)
            at++;
        if (at == out->count || out->lines[at].inscription_id != id)
            continue;
        struct roster_line *line = &out->lines[at];
        struct roster_mark mark = {.day = person_read_date(rows, 1, arena)};
        (void)attendance_parse(rows_text(rows, 2, arena), &mark.state); /* the schema's words */
        line->marks = arena_grow(arena, line->marks, line->mark_count, sizeof(*line->marks));
        line->marks[line->mark_count++] = mark;
    }
    return rows_end(rows);
}

/* For the order people expect: Ángeles before Benites. */
struct keyed {
    const char *last_name, *first_name; /* folded */
    struct roster_line line;
};

static int compare_keyed(const void *one, const void *other) {
    const struct keyed *a = one, *b = other;
    int order = strcmp(a->last_name, b->last_name);
    if (order == 0)
        order = strcmp(a->first_name, b->first_name);
    if (order)
        return order;
    return (a->line.inscription_id > b->line.inscription_id) -
           (a->line.inscription_id < b->line.inscription_id);
}

static void sort_lines(struct arena *arena, struct roster *roster) {
    struct keyed *keyed = arena_array(arena, roster->count, sizeof(*keyed));
    for (size_t i = 0; i < roster->count; i++)
        keyed[i] = (struct keyed){utf8_fold(arena, roster->lines[i].last_name),
                                  utf8_fold(arena, roster->lines[i].first_name), roster->lines[i]};
    if (roster->count)
        qsort(keyed, roster->count, sizeof(*keyed), compare_keyed);
    for (size_t i = 0; i < roster->count; i++)
        roster->lines[i] = keyed[i].line;
}

enum err roster_read(struct db *db, struct arena *arena, int64_t workshop_id, int64_t own,
                     struct date today, int64_t now, struct roster *out) {
    int64_t teaches;
    *out = (struct roster){0};
    enum err err = own ? db_int(db, roster_sql[ROSTER_OWN], &teaches, V(workshop_id), V(own)) : OK;
    if (!err)
        err = workshop_by_id(db, arena, workshop_id, now, &out->workshop);
    if (!err)
        err = read_lines(db, arena, today, now, out);
    if (!err)
        err = read_marks(db, arena, out);
    if (err)
        return err;
    sort_lines(arena, out);
    out->days = workshop_days(arena, &out->workshop);
    return OK;
}

enum attendance roster_state(const struct roster_line *line, struct date day) {
    for (size_t i = 0; i < line->mark_count; i++)
        if (date_compare(line->marks[i].day, day) == 0)
            return line->marks[i].state;
    return ATTENDANCE_NONE;
}

struct date roster_day(const struct roster *roster, struct date today) {
    struct date day = {0};
    for (size_t i = 0; i < roster->days.count; i++)
        if (i == 0 || date_compare(roster->days.items[i], today) <= 0)
            day = roster->days.items[i];
    return day;
}

/* ---- taking attendance ---------------------------------------------------------------------- */

struct save {
    struct shop *shop;
    struct arena *arena;
    int64_t actor_id, own, workshop_id, now;
    struct date day;
    const struct attendance_mark *marks;
    size_t count;
    struct attendance_result *result;
    int totals[ATTENDANCE_STATES];
};

static const struct roster_line *line_of(const struct roster *roster, int64_t inscription_id) {
    for (size_t i = 0; i < roster->count; i++)
        if (roster->lines[i].inscription_id == inscription_id)
            return &roster->lines[i];
    return NULL;
}

static enum err refuse(struct save *s, enum attendance_refusal refusal) {
    *s->result = (struct attendance_result){.refusal = refusal};
    return ERR_REFUSED;
}

static bool takes_place(const struct roster *roster, struct date day) {
    for (size_t i = 0; i < roster->days.count; i++)
        if (date_compare(roster->days.items[i], day) == 0)
            return true;
    return false;
}

static enum err write_mark(struct tx *tx, struct save *s, const struct roster_line *line,
                           enum attendance state) {
    char day[DATE_TEXT_SIZE];
    date_format(s->day, day);
    s->totals[state]++;
    if (roster_state(line, s->day) == state)
        return OK;
    s->result->changed++;
    if (state == ATTENDANCE_NONE)
        return tx_exec(tx, roster_sql[ROSTER_CLEAR], V(line->inscription_id), V(day));
    return tx_exec(tx, roster_sql[ROSTER_SET], V(line->inscription_id), V(day), V(WORDS[state]),
                   V_OPT(s->actor_id != 0, s->actor_id), V(s->now));
}

static enum err leave_trail(struct tx *tx, struct save *s) {
    char day[DATE_TEXT_SIZE];
    date_format(s->day, day);
    const char *detail = arena_printf(
        s->arena, "{\"day\": \"%s\", \"present\": %d, \"late\": %d, \"absent\": %d}", day,
        s->totals[ATTENDANCE_PRESENT], s->totals[ATTENDANCE_LATE], s->totals[ATTENDANCE_ABSENT]);
    return audit_write_tx(tx, s->actor_id, "attendance", "workshop", s->workshop_id, detail);
}

static enum err save_tx(struct tx *tx, void *arg) {
    struct save *s = arg;
    struct roster roster;
    *s->result = (struct attendance_result){0};
    memset(s->totals, 0, sizeof(s->totals));
    enum err err =
        roster_read(tx_db(tx), s->arena, s->workshop_id, s->own, s->day, s->now, &roster);
    if (err)
        return err;
    if (!takes_place(&roster, s->day))
        return refuse(s, ATTENDANCE_NO_DAY);
    for (size_t i = 0; !err && i < s->count; i++) {
        const struct roster_line *line = line_of(&roster, s->marks[i].inscription_id);
        if (!line)
            return refuse(s, ATTENDANCE_STRANGER);
        err = write_mark(tx, s, line, s->marks[i].state);
    }
    return err || s->result->changed == 0 ? err : leave_trail(tx, s);
}

enum err attendance_save(struct shop *shop, struct arena *arena,
                         const struct attendance_request *request, int64_t now,
                         struct attendance_result *result) {
    struct save save = {.shop = shop,
                        .arena = arena,
                        .actor_id = request->actor_id,
                        .own = request->own,
                        .workshop_id = request->workshop_id,
                        .now = now,
                        .day = request->day,
                        .marks = request->marks,
                        .count = request->count,
                        .result = result};
    return store_write(shop->store, save_tx, &save);
}
