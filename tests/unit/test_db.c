/* Reading and writing through a store: values, rows, transactions, snapshots, the pool. */
#include "base/arena.h"
#include "temp_store.h"
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum sql {
    ADD,
    ADD_FULL,
    ADD_CHILD,
    ADD_RETURNING,
    BY_ID,
    NAMES,
    COUNT,
    CHANGE,
    ALL,
    EACH_OF_NOTHING,
};

static const char *const sql[] = {
    [ADD] = "INSERT INTO item (name, amount) VALUES (?1, ?2)",
    [ADD_FULL] = "INSERT INTO item (name, amount, note, picture) VALUES (?1, ?2, ?3, ?4)",
    [ADD_CHILD] = "INSERT INTO item (name, parent_id) VALUES (?1, ?2)",
    [ADD_RETURNING] = "INSERT INTO item (name, parent_id) VALUES (?1, ?2) RETURNING id, name",
    [BY_ID] = "SELECT name, amount, note, picture FROM item WHERE id = ?1",
    [NAMES] = "SELECT name FROM item ORDER BY name",
    [COUNT] = "SELECT count(*) FROM item",
    [CHANGE] = "UPDATE item SET amount = amount + ?1 WHERE amount < ?2",
    [ALL] = "SELECT each_row(id, name, note, amount) FROM item",
    [EACH_OF_NOTHING] = "SELECT each_row(id) FROM item WHERE id < 0",
};

static enum err add_named(struct tx *tx, void *name) {
    return tx_exec(tx, sql[ADD], V((const char *)name), V(1));
}

static void must_add(struct store *store, const char *name) {
    assert_int_equal(store_write(store, add_named, (void *)name), OK);
}

/* ---- values and rows ------------------------------------------------------------------------ */

static enum err add_values(struct tx *tx, void *ids) {
    int64_t *id = ids;
    enum color { RED, GREEN } color = GREEN;
    enum err err = tx_exec(tx, sql[ADD_FULL], V("Ñandú ☂"), V(color), V_NULL, V_BLOB("a\0b", 3));
    id[0] = tx_last_id(tx);
    if (err == OK)
        err = tx_exec(tx, sql[ADD_FULL], V(""), V(true), V((char *)"note"), V_BLOB("", 0));
    id[1] = tx_last_id(tx);
    if (err == OK)
        err = tx_exec(tx, sql[ADD_FULL], V("third"), V_OPT(true, 7), V((const char *)NULL),
                      V_BLOB(NULL, 0));
    id[2] = tx_last_id(tx);
    return err;
}

static void values_come_back_as_they_went_in(void **state) {
    struct temp_store *temp = *state;
    struct arena *arena = arena_create();
    int64_t id[3];
    assert_int_equal(store_write(temp->store, add_values, id), OK);

    struct db *db = store_reader(temp->store);
    size_t size = 99;
    struct rows *rows = db_query(db, sql[BY_ID], V(id[0]));
    assert_true(rows_next(rows));
    assert_string_equal(rows_text(rows, 0, arena), "Ñandú ☂");
    assert_int_equal(rows_int(rows, 1), 1);
    assert_true(rows_bool(rows, 1));
    assert_true(rows_null(rows, 2));
    assert_null(rows_text(rows, 2, arena));
    assert_memory_equal(rows_blob(rows, 3, arena, &size), "a\0b", 3);
    assert_int_equal(size, 3);
    assert_false(rows_next(rows));
    assert_false(rows_next(rows)); /* stays at its end, does not begin again */
    assert_int_equal(rows_end(rows), OK);

    rows = db_query(db, sql[BY_ID], V(id[1]));
    assert_true(rows_next(rows));
    assert_string_equal(rows_text(rows, 0, arena), "");
    assert_string_equal(rows_text(rows, 2, arena), "note");
    assert_non_null(rows_blob(rows, 3, arena, &size));
    assert_int_equal(size, 0);
    assert_int_equal(rows_end(rows), OK); /* before the last row */

    rows = db_query(db, sql[BY_ID], V(id[2]));
    assert_true(rows_next(rows));
    assert_int_equal(rows_int(rows, 1), 7);
    assert_true(rows_null(rows, 2));
    assert_null(rows_blob(rows, 3, arena, &size));
    assert_int_equal(rows_end(rows), OK);
    store_release(temp->store, db);
    arena_destroy(arena);
}

