/* Workshops out of a file. The rules are those of the form (workshop_record.c); here cells become
 * its values. */
#include "base/money.h"
#include "base/utf8.h"
#include "shop/audit.h"
#include "shop/import_run.h"
#include "shop/import_sql.h"
#include "shop/records.h"
#include "shop/workshop_staff.h"
#include <string.h>

enum {
    TITLE,
    TOPIC,
    PRICE,
    DISCOUNT,
    START_DATE,
    END_DATE,
    WEEKDAYS,
    START_TIME,
    END_TIME,
    WEEKS,
    SCHEDULE,
    HOURS,
    PLACE,
    LEVEL,
    MIN_AGE,
    MAX_AGE,
    CAPACITY,
    ACTIVE,
    PRIVATE,
    DESCRIPTION,
    BRING,
    SLUG,
};

static const struct import_column COLUMNS[] = {
    [TITLE] = {"title", "titulo", "workshop taller nombre", N_("Title"), true, 120,
               "Robótica con LEGO"},
    [TOPIC] = {"topic", "tema", NULL, N_("Topic"), true, 60, "Robótica"},
    [PRICE] = {"price", "precio", NULL, N_("Price"), true, 0, "180.00"},
    [DISCOUNT] = {"discount_price", "precio_rebajado", "reduced_price precio_con_descuento",
                  N_("Reduced price"), false, 0, "150.00"},
    [START_DATE] = {"start_date", "fecha_de_inicio", "first_day inicio fecha_inicio primer_dia",
                    N_("First day"), false, 0, "2026-04-06"},
    [END_DATE] = {"end_date", "fecha_de_fin", "last_day fin fecha_fin ultimo_dia", N_("Last day"),
                  false, 0, "2026-05-25"},
    [WEEKDAYS] = {"weekdays", "dias", "days dias_de_la_semana", N_("Days of the week"), false, 0,
                  "lun mié"},
    [START_TIME] = {"start_time", "hora_de_inicio", "begins_at hora_inicio empieza",
                    N_("Begins at"), false, 0, "16:00"},
    [END_TIME] = {"end_time", "hora_de_fin", "ends_at hora_fin termina", N_("Ends at"), false, 0,
                  "17:30"},
    [WEEKS] = {"weeks", "semanas", NULL, N_("Weeks"), false, 0, "8"},
    [SCHEDULE] = {"schedule", "dias_en_palabras", "horario", N_("Days in words"), false, 200, NULL},
    [HOURS] = {"hours", "horas_en_palabras", "horas", N_("Hours in words"), false, 200, NULL},
    [PLACE] = {"place", "lugar", "sede", N_("Place"), false, 200, "Miraflores"},
    [LEVEL] = {"level", "nivel", NULL, N_("Level"), false, 0, "principiante"},
    [MIN_AGE] = {"min_age", "edad_minima", "edad_min desde", N_("Youngest age"), false, 0, "7"},
    [MAX_AGE] = {"max_age", "edad_maxima", "edad_max hasta", N_("Oldest age"), false, 0, "10"},
    [CAPACITY] = {"capacity", "cupos", "seats vacantes aforo plazas", N_("Seats"), false, 0, "12"},
    [ACTIVE] = {"active", "en_venta", "on_sale activo", N_("On sale"), false, 0, "sí"},
    [PRIVATE] = {"private", "privado", NULL, N_("Private"), false, 0, "no"},
    [DESCRIPTION] = {"description", "descripcion", NULL, N_("Description"), false, 5000,
                     "Construimos robots que se mueven."},
    [BRING] = {"bring", "que_traer", "what_to_bring traer", N_("What to bring"), false, 1000, NULL},
    [SLUG] = {"slug", "direccion", "address", N_("Address"), false, WORKSHOP_SLUG_MAX, NULL},
    {NULL},
};

/* ---- topics --------------------------------------------------------------------------------- */

struct topic {
    const char *folded;
    int64_t id;
    struct topic *next;
};

struct topics {
    struct topic *first;
};

static void remember(struct import_run *run, const char *name, int64_t id) {
    struct topics *topics = run->state;
    struct topic *topic = arena_alloc(run->arena, sizeof(*topic));
    *topic = (struct topic){utf8_fold(run->arena, name), id, topics->first};
    topics->first = topic;
}

static enum err load_topics(struct import_run *run) {
    run->state = arena_alloc(run->arena, sizeof(struct topics));
    struct rows *rows = db_query(tx_db(run->tx), import_sql[IMPORT_TOPICS]);
    while (rows_next(rows))
        remember(run, rows_text(rows, 1, run->arena), rows_int(rows, 0));
    return rows_end(rows);
}

