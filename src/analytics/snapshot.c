/* Opening a snapshot file: nothing in it is trusted before its checksum and its directory are. */
#include "analytics/snapshot.h"
#include "analytics/delta.h"
#include "analytics/snapshot_file.h"
#include "base/date.h"
#include "base/log.h"
#include "base/secret.h"
#include "base/workers.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

const char SNAPSHOT_MAGIC[8] = {'T', 'A', 'L', 'L', 'E', 'R', 'S', 'N'};

struct digesting {
    const uint8_t *bytes;
    size_t size;
    uint8_t (*of)[SECRET_DIGEST_SIZE]; /* each stretch */
};

static void digest_stretch(void *ctx, size_t index, int worker) {
    const struct digesting *d = ctx;
    size_t first = index * SNAPSHOT_STRETCH, left = d->size - first;
    (void)worker;
    secret_digest(d->bytes + first, left < SNAPSHOT_STRETCH ? left : SNAPSHOT_STRETCH,
                  d->of[index]);
}

void snapshot_digest(const void *bytes, size_t size, struct workers *workers,
                     uint8_t digest[SECRET_DIGEST_SIZE]) {
    size_t count = (size + SNAPSHOT_STRETCH - 1) / SNAPSHOT_STRETCH;
    struct digesting d = {.bytes = bytes, .size = size, .of = calloc(count + 1, sizeof(*d.of))};
    if (!d.of)
        abort();
    if (workers)
        workers_run(workers, count, digest_stretch, &d);
    for (size_t i = 0; !workers && i < count; i++)
        digest_stretch(&d, i, 0);
    secret_digest(d.of, count * sizeof(*d.of), digest);
    free(d.of);
}

void snapshot_checksum(const struct snapshot_header *header,
                       const uint8_t content[SECRET_DIGEST_SIZE],
                       uint8_t checksum[SECRET_DIGEST_SIZE]) {
    struct snapshot_header zeroed = *header;
    memset(zeroed.checksum, 0, sizeof(zeroed.checksum));
    uint8_t both[2][SECRET_DIGEST_SIZE];
    secret_digest(&zeroed, sizeof(zeroed), both[0]);
    memcpy(both[1], content, SECRET_DIGEST_SIZE);
    secret_digest(both, sizeof(both), checksum);
}

/* ---- checks --------------------------------------------------------------------------------- */

/* `end`: of the section before; sections follow one another. */
static bool section_fits(const struct snapshot_section *s, uint64_t end, uint64_t file_size) {
    if (s->offset % SNAPSHOT_ALIGN != 0 || s->offset < end || s->offset > file_size)
        return false;
    if (s->width != 1 && s->width != 2 && s->width != 4 && s->width != 8)
        return false;
    return s->count <= (file_size - s->offset) / s->width;
}

static bool read_directory(struct snapshot *snapshot) {
    const struct snapshot_header *h = &snapshot->header;
    const struct snapshot_section *sections =
        (const struct snapshot_section *)(snapshot->map + sizeof(*h));
    if (h->sections != SNAPSHOT_SECTIONS ||
        snapshot->size < sizeof(*h) + SNAPSHOT_SECTIONS * sizeof(*sections))
        return false;
    uint64_t end = sizeof(*h) + SNAPSHOT_SECTIONS * sizeof(*sections);
    for (int i = 0; i < SNAPSHOT_SECTIONS; i++) {
        if (sections[i].id != (uint32_t)i || !section_fits(&sections[i], end, h->file_size))
            return false;
        end = sections[i].offset + sections[i].count * sections[i].width;
        struct snapshot_column column = {snapshot->map + sections[i].offset, sections[i].width,
                                         sections[i].count};
        snapshot->dimensions[i] = column;
        if (i < SNAPSHOT_FACTS)
            snapshot->sources[0].columns[i] = column;
    }
    snapshot->sources[0].rows = h->rows;
    snapshot->sources[0].orders = snapshot->dimensions[ORDER_ID].count;
    return true;
}

