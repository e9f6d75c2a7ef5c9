/* A student as staff edit it. The age limits of seats are no refusal here, unlike in a family's own
 * form: staff decide, and the page of the student says which workshop does not fit. */
#include "base/secret.h"
#include "shop/account_admin.h"
#include "shop/person.h"
#include "shop/records.h"
#include "shop/setting.h"
#include "shop/student.h"
#include "shop/student_sql.h"

enum { SLUG, PARENT_ID, FIRST_NAME, LAST_NAME, BIRTH, SCHOOL, EMERGENCY, NOTES, ARCHIVED };

enum { SLUG_BYTES = 12, SLUG_TEXT = (SLUG_BYTES * 4 + 2) / 3 + 1 };

static void give_slug(struct record_change *change) {
    uint8_t random[SLUG_BYTES];
    char *slug = arena_alloc(change->arena, SLUG_TEXT);
    secret_random(random, sizeof(random));
    secret_base64(random, sizeof(random), slug);
    change->values[SLUG] = value_text(slug);
}

/* The box says archived or not; the column says since when. */
static void keep_moment(struct record_change *change) {
    const struct value *before = change->before ? &change->before[ARCHIVED] : NULL;
    if (record_int(change, ARCHIVED) == 0)
        change->values[ARCHIVED] = value_text(NULL);
    else
        change->values[ARCHIVED] =
            before && before->type == VALUE_INT ? *before : value_int(change->now);
}

static enum err check_family(struct record_change *change) {
    enum account_error refusal = ACCOUNT_FINE;
    enum err err = account_admin_over_tx(change->tx, change->actor_id,
                                         record_int(change, PARENT_ID), &refusal);
    if (err == ERR_REFUSED)
        record_refuse(change, -1, account_error_text(refusal));
    else if (err == ERR_NOT_FOUND)
        record_refuse(change, -1, N_("Choose the family first."));
    return err == ERR_REFUSED || err == ERR_NOT_FOUND ? OK : err;
}

static enum err check(struct record_change *change) {
    struct date birth, today = zone_date(change->settings->zone, change->now);
    keep_moment(change);
    if (!change->before)
        give_slug(change);
    if (person_birth(record_text(change, BIRTH), today, true, &birth))
        record_refuse(change, BIRTH, account_error_text(ACCOUNT_DATE_IMPLAUSIBLE));
    if (change->before && record_changed(change, PARENT_ID))
        record_refuse(change, PARENT_ID, N_("A student stays with the family."));
    return check_family(change);
}

/* The account of somebody who is their own student says the same. */
static enum err done(struct record_change *change) {
    return tx_exec(change->tx, student_sql[STUDENT_ACCOUNT_FOLLOWS], V(change->id));
}

const struct record_kind student_record = {
    .table = "student",
    .columns =
        (const struct record_column[]){
            [SLUG] = {"slug", N_("Code of the student"), RECORD_TEXT},
            [PARENT_ID] = {"parent_id", N_("Family"), RECORD_INT},
            [FIRST_NAME] = {"first_name", N_("First name"), RECORD_TEXT, .personal = true},
            [LAST_NAME] = {"last_name", N_("Last name"), RECORD_TEXT, .personal = true},
            [BIRTH] = {"date_of_birth", N_("Date of birth"), RECORD_TEXT, .personal = true},
            [SCHOOL] = {"school", N_("School"), RECORD_TEXT, .personal = true},
            [EMERGENCY] = {"emergency_contact", N_("Emergency contact"), RECORD_TEXT,
                           .personal = true},
            [NOTES] = {"notes", N_("Notes"), RECORD_TEXT, .personal = true},
            [ARCHIVED] = {"archived_at", N_("Archived"), RECORD_INT},
            {NULL},
        },
    .check = check,
    .done = done,
    .created_at = true,
};
