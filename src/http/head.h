/* The strict reading of a raw HTTP/1.x request head (RFC 9110, RFC 9112). Everything that two
 * programs in a row could understand differently is refused, as that is what request smuggling is
 * made of: a bare CR or LF, a folded line, white space before a colon, two lengths, a length beside
 * a coding, two Hosts. No input, no allocation: the bytes are cut up where they stand. */
#ifndef HTTP_HEAD_H
#define HTTP_HEAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    HEAD_MAX = 16 * 1024,       /* bytes of a whole head; more is 431 */
    HEAD_TARGET_MAX = 8 * 1024, /* bytes of a request target; more is 414 */
    HEAD_LINES_MAX = 100,       /* header lines; more is 431 */
    HEAD_METHOD_MAX = 32,
};

struct head_line {
    const char *name; /* as sent */
    char *value;      /* without white space around it; may hold bytes above 0x7F of any kind */
};

struct head {
    const char *method;
    const char *path;  /* decoded; as struct request promises it */
    const char *query; /* as sent, "" if there is none */
    const char *host;  /* lower case, with port; "" only in HTTP/1.0 without Host */
    struct head_line lines[HEAD_LINES_MAX];
    size_t count;
    int64_t content_length; /* 0 where there is no body; meaningless when chunked */
    bool chunked;
    bool keep_alive; /* what the client wants: HTTP/1.1 without "close", 1.0 with "keep-alive" */
    bool expect_continue; /* it waits for "100 Continue" before it sends the body */
    bool http_1_0;
};

/* Looks for the end of a head in the `len` bytes that came so far. Answers its length with the
 * final empty line, 0 when more has to come, or minus the status to refuse it with, as soon as that
 * is sure. `scanned` remembers how far the search came: 0 before the first call for a head. */
long head_find_end(const char *bytes, size_t len, size_t *scanned);

/* Cuts up a complete head (`len` from head_find_end), changing the bytes; `head` points into them.
 * Answers 0 or the status to refuse it with: 400, 414, 417, 431, 501, 505. */
int head_parse(char *bytes, size_t len, struct head *head);

/* The first value of a header, NULL if there is none. Case of the name does not matter. */
const char *head_get(const struct head *head, const char *name);

/* Whether a comma-separated header value holds a token, in any case. */
bool head_has_token(const char *value, const char *token);

#endif
