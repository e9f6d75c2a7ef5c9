/* Uploads, from a file to the rows they become. This program decodes for itself: see main. */
#include "shop_fixture.h"

#include "picture_fixture.h"
#include "shop/picture_import.h"
#include <pthread.h>
#include <string.h>
#include <unistd.h>

static enum err prepare(struct fixture *f, const struct buf *file, const char *name,
                        const char *type, enum picture_use use, struct picture_set *out,
                        enum picture_refusal *refusal) {
    const struct picture_upload upload = {file->data, file->len, name, type};
    return picture_prepare(f->arena, &upload, use, out, refusal);
}

static struct picture_set prepared(struct fixture *f, struct buf file, enum picture_use use) {
    struct picture_set set;
    enum picture_refusal refusal;
    assert_int_equal(prepare(f, &file, NULL, NULL, use, &set, &refusal), OK);
    assert_int_equal(refusal, PICTURE_ACCEPTED);
    buf_free(&file);
    return set;
}

static void assert_sizes(const struct picture_set *set, const char *type, const int *widths,
                         size_t count) {
    assert_int_equal(set->count, count);
    for (size_t i = 0; i < count; i++) {
        assert_string_equal(set->sizes[i].content_type, type);
        assert_int_equal(set->sizes[i].width, widths[i]);
        struct raster r;
        assert_int_equal(raster_read(set->sizes[i].bytes, set->sizes[i].size, 2000, 2000, &r), 0);
        assert_int_equal(r.width, widths[i]);
        assert_int_equal(r.height, set->sizes[i].height);
        raster_free(&r);
    }
}
#define ASSERT_SIZES(set, type, ...)                        \
    assert_sizes((set), (type), (const int[]){__VA_ARGS__}, \
                 ARRAY_COUNT(((const int[]){__VA_ARGS__})))

static void a_photo_becomes_jpeg_in_four_sizes(void **state) {
    struct fixture *f = *state;
    struct picture_set set = prepared(f, picture_jpeg(3000, 2000), PICTURE_PHOTO);
    ASSERT_SIZES(&set, "image/jpeg", 1280, 960, 640, 320);
    set = prepared(f, picture_png(700, 500, 0), PICTURE_PHOTO);
    ASSERT_SIZES(&set, "image/jpeg", 700, 640, 320);
    set = prepared(f, picture_webp(320, 500, 255), PICTURE_PHOTO);
    ASSERT_SIZES(&set, "image/jpeg", 320);
}

static void a_drawing_stays_sharp_and_clear(void **state) {
    struct fixture *f = *state;
    struct picture_set set = prepared(f, picture_png(1000, 1000, 0), PICTURE_DRAWING);
    ASSERT_SIZES(&set, "image/png", 640, 320);
    set = prepared(f, picture_webp(100, 100, 0), PICTURE_DRAWING);
    ASSERT_SIZES(&set, "image/png", 100);
    set = prepared(f, picture_jpeg(900, 900), PICTURE_DRAWING);
    ASSERT_SIZES(&set, "image/jpeg", 640, 320);
}

static void names_and_types_must_not_lie(void **state) {
    struct fixture *f = *state;
    struct buf png = picture_png(16, 16, 255);
    static const struct {
        const char *name, *type;
        bool fine;
    } CASES[] = {
        {"a.png", "image/png", true},
        {"A.PNG", "image/png", true},
        {"a", NULL, true},
        {"", "", true},
        {"a.png", "application/octet-stream", true},
        {"a.jpg", "image/jpeg", false},
        {"a.jpg", "image/png", false},
        {"a.png", "image/jpeg", false},
        {"a.png.html", "image/png", false},
        {"a.svg", "image/svg+xml", false},
        {"a.", NULL, true},
    };
    for (size_t i = 0; i < ARRAY_COUNT(CASES); i++) {
        struct picture_set set;
        enum picture_refusal refusal;
        enum err err =
            prepare(f, &png, CASES[i].name, CASES[i].type, PICTURE_PHOTO, &set, &refusal);
        assert_int_equal(err, CASES[i].fine ? OK : ERR_REFUSED);
        assert_int_equal(refusal, CASES[i].fine ? PICTURE_ACCEPTED : PICTURE_MISLABELLED);
    }
    buf_free(&png);
}

static struct buf text(const char *bytes) {
    struct buf out = {0};
    buf_puts(&out, bytes);
    return out;
}

static struct buf heavy(void) {
    struct buf out = picture_jpeg(16, 16);
    buf_reserve(&out, PICTURE_UPLOAD_MAX);
    memset(out.data + out.len, 0, PICTURE_UPLOAD_MAX);
    out.len += PICTURE_UPLOAD_MAX;
    return out;
}

