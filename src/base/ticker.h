/* A thread that does something again and again, and sooner when it is hurried. Safe from any
 * thread. */
#ifndef BASE_TICKER_H
#define BASE_TICKER_H

struct ticker;

/* What is done: answers in how many milliseconds it is to be done again. */
typedef int ticker_tick(void *arg);

/* Begins at once. NULL when no thread could be started. */
struct ticker *ticker_start(ticker_tick *tick, void *arg);

/* The next tick comes now, unless one comes within 50 ms anyway. Costs next to nothing then. */
void ticker_hurry(struct ticker *ticker);

/* Waits for the tick that goes on. NULL is fine. */
void ticker_stop(struct ticker *ticker);

#endif
