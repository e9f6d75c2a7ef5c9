/* One run over a file: its head, its rows, what is wrong with them. */
#include "shop/import.h"
#include "base/csv_read.h"
#include "base/money.h"
#include "base/utf8.h"
#include "shop/audit.h"
#include "shop/import_run.h"
#include "shop/import_sql.h"
#include "shop/shop.h"
#include <string.h>

static const struct import_rules *const RULES[IMPORT_KINDS] = {
    [IMPORT_WORKSHOPS] = &import_workshops,
    [IMPORT_FAMILIES] = &import_families,
};

int import_kind_find(const char *name) {
    for (int i = 0; name && i < IMPORT_KINDS; i++)
        if (strcmp(RULES[i]->name, name) == 0)
            return i;
    return -1;
}

const char *import_kind_name(enum import_kind kind) {
    return RULES[kind]->name;
}

const struct import_column *import_columns(enum import_kind kind) {
    return RULES[kind]->columns;
}

/* ---- files ---------------------------------------------------------------------------------- */

struct keeping {
    enum import_kind kind;
    const char *name;
    const void *bytes;
    size_t size;
    int64_t actor_id, now, id;
};

static enum err keep_tx(struct tx *tx, void *arg) {
    struct keeping *k = arg;
    enum err err = tx_exec(tx, import_sql[IMPORT_KEEP], V(RULES[k->kind]->name), V(k->actor_id),
                           V(k->name), V_BLOB(k->bytes, k->size), V(k->now));
    k->id = err ? 0 : tx_last_id(tx);
    return err;
}

enum err import_keep(struct shop *shop, int64_t actor_id, enum import_kind kind, const char *name,
                     const void *bytes, size_t size, int64_t now, int64_t *id) {
    struct keeping keeping = {kind, name, bytes, size, actor_id, now, 0};
    if (size == 0 || size > IMPORT_BYTES_MAX || memchr(bytes, '\0', size))
        return ERR_INVALID;
    enum err err = store_write(shop->store, keep_tx, &keeping);
    *id = keeping.id;
    return err;
}

enum err import_find(struct db *db, struct arena *arena, int64_t id, int64_t actor_id,
                     struct import_file *out) {
    struct rows *rows = db_query(db, import_sql[IMPORT_FIND], V(id), V(actor_id));
    int kind = rows_next(rows) ? import_kind_find(rows_text(rows, 4, arena)) : -1;
    if (kind >= 0)
        *out = (struct import_file){.id = rows_int(rows, 0),
                                    .account_id = rows_int(rows, 1),
                                    .created_at = rows_int(rows, 2),
                                    .done_at = rows_int(rows, 3),
                                    .kind = (enum import_kind)kind,
                                    .name = rows_text(rows, 5, arena)};
    enum err err = rows_end(rows);
    return err || kind >= 0 ? err : ERR_NOT_FOUND;
}

enum err import_sweep_tx(struct tx *tx, int64_t now) {
    return tx_exec(tx, import_sql[IMPORT_SWEEP], V(now - IMPORT_KEPT_SECONDS));
}

/* ---- the head ------------------------------------------------------------------------------- */

static void problem_at(struct import_run *run, long line, const char *column, const char *english,
                       int64_t n, const char *text) {
    struct import_result *r = run->result;
    if (r->problem_count == r->problem_size) {
        size_t size = r->problem_size ? 2 * r->problem_size : 16;
        struct import_problem *more = arena_array(run->arena, size, sizeof(*more));
        if (r->problem_count)
            memcpy(more, r->problems, r->problem_count * sizeof(*more));
        r->problems = more;
        r->problem_size = size;
    }
    r->problems[r->problem_count++] = (struct import_problem){
        line, column, english, n, text ? arena_strdup(run->arena, text) : NULL};
}

/* "Fecha de inicio" and "fecha_de_inicio" are one name. */
static const char *fold_name(struct arena *arena, const char *name) {
    char *folded = utf8_fold(arena, utf8_squeeze(arena, name));
    for (char *p = folded; *p; p++)
        if (*p == ' ' || *p == '-')
            *p = '_';
    return folded;
}

