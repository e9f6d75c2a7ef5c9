/* UTF-8 as RFC 3629 defines it. Text is checked once at the boundary; inside it is trusted. */
#ifndef BASE_UTF8_H
#define BASE_UTF8_H

#include "base/arena.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* No overlong forms, no surrogates, nothing above U+10FFFF, no NUL within `length`. */
bool utf8_valid(const char *text, size_t length);
size_t utf8_length(const char *text); /* code points in valid text */

/* Reads one code point of valid text and moves *text behind it; 0 at the end. */
uint32_t utf8_next(const char **text);

/* Folds for comparing: lower case for Latin, Greek and Cyrillic letters, and no accents on Latin
 * ones, so that "Robótica" is found by "ROBOTICA". One fold for search and duplicates. */
char *utf8_fold(struct arena *arena, const char *text);

/* Lower case only, accents kept: the key that makes two e-mail addresses the same. */
char *utf8_lower(struct arena *arena, const char *text);

/* White space at both ends cut, runs of it within made one space, control characters dropped. */
char *utf8_squeeze(struct arena *arena, const char *text);

/* "Robótica con LEGO®" → "robotica-con-lego": ASCII letters, digits and single dashes, at most
 * `limit` bytes; "" when nothing remains. */
char *utf8_slug(struct arena *arena, const char *text, size_t limit);

#endif