static void values_of_a_query_are_copied(void **state) {
    struct temp_store *temp = *state;
    must_add(temp->store, "ant");
    struct db *db = store_reader(temp->store);
    char name[] = "ant";
    struct rows *rows = db_query(db, "SELECT id FROM item WHERE name = ?1", V(name));
    memcpy(name, "bee", sizeof(name));
    assert_true(rows_next(rows));
    assert_int_equal(rows_end(rows), OK);
    store_release(temp->store, db);
}

static void the_same_statement_may_be_open_twice(void **state) {
    struct temp_store *temp = *state;
    must_add(temp->store, "ant");
    must_add(temp->store, "bee");
    must_add(temp->store, "cat");
    struct arena *arena = arena_create();
    struct db *db = store_reader(temp->store);
    int pairs = 0;
    struct rows *outer = db_query(db, sql[NAMES]);
    while (rows_next(outer)) {
        const char *name = rows_text(outer, 0, arena);
        struct rows *inner = db_query(db, sql[NAMES]);
        while (rows_next(inner))
            pairs += strcmp(name, rows_text(inner, 0, arena)) < 0;
        assert_int_equal(rows_end(inner), OK);
    }
    assert_int_equal(rows_end(outer), OK);
    assert_int_equal(pairs, 3);
    store_release(temp->store, db);
    arena_destroy(arena);
}

static void many_statements_keep_their_own_text(void **state) {
    struct temp_store *temp = *state;
    static char texts[700][32];
    struct db *db = store_reader(temp->store);
    for (int i = 0; i < 700; i++)
        snprintf(texts[i], sizeof(texts[i]), "SELECT %d + ?1", i * 10);
    for (int round = 0; round < 3; round++) {
        for (int i = 0; i < 700; i++) {
            int64_t answer = -1;
            assert_int_equal(db_int(db, texts[i], &answer, V(round)), OK);
            assert_int_equal(answer, i * 10 + round);
        }
    }
    store_release(temp->store, db);
}

struct seen {
    int count;
    int64_t amounts, beyond;
    char text[64];
};

static void see(const struct row *row, void *ctx) {
    struct seen *seen = ctx;
    const char *note = row_text(row, 2);
    seen->count++;
    seen->amounts += row_int(row, 3);
    seen->beyond |= row_int(row, 4) || row_text(row, 4);
    size_t used = strlen(seen->text);
    snprintf(seen->text + used, sizeof(seen->text) - used, "%d:%s:%s ", (int)row_int(row, 0),
             row_text(row, 1), note ? note : "-");
}

static void a_scan_hands_out_every_row_as_the_table_lies(void **state) {
    struct temp_store *temp = *state;
    int64_t id[3];
    assert_int_equal(store_write(temp->store, add_values, id), OK);
    struct db *db = store_reader(temp->store);
    struct seen seen = {0};
    assert_int_equal(db_scan(db, sql[ALL], see, &seen), OK);
    assert_int_equal(seen.count, 3);
    assert_int_equal(seen.amounts, 1 + 1 + 7);
    assert_int_equal(seen.beyond, 0);
    assert_string_equal(seen.text, "1:Ñandú ☂:- 2::note 3:third:- ");
    assert_int_equal(db_scan(db, sql[EACH_OF_NOTHING], see, &seen), OK);
    assert_int_equal(seen.count, 3);
    struct rows *rows = db_query(db, sql[ALL]); /* outside a scan there is nobody to call */
    assert_true(rows_next(rows));
    assert_true(rows_null(rows, 0));
    assert_int_equal(rows_end(rows), OK);
    assert_int_equal(seen.count, 3);
    store_release(temp->store, db);
}