static void each_fault_has_its_words(void **state) {
    struct fixture *f = *state;
    struct buf cut = picture_jpeg(100, 100), double_faced = picture_png(16, 16, 255);
    cut.len /= 2;
    buf_puts(&double_faced, "<script>");
    struct {
        struct buf file;
        enum picture_refusal refusal;
    } cases[] = {
        {{0}, PICTURE_MISSING},
        {heavy(), PICTURE_TOO_HEAVY},
        {text("hello"), PICTURE_UNKNOWN},
        {text("GIF89a and so on"), PICTURE_UNKNOWN},
        {text("\1\1\1\1ftypheic"), PICTURE_HEIC},
        {text("<svg xmlns='http://www.w3.org/2000/svg'/>"), PICTURE_SVG},
        {cut, PICTURE_DAMAGED},
        {picture_png_bomb(60000, 60000), PICTURE_TOO_LARGE},
        {picture_jpeg_bomb(), PICTURE_TOO_LARGE},
        {double_faced, PICTURE_TWO_FACED},
    };
    for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
        struct picture_set set;
        enum picture_refusal refusal;
        assert_int_equal(prepare(f, &cases[i].file, NULL, NULL, PICTURE_PHOTO, &set, &refusal),
                         ERR_REFUSED);
        assert_int_equal(refusal, cases[i].refusal);
        assert_non_null(picture_refusal_text(refusal));
        buf_free(&cases[i].file);
    }
    assert_int_equal(fixture_int(f, "SELECT count(*) FROM picture"), 0);
}

static void it_is_placed_once_with_a_line_in_the_trail(void **state) {
    struct fixture *f = *state;
    int64_t ana = fixture_account(f, "ana@example.org"), id = fixture_workshop(f, "robots", 0, -1);
    struct picture_set set = prepared(f, picture_jpeg(700, 500), PICTURE_PHOTO);
    const struct picture_place place = {.entity = "workshop", .id = id};
    struct picture_ref ref;
    bool changed;
    assert_int_equal(picture_place_set(&f->shop, ana, &place, &set, &changed), OK);
    assert_true(changed);
    assert_int_equal(picture_place_set(&f->shop, ana, &place, &set, &changed), OK);
    assert_false(changed);
    assert_int_equal(fixture_int(f, "SELECT count(*) FROM picture"), 3);
    assert_int_equal(fixture_int(f,
                                 "SELECT count(*) FROM picture_size s JOIN workshop w"
                                 " ON w.picture_hash = s.picture_hash WHERE w.id = ?1"
                                 " AND s.width IN (640, 320)",
                                 V(id)),
                     2);
    assert_int_equal(fixture_int(f,
                                 "SELECT count(*) FROM audit WHERE entity = 'workshop'"
                                 " AND entity_id = ?1 AND actor_id = ?2",
                                 V(id), V(ana)),
                     1);
    struct db *db = store_reader(f->shop.store);
    assert_int_equal(picture_place_get(db, f->arena, &place, &ref), OK);
    store_release(f->shop.store, db);
    assert_int_equal(ref.width, 700);
    assert_int_equal(picture_place_set(&f->shop, ana, &place, NULL, &changed), OK);
    assert_true(changed);
    assert_int_equal(fixture_int(f, "SELECT count(picture_hash) FROM workshop"), 0);
    assert_int_equal(
        fixture_int(f, "SELECT count(*) FROM audit_value WHERE field = 'picture_hash'"), 2);
}

static void topics_and_the_school_have_places_too(void **state) {
    struct fixture *f = *state;
    int64_t ana = fixture_account(f, "ana@example.org");
    int64_t topic = fixture_sql(f, "INSERT INTO topic (name) VALUES ('Robots')");
    struct picture_set set = prepared(f, picture_png(700, 500, 0), PICTURE_DRAWING);
    const struct picture_place places[] = {{.entity = "topic", .id = topic},
                                           {.entity = "setting", .setting = "logo"},
                                           {.entity = "setting", .setting = "wallet_qr"}};
    bool changed;
    for (size_t i = 0; i < ARRAY_COUNT(places); i++) {
        assert_int_equal(picture_place_set(&f->shop, ana, &places[i], &set, &changed), OK);
        assert_true(changed);
    }
    assert_int_equal(shop_read_settings(&f->shop)->logo.width, 640);
    assert_int_equal(shop_read_settings(&f->shop)->wallet_qr.width, 640);
    assert_int_equal(fixture_int(f, "SELECT count(picture_hash) FROM topic"), 1);
    assert_int_equal(picture_place_set(&f->shop, ana, &places[1], NULL, &changed), OK);
    assert_null(shop_read_settings(&f->shop)->logo.name);
    const struct picture_place nowhere = {.entity = "workshop", .id = 999};
    assert_int_equal(picture_place_set(&f->shop, ana, &nowhere, &set, &changed), ERR_NOT_FOUND);
}

