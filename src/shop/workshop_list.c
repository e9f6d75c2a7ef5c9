/* The catalogue: which workshops are listed, in what order, and the search in their texts.
 *
 * Most visits see it unfiltered; that page is read along an index and costs the same however many
 * workshops are stored. With a filter the few columns that decide are read of every listed
 * workshop, and the rows of the page asked for are then fetched by id. */
#include "base/array.h"
#include "base/utf8.h"
#include "base/zone.h"
#include "shop/topic.h"
#include "shop/workshop.h"
#include "shop/workshop_sql.h"
#include <stdlib.h>
#include <string.h>

/* Workshops counted behind the page that is shown. */
enum { COUNT_AHEAD = 10 * WORKSHOP_PAGE_SIZE };

/* ---- pages ---------------------------------------------------------------------------------- */

static void set_total(struct workshop_page *page, int wanted, int64_t total) {
    int64_t pages = (total + WORKSHOP_PAGE_SIZE - 1) / WORKSHOP_PAGE_SIZE;
    page->total = total;
    page->pages = pages > 0 ? (int)pages : 1;
    page->page = wanted < 1 ? 1 : wanted > page->pages ? page->pages : wanted;
}

static int64_t first_of(const struct workshop_page *page) {
    return (int64_t)(page->page - 1) * WORKSHOP_PAGE_SIZE;
}

/* Appends the rows of a statement that selects whole workshops. */
static enum err append(struct rows *rows, struct arena *arena, struct workshop *items,
                       size_t *count) {
    while (*count < WORKSHOP_PAGE_SIZE && rows_next(rows))
        items[(*count)++] = workshop_read(rows, arena);
    return rows_end(rows);
}

/* ---- unfiltered ----------------------------------------------------------------------------- */

/* What comes behind the last workshop that has yet to start; `skip` of them were on pages before.
 */
static enum err append_rest(struct db *db, struct arena *arena, const char *today, int64_t now,
                            int64_t skip, struct workshop *items, size_t *count) {
    if (*count == 0) {
        int64_t starting;
        enum err err = db_int(db, workshop_sql[WORKSHOP_STARTING_COUNT], &starting, V(today));
        if (err)
            return err;
        skip -= starting;
    } else {
        skip = 0;
    }
    return append(db_query(db, workshop_sql[WORKSHOP_REST], V(now), V(today),
                           V(WORKSHOP_PAGE_SIZE - (int64_t)*count), V(skip)),
                  arena, items, count);
}

static enum err list_all(struct db *db, struct arena *arena, int wanted, const char *today,
                         int64_t now, struct workshop_page *out) {
    int64_t limit = (int64_t)(wanted < 1 ? 1 : wanted) * WORKSHOP_PAGE_SIZE + COUNT_AHEAD, total;
    enum err err = db_int(db, workshop_sql[WORKSHOP_LISTED_COUNT], &total, V(today), V(limit));
    if (err)
        return err;
    set_total(out, wanted, total);
    out->total_is_more = total == limit;
    struct workshop *items = arena_array(arena, WORKSHOP_PAGE_SIZE, sizeof(*items));
    size_t count = 0;
    err = append(db_query(db, workshop_sql[WORKSHOP_STARTING], V(now), V(today),
                          V(WORKSHOP_PAGE_SIZE), V(first_of(out))),
                 arena, items, &count);
    if (!err && count < WORKSHOP_PAGE_SIZE && first_of(out) + (int64_t)count < total)
        err = append_rest(db, arena, today, now, first_of(out), items, &count);
    out->items = items;
    out->count = count;
    return err;
}

/* ---- search --------------------------------------------------------------------------------- */

/* The words looked for, folded; bit i of a mask stands for word i. */
struct words {
    const char *text[WORKSHOP_QUERY_MAX];
    int count;
};

/* The words found in something that many workshops share: a topic, an instructor. */
struct shared {
    int64_t id;
    unsigned found;
};

struct shared_list {
    struct shared *items; /* by id; an id may be there more than once */
    size_t count;
};

struct search {
    struct words words;
    struct shared_list topics;    /* by topic */
    struct shared_list workshops; /* by workshop, what its instructors' names hold */
    struct arena *scratch;        /* for one row */
};

static struct words split_words(struct arena *arena, const char *q) {
    struct words words = {0};
    char *rest = q ? utf8_fold(arena, utf8_squeeze(arena, q)) : NULL;
    while (words.count < WORKSHOP_QUERY_MAX && rest && *rest) {
        words.text[words.count++] = rest;
        rest = strchr(rest, ' ');
        if (rest)
            *rest++ = '\0';
    }
    return words;
}