static bool among(const char *words, const char *name) {
    size_t length = strlen(name);
    for (const char *at = words; at && *at; at += strcspn(at, " "), at += strspn(at, " "))
        if (strcspn(at, " ") == length && memcmp(at, name, length) == 0)
            return true;
    return false;
}

static int column_named(const struct import_run *run, const char *name) {
    for (int i = 0; run->columns[i].name; i++)
        if (strcmp(run->columns[i].name, name) == 0 || strcmp(run->columns[i].spanish, name) == 0 ||
            among(run->columns[i].more, name))
            return i;
    return -1;
}

/* False when rows could not be understood. */
static bool read_head(struct import_run *run, const struct csv_row *head) {
    for (int i = 0; i < IMPORT_COLUMNS_MAX; i++)
        run->places[i] = -1;
    for (size_t i = 0; i < head->count; i++) {
        const char *name = fold_name(run->arena, head->cells[i]);
        int column = *name ? column_named(run, name) : -1;
        if (column >= 0 && run->places[column] >= 0)
            problem_at(run, head->line, run->columns[column].label,
                       N_("This column is there twice."), 0, NULL);
        else if (column >= 0)
            run->places[column] = (int)i;
        else if (*name)
            run->result->ignored = arena_printf(
                run->arena, "%s%s%s", run->result->ignored ? run->result->ignored : "",
                run->result->ignored ? ", " : "", utf8_squeeze(run->arena, head->cells[i]));
    }
    for (int i = 0; run->columns[i].name; i++)
        if (run->columns[i].required && run->places[i] < 0)
            problem_at(
                run, head->line, run->columns[i].label,
                N_("This column is missing. Its name is {text}."), 0,
                arena_printf(run->arena, "%s, %s", run->columns[i].name, run->columns[i].spanish));
    return run->result->problem_count == 0;
}

/* ---- cells ---------------------------------------------------------------------------------- */

void import_problem(struct import_run *run, int column, const char *english, int64_t n,
                    const char *text) {
    problem_at(run, run->row->line, column < 0 ? NULL : run->columns[column].label, english, n,
               text);
}

bool import_row_bad(const struct import_run *run) {
    return run->result->problem_count > run->problems_before;
}

/* As it stands there; what our own files put in front so that spreadsheets leave a text alone
 * (base/csv.h) is taken off again. */
static const char *raw_cell(struct import_run *run, int column) {
    int place = run->places[column];
    if (place < 0 || (size_t)place >= run->row->count)
        return "";
    const char *cell = run->row->cells[place];
    return *cell == '\'' && cell[1] && strchr("=+-@0123456789", cell[1]) ? cell + 1 : cell;
}

static const char *bounded(struct import_run *run, int column, const char *text) {
    size_t max = run->columns[column].max;
    if (max && utf8_length(text) > max)
        import_problem(run, column, N_("At most {n} characters."), (int64_t)max, NULL);
    return *text ? text : NULL;
}

const char *import_cell(struct import_run *run, int column) {
    const char *text = bounded(run, column, utf8_squeeze(run->row_arena, raw_cell(run, column)));
    if (!text && run->columns[column].required)
        import_problem(run, column, N_("Please fill this in."), 0, NULL);
    return text;
}

const char *import_lines(struct import_run *run, int column) {
    struct buf text = {0};
    const char *raw = raw_cell(run, column);
    for (const char *p = raw; *p; p++)
        if ((unsigned char)*p >= ' ' || *p == '\n')
            buf_putc(&text, *p);
    while (text.len > 0 && strchr(" \n", text.data[text.len - 1]))
        text.data[--text.len] = '\0';
    const char *lines = arena_strdup(run->row_arena, buf_text(&text));
    buf_free(&text);
    return bounded(run, column, lines);
}

