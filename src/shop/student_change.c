/* The rules of students: who may be added, what may be changed, who may go. */
#include "base/secret.h"
#include "base/utf8.h"
#include "shop/account.h"
#include "shop/person.h"
#include "shop/shop.h"
#include "shop/student.h"
#include "shop/student_sql.h"
#include "shop/workshop.h"
#include <stdio.h>
#include <string.h>

enum { REPEAT_SECONDS = 60, SLUG_BYTES = 12 };

_Static_assert((SLUG_BYTES * 4 + 2) / 3 + 1 <= STUDENT_SLUG_SIZE, "a slug must fit");

static const enum student_error OF_PERSON[PERSON_FAULTS] = {
    [PERSON_FINE] = STUDENT_FINE,
    [PERSON_MISSING] = STUDENT_REQUIRED,
    [PERSON_TOO_LONG] = STUDENT_TOO_LONG,
    [PERSON_ADDRESS] = STUDENT_NAME_ADDRESS,
    [PERSON_DATE_INVALID] = STUDENT_DATE_INVALID,
    [PERSON_DATE_IMPLAUSIBLE] = STUDENT_DATE_IMPLAUSIBLE,
};

/* ---- checks ---------------------------------------------------------------------------------- */

/* One change to a student on its way through a transaction. */
struct change {
    int64_t parent_id, id;
    const char *first_name, *last_name, *school, *emergency_contact, *notes;
    struct date birth; /* unset in student_add_self: that of the account */
    bool archived;
    struct date today;
    int64_t now;
    struct arena *arena;
    struct student_result *result;
};

static bool any_error(const struct student_result *result) {
    for (int i = 0; i < STUDENT_FIELDS; i++)
        if (result->errors[i] != STUDENT_FINE)
            return true;
    return false;
}

static void set_result(struct student_result *result, int64_t id, const char *slug) {
    result->id = id;
    snprintf(result->slug, sizeof(result->slug), "%s", slug);
}

static enum err refuse(struct student_result *result, enum student_field field,
                       enum student_error error) {
    result->errors[field] = error;
    return ERR_REFUSED;
}

static enum err check_input(const struct student_input *input, struct change *change) {
    struct student_result *result = change->result;
    struct arena *arena = change->arena;
    result->errors[STUDENT_FIELD_FIRST_NAME] =
        OF_PERSON[person_name(arena, input->first_name, STUDENT_NAME_MAX, &change->first_name)];
    result->errors[STUDENT_FIELD_LAST_NAME] =
        OF_PERSON[person_name(arena, input->last_name, STUDENT_NAME_MAX, &change->last_name)];
    result->errors[STUDENT_FIELD_SCHOOL] =
        OF_PERSON[person_text(arena, input->school, STUDENT_SCHOOL_MAX, false, &change->school)];
    result->errors[STUDENT_FIELD_EMERGENCY_CONTACT] = OF_PERSON[person_text(
        arena, input->emergency_contact, STUDENT_CONTACT_MAX, false, &change->emergency_contact)];
    result->errors[STUDENT_FIELD_NOTES] =
        OF_PERSON[person_text(arena, input->notes, STUDENT_NOTES_MAX, false, &change->notes)];
    result->errors[STUDENT_FIELD_DATE_OF_BIRTH] =
        OF_PERSON[person_birth(input->date_of_birth, change->today, true, &change->birth)];
    return any_error(result) ? ERR_REFUSED : OK;
}

static bool same_text(const char *a, const char *b) {
    return a && b ? strcmp(a, b) == 0 : a == b;
}

static bool same_folded(struct arena *arena, const char *a, const char *b) {
    return strcmp(utf8_fold(arena, a), utf8_fold(arena, b)) == 0;
}

/* Somebody of the same birth date under the same account. */
struct twin {
    int64_t id;
    const char *slug, *first_name, *last_name, *school;
    bool archived;
    int64_t created_at;
};

static bool same_person(const struct change *change, const struct twin *twin) {
    return same_folded(change->arena, twin->first_name, change->first_name) &&
           same_folded(change->arena, twin->last_name, change->last_name);
}

static bool same_form(const struct change *change, const struct twin *twin) {
    return change->id == 0 && !twin->archived && change->now - twin->created_at <= REPEAT_SECONDS &&
           same_text(twin->first_name, change->first_name) &&
           same_text(twin->last_name, change->last_name) && same_text(twin->school, change->school);
}