static bool counts_agree(const struct snapshot *snapshot) {
    const struct snapshot_column *c = snapshot->dimensions;
    uint64_t rows = snapshot->header.rows;
    for (int i = ROW_FARE; i <= ROW_GROUP; i++)
        if (c[i].count != rows || c[i].width > 4)
            return false;
    return c[ROW_BRACKET].width <= 2 && c[ROW_GROUP].width <= 2 &&
           c[DAY_FIRST].count == (uint64_t)snapshot->header.days + 1 &&
           c[ORDER_FIRST].count == c[ORDER_ID].count + 1 && c[ORDER_FIRST].width <= 4 &&
           c[ORDER_ACCOUNT].count == c[ORDER_ID].count && c[ORDER_ACCOUNT].width <= 4 &&
           c[BACK_DAY].count == c[BACK_PRICE].count &&
           c[BACK_WORKSHOP].count == c[BACK_PRICE].count &&
           c[BACK_ORDER].count == c[BACK_PRICE].count && c[BACK_PRICE].width <= 4 &&
           c[FARE_WORKSHOP].count <= rows && c[FARE_WORKSHOP].width <= 4 &&
           c[FARE_PRICE].count == c[FARE_WORKSHOP].count && c[FARE_PRICE].width <= 4 &&
           c[FARE_DISCOUNT].count == c[FARE_WORKSHOP].count && c[FARE_DISCOUNT].width <= 4 &&
           c[WORKSHOP_TOPIC].count == c[WORKSHOP_ID].count &&
           c[WORKSHOP_LEVEL].count == c[WORKSHOP_ID].count &&
           c[WORKSHOP_CAPACITY].count == c[WORKSHOP_ID].count &&
           c[STUDENT_BORN].count == c[STUDENT_ID].count && c[STUDENT_BORN].width <= 4 &&
           c[ACCOUNT_GROUP].count == c[ACCOUNT_ID].count &&
           c[GROUP_ROLE].count == c[GROUP_COUNTRY].count &&
           c[BRACKET_LEVEL].count == c[BRACKET_AGE].count;
}

/* What reports put aside grows with the product of some of these: a small file must not ask for all
 * memory there is. No school comes near. */
static bool sizes_are_sane(const struct snapshot *snapshot) {
    enum { MONTH_MIN = 28, TALLY_MAX = 1 << 24 };
    const struct snapshot_column *c = snapshot->dimensions;
    const struct snapshot_header *h = &snapshot->header;
    if (h->days < 0 || h->days > UINT16_MAX ||
        h->first_day < date_to_days((struct date){1, 1, 1}) ||
        (int64_t)h->first_day + h->days > date_to_days((struct date){9999, 12, 31}))
        return false;
    for (int i = SNAPSHOT_FACTS; i < SNAPSHOT_SECTIONS; i++)
        if (c[i].count > UINT32_MAX)
            return false;
    uint64_t months = (uint64_t)h->days / MONTH_MIN + 1;
    return c[GROUP_COUNTRY].count <= UINT16_MAX &&
           c[BRACKET_AGE].count <= SNAPSHOT_AGES * SNAPSHOT_LEVELS &&
           months * c[TOPIC_ID].count <= TALLY_MAX &&
           months * (c[ACCOUNT_ID].count / 64) <= TALLY_MAX;
}

static bool all_below(struct snapshot_column column, uint64_t limit) {
    for (uint64_t i = 0; i < column.count; i++)
        if (snapshot_value(column, i) >= limit)
            return false;
    return true;
}

/* Values are used as indexes and as numbers of fewer bits without another look, so every one is
 * looked at here. */