/* 9/3/2026 or 09/03/2026: day, month, year. */
static bool parse_day_month_year(struct import_run *run, const char *text, struct date *out) {
    int numbers[3] = {0};
    for (int i = 0; i < 3; i++) {
        size_t digits = strspn(text, "0123456789");
        if (digits == 0 || digits > (i == 2 ? 4U : 2U) || (i == 2 && digits != 4))
            return false;
        for (size_t d = 0; d < digits; d++)
            numbers[i] = numbers[i] * 10 + (*text++ - '0');
        if (*text++ != (i < 2 ? '/' : '\0'))
            return false;
    }
    return date_parse(
        arena_printf(run->row_arena, "%04d-%02d-%02d", numbers[2], numbers[1], numbers[0]), out);
}

bool import_date(struct import_run *run, int column, struct date *out) {
    const char *text = import_cell(run, column);
    if (!text || date_parse(text, out) || parse_day_month_year(run, text, out))
        return text != NULL;
    import_problem(run, column,
                   N_("“{text}” is not a date. Please write 2026-03-09 or 09/03/2026."), 0, text);
    return false;
}

bool import_money(struct import_run *run, int column, int64_t *out) {
    const char *text = import_cell(run, column);
    if (!text || money_parse(text, out))
        return text != NULL;
    import_problem(run, column, N_("“{text}” is not an amount. Please write 180 or 180.50."), 0,
                   text);
    return false;
}

bool import_int(struct import_run *run, int column, int64_t min, int64_t max, int64_t *out) {
    const char *text = import_cell(run, column);
    int64_t number = 0;
    if (!text)
        return false;
    size_t digits = strspn(text, "0123456789");
    for (size_t i = 0; i < digits && digits <= 9; i++)
        number = number * 10 + (text[i] - '0');
    if (text[digits] || digits > 9) {
        import_problem(run, column, N_("“{text}” is not a whole number."), 0, text);
        return false;
    }
    if (number < min || number > max) {
        import_problem(run, column, number < min ? N_("At least {n}.") : N_("At most {n}."),
                       number < min ? min : max, NULL);
        return false;
    }
    *out = number;
    return true;
}

bool import_flag(struct import_run *run, int column, bool *out) {
    static const char YES[] = "1 yes y si s true x", NO[] = "0 no n false";
    const char *text = import_cell(run, column);
    if (!text)
        return false;
    const char *folded = utf8_fold(run->row_arena, text);
    *out = among(YES, folded);
    if (*out || among(NO, folded))
        return true;
    import_problem(run, column, N_("“{text}” is neither yes nor no."), 0, text);
    return false;
}

/* ---- the run -------------------------------------------------------------------------------- */

static void tell_broken(struct import_run *run, enum csv_status status, long line) {
    problem_at(
        run, line, NULL,
        status == CSV_QUOTE_OPEN
            ? N_("A quotation mark is opened here and never closed; what follows cannot be"
                 " read.")
            : N_("Something stands between a closing quotation mark and the next separator."),
        0, NULL);
}

static enum err take_row(struct import_run *run, const struct import_rules *rules,
                         const struct csv_row *row) {
    run->row = row;
    run->problems_before = run->result->problem_count;
    return rules->row(run);
}

static enum err read_rows(struct import_run *run, const struct import_rules *rules,
                          struct csv_reader *reader) {
    struct csv_row row;
    enum csv_status status;
    enum err err = OK;
    while (!err && (status = csv_next(reader, run->row_arena, &row)) != CSV_END) {
        if (status != CSV_ROW) {
            tell_broken(run, status, row.line);
        } else if (run->result->rows == IMPORT_ROWS_MAX) {
            problem_at(run, row.line, NULL,
                       N_("A file may have {n} rows. Please cut it into several."), IMPORT_ROWS_MAX,
                       NULL);
            break;
        } else {
            run->result->rows++;
            err = take_row(run, rules, &row);
        }
        arena_reset(run->row_arena);
    }
    return err;
}