static unsigned all_of(const struct words *words) {
    return (1U << words->count) - 1;
}

/* Adds the words that occur in the text to those found already. */
static unsigned look_in(const struct search *search, unsigned found, const char *text) {
    if (!text || found == all_of(&search->words))
        return found;
    const char *folded = utf8_fold(search->scratch, text);
    for (int i = 0; i < search->words.count; i++)
        if (!(found & 1U << i) && strstr(folded, search->words.text[i]))
            found |= 1U << i;
    return found;
}

static void share(struct arena *arena, struct shared_list *list, int64_t id, unsigned found) {
    list->items = arena_grow(arena, list->items, list->count, sizeof(*list->items));
    list->items[list->count++] = (struct shared){.id = id, .found = found};
}

static int by_id(const void *a, const void *b) {
    const struct shared *x = a, *y = b;
    return (x->id > y->id) - (x->id < y->id);
}

static unsigned shared_by(const struct shared_list *list, int64_t id) {
    size_t at = array_lower_bound(list->items, list->count, sizeof(*list->items), (uint64_t)id);
    unsigned found = 0;
    for (; at < list->count && list->items[at].id == id; at++)
        found |= list->items[at].found;
    return found;
}

static enum err look_in_topics(struct db *db, struct arena *arena, struct search *search) {
    struct topics topics;
    enum err err = topic_list(db, search->scratch, &topics);
    for (size_t i = 0; !err && i < topics.count; i++)
        share(arena, &search->topics, topics.items[i].id, look_in(search, 0, topics.items[i].name));
    return err;
}

/* Names are few and most words are in none, so the workshops of an instructor are asked for only
 * when the name holds a word. */
static enum err look_in_instructors(struct db *db, struct arena *arena, struct search *search) {
    enum err err = OK;
    struct rows *teachers = db_query(db, workshop_sql[WORKSHOP_TEACHERS]);
    while (!err && rows_next(teachers)) {
        unsigned found = look_in(search, 0, rows_text(teachers, 1, search->scratch));
        found = look_in(search, found, rows_text(teachers, 2, search->scratch));
        if (!found)
            continue;
        struct rows *taught =
            db_query(db, workshop_sql[WORKSHOP_TAUGHT_BY], V(rows_int(teachers, 0)));
        while (rows_next(taught))
            share(arena, &search->workshops, rows_int(taught, 0), found);
        err = rows_end(taught);
    }
    enum err end = rows_end(teachers);
    if (search->workshops.count)
        qsort(search->workshops.items, search->workshops.count, sizeof(struct shared), by_id);
    return err ? err : end;
}

/* The current row of WORKSHOP_TEXTS, cheap places first. */
static bool row_matches(const struct search *search, struct rows *rows) {
    unsigned found = shared_by(&search->topics, rows_int(rows, 5));
    found |= shared_by(&search->workshops, rows_int(rows, 0));
    for (int column = 4; column <= 7; column++)
        if (column != 5 && found != all_of(&search->words))
            found = look_in(search, found, rows_text(rows, column, search->scratch));
    return found == all_of(&search->words);
}

/* ---- filtered ------------------------------------------------------------------------------- */

/* A workshop that passed the filter, with what it is sorted by. */
struct candidate {
    int64_t id;
    int group; /* 0 yet to start, 1 in progress, 2 without a date */
    char start[DATE_TEXT_SIZE];
    int64_t price_cents, created_at;
    const char *title; /* folded; only when sorting by it */
};

struct candidates {
    struct candidate *items;
    size_t count;
};

static struct candidate read_candidate(struct rows *rows, struct arena *scratch,
                                       const char *today) {
    struct candidate c = {
        .id = rows_int(rows, 0),
        .group = 2,
        .price_cents = rows_int(rows, 2),
        .created_at = rows_int(rows, 3),
    };
    const char *start = rows_text(rows, 1, scratch);
    if (start) {
        c.group = strcmp(start, today) < 0;
        memcpy(c.start, start, DATE_TEXT_SIZE);
    }
    return c;
}

static enum err collect(struct db *db, struct arena *arena, const struct workshop_filter *filter,
                        const struct search *search, const char *today, struct candidates *out) {
    int statement = search->words.count ? WORKSHOP_TEXTS : WORKSHOP_CANDIDATES;
    char from[DATE_TEXT_SIZE];
    date_format(filter->from, from);
    struct rows *rows =
        db_query(db, workshop_sql[statement], V(today), V(filter->topic_id), V((int)filter->level),
                 V(filter->by_age ? filter->age : -1), V(from));
    while (rows_next(rows)) {
        arena_reset(search->scratch);
        if (search->words.count && !row_matches(search, rows))
            continue;
        out->items = arena_grow(arena, out->items, out->count, sizeof(*out->items));
        struct candidate *c = &out->items[out->count++];
        *c = read_candidate(rows, search->scratch, today);
        if (filter->sort == WORKSHOP_BY_TITLE)
            c->title = utf8_fold(arena, rows_text(rows, 4, search->scratch));
    }
    return rows_end(rows);
}

