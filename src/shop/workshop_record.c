/* A workshop as staff edit it: the rules between its columns, its address, who teaches it. */
#include "base/array.h"
#include "base/money.h"
#include "base/utf8.h"
#include "shop/inscription_sql.h"
#include "shop/records.h"
#include "shop/workshop_staff.h"
#include "shop/workshop_staff_sql.h"
#include <stdlib.h>
#include <string.h>

enum { DAY_MINUTES = 1440 };

enum {
    SLUG,
    TOPIC,
    TITLE,
    DESCRIPTION,
    BRING,
    PRICE,
    DISCOUNT,
    MIN_AGE,
    MAX_AGE,
    PLACE,
    START_DATE,
    END_DATE,
    SCHEDULE,
    HOURS,
    WEEKDAYS,
    START_MINUTE,
    END_MINUTE,
    WEEKS,
    LEVEL,
    CAPACITY,
    ACTIVE,
    PRIVATE,
    SALES_OPEN,
    SALES_CLOSE,
    INSTRUCTORS,
};

/* ---- the address ---------------------------------------------------------------------------- */

static enum err slug_free(struct db *db, const char *slug, int64_t id, bool *is_free) {
    int64_t owner = 0;
    enum err err = db_int(db, workshop_staff_sql[STAFF_WORKSHOP_SLUG_OWNER], &owner, V(slug));
    *is_free = err == ERR_NOT_FOUND || owner == id;
    return err == ERR_NOT_FOUND ? OK : err;
}

enum err workshop_slug_propose(struct db *db, struct arena *arena, const char *title,
                               const char *start_date, int64_t id, const char **out) {
    const char *base = utf8_slug(arena, title, WORKSHOP_SLUG_MAX);
    bool is_free;
    if (!*base)
        base = "taller";
    *out = base;
    enum err err = slug_free(db, *out, id, &is_free);
    for (int length = 7; !err && !is_free && start_date && length <= 10; length += 3) {
        *out = arena_printf(arena, "%s-%.*s", base, length, start_date); /* the month, the day */
        err = slug_free(db, *out, id, &is_free);
    }
    for (int n = 2; !err && !is_free; n++) {
        *out = arena_printf(arena, "%s-%d", base, n);
        err = slug_free(db, *out, id, &is_free);
    }
    return err;
}

static enum err check_slug(struct record_change *change) {
    struct db *db = tx_db(change->tx);
    const char *typed = record_text(change, SLUG), *title = record_text(change, TITLE);
    const char *slug = typed ? utf8_slug(change->arena, typed, WORKSHOP_SLUG_MAX) : "";
    bool is_free = true;
    enum err err = OK;
    if (typed && !*slug)
        record_refuse(change, SLUG, N_("Please use letters and digits."));
    else if (*slug)
        err = slug_free(db, slug, change->id, &is_free);
    else
        err = workshop_slug_propose(db, change->arena, title ? title : "",
                                    record_text(change, START_DATE), change->id, &slug);
    if (!is_free)
        record_refuse(change, SLUG, N_("Another workshop has this address."));
    change->values[SLUG] = value_text(slug);
    return err;
}

/* ---- rules between columns ------------------------------------------------------------------ */

/* Both given, and the first not before the second. */
static bool reversed(const struct record_change *change, int first, int second) {
    return !record_null(change, first) && !record_null(change, second) &&
           record_int(change, first) >= record_int(change, second);
}

static void check_days(struct record_change *change) {
    const char *start = record_text(change, START_DATE), *end = record_text(change, END_DATE);
    if (end && !start)
        record_refuse(change, START_DATE, N_("Please give the first day, too."));
    if (end && start && strcmp(end, start) < 0)
        record_refuse(change, END_DATE, N_("The last day comes before the first."));
    if (!record_null(change, END_MINUTE) && record_int(change, END_MINUTE) == 0)
        change->values[END_MINUTE] = value_int(DAY_MINUTES);
    if (record_null(change, START_MINUTE) && !record_null(change, END_MINUTE))
        record_refuse(change, START_MINUTE, N_("Please say when it begins, too."));
    if (reversed(change, START_MINUTE, END_MINUTE))
        record_refuse(change, END_MINUTE, N_("It ends before it begins."));
    if (reversed(change, SALES_OPEN, SALES_CLOSE))
        record_refuse(change, SALES_CLOSE, N_("Enrolment closes before it opens."));
}