static enum err find_twin(struct tx *tx, const struct change *change, struct twin *twin,
                          bool *found) {
    char birth[DATE_TEXT_SIZE];
    date_format(change->birth, birth);
    *found = false;
    struct rows *rows = db_query(tx_db(tx), student_sql[STUDENT_SAME_BIRTH], V(change->parent_id),
                                 V(birth), V(change->id));
    while (!*found && rows_next(rows)) {
        *twin = (struct twin){
            .id = rows_int(rows, 0),
            .slug = rows_text(rows, 1, change->arena),
            .first_name = rows_text(rows, 2, change->arena),
            .last_name = rows_text(rows, 3, change->arena),
            .school = rows_text(rows, 4, change->arena),
            .archived = rows_bool(rows, 5),
            .created_at = rows_int(rows, 6),
        };
        *found = same_person(change, twin);
    }
    return rows_end(rows);
}

/* Refuses the same child a second time under the same account. OK with *repeat true: the very same
 * form was sent a moment ago, and `result` names what it made. */
static enum err check_twin(struct tx *tx, const struct change *change, bool *repeat) {
    struct twin twin;
    bool found;
    *repeat = false;
    enum err err = find_twin(tx, change, &twin, &found);
    if (err || !found)
        return err;
    *repeat = same_form(change, &twin);
    if (!*repeat)
        return refuse(change->result, STUDENT_FIELD_FORM,
                      twin.archived ? STUDENT_DUPLICATE_ARCHIVED : STUDENT_DUPLICATE);
    set_result(change->result, twin.id, twin.slug);
    return OK;
}

/* ERR_REFUSED when a seat fitted the old birth date and does not fit the new one. A seat that never
 * fitted was the school's own decision. */
static enum err check_seats(struct tx *tx, int64_t student_id, struct date old, struct date birth,
                            struct date today, int64_t now) {
    char day[DATE_TEXT_SIZE];
    date_format(today, day);
    struct arena *arena = arena_create();
    bool fits = true;
    struct rows *rows =
        db_query(tx_db(tx), student_sql[STUDENT_SEATS], V(student_id), V(day), V(now));
    while (rows_next(rows)) {
        struct workshop limits = {
            .min_age = rows_null(rows, 0) ? WORKSHOP_NONE : (int)rows_int(rows, 0),
            .max_age = rows_null(rows, 1) ? WORKSHOP_NONE : (int)rows_int(rows, 1),
            .start = person_read_date(rows, 2, arena),
        };
        if (workshop_age_fits(&limits, old, today, NULL) == WORKSHOP_AGE_FITS)
            fits &= workshop_age_fits(&limits, birth, today, NULL) == WORKSHOP_AGE_FITS;
    }
    arena_destroy(arena);
    enum err err = rows_end(rows);
    if (err)
        return err;
    return fits ? OK : ERR_REFUSED;
}

/* ---- creating -------------------------------------------------------------------------------- */

static enum err insert(struct tx *tx, const struct change *change, bool is_self) {
    struct student_result *result = change->result;
    uint8_t random[SLUG_BYTES];
    char birth[DATE_TEXT_SIZE];
    secret_random(random, sizeof(random));
    secret_base64(random, sizeof(random), result->slug);
    date_format(change->birth, birth);
    enum err err =
        tx_exec(tx, student_sql[STUDENT_INSERT], V(result->slug), V(change->parent_id),
                V(change->first_name), V(change->last_name), V(birth), V(change->school),
                V(is_self), V(change->now), V(change->emergency_contact), V(change->notes));
    result->id = tx_last_id(tx);
    return err;
}

static enum err check_count(struct tx *tx, const struct change *change) {
    int64_t count;
    enum err err = db_int(tx_db(tx), student_sql[STUDENT_COUNT], &count, V(change->parent_id));
    if (err)
        return err;
    return count < STUDENT_LIMIT ? OK
                                 : refuse(change->result, STUDENT_FIELD_FORM, STUDENT_TOO_MANY);
}

/* The account's own words about its person; ERR_NOT_FOUND for one that is not active. */
struct owner {
    const char *first_name, *last_name, *school;
    struct date birth;
    int role;
};

static enum err find_owner(struct tx *tx, struct arena *arena, int64_t id, struct owner *out) {
    struct rows *rows = db_query(tx_db(tx), student_sql[STUDENT_OWNER], V(id));
    bool found = rows_next(rows);
    if (found)
        *out = (struct owner){
            .first_name = rows_text(rows, 0, arena),
            .last_name = rows_text(rows, 1, arena),
            .birth = person_read_date(rows, 2, arena),
            .role = (int)rows_int(rows, 3),
            .school = rows_text(rows, 4, arena),
        };
    enum err err = rows_end(rows);
    if (err)
        return err;
    return found ? OK : ERR_NOT_FOUND;
}

