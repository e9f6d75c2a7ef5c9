/* Group commit: many writers, failing neighbours, full and failing disks, sudden ends. */
#include "base/clock.h"
#include "disk_fault.h"
#include "temp_store.h"
#include <semaphore.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static const char add[] = "INSERT INTO item (name, amount) VALUES (?1, ?2)";
static const char count_items[] = "SELECT count(*) FROM item";

struct item {
    struct store *store;
    const char *name;
    int64_t amount;
};

static enum err add_item(struct tx *tx, void *arg) {
    const struct item *item = arg;
    return tx_exec(tx, add, V(item->name), V(item->amount));
}

/* ---- a batch made on purpose ---------------------------------------------------------------- */

/* Holds the writer thread inside a piece of work until all others wait behind it. It takes so long
 * that its own batch ends with it; those who waited are the next batch, all of them. */
struct gate {
    sem_t entered, leave;
};

enum { LONGER_THAN_A_BATCH_US = 30000 };

static enum err hold_gate(struct tx *tx, void *arg) {
    struct gate *gate = arg;
    (void)tx;
    sem_post(&gate->entered);
    sem_wait(&gate->leave);
    usleep(LONGER_THAN_A_BATCH_US);
    return OK;
}

static void gate_close(struct gate *gate, struct store *store) {
    sem_init(&gate->entered, 0, 0);
    sem_init(&gate->leave, 0, 0);
    store_write_later(store, hold_gate, gate, NULL);
    sem_wait(&gate->entered);
}

static void wait_until_queued(struct store *store, int expected) {
    struct store_stats stats = {0};
    while (store_stats(store, &stats), stats.queued < (uint64_t)expected)
        usleep(100);
}

struct piece_of_test {
    struct gate *gate;
    struct store *store;
    store_fn *fn[8];
    struct item items[8];
    enum err results[8];
    int count;
};

/* The pieces queue up in order of their index; the last thread opens the gate. */
static void write_or_open(int index, void *arg) {
    struct piece_of_test *test = arg;
    wait_until_queued(test->store, index);
    if (index == test->count)
        sem_post(&test->gate->leave);
    else
        test->results[index] = store_write(test->store, test->fn[index], &test->items[index]);
}

/* Runs the pieces as one batch. */
static void run_together(struct temp_store *temp, struct piece_of_test *test) {
    struct gate gate;
    gate_close(&gate, temp->store);
    test->gate = &gate;
    test->store = temp->store;
    temp_threads(test->count + 1, write_or_open, test);
    sem_destroy(&gate.entered);
    sem_destroy(&gate.leave);
}

static enum err refuse(struct tx *tx, void *arg) {
    enum err err = add_item(tx, arg);
    return err ? err : ERR_REFUSED;
}

static void one_refusal_does_not_touch_its_neighbours(void **state) {
    struct temp_store *temp = *state;
    struct piece_of_test test = {.fn = {add_item, refuse, add_item},
                                 .items = {{.name = "a"}, {.name = "b"}, {.name = "c"}},
                                 .count = 3};
    run_together(temp, &test);
    assert_int_equal(test.results[0], OK);
    assert_int_equal(test.results[1], ERR_REFUSED);
    assert_int_equal(test.results[2], OK);
    assert_int_equal(temp_number(temp->store, count_items), 2);
    struct store_stats stats;
    store_stats(temp->store, &stats);
    assert_int_equal(stats.batch_max, 3);
    assert_int_equal(stats.commits, 2); /* the gate and the batch */
    assert_int_equal(stats.writes, 3);
    assert_int_equal(stats.rerun, 0);
}

static enum err lose_transaction(struct tx *tx, void *arg) {
    (void)arg;
    if (tx_exec(tx, add, V("rollback"), V(1)) == OK) /* a trigger drops the whole transaction */
        return OK;
    /* a careless caller goes on: nothing of this may reach the disk */
    (void)!tx_exec(tx, add, V("outside any transaction"), V(1));
    return OK;
}

