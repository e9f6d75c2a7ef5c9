/* Which passwords are good enough. How they are hashed: base/secret.h.
 *
 * NIST SP 800-63B, 5.1.1.2: length counts, composition rules do not; what everybody tries first is
 * refused. That is decided by rule instead of by a list of finished passwords: a password is common
 * when it is nothing but a well-known word (English, Spanish, Peru's names, places and clubs; more
 * than a thousand roots in password_roots.c), a walk over the keyboard or a repetition, in whatever
 * case, accents and l33t, with predictable digits and any signs around it; or two such words glued
 * together with at most two characters more. One root stands for tens of thousands of passwords.
 */
#ifndef SHOP_PASSWORD_H
#define SHOP_PASSWORD_H

#include <stddef.h>

enum {
    PASSWORD_MIN = 10,   /* characters */
    PASSWORD_MAX = 1024, /* bytes */
};

enum password_fault {
    PASSWORD_GOOD,
    PASSWORD_SHORT,
    PASSWORD_LONG,
    PASSWORD_COMMON,
    PASSWORD_PERSONAL, /* made of the person's own name or address */
};

/* Whose password it is; each may be NULL or "". */
struct password_owner {
    const char *email, *first_name, *last_name;
};

enum password_fault password_check(const char *password, const struct password_owner *owner);

#endif
