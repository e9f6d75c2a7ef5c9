/* A growable run of bytes on the heap: pages, messages, files. The bytes are always followed by a
 * NUL that `len` does not count, so `data` is a C string where the content is text.
 * Like an arena it never fails for want of memory: the process ends. One thread at a time. */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include "base/err.h"
#include <stddef.h>

struct buf {
    char *data;
    size_t len, cap;
};

/* `struct buf b = {0};` is an empty buffer. */
void buf_reserve(struct buf *buf, size_t more); /* room for `more` bytes behind `len` */
void buf_append(struct buf *buf, const void *bytes, size_t count);
void buf_puts(struct buf *buf, const char *text); /* NULL adds nothing */
void buf_putc(struct buf *buf, char c);
void buf_put_int(struct buf *buf, long long number);
void buf_put_two(struct buf *buf, int number); /* two digits: 0 to 99 */
void buf_printf(struct buf *buf, const char *format, ...) PRINTF_LIKE(2, 3);
void buf_reset(struct buf *buf); /* empty, memory kept */
void buf_free(struct buf *buf);  /* empty, memory returned */

/* The content as a C string, "" for a buffer never written to. */
const char *buf_text(const struct buf *buf);

#endif
