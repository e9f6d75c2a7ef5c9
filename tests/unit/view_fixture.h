/* What the templates of tests/fixtures/views show, and their filter; see test_view.c. */
#ifndef VIEW_FIXTURE_H
#define VIEW_FIXTURE_H

#include "base/out.h"
#include <stdbool.h>
#include <stdint.h>

struct fixture_item {
    const char *name;
    int64_t cents;
};

struct fixture_view {
    const char *text, *url, *slug, *markup;
    bool yes;
    int seats;
    size_t count;
    const struct fixture_item *items;
};

/* Prints "<12.50 PEN>". */
void filter_fixture(struct out *o, int64_t cents, const char *currency);

#endif
