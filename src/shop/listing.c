/* The engine of listings: from a declaration and what is asked for to one statement. */
#include "shop/listing.h"
#include "base/buf.h"
#include "base/date.h"
#include "base/utf8.h"
#include <stdlib.h>
#include <string.h>

enum { VALUES_MAX = 24, DAY = 86400 };

/* A statement being put together, with the values for its parameters. */
struct statement {
    const struct listing *listing;
    const struct listing_query *query;
    struct arena *arena;
    struct buf sql;
    struct value values[VALUES_MAX + 1];
    int count;
    bool where; /* a condition stands there already */
};

size_t listing_column_count(const struct listing *listing) {
    size_t count = 0;
    while (listing->columns[count].name)
        count++;
    return count;
}

size_t listing_filter_count(const struct listing *listing) {
    size_t count = 0;
    while (listing->filters && listing->filters[count].name)
        count++;
    return count;
}

int listing_column_sorted(const struct listing *listing, const char *name) {
    for (int i = 0; name && listing->columns[i].name; i++)
        if (listing->columns[i].sort && strcmp(listing->columns[i].name, name) == 0)
            return i;
    return -1;
}

const struct listing_choice *listing_choice_find(const struct listing_choice *choices,
                                                 const char *value) {
    for (const struct listing_choice *c = choices; value && c && c->value; c++)
        if (strcmp(c->value, value) == 0)
            return c;
    return NULL;
}

/* ---- words ---------------------------------------------------------------------------------- */

/* Quoted for FTS5: a word in double quotes is no operator; the star makes it a beginning. What
 * stands between words (a dot in an address) separates them as the tokenizer separates. */
const char *listing_words(struct arena *arena, const char *text) {
    struct buf query = {0};
    for (const char *p = text; p && *p;) {
        size_t length = strcspn(p, " \t\"");
        bool some = false;
        for (size_t i = 0; i < length; i++)
            some |= (unsigned char)p[i] >= 0x80 || (p[i] >= '0' && p[i] <= '9') ||
                    (p[i] >= 'a' && p[i] <= 'z') || (p[i] >= 'A' && p[i] <= 'Z');
        if (some)
            buf_printf(&query, "%s\"%.*s\"*", query.len ? " " : "", (int)length, p);
        p += length + (p[length] != '\0');
    }
    const char *words = query.len ? arena_strdup(arena, buf_text(&query)) : NULL;
    buf_free(&query);
    return words;
}

/* ---- conditions ----------------------------------------------------------------------------- */

static int bind(struct statement *s, struct value value) {
    if (s->count < VALUES_MAX)
        s->values[s->count++] = value;
    return s->count;
}

/* Adds a condition; {} and {words} become parameters. */
static void add_condition(struct statement *s, const char *sql, struct value value,
                          const char *words) {
    int plain = 0, search = 0;
    buf_puts(&s->sql, s->where ? " AND (" : " WHERE (");
    s->where = true;
    for (const char *p = sql; *p; p++) {
        if (strncmp(p, "{}", 2) == 0) {
            plain = plain ? plain : bind(s, value);
            buf_printf(&s->sql, "?%d", plain);
            p += 1;
        } else if (strncmp(p, "{words}", 7) == 0) {
            search = search ? search : bind(s, value_text(words));
            buf_printf(&s->sql, "?%d", search);
            p += 6;
        } else {
            buf_putc(&s->sql, *p);
        }
    }
    buf_putc(&s->sql, ')');
}

static bool parse_id(const char *text, int64_t *id) {
    char *end;
    *id = strtoll(text, &end, 10);
    return *text >= '0' && *text <= '9' && !*end;
}

static void add_day(struct statement *s, const struct listing_filter *filter, const char *value) {
    struct date day;
    if (!date_parse(value, &day))
        return;
    if (!filter->moment) {
        add_condition(s, filter->sql, value_text(value), NULL);
        return;
    }
    if (filter->kind == FILTER_TO)
        day = date_add_days(day, 1);
    int64_t at = zone_utc(s->query->zone ? s->query->zone : zone_find("UTC"), day, 0, 0);
    add_condition(s, filter->sql, value_int(at), NULL);
}