static void check_numbers(struct record_change *change) {
    int64_t price = record_int(change, PRICE);
    if (price < 0 || price > MONEY_MAX_CENTS)
        record_refuse(change, PRICE, N_("This is not a price."));
    if (!record_null(change, DISCOUNT) && record_int(change, DISCOUNT) >= price)
        record_refuse(change, DISCOUNT, N_("The reduced price must be below the price."));
    if (!record_null(change, MIN_AGE) && !record_null(change, MAX_AGE) &&
        record_int(change, MAX_AGE) < record_int(change, MIN_AGE))
        record_refuse(change, MAX_AGE, N_("This is below the youngest age."));
}

/* What a form that does not show them, or a file, leaves out. */
static void set_defaults(struct record_change *change) {
    if (record_null(change, WEEKDAYS))
        change->values[WEEKDAYS] = value_int(0);
    if (record_null(change, ACTIVE))
        change->values[ACTIVE] = value_int(1);
    if (record_null(change, PRIVATE))
        change->values[PRIVATE] = value_int(0);
}

/* Never fewer seats than are taken. Holds that have ended do not count. */
static enum err check_capacity(struct record_change *change) {
    int64_t taken = 0;
    if (change->id == 0 || record_null(change, CAPACITY))
        return OK;
    enum err err =
        tx_exec(change->tx, inscription_sql[INSCRIPTION_EXPIRE_DUE], V(change->id), V(change->now));
    if (!err)
        err = db_int(tx_db(change->tx), workshop_staff_sql[STAFF_WORKSHOP_SEATS], &taken,
                     V(change->id));
    if (!err && record_int(change, CAPACITY) < taken)
        record_refuse_with(change, CAPACITY, N_("{n} seats are taken already: no fewer than that."),
                           taken, NULL);
    return err;
}

static enum err check_sale(struct record_change *change) {
    int64_t ended = 0;
    if (change->id == 0 || !record_int(change, ACTIVE))
        return OK;
    enum err err =
        db_int(tx_db(change->tx), workshop_staff_sql[STAFF_WORKSHOP_ENDED], &ended, V(change->id));
    if (!err && ended)
        record_refuse(change, ACTIVE,
                      N_("A workshop that was called off or archived is not for sale."));
    return err;
}

static enum err check_topic(struct record_change *change) {
    int64_t id;
    enum err err = db_int(tx_db(change->tx), workshop_staff_sql[STAFF_WORKSHOP_TOPIC], &id,
                          V(record_int(change, TOPIC)));
    if (err == ERR_NOT_FOUND)
        record_refuse(change, TOPIC, N_("Please choose a topic."));
    return err == ERR_NOT_FOUND ? OK : err;
}

/* ---- who teaches ---------------------------------------------------------------------------- */

/* Moves on through "3 17"; 0 at the end. */
static int64_t next_id(const char **words) {
    char *end;
    int64_t id = strtoll(*words, &end, 10);
    *words = end;
    return id;
}

static int compare_ids(const void *one, const void *other) {
    return array_compare(*(const int64_t *)one, *(const int64_t *)other);
}

/* By id and each once, as they are read: the order of a form is no change. */
static void sort_instructors(struct record_change *change) {
    const char *words = record_text(change, INSTRUCTORS), *sorted = NULL;
    int64_t *ids = NULL;
    size_t count = 0;
    for (int64_t id; words && (id = next_id(&words));) {
        ids = arena_grow(change->arena, ids, count, sizeof(*ids));
        ids[count++] = id;
    }
    if (count)
        qsort(ids, count, sizeof(*ids), compare_ids);
    for (size_t i = 0; i < count; i++)
        if (i == 0 || ids[i] != ids[i - 1])
            sorted = arena_printf(change->arena, "%s%s%lld", sorted ? sorted : "",
                                  sorted ? " " : "", (long long)ids[i]);
    change->values[INSTRUCTORS] = value_text(sorted);
}

static enum err check_instructors(struct record_change *change) {
    sort_instructors(change);
    const char *words = record_text(change, INSTRUCTORS);
    int64_t found;
    enum err err = OK;
    for (int64_t id; !err && words && (id = next_id(&words));)
        err = db_int(tx_db(change->tx), workshop_staff_sql[STAFF_WORKSHOP_TEACHER], &found, V(id));
    if (err == ERR_NOT_FOUND)
        record_refuse(change, INSTRUCTORS, N_("Only people of the school can teach."));
    return err == ERR_NOT_FOUND ? OK : err;
}

