/* Names of hosts as the domain name system knows them (RFC 1123, 2.1): letters, digits and dashes
 * between dots. Names with other letters are written in their ASCII form ("xn--…"). */
#ifndef BASE_DOMAIN_H
#define BASE_DOMAIN_H

#include "base/arena.h"
#include <stdbool.h>
#include <stddef.h>

enum { DOMAIN_MAX = 253, DOMAINS_MAX = 32 };

/* No address of numbers, no final dot. One label alone will do inside a house. */
bool domain_valid(const char *name, size_t length);

/* "Shop.example.org, www.example.org" → the names in lower case, NULL behind the last; *count of
 * them. NULL when one is no name, comes twice, or they are none or more than DOMAINS_MAX. */
const char **domain_list(struct arena *arena, const char *text, size_t *count);

#endif
