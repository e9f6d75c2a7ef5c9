/* Sealed files, the rota of backups, the folder they lie in, and their clock. */
#include "base/clock.h"
#include "base/secret.h"
#include "shop/backup.h"
#include "shop/backup_clock.h"
#include "shop_fixture.h"
#include "temp_store.h"
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define KEY "0123456789abcdef0123456789abcdef0123456789abcdef0123456789ABCDEF"
#define PHRASE "una frase bastante larga"

static const char *in_folder(const struct temp_store *temp, const char *name, char path[160]) {
    snprintf(path, 160, "%s/%s", temp->folder, name);
    return path;
}

static void write_file(const char *path, const void *bytes, size_t count) {
    int file = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    assert_true(file >= 0);
    assert_int_equal(write(file, bytes, count), (ssize_t)count);
    close(file);
}

static size_t read_back(const char *path, uint8_t *bytes, size_t size) {
    int file = open(path, O_RDONLY);
    assert_true(file >= 0);
    ssize_t count = read(file, bytes, size);
    close(file);
    assert_true(count >= 0);
    return (size_t)count;
}

/* ---- sealing --------------------------------------------------------------------------------- */

enum { PIECE = 64 * 1024, MOST = 3 * PIECE };

/* Sizes around the end of a piece are where a last one could be forgotten. */
static void what_is_sealed_opens_again(void **state) {
    static const size_t SIZES[] = {0, 1, PIECE - 1, PIECE, PIECE + 1, 2 * PIECE, MOST};
    static uint8_t bytes[MOST], back[MOST + 1];
    struct temp_store *temp = *state;
    char plain[160], sealed[160], opened[160];
    in_folder(temp, "plain", plain);
    in_folder(temp, "sealed", sealed);
    in_folder(temp, "opened", opened);
    secret_random(bytes, sizeof(bytes));
    for (size_t i = 0; i < ARRAY_COUNT(SIZES); i++) {
        write_file(plain, bytes, SIZES[i]);
        assert_false(seal_is_sealed(plain));
        assert_int_equal(seal_close(plain, sealed, KEY), OK);
        assert_true(seal_is_sealed(sealed));
        assert_int_equal(seal_open(sealed, opened, KEY), OK);
        assert_int_equal(read_back(opened, back, sizeof(back)), SIZES[i]);
        assert_memory_equal(back, bytes, SIZES[i]);
    }
    assert_int_equal(seal_close(plain, sealed, PHRASE), OK);
    assert_int_equal(seal_open(sealed, opened, PHRASE), OK);
    assert_int_equal(seal_open(sealed, opened, PHRASE "!"), ERR_REFUSED);
    assert_int_equal(seal_open(sealed, opened, KEY), ERR_REFUSED);
}

/* Wherever a byte is changed, and wherever the file ends. */
static void a_changed_or_cut_file_does_not_open(void **state) {
    static uint8_t bytes[2 * PIECE], sealed_bytes[MOST];
    struct temp_store *temp = *state;
    char plain[160], sealed[160], opened[160];
    in_folder(temp, "plain", plain);
    in_folder(temp, "sealed", sealed);
    in_folder(temp, "opened", opened);
    write_file(plain, bytes, sizeof(bytes));
    assert_int_equal(seal_close(plain, sealed, KEY), OK);
    size_t size = read_back(sealed, sealed_bytes, sizeof(sealed_bytes));
    for (size_t at = 0; at < size; at += 9973) {
        if (at >= 13 && at < 29)
            continue; /* the salt says nothing when a key is used */
        sealed_bytes[at] ^= 1;
        write_file(sealed, sealed_bytes, size);
        assert_int_equal(seal_open(sealed, opened, KEY), ERR_REFUSED);
        sealed_bytes[at] ^= 1;
        write_file(sealed, sealed_bytes, at);
        assert_int_equal(seal_open(sealed, opened, KEY), ERR_REFUSED);
    }
    write_file(sealed, sealed_bytes, size);
    assert_int_equal(seal_open(sealed, opened, KEY), OK);
    sealed_bytes[size] = 0;
    write_file(sealed, sealed_bytes, size + 1);
    assert_int_equal(seal_open(sealed, opened, KEY), ERR_REFUSED);
}