static void add_filter(struct statement *s, const struct listing_filter *filter,
                       const char *value) {
    int64_t id;
    const struct listing_choice *choice;
    switch (filter->kind) {
    case FILTER_CHOICE:
        choice = listing_choice_find(filter->choices, value);
        if (choice)
            add_condition(s, choice->sql ? choice->sql : filter->sql, value_text(value), NULL);
        break;
    case FILTER_OPTIONS:
    case FILTER_ID:
        if (parse_id(value, &id))
            add_condition(s, filter->sql, value_int(id), NULL);
        break;
    case FILTER_FROM:
    case FILTER_TO:
        add_day(s, filter, value);
        break;
    }
}

static void add_ids(struct statement *s) {
    struct buf list = {0};
    buf_printf(&list, "%s IN (", s->listing->id);
    for (size_t i = 0; i < s->query->id_count; i++)
        buf_printf(&list, "%s%lld", i ? ", " : "", (long long)s->query->ids[i]);
    buf_puts(&list, ")");
    add_condition(s, buf_text(&list), V_NULL, NULL);
    buf_free(&list);
}

static void add_conditions(struct statement *s) {
    const struct listing_query *q = s->query;
    if (s->listing->where)
        add_condition(s, s->listing->where, V_NULL, NULL);
    if (q->own)
        add_condition(s, s->listing->own ? s->listing->own : "1 = 0", value_int(q->own), NULL);
    if (q->id_count)
        add_ids(s);
    if (q->text && *q->text && s->listing->search) {
        const char *words = listing_words(s->arena, q->text);
        add_condition(s, s->listing->search, value_text(q->text), words ? words : "\"\"");
    }
    for (size_t i = 0; q->filters && i < listing_filter_count(s->listing); i++)
        if (q->filters[i] && *q->filters[i])
            add_filter(s, &s->listing->filters[i], q->filters[i]);
}

/* ---- statements ----------------------------------------------------------------------------- */

static void add_columns(struct statement *s) {
    buf_printf(&s->sql, "SELECT %s", s->listing->id);
    for (const struct listing_column *c = s->listing->columns; c->name; c++) {
        buf_printf(&s->sql, ", %s", c->sql);
        if (c->link)
            buf_printf(&s->sql, ", %s", c->link_id);
    }
}

static void add_order(struct statement *s) {
    bool by_column = s->query->sort >= 0;
    const char *order = by_column ? s->listing->columns[s->query->sort].sql : s->listing->order;
    const char *direction =
        (by_column ? s->query->descending : s->listing->newest_first) ? " DESC" : "";
    buf_printf(&s->sql, " ORDER BY %s%s", order, direction);
    if (strcmp(order, s->listing->id) != 0)
        buf_printf(&s->sql, ", %s%s", s->listing->id, direction);
}

static struct statement begin(struct arena *arena, const struct listing *listing,
                              const struct listing_query *query) {
    return (struct statement){.listing = listing, .query = query, .arena = arena};
}

static void add_rows(struct statement *s) {
    add_columns(s);
    buf_printf(&s->sql, " FROM %s", s->listing->from);
    add_conditions(s);
    add_order(s);
}

static struct rows *run(struct db *db, struct statement *s) {
    s->values[s->count] = (struct value){.type = VALUE_END};
    return db_query_once(db, arena_strdup(s->arena, buf_text(&s->sql)), s->values);
}

enum err listing_count(struct db *db, struct arena *arena, const struct listing *listing,
                       const struct listing_query *query, int64_t *total, bool *is_more) {
    struct statement s = begin(arena, listing, query);
    buf_printf(&s.sql, "SELECT count(*) FROM (SELECT 1 FROM %s", listing->from);
    add_conditions(&s);
    buf_printf(&s.sql, " LIMIT %d) AS counted", LISTING_COUNT_MAX + 1);
    struct rows *rows = run(db, &s);
    int64_t count = rows_next(rows) ? rows_int(rows, 0) : 0;
    *is_more = count > LISTING_COUNT_MAX;
    *total = *is_more ? LISTING_COUNT_MAX : count;
    buf_free(&s.sql);
    return rows_end(rows);
}

const char *listing_statement(struct arena *arena, const struct listing *listing,
                              const struct listing_query *query) {
    struct statement s = begin(arena, listing, query);
    add_rows(&s);
    const char *text = arena_strdup(arena, buf_text(&s.sql));
    buf_free(&s.sql);
    return text;
}

/* ---- rows ----------------------------------------------------------------------------------- */