static void a_lost_transaction_is_run_again_without_the_culprit(void **state) {
    struct temp_store *temp = *state;
    struct piece_of_test test = {.fn = {add_item, lose_transaction, add_item, refuse},
                                 .items = {{.name = "a"}, {0}, {.name = "c"}, {.name = "d"}},
                                 .count = 4};
    run_together(temp, &test);
    assert_int_equal(test.results[0], OK);
    assert_int_equal(test.results[1], ERR_INTERNAL);
    assert_int_equal(test.results[2], OK);
    assert_int_equal(test.results[3], ERR_REFUSED);
    assert_int_equal(temp_number(temp->store, count_items), 2);
    struct store_stats stats;
    store_stats(temp->store, &stats);
    /* The culprit, and the one before it unless a slow machine committed that one by itself. */
    assert_in_range(stats.rerun, 1, 2);
}

/* ---- many writers --------------------------------------------------------------------------- */

enum { WRITERS = 32, ROUNDS = 50 };

struct crowd {
    struct store *store;
    atomic_int wrong;
};

/* Every seventh piece conflicts, every eleventh refuses after having written. */
static void write_often(int index, void *arg) {
    struct crowd *crowd = arg;
    for (int round = 0; round < ROUNDS; round++) {
        char name[32];
        snprintf(name, sizeof(name), "%d-%d", index, round);
        struct item item = {.name = name, .amount = round % 7 == 6 ? 5000 : 1};
        bool refuses = round % 11 == 10;
        enum err expected = item.amount > 1000 ? ERR_CONFLICT : refuses ? ERR_REFUSED : OK;
        if (store_write(crowd->store, refuses ? refuse : add_item, &item) != expected)
            atomic_fetch_add(&crowd->wrong, 1);
    }
}

static void many_writers_share_commits(void **state) {
    struct temp_store *temp = *state;
    struct crowd crowd = {.store = temp->store};
    temp_threads(WRITERS, write_often, &crowd);
    assert_int_equal(atomic_load(&crowd.wrong), 0);
    int kept = 0;
    for (int round = 0; round < ROUNDS; round++)
        kept += round % 7 != 6 && round % 11 != 10;
    assert_int_equal(temp_number(temp->store, count_items), WRITERS * kept);
    struct store_stats stats;
    store_stats(temp->store, &stats);
    assert_int_equal(stats.writes, WRITERS * kept);
    assert_int_equal(stats.refused, WRITERS * (ROUNDS - kept));
    assert_int_equal(stats.failed, 0);
    assert_true(stats.batch_max > 1);
    assert_true(stats.commits < stats.writes);
}

static enum err take_seat(struct tx *tx, void *arg) {
    (void)arg;
    enum err err = tx_exec(tx, "UPDATE item SET amount = amount + 1 WHERE id = 1 AND amount < 5");
    if (err)
        return err;
    return tx_changes(tx) == 1 ? OK : ERR_REFUSED;
}

struct race {
    struct store *store;
    atomic_int won, lost;
};

static void race_for_seat(int index, void *arg) {
    struct race *race = arg;
    (void)index;
    enum err err = store_write(race->store, take_seat, NULL);
    if (err == OK)
        atomic_fetch_add(&race->won, 1);
    else if (err == ERR_REFUSED)
        atomic_fetch_add(&race->lost, 1);
}

static void five_seats_are_taken_five_times(void **state) {
    struct temp_store *temp = *state;
    struct item item = {.name = "seats"};
    assert_int_equal(store_write(temp->store, add_item, &item), OK);
    struct race race = {.store = temp->store};
    temp_threads(64, race_for_seat, &race);
    assert_int_equal(atomic_load(&race.won), 5);
    assert_int_equal(atomic_load(&race.lost), 59);
    assert_int_equal(temp_number(temp->store, "SELECT amount FROM item"), 5);
}