static void one_integer(void **state) {
    struct temp_store *temp = *state;
    struct db *db = store_reader(temp->store);
    int64_t answer = 42;
    assert_int_equal(db_int(db, "SELECT id FROM item WHERE name = ?1", &answer, V("nobody")),
                     ERR_NOT_FOUND);
    assert_int_equal(answer, 42);
    assert_int_equal(db_int(db, "SELECT max(id) FROM item", &answer), OK);
    assert_int_equal(answer, 0);
    store_release(temp->store, db);
}

/* ---- our own mistakes show ------------------------------------------------------------------ */

static void misuse_fails_loudly(void **state) {
    struct temp_store *temp = *state;
    must_add(temp->store, "ant");
    struct db *db = store_reader(temp->store);
    int64_t answer;
    assert_int_equal(db_int(db, sql[BY_ID], &answer), ERR_INTERNAL);
    assert_int_equal(db_int(db, sql[COUNT], &answer, V(1)), ERR_INTERNAL);
    assert_int_equal(db_int(db, "SELECT nonsense", &answer), ERR_INTERNAL);

    struct rows *rows = db_query(db, sql[COUNT]);
    assert_true(rows_next(rows));
    assert_int_equal(rows_int(rows, 1), 0); /* there is only column 0 */
    assert_int_equal(rows_end(rows), ERR_INTERNAL);

    rows = db_query(db, sql[COUNT]);
    assert_int_equal(rows_int(rows, 0), 0); /* before the first row */
    assert_int_equal(rows_end(rows), ERR_INTERNAL);

    rows = db_query(db, sql[ADD], V("bee"), V(1)); /* writing by a reader */
    assert_false(rows_next(rows));
    assert_int_equal(rows_end(rows), ERR_INTERNAL);
    store_release(temp->store, db);
    assert_int_equal(temp_number(temp->store, sql[COUNT]), 1);
}

static void a_forgotten_end_harms_nobody_else(void **state) {
    struct temp_store *temp = *state;
    must_add(temp->store, "ant");
    for (int i = 0; i < 10; i++) {
        struct db *db = store_reader(temp->store);
        assert_true(rows_next(db_query(db, sql[NAMES])));
        store_release(temp->store, db);
    }
    must_add(temp->store, "bee");
    assert_int_equal(temp_number(temp->store, sql[COUNT]), 2);
}

static enum err forget_end(struct tx *tx, void *arg) {
    (void)arg;
    rows_next(tx_query(tx, sql[ADD_RETURNING], V("bee"), V_NULL));
    return OK;
}

static void a_forgotten_end_undoes_a_write(void **state) {
    struct temp_store *temp = *state;
    assert_int_equal(store_write(temp->store, forget_end, NULL), ERR_INTERNAL);
    assert_int_equal(temp_number(temp->store, sql[COUNT]), 0);
}

static enum err write_again(struct tx *tx, void *store) {
    (void)tx;
    return store_write(store, add_named, (void *)"ant");
}

static void a_write_inside_a_write_is_refused(void **state) {
    struct temp_store *temp = *state;
    assert_int_equal(store_write(temp->store, write_again, temp->store), ERR_INTERNAL);
    assert_int_equal(temp_number(temp->store, sql[COUNT]), 0);
}

/* ---- transactions --------------------------------------------------------------------------- */

static enum err add_twice(struct tx *tx, void *saw) {
    enum err *seen = saw;
    enum err err = tx_exec(tx, sql[ADD], V("ant"), V(1));
    if (err)
        return err;
    seen[0] = tx_exec(tx, sql[ADD], V("ant"), V(2));
    seen[1] = tx_exec(tx, sql[ADD], V("dear"), V(1001));
    seen[2] = tx_exec(tx, sql[ADD_CHILD], V("orphan"), V(12345));
    return tx_exec(tx, sql[ADD], V("bee"), V(3));
}

static void a_conflict_is_an_answer(void **state) {
    struct temp_store *temp = *state;
    enum err saw[3] = {OK, OK, OK};
    assert_int_equal(store_write(temp->store, add_twice, saw), OK);
    assert_int_equal(saw[0], ERR_CONFLICT);
    assert_int_equal(saw[1], ERR_CONFLICT);
    assert_int_equal(saw[2], ERR_CONFLICT);
    assert_int_equal(temp_number(temp->store, sql[COUNT]), 2);
}

