/* An outgoing connection: TCP to a name and a port, then TLS (1.2 with AEAD, or 1.3) whose
 * certificate is checked against that name. Each connection has one deadline for all that is done
 * with it, which may be set anew between two pieces of work. One thread at a time. */
#ifndef NET_TLS_H
#define NET_TLS_H

#include "base/err.h"
#include "net/deadline.h"
#include <stdbool.h>
#include <stddef.h>

struct tls;

/* Connects without TLS yet. NULL and a sentence in `error`. */
struct tls *tls_connect(const char *host, int port, struct deadline deadline, char *error,
                        size_t error_size);

void tls_set_deadline(struct tls *tls, struct deadline deadline);
bool tls_is_late(const struct tls *tls); /* the deadline is over */

/* Speaks TLS from here on. ERR_REFUSED when bytes in clear are still unread: somebody in the middle
 * slipped them in, to be taken for the server's own later (CVE-2011-0411 and its kin). `ca_file`
 * NULL: the built-in roots. After a failure the connection can only be closed. */
enum err tls_start(struct tls *tls, const char *host, const char *ca_file, char *error,
                   size_t error_size) MUST_CHECK;

/* Whether a file holds certificates that tls_start can use; ERR_INVALID and a sentence. */
enum err tls_check_ca_file(const char *ca_file, char *error, size_t error_size) MUST_CHECK;

bool tls_is_secure(const struct tls *tls);
bool tls_is_loopback(const struct tls *tls); /* the peer is on this machine */

/* This end's own numeric address ("192.0.2.7", "2001:db8::7"), "" when unknown. */
void tls_own_address(const struct tls *tls, char *address, size_t size);

/* All of it, or ERR_IO. */
enum err tls_write(struct tls *tls, const void *bytes, size_t count) MUST_CHECK;

/* One line without its CR LF, at most size - 1 bytes; ERR_INVALID for a longer one and for one with
 * a NUL. */
enum err tls_read_line(struct tls *tls, char *line, size_t size) MUST_CHECK;

/* What has arrived, 1 to `size` bytes of it: *count. 0: the peer ended the stream, in order. ERR_IO
 * when it broke or the time is over. */
enum err tls_read(struct tls *tls, void *bytes, size_t size, size_t *count) MUST_CHECK;

void tls_close(struct tls *tls); /* NULL is fine */

#endif