static bool values_fit(const struct snapshot *snapshot) {
    const struct snapshot_column *c = snapshot->dimensions;
    const uint64_t days = (uint64_t)snapshot->header.days;
    const struct {
        enum snapshot_section_id id;
        uint64_t limit;
    } LIMITS[] = {
        {ROW_FARE, c[FARE_WORKSHOP].count},    {ROW_STUDENT, c[STUDENT_ID].count},
        {ROW_BRACKET, c[BRACKET_AGE].count},   {ROW_GROUP, c[GROUP_COUNTRY].count},
        {ORDER_ACCOUNT, c[ACCOUNT_ID].count},  {BACK_DAY, days},
        {BACK_WORKSHOP, c[WORKSHOP_ID].count}, {FARE_WORKSHOP, c[WORKSHOP_ID].count},
        {WORKSHOP_TOPIC, c[TOPIC_ID].count},   {WORKSHOP_LEVEL, SNAPSHOT_LEVELS},
        {WORKSHOP_CAPACITY, INT64_MAX},        {ACCOUNT_GROUP, c[GROUP_COUNTRY].count},
        {GROUP_COUNTRY, UINT16_MAX + 1},       {GROUP_ROLE, INT32_MAX},
        {BRACKET_AGE, SNAPSHOT_AGES},          {BRACKET_LEVEL, SNAPSHOT_LEVELS},
    };
    for (size_t i = 0; i < ARRAY_COUNT(LIMITS); i++)
        if (!all_below(c[LIMITS[i].id], LIMITS[i].limit))
            return false;
    return true;
}

static bool ascending(struct snapshot_column column) {
    for (uint64_t i = 1; i < column.count; i++)
        if (snapshot_value(column, i) < snapshot_value(column, i - 1))
            return false;
    return true;
}

/* No two are equal. */
static bool rising(struct snapshot_column column) {
    for (uint64_t i = 1; i < column.count; i++)
        if (snapshot_value(column, i) <= snapshot_value(column, i - 1))
            return false;
    return true;
}

/* An order's rows are of one day; the orders of a day stand by id. */
static bool orders_hold(const struct snapshot *snapshot) {
    const struct snapshot_column *c = snapshot->dimensions;
    uint64_t orders = c[ORDER_ID].count, day = 0;
    if (snapshot_value(c[ORDER_FIRST], 0) != 0 || !rising(c[ORDER_FIRST]) ||
        snapshot_value(c[ORDER_FIRST], orders) != snapshot->header.rows)
        return false;
    for (uint64_t i = 0; i < orders; i++) {
        uint64_t row = snapshot_value(c[ORDER_FIRST], i);
        while (snapshot_value(c[DAY_FIRST], day + 1) <= row)
            day++;
        bool again = row > snapshot_value(c[DAY_FIRST], day); /* not the first order of the day */
        if (snapshot_value(c[ORDER_FIRST], i + 1) > snapshot_value(c[DAY_FIRST], day + 1) ||
            (again && snapshot_value(c[ORDER_ID], i) <= snapshot_value(c[ORDER_ID], i - 1)))
            return false;
    }
    return true;
}

static bool days_hold(const struct snapshot *snapshot) {
    struct snapshot_column first = snapshot->dimensions[DAY_FIRST];
    return ascending(first) && snapshot_value(first, 0) == 0 &&
           snapshot_value(first, first.count - 1) == snapshot->header.rows;
}

static bool order_holds(const struct snapshot *snapshot) {
    const struct snapshot_column *c = snapshot->dimensions;
    return days_hold(snapshot) && ascending(c[BACK_ORDER]) && rising(c[TOPIC_ID]) &&
           rising(c[WORKSHOP_ID]) && rising(c[STUDENT_ID]) && rising(c[ACCOUNT_ID]) &&
           orders_hold(snapshot);
}

static const char *fault_of(struct snapshot *snapshot) {
    const struct snapshot_header *h = &snapshot->header;
    uint8_t checksum[sizeof(h->checksum)];
    if (snapshot->size < sizeof(*h) || memcmp(h->magic, SNAPSHOT_MAGIC, sizeof(h->magic)) != 0)
        return "it is no snapshot";
    if (h->version != SNAPSHOT_VERSION)
        return "it is of another version";
    if (h->file_size != snapshot->size || h->zone[SNAPSHOT_ZONE_MAX - 1] != '\0')
        return "it is not whole";
    uint8_t content[SECRET_DIGEST_SIZE];
    snapshot_digest(snapshot->map + sizeof(*h), snapshot->size - sizeof(*h), NULL, content);
    snapshot_checksum(h, content, checksum);
    if (memcmp(checksum, h->checksum, sizeof(checksum)) != 0)
        return "its checksum is wrong";
    if (!read_directory(snapshot) || !counts_agree(snapshot) || !sizes_are_sane(snapshot) ||
        !values_fit(snapshot) || !order_holds(snapshot))
        return "its content contradicts itself";
    return NULL;
}

