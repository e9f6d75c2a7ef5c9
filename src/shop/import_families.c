/* Families out of a file: a row a child, rows of one e-mail address are one family. Accounts are
 * made without a password: their owners choose one by a link. */
#include "base/secret.h"
#include "base/utf8.h"
#include "shop/account_rules.h"
#include "shop/account_sql.h"
#include "shop/audit.h"
#include "shop/import_run.h"
#include "shop/person.h"
#include "shop/student.h"
#include "shop/student_sql.h"
#include <string.h>

enum { BUCKETS = 16384 };

enum {
    EMAIL,
    FIRST_NAME,
    LAST_NAME,
    PHONE,
    COUNTRY,
    CHILD_FIRST_NAME,
    CHILD_LAST_NAME,
    BIRTH,
    SCHOOL,
    CONTACT,
    NOTES,
};

static const struct import_column COLUMNS[] = {
    [EMAIL] = {"email", "correo", "e_mail mail correo_electronico", N_("E-mail"), true, 0,
               "ana.torres@example.com"},
    [FIRST_NAME] = {"first_name", "nombre", "nombres parent_first_name", N_("First name"), true, 0,
                    "Ana"},
    [LAST_NAME] = {"last_name", "apellido", "apellidos parent_last_name", N_("Last name"), true, 0,
                   "Torres"},
    [PHONE] = {"phone", "telefono", "celular movil mobile", N_("Mobile"), false, 0, "987 654 321"},
    [COUNTRY] = {"country", "pais", NULL, N_("Country"), false, 0, "PE"},
    [CHILD_FIRST_NAME] = {"child_first_name", "nombre_del_hijo",
                          "child nombre_hijo nombre_del_estudiante nombre_estudiante hijo",
                          N_("Child’s first name"), true, 0, "Luis"},
    [CHILD_LAST_NAME] = {"child_last_name", "apellido_del_hijo",
                         "apellido_hijo apellido_del_estudiante apellido_estudiante",
                         N_("Child’s last name"), false, 0, "Torres"},
    [BIRTH] = {"date_of_birth", "fecha_de_nacimiento", "birthday nacimiento fecha_nacimiento",
               N_("Date of birth"), true, 0, "2017-05-21"},
    [SCHOOL] = {"school", "colegio", "escuela", N_("School"), false, 0, NULL},
    [CONTACT] = {"emergency_contact", "contacto_de_emergencia", "emergencia contacto",
                 N_("Emergency contact"), false, STUDENT_CONTACT_MAX, "Rosa Díaz 912 345 678"},
    [NOTES] = {"notes", "notas", "alergias observaciones", N_("Notes"), false, STUDENT_NOTES_MAX,
               NULL},
    {NULL},
};

/* ---- families of this file ------------------------------------------------------------------ */

struct family {
    const char *email_key, *first_name, *last_name;
    int64_t account_id; /* 0: it had a problem, its children are only looked at */
    long line;          /* where it came first */
    struct family *next;
};

struct families {
    struct family *buckets[BUCKETS];
};

static enum err begin(struct import_run *run) {
    run->state = arena_alloc(run->arena, sizeof(struct families));
    return OK;
}

/* FNV-1a; nobody gains by making families collide. */
static struct family **bucket_of(struct import_run *run, const char *email_key) {
    struct families *families = run->state;
    uint32_t hash = 2166136261U;
    for (const char *p = email_key; *p; p++)
        hash = (hash ^ (unsigned char)*p) * 16777619U;
    return &families->buckets[hash % BUCKETS];
}

static struct family *find_family(struct import_run *run, const char *email_key) {
    struct family *family = *bucket_of(run, email_key);
    while (family && strcmp(family->email_key, email_key) != 0)
        family = family->next;
    return family;
}

static struct family *remember(struct import_run *run, const struct account_clean *clean,
                               int64_t account_id) {
    struct family **bucket = bucket_of(run, clean->email_key);
    struct family *family = arena_alloc(run->arena, sizeof(*family));
    *family = (struct family){.email_key = arena_strdup(run->arena, clean->email_key),
                              .first_name = arena_strdup(run->arena, clean->first_name),
                              .last_name = arena_strdup(run->arena, clean->last_name),
                              .account_id = account_id,
                              .line = run->row->line,
                              .next = *bucket};
    *bucket = family;
    return family;
}