static bool is_text(enum listing_kind kind) {
    return kind == LISTING_TEXT || kind == LISTING_DATE || kind == LISTING_WORD;
}

static struct listing_row read_row(struct rows *rows, const struct listing *listing, size_t columns,
                                   struct arena *arena) {
    struct listing_row row = {.id = rows_int(rows, 0),
                              .values = arena_array(arena, columns, sizeof(*row.values))};
    int at = 1;
    for (size_t i = 0; i < columns; i++) {
        struct listing_value *value = &row.values[i];
        value->null = rows_null(rows, at);
        if (is_text(listing->columns[i].kind))
            value->text = rows_text(rows, at++, arena);
        else
            value->number = rows_int(rows, at++);
        if (listing->columns[i].link)
            value->link_id = rows_int(rows, at++);
    }
    return row;
}

static void set_pages(struct listing_page *out, int wanted) {
    int64_t pages = (out->total + LISTING_PAGE_SIZE - 1) / LISTING_PAGE_SIZE;
    out->pages = pages > 0 ? (int)pages : 1;
    out->page = wanted < 1 ? 1 : wanted > out->pages ? out->pages : wanted;
}

/* The ids on one page, in order. */
static enum err find_rows(struct db *db, struct arena *arena, const struct listing *listing,
                          const struct listing_query *query, const struct listing_page *page,
                          int64_t *ids, size_t *count) {
    struct statement s = begin(arena, listing, query);
    buf_printf(&s.sql, "SELECT %s FROM %s", listing->id, listing->from);
    add_conditions(&s);
    add_order(&s);
    buf_printf(&s.sql, " LIMIT %d OFFSET %d", LISTING_PAGE_SIZE,
               (page->page - 1) * LISTING_PAGE_SIZE);
    struct rows *rows = run(db, &s);
    *count = 0;
    while (*count < LISTING_PAGE_SIZE && rows_next(rows))
        ids[(*count)++] = rows_int(rows, 0);
    buf_free(&s.sql);
    return rows_end(rows);
}

enum err listing_read(struct db *db, struct arena *arena, const struct listing *listing,
                      const struct listing_query *query, struct listing_page *out) {
    *out = (struct listing_page){.columns = listing_column_count(listing)};
    int64_t ids[LISTING_PAGE_SIZE];
    size_t count = 0;
    enum err err = listing_count(db, arena, listing, query, &out->total, &out->total_is_more);
    if (err)
        return err;
    set_pages(out, query->page);
    err = find_rows(db, arena, listing, query, out, ids, &count);
    if (err || count == 0)
        return err;
    out->rows = arena_array(arena, count, sizeof(*out->rows));
    const struct listing_query these = {
        .sort = query->sort, .descending = query->descending, .ids = ids, .id_count = count};
    struct statement s = begin(arena, listing, &these);
    add_rows(&s);
    struct rows *rows = run(db, &s);
    while (out->count < count && rows_next(rows))
        out->rows[out->count++] = read_row(rows, listing, out->columns, arena);
    buf_free(&s.sql);
    return rows_end(rows);
}

enum err listing_each(struct db *db, const struct listing *listing,
                      const struct listing_query *query, listing_each_fn *each, void *ctx) {
    struct arena *arena = arena_create(), *scratch = arena_create();
    size_t columns = listing_column_count(listing);
    struct statement s = begin(arena, listing, query);
    add_rows(&s);
    struct rows *rows = run(db, &s);
    bool more = true;
    while (more && rows_next(rows)) {
        arena_reset(scratch);
        const struct listing_row row = read_row(rows, listing, columns, scratch);
        more = each(ctx, &row);
    }
    enum err err = rows_end(rows);
    buf_free(&s.sql);
    arena_destroy(scratch);
    arena_destroy(arena);
    return err;
}

enum err listing_options(struct db *db, struct arena *arena, const struct listing_filter *filter,
                         struct listing_option **out, size_t *count) {
    *out = NULL;
    *count = 0;
    struct rows *rows = db_query(db, filter->options);
    while (rows_next(rows)) {
        *out = arena_grow(arena, *out, *count, sizeof(**out));
        (*out)[(*count)++] =
            (struct listing_option){.id = rows_int(rows, 0), .label = rows_text(rows, 1, arena)};
    }
    return rows_end(rows);
}