static void a_size_is_served_and_the_whole_in_its_stead(void **state) {
    struct fixture *f = *state;
    int64_t ana = fixture_account(f, "ana@example.org"), id = fixture_workshop(f, "robots", 0, -1);
    struct picture_set set = prepared(f, picture_jpeg(700, 500), PICTURE_PHOTO);
    const struct picture_place place = {.entity = "workshop", .id = id};
    struct picture small, whole;
    bool changed;
    assert_int_equal(picture_place_set(&f->shop, ana, &place, &set, &changed), OK);
    const char *hash = fixture_text(f, "SELECT picture_hash FROM workshop WHERE id = ?1", V(id));
    struct db *db = store_reader(f->shop.store);
    assert_int_equal(picture_get_size(db, f->arena, hash, 320, &small), OK);
    assert_int_equal(picture_get_size(db, f->arena, hash, 960, &whole), OK);
    store_release(f->shop.store, db);
    assert_int_equal(small.width, 320);
    assert_int_equal(whole.width, 700);
}

static void what_nothing_shows_any_more_is_gone(void **state) {
    struct fixture *f = *state;
    int64_t ana = fixture_account(f, "ana@example.org");
    const struct picture_place one = {.entity = "workshop",
                                      .id = fixture_workshop(f, "one", 0, -1)},
                               two = {.entity = "workshop",
                                      .id = fixture_workshop(f, "two", 0, -1)};
    struct picture_set set = prepared(f, picture_jpeg(1500, 900), PICTURE_PHOTO);
    struct picture_set other = prepared(f, picture_jpeg(300, 200), PICTURE_PHOTO);
    bool changed;
    assert_int_equal(picture_place_set(&f->shop, ana, &one, &set, &changed), OK);
    assert_int_equal(picture_place_set(&f->shop, ana, &two, &set, &changed), OK);
    assert_int_equal(fixture_int(f, "SELECT count(*) FROM picture"), 4);
    assert_int_equal(picture_place_set(&f->shop, ana, &one, &other, &changed), OK);
    assert_int_equal(fixture_int(f, "SELECT count(*) FROM picture"), 5);
    assert_int_equal(picture_place_set(&f->shop, ana, &two, NULL, &changed), OK);
    assert_int_equal(fixture_int(f, "SELECT count(*) FROM picture"), 1);
    assert_int_equal(fixture_int(f, "SELECT count(*) FROM picture_size"), 0);
}

static void *prepare_in_thread(void *arg) {
    struct arena *arena = arena_create();
    const struct buf *file = arg;
    const struct picture_upload upload = {file->data, file->len, NULL, NULL};
    struct picture_set set;
    enum picture_refusal refusal;
    enum err err = picture_prepare(arena, &upload, PICTURE_PHOTO, &set, &refusal);
    arena_destroy(arena);
    return err ? arg : NULL;
}

static void many_at_once_wait_in_line(void **state) {
    (void)state;
    struct buf file = picture_jpeg(1500, 1000);
    pthread_t threads[6];
    for (size_t i = 0; i < ARRAY_COUNT(threads); i++)
        assert_int_equal(pthread_create(&threads[i], NULL, prepare_in_thread, &file), 0);
    for (size_t i = 0; i < ARRAY_COUNT(threads); i++) {
        void *failed;
        assert_int_equal(pthread_join(threads[i], &failed), 0);
        assert_null(failed);
    }
    buf_free(&file);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(int argc, char **argv) {
    if (argc > 2 && strcmp(argv[1], PICTURE_WORKER) == 0)
        _exit(picture_worker_run(argv[2]));
    const struct CMUnitTest tests[] = {
        TEST(a_photo_becomes_jpeg_in_four_sizes),
        TEST(a_drawing_stays_sharp_and_clear),
        TEST(names_and_types_must_not_lie),
        TEST(each_fault_has_its_words),
        TEST(it_is_placed_once_with_a_line_in_the_trail),
        TEST(topics_and_the_school_have_places_too),
        TEST(a_size_is_served_and_the_whole_in_its_stead),
        TEST(what_nothing_shows_any_more_is_gone),
        TEST(many_at_once_wait_in_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
