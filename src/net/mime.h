/* A mail as it travels: headers and a text and an HTML body side by side (RFC 5322, 2045, 2046,
 * 2047), quoted-printable, lines ended by CR LF and at most 78 characters long. */
#ifndef NET_MIME_H
#define NET_MIME_H

#include "base/buf.h"
#include <stdint.h>

struct mime_mail {
    const char *from_name, *from; /* the address alone in `from` */
    const char *reply_to;         /* an address, or NULL */
    const char *to;               /* an address */
    const char *subject;          /* one line of UTF-8 */
    const char *message_id;       /* without < > */
    int64_t date;                 /* UTC seconds */
    const char *text, *html;      /* UTF-8, lines ended by LF; html may be NULL */
    const char *boundary;         /* occurs in neither body: random */
};

/* Control characters in any header value become spaces: nothing can begin another header. */
void mime_write(struct buf *out, const struct mime_mail *mail);

#endif
