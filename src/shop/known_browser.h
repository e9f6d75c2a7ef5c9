/* A browser that an account has logged in with before: it carries a cookie that says so, signed,
 * and wrong passwords from it count by themselves. So nobody who guesses, at the same address or at
 * the same account, keeps a family from its own log-in, and who has taken such a cookie has no more
 * guesses than an account allows (OWASP, "Slow Down Online Guessing Attacks with Device Cookies").
 * Safe from any thread. */
#ifndef SHOP_KNOWN_BROWSER_H
#define SHOP_KNOWN_BROWSER_H

#include "base/secret.h"
#include <stdbool.h>

enum {
    KNOWN_BROWSER_SIZE = SECRET_TOKEN_SIZE + SECRET_MAC_SIZE, /* "TOKEN.TAG" and its NUL */
    KNOWN_BROWSER_DAYS = 180,                                 /* how long it lasts */
};

/* The cookie for a browser that has just logged in. */
void known_browser_make(const uint8_t key[SECRET_KEY_SIZE], const char *email_key,
                        char cookie[KNOWN_BROWSER_SIZE]);

/* Whether `cookie` was made for this account. NULL is not. */
bool known_browser_check(const uint8_t key[SECRET_KEY_SIZE], const char *email_key,
                         const char *cookie);

#endif