static void note_topic(struct import_run *run, const char *name) {
    struct import_result *r = run->result;
    if (r->new_topic_count == r->new_topic_size) {
        size_t size = r->new_topic_size ? 2 * r->new_topic_size : 8;
        const char **more = arena_array(run->arena, size, sizeof(*more));
        if (r->new_topic_count)
            memcpy(more, r->new_topics, r->new_topic_count * sizeof(*more));
        r->new_topics = more;
        r->new_topic_size = size;
    }
    r->new_topics[r->new_topic_count++] = arena_strdup(run->arena, name);
}

/* By its name, whatever its case and accents; made where it is not there and may be. 0: a problem.
 */
static enum err find_topic(struct import_run *run, const char *name, int64_t *id) {
    enum { COLORS = 8 };
    const char *folded = utf8_fold(run->row_arena, name);
    const struct topics *topics = run->state;
    *id = 0;
    for (const struct topic *t = topics->first; t && !*id; t = t->next)
        if (strcmp(t->folded, folded) == 0)
            *id = t->id;
    if (*id)
        return OK;
    if (!run->options->create_topics) {
        import_problem(run, TOPIC, N_("There is no topic “{text}”."), 0, name);
        return OK;
    }
    struct record_result made = {0};
    struct value values[] = {V(name), V_NULL, V((int)(run->result->new_topic_count % COLORS) + 1)};
    enum err err = record_add_tx(run->shop, run->tx, run->row_arena, &topic_record, run->actor_id,
                                 values, run->now, &made);
    if (err == ERR_REFUSED)
        import_problem(run, TOPIC, made.refusals[0].english, 0, NULL);
    if (!err) {
        *id = made.id;
        note_topic(run, name);
        remember(run, name, made.id);
    }
    return err == ERR_REFUSED ? OK : err;
}

/* ---- cells ---------------------------------------------------------------------------------- */

/* "16:30", "9:05" */
static bool read_time(struct import_run *run, int column, int64_t *out) {
    const char *text = import_cell(run, column);
    if (!text)
        return false;
    size_t hours = strspn(text, "0123456789");
    bool shape = hours >= 1 && hours <= 2 && text[hours] == ':' &&
                 strspn(text + hours + 1, "0123456789") == 2 && !text[hours + 3];
    int64_t hour = shape && hours == 2 ? (text[0] - '0') * 10 + text[1] - '0' : text[0] - '0';
    int64_t minute = shape ? (text[hours + 1] - '0') * 10 + text[hours + 2] - '0' : 60;
    if (hour <= 23 && minute <= 59) {
        *out = hour * 60 + minute;
        return true;
    }
    import_problem(run, column, N_("“{text}” is not a time of day. Please write 16:30."), 0, text);
    return false;
}

/* "lun, mié y vie", "Mon Wed": the first three letters count. */
static bool read_weekdays(struct import_run *run, int64_t *out) {
    static const char DAYS[7][2][4] = {{"lun", "mon"}, {"mar", "tue"}, {"mie", "wed"},
                                       {"jue", "thu"}, {"vie", "fri"}, {"sab", "sat"},
                                       {"dom", "sun"}};
    static const char BETWEEN[] = " ,;/.-+";
    const char *text = import_cell(run, WEEKDAYS);
    if (!text)
        return false;
    *out = 0;
    const char *at = utf8_fold(run->row_arena, text);
    for (at += strspn(at, BETWEEN); *at; at += strcspn(at, BETWEEN), at += strspn(at, BETWEEN)) {
        size_t length = strcspn(at, BETWEEN);
        int day = 0;
        if ((length == 1 && *at == 'y') || (length == 3 && memcmp(at, "and", 3) == 0))
            continue;
        while (day < 7 && strncmp(at, DAYS[day][0], 3) != 0 && strncmp(at, DAYS[day][1], 3) != 0)
            day++;
        if (day == 7) {
            import_problem(run, WEEKDAYS, N_("“{text}” does not name days of the week."), 0, text);
            return false;
        }
        *out |= INT64_C(1) << day;
    }
    return true;
}

static bool read_level(struct import_run *run, int64_t *out) {
    static const char *const NAMES[][3] = {{"1", "beginner", "principiante"},
                                           {"2", "intermediate", "intermedio"},
                                           {"3", "advanced", "avanzado"}};
    const char *text = import_cell(run, LEVEL);
    if (!text)
        return false;
    const char *folded = utf8_fold(run->row_arena, text);
    for (size_t level = 0; level < ARRAY_COUNT(NAMES); level++)
        for (size_t i = 0; i < ARRAY_COUNT(NAMES[level]); i++)
            if (strcmp(folded, NAMES[level][i]) == 0) {
                *out = (int64_t)level + 1;
                return true;
            }
    import_problem(run, LEVEL, N_("“{text}” is no level: beginner, intermediate or advanced."), 0,
                   text);
    return false;
}

/* ---- a row ---------------------------------------------------------------------------------- */

/* The record's column, by its name; they are few. */
static void set(struct value *values, const char *name, struct value value) {
    values[record_column_find(&workshop_record, name)] = value;
}

