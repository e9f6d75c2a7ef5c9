/* Doubling byte buffer. */
#include "base/buf.h"
#include "base/memory.h"
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SMALLEST = 256 };

void buf_reserve(struct buf *buf, size_t more) {
    if (buf->cap - buf->len > more)
        return;
    if (more > SIZE_MAX / 4)
        abort();
    size_t cap = buf->cap ? buf->cap : SMALLEST;
    while (cap - buf->len <= more)
        cap *= 2;
    char *data = memory_resize(buf->data, 1, cap);
    if (!buf->data)
        data[0] = '\0';
    buf->data = data;
    buf->cap = cap;
}

void buf_append(struct buf *buf, const void *bytes, size_t count) {
    if (count == 0)
        return;
    buf_reserve(buf, count);
    memcpy(buf->data + buf->len, bytes, count);
    buf->len += count;
    buf->data[buf->len] = '\0';
}

void buf_puts(struct buf *buf, const char *text) {
    if (text)
        buf_append(buf, text, strlen(text));
}

void buf_putc(struct buf *buf, char c) {
    buf_append(buf, &c, 1);
}

void buf_put_int(struct buf *buf, long long number) {
    char digits[24], *end = digits + sizeof(digits), *p = end;
    unsigned long long rest =
        number < 0 ? 0ULL - (unsigned long long)number : (unsigned long long)number;
    do
        *--p = (char)('0' + rest % 10);
    while (rest /= 10);
    if (number < 0)
        *--p = '-';
    buf_append(buf, p, (size_t)(end - p));
}

void buf_put_two(struct buf *buf, int number) {
    buf_append(buf, (char[]){(char)('0' + number / 10 % 10), (char)('0' + number % 10)}, 2);
}

/* Most texts fit into the room that is there, so it is tried first. */
void buf_printf(struct buf *buf, const char *format, ...) {
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    size_t room = buf->cap - buf->len;
    int length = vsnprintf(room ? buf->data + buf->len : NULL, room, format, args);
    va_end(args);
    if (length < 0)
        abort();
    if ((size_t)length >= room) {
        buf_reserve(buf, (size_t)length + 1);
        vsnprintf(buf->data + buf->len, (size_t)length + 1, format, again);
    }
    va_end(again);
    buf->len += (size_t)length;
}

void buf_reset(struct buf *buf) {
    buf->len = 0;
    if (buf->data)
        buf->data[0] = '\0';
}

void buf_free(struct buf *buf) {
    free(buf->data);
    *buf = (struct buf){0};
}

const char *buf_text(const struct buf *buf) {
    return buf->data ? buf->data : "";
}
