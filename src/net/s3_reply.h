/* The little of S3's XML that is read, leniently: texts of elements by their names. Servers differ
 * in everything else. */
#ifndef NET_S3_REPLY_H
#define NET_S3_REPLY_H

#include <stdbool.h>
#include <stddef.h>

/* The text of the first element of that name at or behind *at, its references replaced, control
 * characters left out; *at moves behind it. False: there is none, or it does not fit. */
bool s3_text(const char **at, const char *name, char *text, size_t size);

/* An error's code and message in one line, or "" */
void s3_error(const char *xml, char *text, size_t size);

#endif
