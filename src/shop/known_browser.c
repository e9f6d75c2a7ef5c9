/* A random token, and a tag over it and the account. */
#include "shop/known_browser.h"
#include "base/arena.h"
#include <string.h>

static void make_tag(const uint8_t key[SECRET_KEY_SIZE], const char *email_key, const char *token,
                     char tag[SECRET_MAC_SIZE]) {
    struct arena *arena = arena_create();
    secret_mac(
        key, arena_printf(arena, "known-browser:%.*s:%s", SECRET_TOKEN_SIZE - 1, token, email_key),
        tag);
    arena_destroy(arena);
}

void known_browser_make(const uint8_t key[SECRET_KEY_SIZE], const char *email_key,
                        char cookie[KNOWN_BROWSER_SIZE]) {
    secret_token(cookie);
    cookie[SECRET_TOKEN_SIZE - 1] = '.';
    make_tag(key, email_key, cookie, cookie + SECRET_TOKEN_SIZE);
}

bool known_browser_check(const uint8_t key[SECRET_KEY_SIZE], const char *email_key,
                         const char *cookie) {
    if (!cookie || strlen(cookie) != KNOWN_BROWSER_SIZE - 1 || cookie[SECRET_TOKEN_SIZE - 1] != '.')
        return false;
    char tag[SECRET_MAC_SIZE];
    make_tag(key, email_key, cookie, tag);
    return secret_equal(tag, cookie + SECRET_TOKEN_SIZE, SECRET_MAC_SIZE - 1);
}
