/* An outgoing connection: TCP to a name and a port, then TLS (1.2 with AEAD, or 1.3) whose
 * certificate is checked against that name. Every step has a deadline. One thread at a time. */
#ifndef NET_TLS_H
#define NET_TLS_H

#include "base/err.h"
#include <stdbool.h>
#include <stddef.h>

struct tls;

enum { TLS_TIMEOUT_MS = 30000 }; /* of connecting, of each read and of each write */

/* Connects without TLS yet. NULL and a sentence in `error`. */
struct tls *tls_connect(const char *host, int port, char *error, size_t error_size);

/* Speaks TLS from here on. What was received in clear and not read yet is forgotten, so that nobody
 * in the middle can slip words in before it. `ca_file` NULL: the built-in roots. */
enum err tls_start(struct tls *tls, const char *host, const char *ca_file, char *error,
                   size_t error_size) MUST_CHECK;

bool tls_is_secure(const struct tls *tls);
bool tls_is_loopback(const struct tls *tls); /* the peer is on this machine */

/* All of it, or ERR_IO. */
enum err tls_write(struct tls *tls, const void *bytes, size_t count) MUST_CHECK;

/* One line without its CR LF, at most size - 1 bytes; a longer one is ERR_INVALID. */
enum err tls_read_line(struct tls *tls, char *line, size_t size) MUST_CHECK;

void tls_close(struct tls *tls); /* NULL is fine */

#endif
