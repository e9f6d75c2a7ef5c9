/* Workers: every piece once, whoever does it, however often they are called. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "base/workers.h"
#include <stdatomic.h>
#include <string.h>

#include <cmocka.h>

enum { PIECES = 5000 };

struct work {
    atomic_int done[PIECES];
    int count; /* of workers */
    atomic_int strangers;
};

static void mark(void *ctx, size_t piece, int worker) {
    struct work *work = ctx;
    atomic_fetch_add(&work->done[piece], 1);
    if (worker < 0 || worker >= work->count)
        atomic_fetch_add(&work->strangers, 1);
}

static void every_piece_once(void **state) {
    (void)state;
    static struct work work;
    for (int count = 1; count <= 8; count++) {
        struct workers *workers = workers_create(count);
        for (size_t pieces = 0; pieces <= PIECES; pieces = pieces * 3 + 1) {
            memset(&work, 0, sizeof(work));
            work.count = workers_count(workers);
            workers_run(workers, pieces, mark, &work);
            assert_int_equal(work.strangers, 0);
            for (size_t i = 0; i < PIECES; i++)
                assert_int_equal(work.done[i], i < pieces);
        }
        workers_destroy(workers);
    }
}

static void many_short_jobs(void **state) {
    (void)state;
    static struct work work;
    struct workers *workers = workers_create(4);
    work.count = 4;
    for (int i = 0; i < 2000; i++)
        workers_run(workers, 3, mark, &work);
    for (int i = 0; i < 3; i++)
        assert_int_equal(work.done[i], 2000);
    workers_destroy(workers);
}

static void unused_ones_end(void **state) {
    (void)state;
    workers_destroy(workers_create(3));
    workers_destroy(NULL);
    struct workers *workers = workers_create(0);
    assert_true(workers_count(workers) >= 1);
    workers_destroy(workers);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_piece_once),
        cmocka_unit_test(many_short_jobs),
        cmocka_unit_test(unused_ones_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
