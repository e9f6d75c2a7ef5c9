/* A snapshot file that somebody made up: it is refused, or all reports run over it. The checksum
 * would keep everything out, so it is set right first, with what else says only that the file is
 * whole.
 *
 * The input ends with the filter: from, to (days behind the first one), topic, level. */
#include "analytics/report.h"
#include "analytics/snapshot_file.h"
#include "base/buf.h"
#include "base/log.h"
#include "base/secret.h"
#include "fuzz.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { THREADS = 2 };

struct tail {
    uint8_t from[2], to[2], topic, level;
};

static struct {
    struct workers *workers;
    struct arena *arena;
    int fd;
    char path[32];
} run;

int LLVMFuzzerInitialize(int *argc, char ***argv);
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed);

int LLVMFuzzerInitialize(int *argc, char ***argv) {
    (void)argc, (void)argv;
    log_setup(LOG_ERROR, LOG_TEXT);
    if (secret_setup(1, 8) != OK)
        abort();
    run.workers = workers_create(THREADS);
    run.arena = arena_create();
    run.fd = memfd_create("snapshot", MFD_CLOEXEC);
    snprintf(run.path, sizeof(run.path), "/proc/self/fd/%d", run.fd);
    return 0;
}

static void put_file(const uint8_t *data, size_t size) {
    uint8_t *file = malloc(size);
    memcpy(file, data, size);
    struct snapshot_header *h = (struct snapshot_header *)file;
    memcpy(h->magic, SNAPSHOT_MAGIC, sizeof(h->magic));
    h->version = SNAPSHOT_VERSION;
    h->sections = SNAPSHOT_SECTIONS;
    h->file_size = size;
    h->zone[SNAPSHOT_ZONE_MAX - 1] = '\0';
    uint8_t content[SECRET_DIGEST_SIZE];
    snapshot_digest(file + sizeof(*h), size - sizeof(*h), NULL, content);
    snapshot_checksum(h, content, h->checksum);
    if (ftruncate(run.fd, 0) != 0 || pwrite(run.fd, file, size, 0) != (ssize_t)size)
        abort();
    free(file);
}

static struct report_filter filter_of(const struct snapshot *snapshot, const struct tail *tail) {
    int64_t first = snapshot_header(snapshot)->first_day;
    int from = tail->from[0] | tail->from[1] << 8, to = tail->to[0] | tail->to[1] << 8;
    struct report_filter filter = {.topic_id = tail->topic, .level = tail->level % 5};
    if (from)
        filter.from = date_from_days(first + from - 1);
    if (to)
        filter.to = date_from_days(first + to - 1);
    return filter;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct snapshot *snapshot;
    struct tail tail;
    if (size < sizeof(struct snapshot_header) + sizeof(tail))
        return -1;
    size -= sizeof(tail);
    memcpy(&tail, data + size, sizeof(tail));
    put_file(data, size);
    if (snapshot_open(run.path, &snapshot) != OK)
        return 0;
    const struct report_filter none = {0}, some = filter_of(snapshot, &tail);
    struct report report;
    struct buf json = {0};
    report_run(snapshot, run.workers, &none, REPORT_ALL, run.arena, &report);
    report_json(snapshot, &report, &json);
    report_run(snapshot, run.workers, &some, REPORT_ALL, run.arena, &report);
    buf_free(&json);
    arena_reset(run.arena);
    snapshot_release(snapshot);
    return 0;
}

/* ---- mutating -------------------------------------------------------------------------------
 *
 * Bytes changed at random are seldom a file that is accepted, so every other time a file is changed
 * as somebody would who knows the format: another first day, an odd number among the values, a
 * section again at the end with wider values. */

static uint64_t odd_number(unsigned *seed) {
    static const uint64_t ODD[] = {0,         1,          2,         3,
                                   255,       256,        65535,     65536,
                                   INT32_MAX, UINT32_MAX, INT64_MAX, UINT64_C(1) << 63,
                                   UINT64_MAX};
    unsigned pick = (unsigned)rand_r(seed);
    return pick % 4 ? ODD[pick / 4 % ARRAY_COUNT(ODD)] : (uint64_t)rand_r(seed) % 512;
}

static uint64_t value_at(const uint8_t *file, const struct snapshot_section *s, uint64_t i) {
    uint64_t value = 0;
    memcpy(&value, file + s->offset + i * s->width, s->width);
    return value;
}

/* Answers the new size; 0: the section is not one, or there is no room. */
static size_t widen(uint8_t *file, size_t size, size_t room, struct snapshot_section *s,
                    unsigned *seed) {
    uint32_t width = 1U << (unsigned)rand_r(seed) % 4;
    size_t at = (size + SNAPSHOT_ALIGN - 1) / SNAPSHOT_ALIGN * SNAPSHOT_ALIGN;
    if (at > room || s->count > (room - at) / width)
        return 0;
    memset(file + size, 0, at - size);
    for (uint64_t i = 0; i < s->count; i++) {
        uint64_t value = rand_r(seed) % 8 ? value_at(file, s, i) : odd_number(seed);
        memcpy(file + at + i * width, &value, width);
    }
    s->width = width;
    s->offset = at;
    return at + s->count * width;
}

static size_t change(uint8_t *file, size_t size, size_t room, unsigned *seed) {
    struct snapshot_header *h = (struct snapshot_header *)file;
    struct snapshot_section *sections = (struct snapshot_section *)(file + sizeof(*h));
    struct snapshot_section *s = &sections[(unsigned)rand_r(seed) % SNAPSHOT_SECTIONS];
    bool sane = (s->width == 1 || s->width == 2 || s->width == 4 || s->width == 8) &&
                s->offset <= size && s->count <= (size - s->offset) / s->width && s->count;
    switch ((unsigned)rand_r(seed) % 5) {
    case 0:
        h->first_day = (int32_t)odd_number(seed);
        return size;
    case 1:
        h->days = (int32_t)odd_number(seed);
        return size;
    case 2:
        return sane ? widen(file, size, room, s, seed) : 0;
    default:
        if (!sane)
            return 0;
        const uint64_t value = odd_number(seed), i = (unsigned)rand_r(seed) % s->count;
        memcpy(file + s->offset + i * s->width, &value, s->width);
        return size;
    }
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed) {
    const size_t directory =
        sizeof(struct snapshot_header) + SNAPSHOT_SECTIONS * sizeof(struct snapshot_section);
    struct tail tail;
    if (size < directory + sizeof(tail) || seed % 2)
        return LLVMFuzzerMutate(data, size, max_size);
    size -= sizeof(tail);
    memcpy(&tail, data + size, sizeof(tail));
    size_t changed = change(data, size, max_size - sizeof(tail), &seed);
    memcpy(data + (changed ? changed : size), &tail, sizeof(tail));
    return (changed ? changed : size) + sizeof(tail);
}
