/* A mail server on loopback that follows a script, line by line, in a thread of its own.
 *
 *     static const struct fake_line script[] = {
 *         {FAKE_CONNECT, "220 fake\r\n"},
 *         {"EHLO ", "250 fake\r\n"},
 *         {"MAIL FROM:<a@example.org>", "550 no\r\n"},
 *         {"RSET", FAKE_HANG_UP},
 *     };
 *     struct fake_smtp *fake = fake_smtp_start(script, ARRAY_COUNT(script));
 *     … connect to 127.0.0.1, fake_smtp_port(fake) …
 *     struct buf heard = {0};
 *     assert_null(fake_smtp_stop(fake, &heard));
 */
#ifndef FAKE_SMTP_H
#define FAKE_SMTP_H

#include "base/buf.h"
#include <stddef.h>

/* For `hear`: waits for the next connection, or for the lines up to the one with a single dot. */
#define FAKE_CONNECT "(connect)"
#define FAKE_TEXT "(text)"
/* For `say`: ends the connection; says nothing, or a byte now and then, until the client ends it.
 */
#define FAKE_HANG_UP "(hang up)"
#define FAKE_SILENCE "(silence)"
#define FAKE_DRIP "(drip)"
/* In front of words: half a second before them. */
#define FAKE_PAUSE "(pause)"

struct fake_line {
    const char *hear; /* what the next line begins with */
    const char *say;  /* with its line ends */
};

struct fake_smtp;

/* The script outlives the server. */
struct fake_smtp *fake_smtp_start(const struct fake_line *script, size_t count);
int fake_smtp_port(const struct fake_smtp *fake);

/* Waits until the script is over, 10 seconds at most. Appends all lines heard, ended by LF (of
 * texts as they travelled, with their dots). NULL: it went as written; else where it did not. */
const char *fake_smtp_stop(struct fake_smtp *fake, struct buf *heard);

#endif