static enum err create_tx(struct tx *tx, void *arg) {
    struct change *change = arg;
    *change->result = (struct student_result){0};
    struct owner owner;
    enum err err = find_owner(tx, change->arena, change->parent_id, &owner);
    if (err)
        return err;
    bool repeat;
    err = check_twin(tx, change, &repeat);
    if (err || repeat)
        return err;
    err = check_count(tx, change);
    return err ? err : insert(tx, change, false);
}

static enum err run(struct shop *shop, store_fn *fn, const struct student_input *input,
                    struct change *change) {
    *change->result = (struct student_result){0};
    change->arena = arena_create();
    change->today = zone_date(shop_read_settings(shop)->zone, change->now);
    enum err err = input ? check_input(input, change) : OK;
    if (!err)
        err = store_write(shop->store, fn, change);
    arena_destroy(change->arena);
    return err;
}

enum err student_create(struct shop *shop, int64_t parent_id, const struct student_input *input,
                        int64_t now, struct student_result *result) {
    struct change change = {.parent_id = parent_id, .now = now, .result = result};
    return run(shop, create_tx, input, &change);
}

/* ---- the own person -------------------------------------------------------------------------- */

static enum err update_account(struct tx *tx, const struct change *change) {
    char birth[DATE_TEXT_SIZE];
    date_format(change->birth, birth);
    return tx_exec(tx, student_sql[STUDENT_ACCOUNT_UPDATE], V(change->parent_id),
                   V(change->first_name), V(change->last_name), V(*birth ? birth : NULL));
}

static enum err add_self_tx(struct tx *tx, void *arg) {
    struct change *change = arg;
    *change->result = (struct student_result){0};
    struct owner owner;
    struct student self;
    enum err err = find_owner(tx, change->arena, change->parent_id, &owner);
    if (err)
        return err;
    err = student_find_self(tx_db(tx), change->arena, change->parent_id, &self);
    if (err == OK) {
        set_result(change->result, self.id, self.slug);
        return self.archived
                   ? refuse(change->result, STUDENT_FIELD_FORM, STUDENT_DUPLICATE_ARCHIVED)
                   : OK;
    }
    if (err != ERR_NOT_FOUND)
        return err;
    struct change self_change = *change;
    self_change.first_name = owner.first_name;
    self_change.last_name = owner.last_name;
    self_change.school = owner.school;
    if (!date_is_set(change->birth))
        self_change.birth = owner.birth;
    if (!date_is_set(self_change.birth))
        return refuse(change->result, STUDENT_FIELD_DATE_OF_BIRTH, STUDENT_REQUIRED);
    err = check_count(tx, &self_change);
    if (!err)
        err = insert(tx, &self_change, true);
    return err ? err : update_account(tx, &self_change);
}

enum err student_add_self(struct shop *shop, int64_t account_id, const char *date_of_birth,
                          int64_t now, struct student_result *result) {
    *result = (struct student_result){0};
    struct change change = {.parent_id = account_id, .now = now, .result = result};
    struct date today = zone_date(shop_read_settings(shop)->zone, now);
    enum person_fault fault = person_birth(date_of_birth, today, false, &change.birth);
    if (fault)
        return refuse(result, STUDENT_FIELD_DATE_OF_BIRTH, OF_PERSON[fault]);
    return run(shop, add_self_tx, NULL, &change);
}

enum err student_create_self_tx(struct tx *tx, int64_t account_id, const char *first_name,
                                const char *last_name, struct date date_of_birth,
                                const char *school, int64_t now) {
    struct student_result result;
    struct change change = {
        .parent_id = account_id,
        .first_name = first_name,
        .last_name = last_name,
        .school = school,
        .birth = date_of_birth,
        .now = now,
        .result = &result,
    };
    return insert(tx, &change, true);
}

/* ---- changing -------------------------------------------------------------------------------- */

static enum err update(struct tx *tx, int64_t id, const struct change *change) {
    char birth[DATE_TEXT_SIZE];
    date_format(change->birth, birth);
    return tx_exec(tx, student_sql[STUDENT_UPDATE], V(id), V(change->first_name),
                   V(change->last_name), V(birth), V(change->school), V(change->emergency_contact),
                   V(change->notes));
}

