/* Pictures are stored once, by content. */
#include "shop_fixture.h"

#include "shop/picture.h"
#include <string.h>

struct put {
    struct picture picture;
    char hash[PICTURE_HASH_SIZE];
};

static enum err put_tx(struct tx *tx, void *arg) {
    struct put *put = arg;
    return picture_put_tx(tx, &put->picture, put->hash);
}

static struct put svg(const char *text) {
    return (struct put){.picture = {.content_type = "image/svg+xml",
                                    .width = 400,
                                    .height = 300,
                                    .bytes = text,
                                    .size = strlen(text)}};
}

static enum err get(struct fixture *f, const char *hash, struct picture *out) {
    struct db *db = store_reader(f->shop.store);
    enum err err = picture_get(db, f->arena, hash, out);
    store_release(f->shop.store, db);
    return err;
}

static void comes_back_by_its_hash(void **state) {
    struct fixture *f = *state;
    struct put put = svg("abc");
    struct picture found;
    assert_int_equal(store_write(f->shop.store, put_tx, &put), OK);
    /* BLAKE2b-128 of "abc", as b2sum -l 128 prints it. */
    assert_string_equal(put.hash, "cf4ab791c62b8d2b2109c90275287816");
    assert_int_equal(get(f, put.hash, &found), OK);
    assert_string_equal(found.content_type, "image/svg+xml");
    assert_int_equal(found.width, 400);
    assert_int_equal(found.height, 300);
    assert_int_equal(found.size, 3);
    assert_memory_equal(found.bytes, "abc", 3);
}

static void the_same_bytes_are_stored_once(void **state) {
    struct fixture *f = *state;
    struct put one = svg("same"), two = svg("same"), other = svg("other");
    assert_int_equal(store_write(f->shop.store, put_tx, &one), OK);
    assert_int_equal(store_write(f->shop.store, put_tx, &two), OK);
    assert_int_equal(store_write(f->shop.store, put_tx, &other), OK);
    assert_string_equal(one.hash, two.hash);
    assert_int_equal(fixture_int(f, "SELECT count(*) FROM picture"), 2);
}

static void what_cannot_be_served_is_refused(void **state) {
    struct fixture *f = *state;
    struct put html = svg("x"), empty = svg(""), flat = svg("x"), wide = svg("x"), heavy = svg("x");
    html.picture.content_type = "text/html";
    flat.picture.height = 0;
    wide.picture.width = PICTURE_MAX_PIXELS + 1;
    heavy.picture.size = PICTURE_MAX_BYTES + 1;
    struct put *all[] = {&html, &empty, &flat, &wide, &heavy};
    for (size_t i = 0; i < ARRAY_COUNT(all); i++)
        assert_int_equal(store_write(f->shop.store, put_tx, all[i]), ERR_INVALID);
    assert_int_equal(fixture_int(f, "SELECT count(*) FROM picture"), 0);
}

static void an_unknown_hash_is_not_found(void **state) {
    struct fixture *f = *state;
    struct picture found;
    assert_int_equal(get(f, "00000000000000000000000000000000", &found), ERR_NOT_FOUND);
    assert_int_equal(get(f, "' OR 1=1", &found), ERR_NOT_FOUND);
    assert_int_equal(get(f, "", &found), ERR_NOT_FOUND);
}

static void a_reference_tells_the_address_and_the_size(void **state) {
    struct fixture *f = *state;
    struct put put = svg("abc");
    struct picture_ref ref;
    assert_int_equal(store_write(f->shop.store, put_tx, &put), OK);
    struct db *db = store_reader(f->shop.store);
    assert_int_equal(picture_find(db, f->arena, put.hash, &ref), OK);
    assert_string_equal(ref.name, "cf4ab791c62b8d2b2109c90275287816.svg");
    assert_int_equal(ref.width, 400);
    assert_int_equal(ref.height, 300);
    assert_int_equal(picture_find(db, f->arena, "unknown", &ref), OK);
    assert_null(ref.name);
    assert_int_equal(picture_find(db, f->arena, NULL, &ref), OK);
    assert_null(ref.name);
    store_release(f->shop.store, db);
}

#define ON_SHOP(test) cmocka_unit_test_setup_teardown(test, fixture_setup, fixture_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        ON_SHOP(comes_back_by_its_hash),
        ON_SHOP(the_same_bytes_are_stored_once),
        ON_SHOP(what_cannot_be_served_is_refused),
        ON_SHOP(an_unknown_hash_is_not_found),
        ON_SHOP(a_reference_tells_the_address_and_the_size),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