/* ---- opening -------------------------------------------------------------------------------- */

static enum err map_file(const char *path, const uint8_t **map, size_t *size) {
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return errno == ENOENT ? ERR_NOT_FOUND : ERR_IO;
    struct stat info;
    bool known = fstat(fd, &info) == 0 && S_ISREG(info.st_mode);
    enum err err = !known                                                 ? ERR_IO
                   : info.st_size < (off_t)sizeof(struct snapshot_header) ? ERR_INVALID
                                                                          : OK;
    if (err == OK) {
        *size = (size_t)info.st_size;
        void *memory = mmap(NULL, *size, PROT_READ, MAP_PRIVATE | MAP_POPULATE, fd, 0);
        *map = memory;
        err = memory == MAP_FAILED ? ERR_IO : OK;
    }
    close(fd);
    return err;
}

enum err snapshot_open(const char *path, struct snapshot **out) {
    const uint8_t *map = NULL;
    size_t size = 0;
    *out = NULL;
    enum err err = map_file(path, &map, &size);
    if (err) {
        if (err != ERR_NOT_FOUND)
            log_warn("snapshot_unusable", "path", "%s", path);
        return err;
    }
    struct snapshot *snapshot = calloc(1, sizeof(*snapshot));
    if (!snapshot)
        abort();
    *snapshot = (struct snapshot){.references = 1, .map = map, .size = size};
    memcpy(&snapshot->header, map, sizeof(snapshot->header));
    const char *fault = fault_of(snapshot);
    if (fault) {
        LOG_FIELDS(LOG_WARN, "snapshot_unusable", LOG_STR("path", path), LOG_STR("why", fault));
        snapshot_release(snapshot);
        return ERR_INVALID;
    }
    *out = snapshot;
    return OK;
}

struct snapshot *snapshot_pin(struct snapshot *snapshot) {
    atomic_fetch_add_explicit(&snapshot->references, 1, memory_order_relaxed);
    return snapshot;
}

void snapshot_release(struct snapshot *snapshot) {
    if (!snapshot || atomic_fetch_sub_explicit(&snapshot->references, 1, memory_order_acq_rel) != 1)
        return;
    if (snapshot->map)
        munmap((void *)(uintptr_t)snapshot->map, snapshot->size);
    delta_destroy(snapshot->delta);
    snapshot_release(snapshot->base);
    free(snapshot);
}

const struct snapshot_header *snapshot_header(const struct snapshot *snapshot) {
    return &snapshot->header;
}

struct snapshot_column snapshot_column(const struct snapshot *snapshot,
                                       enum snapshot_section_id id) {
    return snapshot->dimensions[id];
}

size_t snapshot_sources(const struct snapshot *snapshot, const struct snapshot_source **out) {
    *out = snapshot->sources;
    return snapshot->base ? 2 : 1;
}

void snapshot_widen(struct snapshot_column column, uint64_t first, size_t count, uint32_t *out) {
    const uint8_t *one = column.data;
    const uint16_t *two = column.data;
    const uint32_t *four = column.data;
    if (column.width == 1)
        for (size_t i = 0; i < count; i++)
            out[i] = one[first + i];
    else if (column.width == 2)
        for (size_t i = 0; i < count; i++)
            out[i] = two[first + i];
    else
        memcpy(out, four + first, count * sizeof(*out));
}

uint64_t snapshot_row_of_day(const struct snapshot_source *source, uint64_t day) {
    struct snapshot_column first = source->columns[DAY_FIRST];
    return day < first.count ? snapshot_value(first, day) : source->rows;
}

uint64_t snapshot_order_of_row(const struct snapshot_source *source, uint64_t row) {
    struct snapshot_column first = source->columns[ORDER_FIRST];
    uint64_t low = snapshot_lower_bound(first, 0, first.count - 1, row);
    return low < first.count && snapshot_value(first, low) == row ? low : low ? low - 1 : 0;
}
