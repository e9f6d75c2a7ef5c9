/* Heavy work, away from the threads that serve: a few threads of its own, with a lower priority, do
 * it while whoever asked waits in a line of bounded length, first come, first served. So a rush of
 * log-ins keeps neither all cores nor all workers from those who only look at a page. Safe from any
 * thread. */
#ifndef BASE_CHORES_H
#define BASE_CHORES_H

#include "base/err.h"

struct chores;

/* `at_once`: how many are done at a time, 1 or more; the threads are made when they are first
 * needed, and live as long as the process. `line`: how many may be asked for at a time, those being
 * done included. */
struct chores *chores_create(int at_once, int line);

/* Has work(arg) done, and waits for its end. ERR_BUSY: the line is full, or nothing was begun
 * within `patience` seconds; then it never will be. */
enum err chores_do(struct chores *chores, void (*work)(void *arg), void *arg,
                   int patience) MUST_CHECK;

#endif
