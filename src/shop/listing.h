/* Listings: a noun's rows as staff see them in a list or take them home as a file, declared as one
 * table and read by one engine.
 *
 *     const struct listing topic_listing = {
 *         .from = "topic t",
 *         .id = "t.id",
 *         .order = "t.name",
 *         .columns = (const struct listing_column[]){
 *             {"name", N_("Name"), "t.name", LISTING_TEXT, .sort = true},
 *             {"workshops", N_("Workshops"), "(SELECT count(*) FROM …)", LISTING_INT},
 *             {NULL}},
 *     };
 *
 * A condition writes its value as {}; what was typed into the search field is {} too, as {words}
 * for a search in names (…_fts MATCH {words}) and as {} as it was typed. Values are bound, never
 * formatted into the statement. What a listing declares is checked by tests/unit/test_listing.c:
 * every column, filter and order of every listing prepares, and uses an index where it must. */
#ifndef SHOP_LISTING_H
#define SHOP_LISTING_H

#include "base/arena.h"
#include "base/err.h"
#include "base/zone.h"
#include "db/db.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { LISTING_PAGE_SIZE = 50, LISTING_COUNT_MAX = 10000, LISTING_QUERY_MAX = 200 };

enum listing_kind {
    LISTING_TEXT,
    LISTING_INT,
    LISTING_MONEY,  /* cents, in the school's currency */
    LISTING_DATE,   /* ISO text */
    LISTING_MOMENT, /* UTC seconds */
    LISTING_FLAG,   /* yes or nothing */
    LISTING_WORD,   /* one of `choices` */
};

/* A stored word and what people call it. Ends with a NULL value. */
struct listing_choice {
    const char *value;
    const char *label; /* N_("…") */
    const char *sql;   /* of a filter's choice: its condition, instead of the filter's own */
    enum {
        TONE_PLAIN,
        TONE_OK,
        TONE_WARN,
        TONE_BAD,
        TONE_OFF
    } tone; /* of a column's: how it looks */
};

struct listing_column {
    const char *name;  /* in addresses (?sort=name) */
    const char *label; /* N_("…"): heading of the list and of the file */
    const char *sql;
    enum listing_kind kind;
    const struct listing_choice *choices;
    bool sort;           /* can be sorted by */
    bool file_only;      /* in the file, not in the list */
    bool personal;       /* not in files of those who may not export people */
    const char *link;    /* the noun it leads to … */
    const char *link_id; /* … and the SQL of that one's id */
};

struct listing_filter {
    const char *name;  /* in addresses */
    const char *label; /* N_("…") */
    enum {
        FILTER_CHOICE,  /* one of `choices` */
        FILTER_OPTIONS, /* an id out of `options`: SELECT id, label … */
        FILTER_ID,      /* an id; not offered, but kept: how related records are linked */
        FILTER_FROM,    /* a day, or a moment not before it began */
        FILTER_TO,      /* a day, or a moment before it ended */
    } kind;
    const char *sql;                      /* the condition */
    const struct listing_choice *choices; /* FILTER_CHOICE */
    const char *options;                  /* FILTER_OPTIONS */
    bool moment;                          /* FILTER_FROM and _TO compare with UTC seconds */
};

struct listing {
    const char *from; /* the noun's table; others by LEFT JOIN on their key: a join that a statement
                         does not need costs nothing then */
    const char *where;  /* what is no row of this list; NULL: everything is */
    const char *id;     /* SQL of the row's id */
    const char *order;  /* unless sorted by a column; the id follows, descending like its last */
    bool newest_first;  /* order is descending */
    const char *search; /* condition of the search field; NULL: none */
    const char *own;    /* condition for an instructor, {} being the account; NULL: nothing */
    const struct listing_column *columns; /* end with a NULL name */
    const struct listing_filter *filters; /* the same; NULL: none */
};

/* What is asked for. All zero: the first page of everything. */
struct listing_query {
    const char *text;           /* of the search field; NULL or "": everything */
    const char *const *filters; /* the values, in the order of the listing's filters; NULL or "":
                                   not set. A value that is none is not set either */
    int sort;                   /* index of a column, or -1: the listing's order */
    bool descending;            /* of that column */
    int page;                   /* from 1 */
    int64_t own;                /* only what this account (an instructor) may see; 0: everything */
    const int64_t *ids;         /* only these, if id_count is not 0 */
    size_t id_count;
    const struct zone *zone; /* of days in filters */
};

/* A value as it is stored; `text` of a number is NULL. */
struct listing_value {
    const char *text;
    int64_t number;
    int64_t link_id; /* 0: none */
    bool null;
};

struct listing_row {
    int64_t id;
    struct listing_value *values; /* one a column, in order */
};

struct listing_page {
    struct listing_row *rows;
    size_t count;
    size_t columns;
    int64_t total;      /* of all pages, counted up to LISTING_COUNT_MAX */
    bool total_is_more; /* counting stopped there */
    int page, pages;
};

/* One page; a page behind the last is the last. Which rows stand on it is found first, from the
 * columns that decide alone; the rest is read for those only. */
enum err listing_read(struct db *db, struct arena *arena, const struct listing *listing,
                      const struct listing_query *query, struct listing_page *out) MUST_CHECK;

/* How many rows there are on all pages, counted up to LISTING_COUNT_MAX. *is_more: counting stopped
 * there. */
enum err listing_count(struct db *db, struct arena *arena, const struct listing *listing,
                       const struct listing_query *query, int64_t *total, bool *is_more) MUST_CHECK;

/* Every row there is, one after the other, for files and bulk actions. `each` returns false to
 * stop. The row lives until `each` returns. */
typedef bool listing_each_fn(void *ctx, const struct listing_row *row);
enum err listing_each(struct db *db, const struct listing *listing,
                      const struct listing_query *query, listing_each_fn *each,
                      void *ctx) MUST_CHECK;

/* The entries of a filter's FILTER_OPTIONS. */
struct listing_option {
    int64_t id;
    const char *label;
};
enum err listing_options(struct db *db, struct arena *arena, const struct listing_filter *filter,
                         struct listing_option **out, size_t *count) MUST_CHECK;

size_t listing_column_count(const struct listing *listing);
size_t listing_filter_count(const struct listing *listing);
/* The index of a column that can be sorted by; -1 for any other name and for NULL. */
int listing_column_sorted(const struct listing *listing, const char *name);

/* The choice with that value; NULL: none, which is also the answer for NULL choices or value. */
const struct listing_choice *listing_choice_find(const struct listing_choice *choices,
                                                 const char *value);

/* What people type as an FTS5 query: every word must begin a word. NULL when there is no word. */
const char *listing_words(struct arena *arena, const char *text);

/* The statement of a query, for tests that look at its plan. */
const char *listing_statement(struct arena *arena, const struct listing *listing,
                              const struct listing_query *query);

#endif