/* ---- the account ---------------------------------------------------------------------------- */

static void refuse_field(struct import_run *run, int column, enum account_error error) {
    if (error != ACCOUNT_FINE)
        import_problem(run, column, account_error_text(error), 0, NULL);
}

/* As the form of sign-up checks it, but a phone is not asked for: not every list has it. */
static void check_account(struct import_run *run, struct account_clean *clean) {
    struct account_result result = {0};
    const struct account_input input = {.email = import_cell(run, EMAIL),
                                        .first_name = import_cell(run, FIRST_NAME),
                                        .last_name = import_cell(run, LAST_NAME),
                                        .phone = import_cell(run, PHONE),
                                        .country = import_cell(run, COUNTRY)};
    *clean = (struct account_clean){.role = ACCOUNT_PARENT};
    account_check_email(run->row_arena, input.email, clean, &result);
    account_check_person(run->row_arena, &input, run->today, clean, &result);
    if (input.email)
        refuse_field(run, EMAIL, result.errors[ACCOUNT_FIELD_EMAIL]);
    if (input.first_name)
        refuse_field(run, FIRST_NAME, result.errors[ACCOUNT_FIELD_FIRST_NAME]);
    if (input.last_name)
        refuse_field(run, LAST_NAME, result.errors[ACCOUNT_FIELD_LAST_NAME]);
    if (input.phone)
        refuse_field(run, PHONE, result.errors[ACCOUNT_FIELD_PHONE]);
    refuse_field(run, COUNTRY, result.errors[ACCOUNT_FIELD_COUNTRY]);
}

static enum err audit_account(struct import_run *run, const struct account_clean *clean,
                              int64_t id) {
    const struct audit_field fields[] = {
        {.name = "email", .after = clean->email, .personal = true},
        {.name = "first_name", .after = clean->first_name, .personal = true},
        {.name = "last_name", .after = clean->last_name, .personal = true}};
    return audit_change_tx(run->tx, run->actor_id, "create", "account", id, fields,
                           ARRAY_COUNT(fields));
}

static enum err send_link(struct import_run *run, const struct account_clean *clean, int64_t id) {
    const struct account_secret secret = {
        .id = id, .email = clean->email, .first_name = clean->first_name};
    return account_mail_link_tx(run->shop, run->tx, run->settings, LINK_PASSWORD_RESET, &secret,
                                run->options->lang, run->now);
}

static enum err add_account(struct import_run *run, const struct account_clean *clean,
                            int64_t *id) {
    struct account_secret there;
    *id = 0;
    enum err err = account_secret_by_key(tx_db(run->tx), run->row_arena, clean->email_key, &there);
    if (err != ERR_NOT_FOUND) {
        if (!err)
            import_problem(run, EMAIL, N_("There is an account with this address already."), 0,
                           NULL);
        return err;
    }
    err = tx_exec(run->tx, account_sql[ACCOUNT_INSERT], V(clean->email), V(clean->email_key),
                  V_NULL, V(clean->first_name), V(clean->last_name), V(clean->country),
                  V((int)ACCOUNT_PARENT), V(clean->phone), V_NULL, V_NULL, V_NULL, V_NULL, V_NULL,
                  V(run->now));
    if (err)
        return err;
    *id = tx_last_id(run->tx);
    run->result->families++;
    err = audit_account(run, clean, *id);
    return !err && run->options->send_links ? send_link(run, clean, *id) : err;
}

/* The family of this row; new ones are made. NULL in *out: its address is no address. */
static enum err take_family(struct import_run *run, struct family **out) {
    struct account_clean clean;
    int64_t id = 0;
    check_account(run, &clean);
    *out = NULL;
    if (!clean.email_key || !*clean.email_key || !clean.first_name || !clean.last_name)
        return OK;
    *out = find_family(run, clean.email_key);
    if (*out) {
        if (strcmp((*out)->first_name, clean.first_name) != 0 ||
            strcmp((*out)->last_name, clean.last_name) != 0)
            import_problem(run, FIRST_NAME,
                           N_("The same e-mail address has another name on line {n}."),
                           (*out)->line, NULL);
        return OK;
    }
    enum err err = import_row_bad(run) ? OK : add_account(run, &clean, &id);
    if (!err)
        *out = remember(run, &clean, id);
    return err;
}