static void a_sum_is_that_of_sha256sum(void **state) {
    struct temp_store *temp = *state;
    char path[160], sum[SEAL_SUM_SIZE];
    write_file(in_folder(temp, "abc", path), "abc", 3); /* FIPS 180-4, example */
    assert_int_equal(seal_sum(path, sum), OK);
    assert_string_equal(sum, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    assert_int_equal(seal_sum("/nowhere/x", sum), ERR_IO);
}

/* ---- the rota -------------------------------------------------------------------------------- */

static void a_rota_is_three_numbers(void **state) {
    (void)state;
    static const char *const BAD[] = {"24",    "24,7",     "24,7,5,1", "a,b,c", "-1,0,0",
                                      "1,2,x", "1001,0,0", "1, 2,3",   ",,"};
    struct backup_rota rota;
    assert_true(backup_rota_parse("24,7,5", &rota));
    assert_int_equal(rota.hourly, 24);
    assert_int_equal(rota.daily, 7);
    assert_int_equal(rota.weekly, 5);
    assert_true(backup_rota_parse("", &rota));
    assert_int_equal(backup_rota_interval(&rota), 0);
    assert_true(backup_rota_parse("0,7,0", &rota));
    assert_int_equal(backup_rota_interval(&rota), DAY_SECONDS);
    for (size_t i = 0; i < ARRAY_COUNT(BAD); i++)
        assert_false(backup_rota_parse(BAD[i], &rota));
}

/* A backup an hour for ten weeks: which are left, as the eye would count them. */
static void old_backups_thin_out(void **state) {
    (void)state;
    enum { HOURS = 24 * 70 };
    static int64_t at[HOURS];
    static bool keep[HOURS];
    const struct backup_rota rota = {24, 7, 5};
    int64_t now = INT64_C(1772461800); /* Monday 2 March 2026, 14:30 UTC */
    for (int i = 0; i < HOURS; i++)
        at[i] = now - (int64_t)i * HOUR_SECONDS;
    backup_rota_keep(&rota, at, HOURS, keep);
    int kept = 0, last = 0;
    for (int i = 0; i < HOURS; i++) {
        kept += keep[i];
        last = keep[i] ? i : last;
        assert_true(i >= 24 || keep[i]); /* of the last day each hour's */
    }
    /* Sunday to Tuesday before: five days more; Sundays: four weeks, one of them a day's already.
     */
    assert_int_equal(kept, 24 + 5 + 3);
    assert_int_equal(last, 14 + 1 + 24 * 21); /* 23:30 on the Sunday of four weeks ago */
}

/* Gaps do not count: what is old stays as long as nothing newer takes its place. */
static void a_school_that_slept_keeps_its_old_backups(void **state) {
    (void)state;
    const struct backup_rota rota = {2, 1, 2};
    int64_t day = DAY_SECONDS, now = INT64_C(1772461800);
    const int64_t at[] = {now, now - 400 * day, now - 800 * day};
    bool keep[3];
    backup_rota_keep(&rota, at, 3, keep);
    assert_true(keep[0] && keep[1]);
    assert_false(keep[2]);
    const struct backup_rota none = {0};
    backup_rota_keep(&none, at, 3, keep);
    assert_true(keep[0]); /* never the newest */
    assert_false(keep[1] || keep[2]);
}

/* ---- the folder and the clock ---------------------------------------------------------------- */

struct place {
    struct fixture *f;
    const char *database, *backups;
    struct backup_clock *clock;
};

static struct place open_place(struct fixture *f, const char *rota, int64_t now) {
    struct place place = {.f = f,
                          .database = arena_printf(f->arena, "%s/taller.db", f->folder),
                          .backups = arena_printf(f->arena, "%s/backups", f->folder)};
    struct backup_clock_options options = {.database = place.database, .folder = place.backups};
    assert_true(backup_rota_parse(rota, &options.rota));
    place.clock = backup_clock_create(&options, now);
    return place;
}

static size_t count_of(const struct place *place, enum shelf_kind kind) {
    struct shelf shelf;
    size_t count = 0;
    assert_int_equal(shelf_read(place->backups, place->f->arena, &shelf), OK);
    for (size_t i = 0; i < shelf.count; i++)
        count += shelf.items[i].kind == kind;
    return count;
}

static void ask(const struct place *place, int64_t now) {
    struct pollfd poll_fd = {.fd = backup_clock_fd(place->clock), .events = POLLIN};
    assert_int_equal(poll(&poll_fd, 1, 0), 0);
    backup_clock_request(place->clock);
    assert_int_equal(poll(&poll_fd, 1, 0), 1);
    assert_true(backup_clock_status(place->clock).waiting);
    backup_clock_serve(place->clock, now);
    assert_false(backup_clock_status(place->clock).waiting);
}

static void what_is_asked_for_is_made_and_told(void **state) {
    struct place place = open_place(*state, "24,7,5", FIXTURE_NOW);
    struct backup_status status = backup_clock_status(place.clock);
    assert_int_equal(status.last_at, 0);
    assert_int_equal(status.interval, HOUR_SECONDS);
    backup_clock_serve(place.clock, FIXTURE_NOW); /* not due in the first minute */
    assert_int_equal(count_of(&place, SHELF_SCHEDULED), 0);
    ask(&place, FIXTURE_NOW);
    status = backup_clock_status(place.clock);
    assert_int_equal(status.last_at, FIXTURE_NOW);
    assert_true(status.last_bytes > 100000);
    assert_int_equal(status.made, 1);
    assert_false(backup_status_is_bad(&status, FIXTURE_NOW));
    assert_true(backup_status_is_bad(&status, FIXTURE_NOW + 3 * DAY_SECONDS));
    ask(&place, FIXTURE_NOW); /* within a second: the same one will do */
    assert_int_equal(count_of(&place, SHELF_SCHEDULED), 1);
    backup_clock_destroy(place.clock);
    place = open_place(*state, "24,7,5", FIXTURE_NOW + 60); /* the next start knows of it */
    assert_int_equal(backup_clock_status(place.clock).last_at, FIXTURE_NOW);
    backup_clock_destroy(place.clock);
}

/* A clock that jumps a year ahead and back again: nothing is taken away too much, none is skipped.
 */
static void a_clock_that_jumps_loses_no_backup(void **state) {
    struct place place = open_place(*state, "3,2,1", FIXTURE_NOW);
    int64_t year = INT64_C(365) * DAY_SECONDS;
    ask(&place, FIXTURE_NOW);
    ask(&place, FIXTURE_NOW + year);
    ask(&place, FIXTURE_NOW + HOUR_SECONDS);
    struct backup_status status = backup_clock_status(place.clock);
    assert_int_equal(status.made, 3);
    assert_int_equal(count_of(&place, SHELF_SCHEDULED), 3);
    assert_int_equal(status.last_at, FIXTURE_NOW + HOUR_SECONDS);
    backup_clock_destroy(place.clock);
    place = open_place(*state, "3,2,1", FIXTURE_NOW); /* the newest is of next year */
    assert_int_equal(backup_clock_status(place.clock).last_at, FIXTURE_NOW + HOUR_SECONDS);
    backup_clock_serve(place.clock, FIXTURE_NOW);
    ask(&place, FIXTURE_NOW + 2 * HOUR_SECONDS);
    assert_int_equal(backup_clock_status(place.clock).made, 1);
    backup_clock_destroy(place.clock);
}

static void rotation_takes_only_what_it_made(void **state) {
    struct place place = open_place(*state, "2,0,0", FIXTURE_NOW);
    struct arena *arena = place.f->arena;
    for (int hour = 0; hour < 4; hour++)
        ask(&place, FIXTURE_NOW + hour * HOUR_SECONDS);
    assert_int_equal(count_of(&place, SHELF_SCHEDULED), 2);
    static const char *const OTHERS[] = {"before-migration-from-1-2020-01-01.db",
                                         "replaced-20200101T000000Z.db", "taller-mine.db"};
    for (size_t i = 0; i < ARRAY_COUNT(OTHERS); i++)
        write_file(arena_printf(arena, "%s/%s", place.backups, OTHERS[i]), "x", 1);
    struct backup_record record;
    char error[256];
    const char *mine = arena_printf(arena, "%s/monday.db", place.backups);
    const struct backup_plan plan = {place.database, mine, NULL, FIXTURE_NOW - 9 * DAY_SECONDS};
    assert_int_equal(backup_make(&plan, arena, &record, error, sizeof(error)), OK);
    const char *litter = arena_printf(arena, "%s/taller-x.db.part", place.backups);
    write_file(litter, "x", 1);
    ask(&place, FIXTURE_NOW + 9 * HOUR_SECONDS);
    assert_int_equal(count_of(&place, SHELF_SCHEDULED), 2);
    assert_int_equal(count_of(&place, SHELF_BY_HAND), 1);
    assert_int_equal(count_of(&place, SHELF_BEFORE_UPGRADE), 1);
    assert_int_equal(count_of(&place, SHELF_REPLACED), 1);
    assert_int_equal(access(litter, F_OK), 0); /* somebody may be writing it */
    const struct backup_rota rota = {2, 0, 0};
    shelf_rotate(place.backups, &rota, clock_now() + 2 * DAY_SECONDS);
    assert_int_equal(access(litter, F_OK), -1);
    assert_int_equal(access(arena_printf(arena, "%s/taller-mine.db", place.backups), F_OK), 0);
    backup_clock_destroy(place.clock);
}

static void a_failure_is_told_until_one_is_made(void **state) {
    struct place place = open_place(*state, "24,7,5", FIXTURE_NOW);
    write_file(place.backups, "in the way", 10);
    ask(&place, FIXTURE_NOW);
    struct backup_status status = backup_clock_status(place.clock);
    assert_int_equal(status.failed_at, FIXTURE_NOW);
    assert_int_equal(status.failures, 1);
    assert_int_equal(status.failure, ERR_IO);
    assert_non_null(strstr(status.reason, "Not a directory"));
    assert_true(backup_status_is_bad(&status, FIXTURE_NOW));
    assert_int_equal(unlink(place.backups), 0);
    ask(&place, FIXTURE_NOW + 1);
    status = backup_clock_status(place.clock);
    assert_int_equal(status.failed_at, 0);
    assert_int_equal(status.failure, OK);
    assert_string_equal(status.reason, "");
    backup_clock_destroy(place.clock);
}

int main(void) {
#define FOLDER_TEST(f) cmocka_unit_test_setup_teardown(f, temp_folder_setup, temp_store_teardown)
#define SHOP_TEST(f) cmocka_unit_test_setup_teardown(f, fixture_setup, fixture_teardown)
    const struct CMUnitTest tests[] = {
        FOLDER_TEST(what_is_sealed_opens_again),
        FOLDER_TEST(a_changed_or_cut_file_does_not_open),
        FOLDER_TEST(a_sum_is_that_of_sha256sum),
        cmocka_unit_test(a_rota_is_three_numbers),
        cmocka_unit_test(old_backups_thin_out),
        cmocka_unit_test(a_school_that_slept_keeps_its_old_backups),
        SHOP_TEST(what_is_asked_for_is_made_and_told),
        SHOP_TEST(a_clock_that_jumps_loses_no_backup),
        SHOP_TEST(rotation_takes_only_what_it_made),
        SHOP_TEST(a_failure_is_told_until_one_is_made),
    };
    if (secret_setup(1, 8) != OK)
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