static enum err ignore_failure(struct tx *tx, void *saw) {
    enum err *seen = saw;
    enum err err = tx_exec(tx, sql[ADD], V("ant"), V(1));
    if (err)
        return err;
    seen[0] = tx_exec(tx, sql[ADD], V_NULL, V(1)); /* NOT NULL: our own mistake */
    seen[1] = tx_exec(tx, sql[ADD], V("bee"), V(1));
    return OK;
}

static void a_failure_spoils_the_transaction(void **state) {
    struct temp_store *temp = *state;
    enum err saw[2] = {OK, OK};
    assert_int_equal(store_write(temp->store, ignore_failure, saw), ERR_INTERNAL);
    assert_int_equal(saw[0], ERR_INTERNAL);
    assert_int_equal(saw[1], ERR_INTERNAL);
    assert_int_equal(temp_number(temp->store, sql[COUNT]), 0);
    must_add(temp->store, "cat"); /* and only that one */
}

static enum err add_then_refuse(struct tx *tx, void *name) {
    enum err err = add_named(tx, name);
    return err ? err : ERR_REFUSED;
}

static void a_refusal_undoes_its_work(void **state) {
    struct temp_store *temp = *state;
    assert_int_equal(store_write(temp->store, add_then_refuse, (void *)"ant"), ERR_REFUSED);
    assert_int_equal(temp_number(temp->store, sql[COUNT]), 0);
    struct store_stats stats;
    store_stats(temp->store, &stats);
    assert_int_equal(stats.refused, 1);
    assert_int_equal(stats.writes, 0);
}

static enum err read_own_work(struct tx *tx, void *count) {
    enum err err = add_named(tx, (void *)"ant");
    return err ? err : db_int(tx_db(tx), sql[COUNT], count);
}

static void a_transaction_reads_its_own_work(void **state) {
    struct temp_store *temp = *state;
    int64_t count = 0;
    assert_int_equal(store_write(temp->store, read_own_work, &count), OK);
    assert_int_equal(count, 1);
}

static enum err count_changes(struct tx *tx, void *changes) {
    int64_t *changed = changes;
    for (int i = 0; i < 5; i++) {
        char name[] = {(char)('a' + i), '\0'};
        enum err err = tx_exec(tx, sql[ADD], V(name), V(i));
        if (err)
            return err;
    }
    changed[0] = tx_exec(tx, sql[CHANGE], V(10), V(3)) == OK ? tx_changes(tx) : -1;
    changed[1] = tx_exec(tx, sql[CHANGE], V(10), V(0)) == OK ? tx_changes(tx) : -1;
    changed[2] = tx_exec(tx, sql[ADD], V("a"), V(1)) == ERR_CONFLICT ? tx_changes(tx) : -1;
    return OK;
}

static void changes_are_counted(void **state) {
    struct temp_store *temp = *state;
    int64_t changed[3];
    assert_int_equal(store_write(temp->store, count_changes, changed), OK);
    assert_int_equal(changed[0], 3);
    assert_int_equal(changed[1], 0);
    assert_int_equal(changed[2], 0);
}

struct returning {
    enum err good, bad;
    int64_t id;
};

static enum err add_returning(struct tx *tx, void *arg) {
    struct returning *result = arg;
    struct rows *rows = tx_query(tx, sql[ADD_RETURNING], V("ant"), V_NULL);
    if (rows_next(rows))
        result->id = rows_int(rows, 0);
    result->good = rows_end(rows);
    rows = tx_query(tx, sql[ADD_RETURNING], V("orphan"), V(12345));
    rows_next(rows);
    result->bad = rows_end(rows);
    return OK;
}

static void returning_gives_rows_and_conflicts(void **state) {
    struct temp_store *temp = *state;
    struct returning result = {0};
    assert_int_equal(store_write(temp->store, add_returning, &result), OK);
    assert_int_equal(result.good, OK);
    assert_int_equal(result.id, 1);
    assert_int_equal(result.bad, ERR_CONFLICT);
    assert_int_equal(temp_number(temp->store, sql[COUNT]), 1);
}

/* ---- unawaited writes ----------------------------------------------------------------------- */

