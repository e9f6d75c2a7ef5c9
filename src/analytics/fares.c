/* Numbers for fares: a hash table with open addressing. */
#include "analytics/fares.h"
#include "base/array.h"
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_SLOTS = 1024 };

/* Multiplied by a number of many bits, of which the upper half is kept (Fibonacci hashing: Knuth,
 * The Art of Computer Programming, volume 3, 6.4). */
static uint32_t hash(struct fare fare) {
    const uint64_t golden = UINT64_C(0x9e3779b97f4a7c15);
    uint64_t mixed = ((uint64_t)fare.workshop << 32 | fare.price) * golden;
    mixed = (mixed ^ mixed >> 32 ^ fare.discount) * golden;
    return (uint32_t)(mixed >> 32);
}

static bool same(struct fare a, struct fare b) {
    return a.workshop == b.workshop && a.price == b.price && a.discount == b.discount;
}

/* The slot that holds it or where it would go. */
static uint32_t *slot_of(const struct fares *f, struct fare fare) {
    size_t mask = f->slot_count - 1, at = hash(fare) & mask;
    while (f->slots[at] && !same(f->items[f->slots[at] - 1], fare))
        at = (at + 1) & mask;
    return &f->slots[at];
}

static void fill_slots(struct fares *f) {
    memset(f->slots, 0, f->slot_count * sizeof(*f->slots));
    for (uint32_t i = 0; i < f->count; i++)
        *slot_of(f, f->items[i]) = i + 1;
}

static void grow(struct fares *f) {
    f->slot_count = f->slot_count ? f->slot_count * 2 : FIRST_SLOTS;
    f->items = array_resize(f->items, f->slot_count / 2, sizeof(*f->items));
    f->slots = array_resize(f->slots, f->slot_count, sizeof(*f->slots));
    fill_slots(f);
}

uint32_t fares_number(struct fares *f, struct fare fare) {
    if (f->count >= f->slot_count / 2)
        grow(f);
    uint32_t *slot = slot_of(f, fare);
    if (!*slot) {
        f->items[f->count++] = fare;
        *slot = f->count;
    }
    return *slot - 1;
}

static int compare(const void *a, const void *b) {
    const struct fare *x = a, *y = b;
    int order = (x->workshop > y->workshop) - (x->workshop < y->workshop);
    if (!order)
        order = (x->price > y->price) - (x->price < y->price);
    return order ? order : (x->discount > y->discount) - (x->discount < y->discount);
}

void fares_merge(const struct fares *lists, size_t count, struct fares *all, uint32_t **numbers) {
    for (size_t i = 0; i < count; i++)
        for (uint32_t n = 0; n < lists[i].count; n++)
            fares_number(all, lists[i].items[n]);
    if (all->count) {
        qsort(all->items, all->count, sizeof(*all->items), compare);
        fill_slots(all);
    }
    for (size_t i = 0; i < count; i++) {
        numbers[i] = array_resize(NULL, lists[i].count, sizeof(**numbers));
        for (uint32_t n = 0; n < lists[i].count; n++)
            numbers[i][n] = fares_number(all, lists[i].items[n]);
    }
}

void fares_free(struct fares *f) {
    free(f->items);
    free(f->slots);
    *f = (struct fares){0};
}
