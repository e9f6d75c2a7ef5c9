/* The values of headers that we read ourselves: Cookie, Accept-Language, Accept-Encoding,
 * If-None-Match; and what a browser says of where it comes from. */
#include "base/i18n.h"
#include "fuzz.h"
#include "http/asset.h"
#include "http/head.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    char *value = fuzz_text(data, size);
    struct arena *arena = arena_create();
    const char *cookie = fields_cookie(arena, value, "__Host-session");
    for (const char *c = cookie ? cookie : ""; *c; c++)
        PROMISE(*c >= '!' && *c <= '~');
    enum lang lang = 0;
    if (lang_accept(value, &lang))
        PROMISE((int)lang >= 0 && (int)lang < LANG_COUNT);
    static const char *const NAMES[] = {"Accept-Encoding", "If-None-Match", "Origin"};
    for (size_t i = 0; i < ARRAY_COUNT(NAMES); i++) {
        struct head head = {.lines = {{NAMES[i], value}}, .count = 1};
        struct request request = {
            .path = asset_table[0].path, .host = "school.example", .head = &head};
        struct response response = {0};
        response_reset(&response);
        PROMISE(asset_serve(&request, &response));
        request_is_cross_site(&request);
        buf_free(&response.body);
        buf_free(&response.headers);
    }
    arena_destroy(arena);
    free(value);
    return 0;
}
