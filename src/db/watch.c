/* Watching for commits, of this process or another one, by looking at what every commit in WAL mode
 * changes: the header of the WAL index, in memory that all processes share.
 *
 * SQLite itself compares this header, kept twice, to find out at the start of a transaction whether
 * a connection's cache is stale (walIndexTryHdr, which PRAGMA data_version rests on), but takes
 * locks and system calls to do so: four microseconds of a request that otherwise needs thirty. The
 * layout is part of the file format: https://www.sqlite.org/walformat.html, section 2.1. */
#include "db/watch.h"
#include "base/log.h"
#include "db/connection.h"
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    REGION = 32 * 1024,    /* bytes the index is mapped in */
    HEADER_WORDS = 48 / 4, /* of one copy */
};

struct watch {
    struct db db; /* keeps the index mapped; never used after opening */
    const volatile uint32_t *index;
    atomic_uint_fast64_t doubts;
};

/* The first page of the WAL index, by way of the interface SQLite has for its own use of it. */
static int map_index(struct watch *watch) {
    sqlite3_file *file = NULL;
    void volatile *region = NULL;
    int64_t ignored;
    int code = connection_number(&watch->db, "SELECT count(*) FROM sqlite_schema", &ignored);
    if (code == SQLITE_OK)
        code = sqlite3_file_control(watch->db.handle, "main", SQLITE_FCNTL_FILE_POINTER, &file);
    if (code == SQLITE_OK)
        code = file->pMethods->xShmMap(file, 0, REGION, 0, &region);
    watch->index = region;
    return code != SQLITE_OK || region ? code : SQLITE_CANTOPEN;
}

enum err watch_open(const char *path, struct watch **out, char *error, size_t error_size) {
    struct watch *watch = calloc(1, sizeof(*watch));
    if (!watch)
        abort();
    *out = NULL;
    enum err err = connection_open(&watch->db, path, CONNECTION_READER, error, error_size);
    if (err) {
        free(watch);
        return err;
    }
    int code = map_index(watch);
    if (code == SQLITE_OK) {
        *out = watch;
        return OK;
    }
    snprintf(error, error_size, "The database %s cannot be watched: %s.", path,
             sqlite3_errstr(code));
    watch_close(watch);
    return connection_err(code);
}

void watch_close(struct watch *watch) {
    if (!watch)
        return;
    connection_close(&watch->db);
    free(watch);
}

static void read_words(const volatile uint32_t *from, uint32_t words[HEADER_WORDS]) {
    for (int i = 0; i < HEADER_WORDS; i++)
        words[i] = from[i];
    atomic_thread_fence(memory_order_acquire);
}

/* The header in one number: FNV-1a, 64 bits a step, as two headers that differ differ in a counter,
 * salts and checksums. A writer changes the second copy first, so a header that both agree on is
 * whole. When it cannot be known whether something changed, it has. */
uint64_t watch_version(struct watch *watch) {
    uint32_t first[HEADER_WORDS], second[HEADER_WORDS];
    read_words(watch->index, first);
    read_words(watch->index + HEADER_WORDS, second);
    if (memcmp(first, second, sizeof(first)) != 0)
        return atomic_fetch_add(&watch->doubts, 1);
    uint64_t version = UINT64_C(14695981039346656037);
    for (int i = 0; i < HEADER_WORDS; i += 2) {
        version ^= (uint64_t)first[i] << 32 | first[i + 1];
        version *= UINT64_C(1099511628211);
        version ^= version >> 32;
    }
    return version;
}