static enum err read_file(struct import_run *run, const struct import_rules *rules,
                          const char *bytes, size_t size) {
    struct csv_reader reader;
    struct csv_row head;
    run->columns = rules->columns;
    if (!csv_open(&reader, run->arena, bytes, size))
        return ERR_INVALID;
    enum csv_status status = csv_next(&reader, run->arena, &head);
    if (status == CSV_END)
        problem_at(run, 1, NULL, N_("The file is empty."), 0, NULL);
    else if (status != CSV_ROW)
        tell_broken(run, status, head.line);
    if (status != CSV_ROW || !read_head(run, &head))
        return OK;
    enum err err = rules->begin ? rules->begin(run) : OK;
    if (!err)
        err = read_rows(run, rules, &reader);
    if (!err && run->result->rows == 0 && run->result->problem_count == 0)
        problem_at(run, head.line, NULL, N_("There is no row below the head."), 0, NULL);
    return err;
}

struct job {
    struct shop *shop;
    struct arena *arena;
    const struct import_options *options;
    int64_t id, actor_id, now;
    bool dry;
    struct import_result *result;
};

static enum err load_body(struct db *db, const struct job *job, const char **bytes, size_t *size) {
    struct rows *rows = db_query(db, import_sql[IMPORT_BODY], V(job->id), V(job->actor_id));
    *bytes = rows_next(rows) ? rows_blob(rows, 0, job->arena, size) : NULL;
    enum err err = rows_end(rows);
    return err || *bytes ? err : ERR_NOT_FOUND;
}

static enum err finish(struct tx *tx, const struct job *job, const struct import_file *file) {
    const struct import_result *r = job->result;
    if (job->dry || r->problem_count > 0)
        return ERR_REFUSED; /* undoes all of it */
    enum err err =
        tx_exec(tx, import_sql[IMPORT_DONE], V(job->id), V(job->now), V(r->rows), V_BLOB("", 0));
    const char *detail =
        arena_printf(job->arena, "{\"kind\": \"%s\", \"rows\": %ld, \"added\": %ld}",
                     import_kind_name(file->kind), r->rows, r->added);
    return err ? err : audit_write_tx(tx, job->actor_id, "import", "import_file", job->id, detail);
}

static enum err run_tx(struct tx *tx, void *arg) {
    struct job *job = arg;
    struct import_file file;
    const char *bytes;
    size_t size = 0;
    *job->result = (struct import_result){0};
    enum err err = import_find(tx_db(tx), job->arena, job->id, job->actor_id, &file);
    if (err)
        return err;
    job->result->kind = file.kind;
    job->result->already = file.done_at != 0;
    if (job->result->already)
        return OK;
    err = load_body(tx_db(tx), job, &bytes, &size);
    if (err)
        return err;
    const struct settings *settings = shop_settings(job->shop, tx_db(tx));
    struct import_run run = {.shop = job->shop,
                             .tx = tx,
                             .settings = settings,
                             .options = job->options,
                             .actor_id = job->actor_id,
                             .now = job->now,
                             .today = zone_local(settings->zone, job->now).date,
                             .arena = job->arena,
                             .row_arena = arena_create(),
                             .result = job->result};
    err = read_file(&run, RULES[file.kind], bytes, size);
    arena_destroy(run.row_arena);
    return err ? err : finish(tx, job, &file);
}

enum err import_try(struct shop *shop, struct arena *arena, int64_t id, int64_t actor_id,
                    int64_t now, struct import_result *out) {
    const struct import_options options = {.create_topics = true};
    struct job job = {shop, arena, &options, id, actor_id, now, true, out};
    enum err err = store_write(shop->store, run_tx, &job);
    return err == ERR_REFUSED ? OK : err;
}

enum err import_take(struct shop *shop, struct arena *arena, int64_t id, int64_t actor_id,
                     const struct import_options *options, int64_t now, struct import_result *out) {
    struct job job = {shop, arena, options, id, actor_id, now, false, out};
    return store_write(shop->store, run_tx, &job);
}