static void read_texts(struct import_run *run, struct value *values) {
    set(values, "title", V(import_cell(run, TITLE)));
    set(values, "schedule", V(import_cell(run, SCHEDULE)));
    set(values, "hours", V(import_cell(run, HOURS)));
    set(values, "place", V(import_cell(run, PLACE)));
    set(values, "slug", V(import_cell(run, SLUG)));
    set(values, "description", V(import_lines(run, DESCRIPTION)));
    set(values, "bring", V(import_lines(run, BRING)));
}

static void read_days(struct import_run *run, struct value *values) {
    static const struct {
        int column;
        const char *name;
    } DATES[] = {{START_DATE, "start_date"}, {END_DATE, "end_date"}},
      TIMES[] = {{START_TIME, "start_minute"}, {END_TIME, "end_minute"}};
    struct date date;
    int64_t number;
    for (size_t i = 0; i < ARRAY_COUNT(DATES); i++)
        if (import_date(run, DATES[i].column, &date)) {
            char *text = arena_alloc(run->row_arena, DATE_TEXT_SIZE);
            date_format(date, text);
            set(values, DATES[i].name, V(text));
        }
    for (size_t i = 0; i < ARRAY_COUNT(TIMES); i++)
        if (read_time(run, TIMES[i].column, &number))
            set(values, TIMES[i].name, V(number));
    if (read_weekdays(run, &number))
        set(values, "weekdays", V(number));
}

static void read_numbers(struct import_run *run, struct value *values) {
    static const struct {
        int column, min, max;
        const char *name;
    } NUMBERS[] = {{WEEKS, 1, 200, "weeks"},
                   {MIN_AGE, 0, 120, "min_age"},
                   {MAX_AGE, 0, 120, "max_age"},
                   {CAPACITY, 0, 100000, "capacity"}};
    static const struct {
        int column;
        const char *name;
    } MONEY[] = {{PRICE, "price_cents"}, {DISCOUNT, "discount_price_cents"}},
      FLAGS[] = {{ACTIVE, "active"}, {PRIVATE, "private"}};
    int64_t number;
    bool flag;
    for (size_t i = 0; i < ARRAY_COUNT(NUMBERS); i++)
        if (import_int(run, NUMBERS[i].column, NUMBERS[i].min, NUMBERS[i].max, &number))
            set(values, NUMBERS[i].name, V(number));
    for (size_t i = 0; i < ARRAY_COUNT(MONEY); i++)
        if (import_money(run, MONEY[i].column, &number))
            set(values, MONEY[i].name, V(number));
    for (size_t i = 0; i < ARRAY_COUNT(FLAGS); i++)
        if (import_flag(run, FLAGS[i].column, &flag))
            set(values, FLAGS[i].name, V(flag));
    if (read_level(run, &number))
        set(values, "level", V(number));
}

/* The file's column for the record's; -1: none of its own. */
static int column_of(int record_column) {
    static const struct {
        const char *record;
        int column;
    } OTHERS[] = {{"topic_id", TOPIC},
                  {"price_cents", PRICE},
                  {"discount_price_cents", DISCOUNT},
                  {"start_minute", START_TIME},
                  {"end_minute", END_TIME}};
    if (record_column < 0)
        return -1;
    const char *name = workshop_record.columns[record_column].name;
    for (size_t i = 0; i < ARRAY_COUNT(OTHERS); i++)
        if (strcmp(OTHERS[i].record, name) == 0)
            return OTHERS[i].column;
    for (int i = 0; COLUMNS[i].name; i++)
        if (strcmp(COLUMNS[i].name, name) == 0)
            return i;
    return -1;
}

static enum err add(struct import_run *run, const struct value *values) {
    struct record_result result = {0};
    enum err err = record_add_tx(run->shop, run->tx, run->row_arena, &workshop_record,
                                 run->actor_id, values, run->now, &result);
    for (int i = 0; err == ERR_REFUSED && i < result.refusal_count; i++)
        import_problem(run, column_of(result.refusals[i].column), result.refusals[i].english,
                       result.refusals[i].n, result.refusals[i].text);
    run->result->added += !err;
    return err == ERR_REFUSED ? OK : err;
}

static enum err take_row(struct import_run *run) {
    size_t count = record_column_count(&workshop_record);
    struct value *values = arena_array(run->row_arena, count, sizeof(*values));
    const char *topic = import_cell(run, TOPIC);
    int64_t topic_id = 0;
    for (size_t i = 0; i < count; i++)
        values[i] = V_NULL;
    read_texts(run, values);
    read_days(run, values);
    read_numbers(run, values);
    enum err err = topic && !import_row_bad(run) ? find_topic(run, topic, &topic_id) : OK;
    set(values, "topic_id", V(topic_id));
    return err || import_row_bad(run) ? err : add(run, values);
}

const struct import_rules import_workshops = {
    .name = "workshops",
    .columns = COLUMNS,
    .begin = load_topics,
    .row = take_row,
};