static bool same_child(const struct change *change, const struct student *old) {
    return same_folded(change->arena, old->first_name, change->first_name) &&
           same_folded(change->arena, old->last_name, change->last_name) &&
           date_compare(old->date_of_birth, change->birth) == 0;
}

static enum err check_edit(struct tx *tx, struct change *change, const struct student *old) {
    struct student_result *result = change->result;
    struct owner owner;
    bool repeat;
    enum err err = find_owner(tx, change->arena, change->parent_id, &owner);
    if (!err && !same_child(change, old))
        err = check_twin(tx, change, &repeat);
    if (err)
        return err;
    if (old->is_self && owner.role == ACCOUNT_STUDENT &&
        date_age(change->birth, change->today) < ACCOUNT_ADULT_AGE)
        return refuse(result, STUDENT_FIELD_DATE_OF_BIRTH, STUDENT_NOT_ADULT);
    err = check_seats(tx, old->id, old->date_of_birth, change->birth, change->today, change->now);
    if (err == ERR_REFUSED)
        return refuse(result, STUDENT_FIELD_DATE_OF_BIRTH, STUDENT_AGE_LIMIT);
    return err;
}

static enum err edit_tx(struct tx *tx, void *arg) {
    struct change *change = arg;
    *change->result = (struct student_result){.id = change->id};
    struct student old;
    enum err err = student_find(tx_db(tx), change->arena, change->parent_id, change->id, &old);
    if (err)
        return err;
    set_result(change->result, old.id, old.slug);
    err = check_edit(tx, change, &old);
    if (!err)
        err = update(tx, old.id, change);
    return err || !old.is_self ? err : update_account(tx, change);
}

enum err student_edit(struct shop *shop, int64_t parent_id, int64_t id,
                      const struct student_input *input, int64_t now,
                      struct student_result *result) {
    struct change change = {.parent_id = parent_id, .id = id, .now = now, .result = result};
    return run(shop, edit_tx, input, &change);
}

enum err student_follow_account_tx(struct tx *tx, int64_t account_id, const char *first_name,
                                   const char *last_name, struct date date_of_birth,
                                   const char *school, struct date today, int64_t now) {
    struct arena *arena = arena_create();
    struct student self;
    enum err err = student_find_self(tx_db(tx), arena, account_id, &self);
    if (!err) {
        struct change change = {
            .first_name = first_name,
            .last_name = last_name,
            .school = school ? school : self.school,
            .emergency_contact = self.emergency_contact,
            .notes = self.notes,
            .birth = date_is_set(date_of_birth) ? date_of_birth : self.date_of_birth,
        };
        err = check_seats(tx, self.id, self.date_of_birth, change.birth, today, now);
        if (!err)
            err = update(tx, self.id, &change);
    }
    arena_destroy(arena);
    return err == ERR_NOT_FOUND ? OK : err;
}

static enum err archive_tx(struct tx *tx, void *arg) {
    struct change *change = arg;
    *change->result = (struct student_result){.id = change->id};
    struct student old;
    enum err err = student_find(tx_db(tx), change->arena, change->parent_id, change->id, &old);
    if (err || old.archived == change->archived)
        return err;
    if (!change->archived)
        err = check_count(tx, change);
    return err ? err
               : tx_exec(tx, student_sql[STUDENT_ARCHIVE], V(change->id), V(change->parent_id),
                         V_OPT(change->archived, change->now));
}

enum err student_archive(struct shop *shop, int64_t parent_id, int64_t id, bool archived,
                         int64_t now, struct student_result *result) {
    struct change change = {
        .parent_id = parent_id, .id = id, .archived = archived, .now = now, .result = result};
    return run(shop, archive_tx, NULL, &change);
}

/* Whether there are inscriptions is the database's own rule: the foreign key refuses. */
static enum err delete_tx(struct tx *tx, void *arg) {
    struct change *change = arg;
    *change->result = (struct student_result){.id = change->id};
    enum err err = tx_exec(tx, student_sql[STUDENT_DELETE], V(change->id), V(change->parent_id));
    if (err == ERR_CONFLICT)
        return refuse(change->result, STUDENT_FIELD_FORM, STUDENT_IN_USE);
    return err || tx_changes(tx) > 0 ? err : ERR_NOT_FOUND;
}

enum err student_delete(struct shop *shop, int64_t parent_id, int64_t id,
                        struct student_result *result) {
    struct change change = {.parent_id = parent_id, .id = id, .result = result};
    return run(shop, delete_tx, NULL, &change);
}