/* ---- bad disks ------------------------------------------------------------------------------ */

static void a_failed_commit_is_told_to_all(void **state) {
    struct temp_store *temp = *state;
    static const struct {
        enum disk_fault fault;
        enum err err;
    } cases[] = {{DISK_FULL, ERR_FULL}, {DISK_WRITE_BAD, ERR_IO}, {DISK_READ_ONLY, ERR_IO}};
    for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
        struct piece_of_test test = {.fn = {add_item, add_item, refuse},
                                     .items = {{.name = "a"}, {.name = "b"}, {.name = "c"}},
                                     .count = 3};
        disk_fault_set(cases[i].fault);
        run_together(temp, &test);
        disk_fault_set(DISK_SOUND);
        for (int piece = 0; piece < test.count; piece++)
            assert_int_equal(test.results[piece], cases[i].err);
        assert_int_equal(temp_number(temp->store, count_items), 0);
    }
    struct item item = {.name = "a"};
    assert_int_equal(store_write(temp->store, add_item, &item), OK); /* it has space again */
    temp_store_reopen(temp);
    assert_int_equal(temp_number(temp->store, count_items), 1);
}

static enum err write_nothing(struct tx *tx, void *arg) {
    (void)tx;
    (void)arg;
    return OK;
}

static void a_disk_that_failed_is_doubted_until_it_takes_something(void **state) {
    struct temp_store *temp = *state;
    static const enum disk_fault faults[] = {DISK_FULL, DISK_WRITE_BAD, DISK_READ_ONLY};
    for (size_t i = 0; i < ARRAY_COUNT(faults); i++) {
        struct item item = {.name = "a"};
        struct store_stats before, after;
        disk_fault_set(faults[i]);
        assert_int_not_equal(store_write(temp->store, add_item, &item), OK);
        for (int times = 0; times < 3; times++)
            assert_int_not_equal(store_write(temp->store, write_nothing, NULL), OK);
        disk_fault_set(DISK_SOUND);
        /* The figures are those of the piece before: it is answered first. */
        for (int times = 0; times < 2; times++)
            assert_int_equal(store_write(temp->store, write_nothing, NULL), OK);
        store_stats(temp->store, &before);
        for (int times = 0; times < 2; times++)
            assert_int_equal(store_write(temp->store, write_nothing, NULL), OK);
        store_stats(temp->store, &after);
        assert_int_equal(after.wal_pages, before.wal_pages); /* it is trusted again */
    }
    assert_int_equal(temp_number(temp->store, count_items), 0);
}

/* The quiet second after a commit ends with a checkpoint, which begins with a sync. */
static void a_read_only_disk_ends_no_process(void **state) {
    struct temp_store *temp = *state;
    struct item item = {.name = "a"};
    assert_int_equal(store_write(temp->store, add_item, &item), OK);
    disk_fault_set(DISK_READ_ONLY);
    int64_t end = clock_monotonic_us() + 60 * INT64_C(1000000);
    while (store_write(temp->store, write_nothing, NULL) == OK && clock_monotonic_us() < end)
        usleep(1200000);
    assert_int_equal(store_write(temp->store, write_nothing, NULL), ERR_IO);
    assert_int_equal(temp_number(temp->store, count_items), 1);
    disk_fault_set(DISK_SOUND);
    item.name = "b";
    assert_int_equal(store_write(temp->store, add_item, &item), OK);
    temp_store_reopen(temp);
    assert_int_equal(temp_number(temp->store, count_items), 2);
}

/* More than the writer's page cache holds, so that SQLite writes, and fails, inside the statement.
 */
static enum err add_large(struct tx *tx, void *arg) {
    (void)arg;
    return tx_exec(tx, "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n "
                       "WHERE i < 3000) INSERT INTO item (name, picture) "
                       "SELECT 'large ' || i, zeroblob(3000) FROM n");
}

