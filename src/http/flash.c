/* Flash messages in a cookie: KIND, base64url of the text, our tag. */
#include "http/flash.h"
#include "base/utf8.h"
#include <string.h>

enum { MAX_AGE = 60 };

static const char *tag_input(struct arena *arena, const char *body, size_t length) {
    return arena_printf(arena, "flash:%.*s", (int)length, body);
}

void flash_set(struct response *response, struct arena *arena, const uint8_t key[SECRET_KEY_SIZE],
               enum flash_kind kind, const char *text) {
    size_t length = strlen(text);
    if (length > FLASH_MAX)
        for (length = FLASH_MAX; ((unsigned char)text[length] & 0xc0) == 0x80;)
            length--;
    char *encoded = arena_alloc(arena, (length * 4 + 2) / 3 + 1);
    secret_base64(text, length, encoded);
    const char *body = arena_printf(arena, "%d%s", (int)kind, encoded);
    char tag[SECRET_MAC_SIZE];
    secret_mac(key, tag_input(arena, body, strlen(body)), tag);
    response_cookie(response, FLASH_COOKIE, arena_printf(arena, "%s.%s", body, tag), MAX_AGE);
}

static bool decode(struct arena *arena, const char *cookie, const uint8_t key[SECRET_KEY_SIZE],
                   struct flash *flash) {
    const char *dot = strchr(cookie, '.');
    if (!dot || dot == cookie || strlen(dot + 1) != SECRET_MAC_SIZE - 1)
        return false;
    char tag[SECRET_MAC_SIZE];
    secret_mac(key, tag_input(arena, cookie, (size_t)(dot - cookie)), tag);
    if (!secret_equal(tag, dot + 1, SECRET_MAC_SIZE - 1))
        return false;
    char *text = arena_alloc(arena, FLASH_MAX + 1);
    const char *encoded = arena_strndup(arena, cookie + 1, (size_t)(dot - cookie - 1));
    int length = secret_unbase64(encoded, text, FLASH_MAX);
    if (length < 0 || !utf8_valid(text, (size_t)length))
        return false;
    flash->kind = (enum flash_kind)(cookie[0] - '0');
    flash->text = text;
    return true;
}

struct flash flash_take(const struct request *request, struct response *response,
                        const uint8_t key[SECRET_KEY_SIZE]) {
    struct flash flash = {0};
    const char *cookie = request_cookie(request, FLASH_COOKIE);
    if (!cookie)
        return flash;
    response_cookie(response, FLASH_COOKIE, "", 0);
    if (!decode(request->arena, cookie, key, &flash))
        flash = (struct flash){0};
    return flash;
}
