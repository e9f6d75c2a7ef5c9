/* What must be true of a school after whatever happened to its machine. */
#ifndef CRASH_VERDICT_H
#define CRASH_VERDICT_H

#include <stddef.h>

enum { TOLD_SIZE = 64 };

/* What families were told, as school.h has it. */
struct told {
    char (*texts)[TOLD_SIZE];
    size_t count, room;
};

void told_add(struct told *told, const char *text);
void told_free(struct told *told);

/* How many of them begin with a word. */
size_t told_count(const struct told *told, const char *word);

/* Opens the folder's school as a start does, and judges: everything told is there, once; no seat is
 * sold twice; money, papers and mail agree; the database is whole; and it goes on selling. Answers
 * how many of these do not hold, and prints the first on standard output, with `where` in it. A
 * folder without a database is a school that was never made: what was told is missing. */
int verdict_check(const char *data, const struct told *told, const char *where);

#endif
