/* The message that is shown once on the page after a redirect («¡Listo! Sofía está inscrita…»). It
 * travels in a signed cookie of a minute's life: no row, no session needed. */
#ifndef HTTP_FLASH_H
#define HTTP_FLASH_H

#include "base/arena.h"
#include "base/secret.h"
#include "http/request.h"
#include "http/response.h"

#define FLASH_COOKIE "__Host-flash"

enum flash_kind { FLASH_SUCCESS, FLASH_NOTICE, FLASH_PROBLEM };

struct flash {
    enum flash_kind kind;
    const char *text; /* plain, translated; NULL: nothing to say */
};

/* At most FLASH_MAX bytes; longer text is cut at a character. */
enum { FLASH_MAX = 600 };

void flash_set(struct response *response, struct arena *arena, const uint8_t key[SECRET_KEY_SIZE],
               enum flash_kind kind, const char *text);

/* Reads it and takes the cookie back. */
struct flash flash_take(const struct request *request, struct response *response,
                        const uint8_t key[SECRET_KEY_SIZE]);

#endif