static void a_disk_that_fills_inside_a_statement(void **state) {
    struct temp_store *temp = *state;
    struct piece_of_test test = {
        .fn = {add_item, add_large}, .items = {{.name = "a"}, {0}}, .count = 2};
    disk_fault_set(DISK_FULL);
    run_together(temp, &test);
    disk_fault_set(DISK_SOUND);
    assert_int_equal(test.results[0], ERR_FULL);
    assert_int_equal(test.results[1], ERR_FULL);
    assert_int_equal(temp_number(temp->store, count_items), 0);
    struct item item = {.name = "a"};
    assert_int_equal(store_write(temp->store, add_item, &item), OK);
}

/* In a process of its own: opens the store, and writes with a disk that does not sync. */
static void write_without_sync(struct temp_store *temp) {
    temp_store_open(temp);
    struct item item = {.name = "a"};
    disk_fault_set(DISK_SYNC_BAD);
    enum err err = store_write(temp->store, add_item, &item);
    _exit(err == OK ? 42 : 43); /* never reached */
}

static void a_failed_sync_ends_the_process(void **state) {
    struct temp_store *temp = *state;
    pid_t pid = fork();
    if (pid == 0)
        write_without_sync(temp);
    int status = 0;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), EXIT_FAILURE);
    /* and what it was committing is in nobody's way: its pages may never reach the disk */
    temp_store_open(temp);
    assert_int_equal(temp_number(temp->store, count_items), 0);
}

/* ---- other processes ------------------------------------------------------------------------ */

static void a_file_held_too_long_is_busy_for_all_who_wait(void **state) {
    struct temp_store *temp = *state;
    int shell = temp_shell_holding(temp, "9");
    struct race race = {.store = temp->store};
    int64_t began = clock_monotonic_us();
    temp_threads(8, race_for_seat, &race);
    int64_t seconds = (clock_monotonic_us() - began) / 1000000;
    assert_int_equal(atomic_load(&race.won) + atomic_load(&race.lost), 0);
    assert_in_range(seconds, 4, 8); /* once for all, not once each */
    kill(shell, SIGKILL);
    assert_int_equal(waitpid(shell, NULL, 0), shell);
    struct item item = {.name = "a"};
    assert_int_equal(store_write(temp->store, add_item, &item), OK);
}

/* Writes for ever, and says after each confirmed write which it was. */
static void write_and_confirm(struct temp_store *temp, int out) {
    temp_store_open(temp);
    for (int32_t i = 0;; i++) {
        char name[16];
        snprintf(name, sizeof(name), "%d", i);
        struct item item = {.name = name};
        if (store_write(temp->store, add_item, &item) != OK ||
            write(out, &i, sizeof(i)) != sizeof(i))
            _exit(1);
    }
}

static void what_was_confirmed_survives_a_kill(void **state) {
    struct temp_store *temp = *state;
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    pid_t pid = fork();
    if (pid == 0)
        write_and_confirm(temp, ends[1]);
    close(ends[1]);
    int32_t confirmed = -1;
    while (confirmed < 200 && read(ends[0], &confirmed, sizeof(confirmed)) == sizeof(confirmed))
        ;
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
    while (read(ends[0], &confirmed, sizeof(confirmed)) == sizeof(confirmed))
        ;
    close(ends[0]);
    assert_true(confirmed >= 200);
    temp_store_open(temp);
    assert_true(temp_number(temp->store, count_items) >= confirmed + 1);
    assert_int_equal(temp_number(temp->store, "SELECT count(*) FROM pragma_integrity_check "
                                              "WHERE integrity_check <> 'ok'"),
                     0);
}

/* ---- the log -------------------------------------------------------------------------------- */

struct siege {
    struct store *store;
    atomic_bool over;
    atomic_int wrong;
    uint64_t longest;
};