static atomic_int freed;

static void count_freed(void *arg) {
    (void)arg;
    atomic_fetch_add(&freed, 1);
}

static void unawaited_writes_are_done_before_closing(void **state) {
    struct temp_store *temp = *state;
    static char names[50][8];
    atomic_store(&freed, 0);
    for (int i = 0; i < 50; i++) {
        snprintf(names[i], sizeof(names[i]), "n%d", i % 49); /* one of them twice: refused */
        store_write_later(temp->store, add_named, names[i], count_freed);
    }
    temp_store_reopen(temp);
    assert_int_equal(atomic_load(&freed), 50);
    assert_int_equal(temp_number(temp->store, sql[COUNT]), 49);
}

/* ---- readers -------------------------------------------------------------------------------- */

static void a_loan_sees_one_moment(void **state) {
    struct temp_store *temp = *state;
    must_add(temp->store, "ant");
    struct db *db = store_reader(temp->store);
    int64_t count = 0;
    assert_int_equal(db_int(db, sql[COUNT], &count), OK);
    must_add(temp->store, "bee");
    assert_int_equal(temp_shell(temp, "INSERT INTO item (name) VALUES ('cat')"), 0);
    assert_int_equal(db_int(db, sql[COUNT], &count), OK);
    assert_int_equal(count, 1);
    store_release(temp->store, db);
    assert_int_equal(temp_number(temp->store, sql[COUNT]), 3);
}

struct crowd {
    struct store *store;
    atomic_int inside, most, failures;
};

static void borrow_often(int index, void *arg) {
    struct crowd *crowd = arg;
    (void)index;
    for (int i = 0; i < 40; i++) {
        struct db *db = store_reader(crowd->store);
        int inside = atomic_fetch_add(&crowd->inside, 1) + 1;
        int most = atomic_load(&crowd->most);
        while (inside > most && !atomic_compare_exchange_weak(&crowd->most, &most, inside))
            ;
        int64_t count = 0;
        if (db_int(db, sql[COUNT], &count) != OK || count != 1)
            atomic_fetch_add(&crowd->failures, 1);
        usleep(200);
        atomic_fetch_sub(&crowd->inside, 1);
        store_release(crowd->store, db);
    }
}

static void at_most_four_read_and_the_rest_wait(void **state) {
    struct temp_store *temp = *state;
    must_add(temp->store, "ant");
    struct crowd crowd = {.store = temp->store};
    temp_threads(16, borrow_often, &crowd);
    assert_int_equal(atomic_load(&crowd.failures), 0);
    assert_int_equal(atomic_load(&crowd.most), 4);
    struct store_stats stats;
    store_stats(temp->store, &stats);
    assert_int_equal(stats.readers_open, 4);
    assert_true(stats.reader_waits > 0);
    assert_int_equal(stats.queries, 16 * 40);
}

struct together {
    struct store *store;
    atomic_bool done;
    atomic_int pairs, singles, differences;
};

static void write_or_read_together(int index, void *arg) {
    struct together *t = arg;
    struct db *dbs[STORE_READERS];
    char name[32];
    if (index > 0) {
        for (int i = 0; !atomic_load(&t->done); i++) {
            snprintf(name, sizeof(name), "n%d-%d", index, i);
            must_add(t->store, name);
        }
        return;
    }
    for (int i = 0; i < 200; i++) {
        size_t lent = store_readers(t->store, dbs, STORE_READERS);
        int64_t count[STORE_READERS] = {0};
        usleep(500);
        for (size_t n = 0; n < lent; n++)
            if (db_int(dbs[n], sql[COUNT], &count[n]) != OK || count[n] != count[0])
                atomic_fetch_add(&t->differences, 1);
        for (size_t n = 0; n < lent; n++)
            store_release(t->store, dbs[n]);
        atomic_fetch_add(lent > 1 ? &t->pairs : &t->singles, 1);
    }
    atomic_store(&t->done, true);
}

