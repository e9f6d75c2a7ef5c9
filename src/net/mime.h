/* A mail as it travels: headers, and a text and an HTML body side by side (RFC 5322, 2045, 2046,
 * 2047). Quoted-printable throughout, so that nothing but ASCII travels (unless an address itself
 * has other letters: RFC 6532), in lines ended by CR LF and of at most 76 characters; only an
 * address or an id that is longer stands on a longer line of its own, far below the limit of 998.
 *
 * The same struct gives the same bytes, so a mail that is sent again is the same mail. */
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
    const char *text, *html;      /* UTF-8, lines ended by LF or CR LF; html may be NULL */
};

/* Control characters in any header value become spaces and are left out of addresses: nothing can
 * begin another header. */
void mime_write(struct buf *out, const struct mime_mail *mail);

#endif