/* Two readers whose loans overlap, so that some loan is always out; and a busy writer. */
static void besiege(int index, void *arg) {
    struct siege *siege = arg;
    while (index > 0 && !atomic_load(&siege->over)) {
        struct db *db = store_reader(siege->store);
        int64_t count = 0;
        if (db_int(db, count_items, &count) != OK)
            atomic_fetch_add(&siege->wrong, 1);
        usleep(4000);
        store_release(siege->store, db);
    }
    for (int i = 0; index == 0 && i < 48; i++) {
        if (store_write(siege->store, add_large, NULL) != OK ||
            store_write(siege->store, temp_run_sql, (void *)"DELETE FROM item") != OK)
            atomic_fetch_add(&siege->wrong, 1);
        struct store_stats stats;
        store_stats(siege->store, &stats);
        if (stats.wal_pages > siege->longest)
            siege->longest = stats.wal_pages;
    }
    if (index == 0)
        atomic_store(&siege->over, true);
}

static void the_log_stays_short_under_siege(void **state) {
    struct temp_store *temp = *state;
    struct siege siege = {.store = temp->store};
    temp_threads(4, besiege, &siege);
    assert_int_equal(atomic_load(&siege.wrong), 0);
    print_message("# longest log: %llu pages\n", (unsigned long long)siege.longest);
    assert_in_range(siege.longest, 1, 110000); /* 146000 if it never began anew */
}

/* ---- the measure ---------------------------------------------------------------------------- */

static void write_for_measure(int index, void *arg) {
    struct crowd *crowd = arg;
    for (int round = 0; round < 100; round++) {
        char name[32];
        snprintf(name, sizeof(name), "%d-%d", index, round);
        struct item item = {.name = name};
        if (store_write(crowd->store, add_item, &item) != OK)
            atomic_fetch_add(&crowd->wrong, 1);
    }
}

/* Read, not asserted: the disk decides. */
static void durable_commits_a_second(void **state) {
    struct temp_store *temp = *state;
    static const int threads[] = {1, 8, 32, 64};
    for (size_t i = 0; i < ARRAY_COUNT(threads); i++) {
        struct crowd crowd = {.store = temp->store};
        struct store_stats before, after;
        store_stats(temp->store, &before);
        int64_t began = clock_monotonic_us();
        temp_threads(threads[i], write_for_measure, &crowd);
        double seconds = (double)(clock_monotonic_us() - began) / 1e6;
        store_stats(temp->store, &after);
        assert_int_equal(atomic_load(&crowd.wrong), 0);
        print_message("# %2d writers: %.0f durable writes/s, %.1f a commit\n", threads[i],
                      threads[i] * 100 / seconds,
                      (double)(after.writes - before.writes) /
                          (double)(after.commits - before.commits));
        assert_int_equal(store_write(temp->store, temp_run_sql, (void *)"DELETE FROM item"), OK);
    }
}

int main(void) {
    disk_fault_install();
#define STORE_TEST(f) cmocka_unit_test_setup_teardown(f, temp_store_setup, temp_store_teardown)
#define FOLDER_TEST(f) cmocka_unit_test_setup_teardown(f, temp_folder_setup, temp_store_teardown)
    const struct CMUnitTest tests[] = {
        FOLDER_TEST(a_failed_sync_ends_the_process),
        FOLDER_TEST(what_was_confirmed_survives_a_kill),
        STORE_TEST(one_refusal_does_not_touch_its_neighbours),
        STORE_TEST(a_lost_transaction_is_run_again_without_the_culprit),
        STORE_TEST(many_writers_share_commits),
        STORE_TEST(five_seats_are_taken_five_times),
        STORE_TEST(a_failed_commit_is_told_to_all),
        STORE_TEST(a_disk_that_failed_is_doubted_until_it_takes_something),
        STORE_TEST(a_read_only_disk_ends_no_process),
        STORE_TEST(a_disk_that_fills_inside_a_statement),
        STORE_TEST(a_file_held_too_long_is_busy_for_all_who_wait),
        STORE_TEST(the_log_stays_short_under_siege),
        STORE_TEST(durable_commits_a_second),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