static void several_readers_see_the_same_moment(void **state) {
    struct temp_store *temp = *state;
    struct together together = {.store = temp->store};
    temp_threads(3, write_or_read_together, &together);
    assert_int_equal(atomic_load(&together.differences), 0);
    assert_true(atomic_load(&together.pairs) > 0);
    struct db *dbs[STORE_READERS];
    assert_int_equal(store_readers(temp->store, dbs, 1), 1);
    store_release(temp->store, dbs[0]);
    assert_int_equal(store_readers(temp->store, dbs, 100), STORE_READERS);
    for (size_t i = 0; i < STORE_READERS; i++)
        store_release(temp->store, dbs[i]);
}

/* One thread counts for ever, the other one says that it is over. */
static void count_for_ever(int thread, void *arg) {
    struct temp_store *temp = arg;
    int64_t number;
    if (thread == 1) {
        store_cancel_reads(temp->store);
        return;
    }
    struct db *db = store_reader(temp->store);
    assert_int_equal(db_int(db,
                            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)"
                            " SELECT max(i) FROM n",
                            &number),
                     ERR_BUSY);
    store_release(temp->store, db);
}

static void long_reads_are_cancelled_and_writes_are_not(void **state) {
    struct temp_store *temp = *state;
    assert_false(store_reads_cancelled(temp->store));
    temp_threads(2, count_for_ever, temp);
    assert_true(store_reads_cancelled(temp->store));
    must_add(temp->store, "still written");
}

/* ---- the outside world ---------------------------------------------------------------------- */

static void the_version_follows_every_change(void **state) {
    struct temp_store *temp = *state;
    uint64_t version = store_version(temp->store);
    assert_int_equal(temp_number(temp->store, sql[COUNT]), 0);
    assert_int_equal(store_version(temp->store), version);

    must_add(temp->store, "ant");
    uint64_t after_own = store_version(temp->store);
    assert_int_not_equal(after_own, version);
    assert_int_equal(store_version(temp->store), after_own);

    assert_int_equal(temp_shell(temp, "UPDATE item SET amount = 5"), 0);
    uint64_t after_outside = store_version(temp->store);
    assert_int_not_equal(after_outside, after_own);
    assert_int_equal(temp_number(temp->store, "SELECT amount FROM item"), 5);
    assert_int_equal(store_version(temp->store), after_outside);
}

static void writers_outside_are_waited_for(void **state) {
    struct temp_store *temp = *state;
    int shell = temp_shell_holding(temp, "0.3");
    must_add(temp->store, "ours");
    assert_int_equal(temp_number(temp->store, sql[COUNT]), 2);
    assert_int_equal(waitpid(shell, NULL, 0), shell);
}

int main(void) {
#define STORE_TEST(f) cmocka_unit_test_setup_teardown(f, temp_store_setup, temp_store_teardown)
    const struct CMUnitTest tests[] = {
        STORE_TEST(values_come_back_as_they_went_in),
        STORE_TEST(values_of_a_query_are_copied),
        STORE_TEST(the_same_statement_may_be_open_twice),
        STORE_TEST(many_statements_keep_their_own_text),
        STORE_TEST(a_scan_hands_out_every_row_as_the_table_lies),
        STORE_TEST(one_integer),
        STORE_TEST(misuse_fails_loudly),
        STORE_TEST(a_forgotten_end_harms_nobody_else),
        STORE_TEST(a_forgotten_end_undoes_a_write),
        STORE_TEST(a_write_inside_a_write_is_refused),
        STORE_TEST(a_conflict_is_an_answer),
        STORE_TEST(a_failure_spoils_the_transaction),
        STORE_TEST(a_refusal_undoes_its_work),
        STORE_TEST(a_transaction_reads_its_own_work),
        STORE_TEST(changes_are_counted),
        STORE_TEST(returning_gives_rows_and_conflicts),
        STORE_TEST(unawaited_writes_are_done_before_closing),
        STORE_TEST(a_loan_sees_one_moment),
        STORE_TEST(at_most_four_read_and_the_rest_wait),
        STORE_TEST(several_readers_see_the_same_moment),
        STORE_TEST(long_reads_are_cancelled_and_writes_are_not),
        STORE_TEST(the_version_follows_every_change),
        STORE_TEST(writers_outside_are_waited_for),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
