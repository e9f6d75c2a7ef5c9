/* The list behind shop/password.h. */
#ifndef SHOP_PASSWORD_ROOTS_H
#define SHOP_PASSWORD_ROOTS_H

#include <stddef.h>

extern const char *const password_roots[]; /* sorted by strcmp, for binary search */
extern const size_t password_root_count;

#endif
