/* Opening the shop: a folder that is made, a key that stays, statements of every layer, refusals in
 * one sentence. */
#include "base/secret.h"
#include "shop_fixture.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *in_folder(struct fixture *f, const char *name) {
    return arena_printf(f->arena, "%s/%s", f->folder, name);
}

static struct shop_options options(const char *data) {
    return (struct shop_options){
        .data = data, .base_url = FIXTURE_BASE_URL, .render_mail = fixture_render_mail};
}

static void a_folder_is_made_for_its_owner_only(void **state) {
    struct fixture *f = *state;
    struct shop shop;
    char error[200] = "";
    const char *data = in_folder(f, "new");
    struct shop_options new = options(data);
    assert_int_equal(shop_open(&new, &shop, error, sizeof(error)), OK);
    shop_close(&shop);
    struct stat info;
    assert_int_equal(stat(data, &info), 0);
    assert_int_equal(info.st_mode & 0777, 0700);
    assert_int_equal(stat(in_folder(f, "new/taller.db"), &info), 0);
    assert_int_equal(info.st_mode & 0777, 0600);
}

static void the_key_stays(void **state) {
    struct fixture *f = *state;
    struct shop first, second;
    char error[200] = "";
    const char *data = in_folder(f, "new");
    struct shop_options new = options(data);
    assert_int_equal(shop_open(&new, &first, error, sizeof(error)), OK);
    assert_int_equal(shop_open(&new, &second, error, sizeof(error)), OK); /* beside the first */
    assert_memory_equal(first.key, second.key, sizeof(first.key));
    shop_close(&first);
    shop_close(&second);
    assert_int_equal(shop_open(&new, &first, error, sizeof(error)), OK);
    uint8_t zero[SECRET_KEY_SIZE] = {0};
    assert_memory_not_equal(first.key, zero, sizeof(zero));
    assert_memory_not_equal(first.key, f->shop.key, sizeof(zero));
    shop_close(&first);
}

static void statements_of_other_layers_are_checked_too(void **state) {
    struct fixture *f = *state;
    static const char *const BAD[] = {"SELECT nothing FROM nowhere"};
    static const struct sql_table MORE[] = {{.name = "more", .sql = BAD, .count = 1}};
    struct shop shop;
    char error[200] = "";
    struct shop_options bad = options(in_folder(f, "new"));
    bad.more_tables = MORE;
    bad.more_table_count = 1;
    assert_int_equal(shop_open(&bad, &shop, error, sizeof(error)), ERR_INTERNAL);
    assert_non_null(strstr(error, "more"));
}

static void what_cannot_be_is_said(void **state) {
    struct fixture *f = *state;
    struct shop shop;
    char error[200] = "";
    struct shop_options nowhere = options("/proc/no/such/place");
    assert_int_equal(shop_open(&nowhere, &shop, error, sizeof(error)), ERR_IO);
    assert_non_null(strstr(error, "/proc/no/such/place"));
    FILE *file = fopen(in_folder(f, "afile"), "w");
    assert_non_null(file);
    fclose(file);
    struct shop_options afile = options(in_folder(f, "afile"));
    assert_int_not_equal(shop_open(&afile, &shop, error, sizeof(error)), OK);
    assert_non_null(strstr(error, "afile"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_folder_is_made_for_its_owner_only),
        TEST(the_key_stays),
        TEST(statements_of_other_layers_are_checked_too),
        TEST(what_cannot_be_is_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