static enum err load(struct db *db, struct arena *arena, int64_t id, struct value *values) {
    const char *words = NULL;
    struct rows *rows = db_query(db, workshop_staff_sql[STAFF_WORKSHOP_INSTRUCTORS], V(id));
    while (rows_next(rows))
        words = arena_printf(arena, "%s%s%lld", words ? words : "", words ? " " : "",
                             (long long)rows_int(rows, 0));
    values[INSTRUCTORS] = value_text(words);
    return rows_end(rows);
}

static enum err set_instructors(struct record_change *change) {
    const char *words = record_text(change, INSTRUCTORS);
    enum err err =
        tx_exec(change->tx, workshop_staff_sql[STAFF_WORKSHOP_CLEAR_INSTRUCTORS], V(change->id));
    for (int64_t id; !err && words && (id = next_id(&words));)
        err = tx_exec(change->tx, workshop_staff_sql[STAFF_WORKSHOP_ADD_INSTRUCTOR], V(change->id),
                      V(id));
    return err;
}

/* ---- the whole ------------------------------------------------------------------------------ */

static enum err check(struct record_change *change) {
    set_defaults(change);
    check_days(change);
    check_numbers(change);
    enum err err = check_slug(change);
    if (!err)
        err = check_topic(change);
    if (!err)
        err = check_capacity(change);
    if (!err)
        err = check_sale(change);
    return err ? err : check_instructors(change);
}

static enum err done(struct record_change *change) {
    char key[WORKSHOP_KEY_SIZE];
    workshop_make_key(key);
    enum err err =
        tx_exec(change->tx, workshop_staff_sql[STAFF_WORKSHOP_KEY], V(change->id), V(key));
    if (!err && (!change->before || record_changed(change, INSTRUCTORS)))
        err = set_instructors(change);
    return err;
}

const struct record_kind workshop_record = {
    .table = "workshop",
    .columns =
        (const struct record_column[]){
            [SLUG] = {"slug", N_("Address"), RECORD_TEXT},
            [TOPIC] = {"topic_id", N_("Topic"), RECORD_INT},
            [TITLE] = {"title", N_("Title"), RECORD_TEXT},
            [DESCRIPTION] = {"description", N_("Description"), RECORD_TEXT},
            [BRING] = {"bring", N_("What to bring"), RECORD_TEXT},
            [PRICE] = {"price_cents", N_("Price"), RECORD_INT},
            [DISCOUNT] = {"discount_price_cents", N_("Reduced price"), RECORD_INT},
            [MIN_AGE] = {"min_age", N_("Youngest age"), RECORD_INT},
            [MAX_AGE] = {"max_age", N_("Oldest age"), RECORD_INT},
            [PLACE] = {"place", N_("Place"), RECORD_TEXT},
            [START_DATE] = {"start_date", N_("First day"), RECORD_TEXT},
            [END_DATE] = {"end_date", N_("Last day"), RECORD_TEXT},
            [SCHEDULE] = {"schedule", N_("Days in words"), RECORD_TEXT},
            [HOURS] = {"hours", N_("Hours in words"), RECORD_TEXT},
            [WEEKDAYS] = {"weekdays", N_("Days of the week"), RECORD_INT},
            [START_MINUTE] = {"start_minute", N_("Begins at"), RECORD_INT},
            [END_MINUTE] = {"end_minute", N_("Ends at"), RECORD_INT},
            [WEEKS] = {"weeks", N_("Weeks"), RECORD_INT},
            [LEVEL] = {"level", N_("Level"), RECORD_INT},
            [CAPACITY] = {"capacity", N_("Seats"), RECORD_INT},
            [ACTIVE] = {"active", N_("On sale"), RECORD_INT},
            [PRIVATE] = {"private", N_("Private"), RECORD_INT},
            [SALES_OPEN] = {"sales_open_at", N_("Enrolment opens"), RECORD_INT},
            [SALES_CLOSE] = {"sales_close_at", N_("Enrolment closes"), RECORD_INT},
            [INSTRUCTORS] = {"instructors", N_("Who teaches"), RECORD_TEXT, .elsewhere = true},
            {NULL},
        },
    .check = check,
    .done = done,
    .load = load,
    .created_at = true,
};
