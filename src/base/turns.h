/* Turns at something of which only so many may go on at a time: computing, where more threads than
 * cores make everybody late. Who waits stands in one of three lines. In a line parties share alike,
 * however many of a party wait, and each is served first come, first served: start-time fair
 * queueing (Goyal, Vin and Cheng 1996). Safe from any thread. */
#ifndef BASE_TURNS_H
#define BASE_TURNS_H

#include <stdint.h>

struct turns;

enum turns_line {
    TURNS_AHEAD,     /* goes before the others */
    TURNS_PREFERRED, /* has three of four turns while the last one waits, too */
    TURNS_REST,
    TURNS_LINES
};

/* Who shares: zero at first; the caller's memory, for as long as anybody of the party waits. */
struct turns_party {
    int64_t served[TURNS_LINES]; /* up to which round of a line, those who wait included */
};

/* `at_once`: how many have their turn at a time, 1 or more. */
struct turns *turns_create(int at_once);
void turns_destroy(struct turns *turns); /* nobody may be waiting; NULL is fine */

/* Waits for a turn. */
void turns_take(struct turns *turns, enum turns_line line, struct turns_party *party);

/* Ends it. */
void turns_give(struct turns *turns);

#endif
