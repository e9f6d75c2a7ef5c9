/* See temp_store.h. */
#include "temp_store.h"
#include <ftw.h>
#include <pthread.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

const char temp_schema[] =
    "PRAGMA application_id = 1413829460;"
    "PRAGMA user_version = 1;"
    "CREATE TABLE item ("
    "    id        INTEGER PRIMARY KEY,"
    "    name      TEXT NOT NULL UNIQUE,"
    "    amount    INTEGER NOT NULL DEFAULT 0 CHECK (amount BETWEEN 0 AND 1000),"
    "    note      TEXT,"
    "    picture   BLOB,"
    "    parent_id INTEGER REFERENCES item (id)"
    ") STRICT;"
    "CREATE INDEX item_parent ON item (parent_id);"
    "CREATE TRIGGER item_end AFTER INSERT ON item WHEN NEW.name = 'rollback' BEGIN"
    "    SELECT RAISE(ROLLBACK, 'the whole transaction is dropped');"
    "END;";

struct store_options temp_options(const struct temp_store *temp) {
    return (struct store_options){
        .path = temp->path,
        .backup_dir = temp->backups,
        .schema = temp_schema,
        .application_id = TEMP_APPLICATION_ID,
    };
}

int temp_folder_setup(void **state) {
    struct temp_store *temp = calloc(1, sizeof(*temp));
    assert_non_null(temp);
    snprintf(temp->folder, sizeof(temp->folder), "/tmp/test-db-XXXXXX");
    assert_non_null(mkdtemp(temp->folder));
    snprintf(temp->path, sizeof(temp->path), "%s/test.db", temp->folder);
    snprintf(temp->backups, sizeof(temp->backups), "%s/backups", temp->folder);
    *state = temp;
    return 0;
}

int temp_store_setup(void **state) {
    temp_folder_setup(state);
    temp_store_open(*state);
    return 0;
}

static int remove_one(const char *path, const struct stat *info, int type, struct FTW *walk) {
    (void)info, (void)type, (void)walk;
    return remove(path);
}

int temp_store_teardown(void **state) {
    struct temp_store *temp = *state;
    store_close(temp->store);
    nftw(temp->folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
    free(temp);
    return 0;
}

void temp_store_open(struct temp_store *temp) {
    char error[512] = "";
    const struct store_options options = temp_options(temp);
    if (store_open(&options, &temp->store, error, sizeof(error)) != OK)
        fail_msg("%s", error);
}

void temp_store_reopen(struct temp_store *temp) {
    store_close(temp->store);
    temp_store_open(temp);
}

static pid_t start_shell(const char *const arguments[]) {
    pid_t pid = -1;
    int failed = posix_spawnp(&pid, "sqlite3", NULL, NULL, (char *const *)arguments, environ);
    assert_int_equal(failed, 0);
    return pid;
}

int temp_shell(const struct temp_store *temp, const char *sql) {
    const char *const arguments[] = {"sqlite3", "-bail", temp->path, sql, NULL};
    int status = -1;
    waitpid(start_shell(arguments), &status, 0);
    return status;
}

int temp_shell_holding(const struct temp_store *temp, const char *seconds) {
    char flag[80], pause[160];
    snprintf(flag, sizeof(flag), "%s/locked", temp->folder);
    snprintf(pause, sizeof(pause), ".shell touch %s; sleep %s", flag, seconds);
    const char *const arguments[] = {
        "sqlite3",  "-bail",
        temp->path, "BEGIN IMMEDIATE; INSERT INTO item (name) VALUES ('outside')",
        pause,      "COMMIT",
        NULL};
    pid_t pid = start_shell(arguments);
    while (access(flag, F_OK) != 0)
        usleep(1000);
    return pid;
}

int64_t temp_number(struct store *store, const char *sql) {
    struct db *db = store_reader(store);
    int64_t number = -1;
    if (db_int(db, sql, &number) != OK)
        number = -1;
    store_release(store, db);
    return number;
}

enum err temp_run_sql(struct tx *tx, void *sql) {
    return tx_exec(tx, sql);
}

struct body {
    pthread_t thread;
    int index;
    void (*run)(int index, void *arg);
    void *arg;
};

static void *body_main(void *context) {
    struct body *body = context;
    body->run(body->index, body->arg);
    return NULL;
}

void temp_threads(int count, void (*run)(int index, void *arg), void *arg) {
    struct body bodies[128];
    assert_in_range(count, 1, ARRAY_COUNT(bodies));
    for (int i = 0; i < count; i++) {
        bodies[i] = (struct body){.index = i, .run = run, .arg = arg};
        assert_int_equal(pthread_create(&bodies[i].thread, NULL, body_main, &bodies[i]), 0);
    }
    for (int i = 0; i < count; i++)
        pthread_join(bodies[i].thread, NULL);
}
