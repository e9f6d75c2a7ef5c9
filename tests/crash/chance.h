/* Chance that can be had again: the same seed, the same throws (xorshift64*, Vigna 2016). */
#ifndef CRASH_CHANCE_H
#define CRASH_CHANCE_H

#include <stdbool.h>
#include <stdint.h>

struct chance {
    uint64_t state;
    uint64_t odds; /* of chance_hits, in eighths */
};

static inline uint64_t chance_next(struct chance *chance) {
    chance->state ^= chance->state >> 12;
    chance->state ^= chance->state << 25;
    chance->state ^= chance->state >> 27;
    return chance->state * UINT64_C(2685821657736338717);
}

/* 0 to limit - 1. */
static inline uint64_t chance_below(struct chance *chance, uint64_t limit) {
    return (chance_next(chance) >> 16) % limit;
}

static inline bool chance_hits(struct chance *chance) {
    return chance_below(chance, 8) < chance->odds;
}

/* The odds are drawn too: sometimes little survives, sometimes nearly all. */
static inline struct chance chance_of(uint64_t seed) {
    struct chance chance = {.state = (seed + 1) * UINT64_C(0x9e3779b97f4a7c15)};
    for (int i = 0; i < 4; i++)
        chance_next(&chance);
    chance.odds = 1 + chance_below(&chance, 7);
    return chance;
}

#endif
