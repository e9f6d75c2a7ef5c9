/* Turns at something of which only so many may go on at a time: computing, where more threads than
 * cores make everybody late. Who waits stands in a line: the lightest first, among equals who came
 * first. What a weight is, the caller knows: how many connections an address holds, say. Safe from
 * any thread. */
#ifndef BASE_TURNS_H
#define BASE_TURNS_H

struct turns;

/* `at_once`: how many have their turn at a time, 1 or more. */
struct turns *turns_create(int at_once);
void turns_destroy(struct turns *turns); /* nobody may be waiting; NULL is fine */

/* Waits for a turn. */
void turns_take(struct turns *turns, int weight);

/* Ends it. */
void turns_give(struct turns *turns);

#endif