/* ---- the child ------------------------------------------------------------------------------ */

struct child {
    const char *first_name, *last_name, *school, *contact, *notes;
    char birth[DATE_TEXT_SIZE];
};

static const char *check_text(struct import_run *run, int column, size_t max) {
    const char *text = NULL, *typed = import_cell(run, column);
    if (typed && person_text(run->row_arena, typed, max, false, &text) == PERSON_TOO_LONG)
        import_problem(run, column, N_("This is too long."), 0, NULL);
    return text;
}

static void check_child(struct import_run *run, const struct family *family, struct child *child) {
    struct date birth, checked;
    *child = (struct child){.first_name = check_text(run, CHILD_FIRST_NAME, STUDENT_NAME_MAX),
                            .last_name = check_text(run, CHILD_LAST_NAME, STUDENT_NAME_MAX),
                            .school = check_text(run, SCHOOL, STUDENT_SCHOOL_MAX),
                            .contact = import_cell(run, CONTACT),
                            .notes = import_lines(run, NOTES)};
    if (!child->last_name && family)
        child->last_name = family->last_name;
    if (!import_date(run, BIRTH, &birth))
        return;
    date_format(birth, child->birth);
    if (person_birth(child->birth, run->today, true, &checked) != PERSON_FINE)
        import_problem(run, BIRTH, account_error_text(ACCOUNT_DATE_IMPLAUSIBLE), 0, NULL);
}

/* The same name and birth date in the same family. */
static enum err find_twin(struct import_run *run, int64_t account_id, const struct child *child) {
    bool twin = false;
    struct rows *rows = db_query(tx_db(run->tx), student_sql[STUDENT_SAME_BIRTH], V(account_id),
                                 V((const char *)child->birth), V(0));
    while (!twin && rows_next(rows))
        twin = strcmp(utf8_fold(run->row_arena, rows_text(rows, 2, run->row_arena)),
                      utf8_fold(run->row_arena, child->first_name)) == 0;
    if (twin)
        import_problem(run, CHILD_FIRST_NAME, N_("This child is in the file twice."), 0, NULL);
    return rows_end(rows);
}

static enum err audit_child(struct import_run *run, const struct child *child, int64_t id) {
    const struct audit_field fields[] = {
        {.name = "first_name", .after = child->first_name, .personal = true},
        {.name = "last_name", .after = child->last_name, .personal = true},
        {.name = "date_of_birth", .after = child->birth, .personal = true}};
    return audit_change_tx(run->tx, run->actor_id, "create", "student", id, fields,
                           ARRAY_COUNT(fields));
}

static enum err add_child(struct import_run *run, int64_t account_id, const struct child *child) {
    uint8_t random[12];
    char slug[STUDENT_SLUG_SIZE];
    secret_random(random, sizeof(random));
    secret_base64(random, sizeof(random), slug);
    enum err err =
        tx_exec(run->tx, student_sql[STUDENT_INSERT], V((const char *)slug), V(account_id),
                V(child->first_name), V(child->last_name), V((const char *)child->birth),
                V(child->school), V(0), V(run->now), V(child->contact), V(child->notes));
    int64_t id = err ? 0 : tx_last_id(run->tx);
    if (!err)
        err = audit_child(run, child, id);
    run->result->added += !err;
    return err;
}

static enum err take_row(struct import_run *run) {
    struct family *family;
    struct child child;
    enum err err = take_family(run, &family);
    if (err)
        return err;
    check_child(run, family, &child);
    if (import_row_bad(run) || !family || !family->account_id)
        return OK;
    err = find_twin(run, family->account_id, &child);
    return err || import_row_bad(run) ? err : add_child(run, family->account_id, &child);
}

const struct import_rules import_families = {
    .name = "families",
    .columns = COLUMNS,
    .begin = begin,
    .row = take_row,
};