static int by_start(const void *a, const void *b) {
    const struct candidate *x = a, *y = b;
    int order = array_compare(x->group, y->group);
    order = order ? order : strcmp(x->start, y->start);
    return order ? order : array_compare(x->id, y->id);
}

static int by_price(const void *a, const void *b) {
    const struct candidate *x = a, *y = b;
    int order = array_compare(x->price_cents, y->price_cents);
    return order ? order : by_start(a, b);
}

static int by_title(const void *a, const void *b) {
    const struct candidate *x = a, *y = b;
    int order = strcmp(x->title, y->title);
    return order ? order : by_start(a, b);
}

static int by_newest(const void *a, const void *b) {
    const struct candidate *x = a, *y = b;
    int order = array_compare(y->created_at, x->created_at);
    return order ? order : array_compare(y->id, x->id);
}

static void sort(struct candidates *candidates, enum workshop_sort order) {
    static int (*const ORDERS[])(const void *, const void *) = {
        [WORKSHOP_BY_START] = by_start,
        [WORKSHOP_BY_PRICE] = by_price,
        [WORKSHOP_BY_TITLE] = by_title,
        [WORKSHOP_BY_NEWEST] = by_newest,
    };
    if (candidates->count)
        qsort(candidates->items, candidates->count, sizeof(struct candidate), ORDERS[order]);
}

static enum err fetch_page(struct db *db, struct arena *arena, const struct candidates *candidates,
                           int64_t now, struct workshop_page *out) {
    struct workshop *items = arena_array(arena, WORKSHOP_PAGE_SIZE, sizeof(*items));
    size_t first = (size_t)first_of(out), count = 0;
    enum err err = OK;
    while (!err && count < WORKSHOP_PAGE_SIZE && first + count < candidates->count) {
        err = workshop_by_id(db, arena, candidates->items[first + count].id, now, &items[count]);
        count++;
    }
    out->items = items;
    out->count = count;
    return err;
}

static enum err list_matching(struct db *db, struct arena *arena,
                              const struct workshop_filter *filter, struct words words,
                              const char *today, int64_t now, struct workshop_page *out) {
    struct search search = {.words = words, .scratch = arena_create()};
    struct candidates candidates = {0};
    enum err err = OK;
    if (words.count)
        err = look_in_topics(db, arena, &search);
    if (words.count && !err)
        err = look_in_instructors(db, arena, &search);
    if (!err)
        err = collect(db, arena, filter, &search, today, &candidates);
    arena_destroy(search.scratch);
    if (err)
        return err;
    sort(&candidates, filter->sort);
    set_total(out, filter->page, (int64_t)candidates.count);
    return fetch_page(db, arena, &candidates, now, out);
}

/* ---- what pages ask ------------------------------------------------------------------------- */

enum err workshop_list(struct db *db, struct arena *arena, const struct workshop_filter *filter,
                       const struct settings *settings, int64_t now, struct workshop_page *out) {
    char today[DATE_TEXT_SIZE];
    date_format(zone_date(settings->zone, now), today);
    *out = (struct workshop_page){.page = 1, .pages = 1};
    struct words words = split_words(arena, filter->q);
    bool filtered = words.count || filter->topic_id || filter->level || filter->by_age ||
                    date_is_set(filter->from) || filter->sort != WORKSHOP_BY_START;
    if (filtered)
        return list_matching(db, arena, filter, words, today, now, out);
    return list_all(db, arena, filter->page, today, now, out);
}

enum err workshop_upcoming(struct db *db, struct arena *arena, size_t limit,
                           const struct settings *settings, int64_t now,
                           struct workshop_page *out) {
    char today[DATE_TEXT_SIZE];
    date_format(zone_date(settings->zone, now), today);
    struct workshop *items = arena_array(arena, WORKSHOP_PAGE_SIZE, sizeof(*items));
    *out = (struct workshop_page){.items = items, .page = 1, .pages = 1};
    return append(
        db_query(db, workshop_sql[WORKSHOP_STARTING], V(now), V(today), V((int64_t)limit), V(0)),
        arena, items, &out->count);
}
