/* The double-submit cookie. */
#include "http/csrf.h"
#include "base/arena.h"
#include <string.h>

#define COOKIE "__Host-csrf"

/* "TOKEN.TAG" with a tag of ours? */
static bool signed_by_us(struct arena *arena, const char *text,
                         const uint8_t key[SECRET_KEY_SIZE]) {
    const char *dot = strchr(text, '.');
    if (!dot || strlen(dot + 1) != SECRET_MAC_SIZE - 1)
        return false;
    char tag[SECRET_MAC_SIZE];
    secret_mac(key, arena_printf(arena, "csrf:%.*s", (int)(dot - text), text), tag);
    return secret_equal(tag, dot + 1, SECRET_MAC_SIZE - 1);
}

static const char *good_cookie(const struct request *request, const uint8_t key[SECRET_KEY_SIZE]) {
    const char *cookie = request_cookie(request, COOKIE);
    return cookie && signed_by_us(request->arena, cookie, key) ? cookie : NULL;
}

const char *csrf_cookie_token(const struct request *request, struct response *response,
                              const uint8_t key[SECRET_KEY_SIZE]) {
    const char *cookie = good_cookie(request, key);
    if (cookie)
        return cookie;
    char token[SECRET_TOKEN_SIZE], tag[SECRET_MAC_SIZE];
    secret_token(token);
    secret_mac(key, arena_printf(request->arena, "csrf:%s", token), tag);
    const char *fresh = arena_printf(request->arena, "%s.%s", token, tag);
    response_cookie(response, COOKIE, fresh, -1);
    return fresh;
}

static bool field_equals(const struct request *request, const char *expected) {
    const char *field = fields_get(&request->form, CSRF_FIELD);
    if (!field || !expected)
        return false;
    size_t length = strlen(expected);
    return strlen(field) == length && secret_equal(field, expected, length);
}

bool csrf_cookie_valid(const struct request *request, const uint8_t key[SECRET_KEY_SIZE]) {
    return field_equals(request, good_cookie(request, key));
}

bool csrf_session_valid(const struct request *request, const char *session_token) {
    return field_equals(request, session_token);
}
