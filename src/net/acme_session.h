/* The conversation with an ACME server: its directory, nonces, signed requests, what went wrong.
 * The inner part of net/acme.c. */
#ifndef NET_ACME_SESSION_H
#define NET_ACME_SESSION_H

#include "net/acme.h"
#include "net/deadline.h"
#include "net/reply.h"

struct acme_session {
    const struct acme_options *options;
    struct acme_trouble *trouble;
    struct deadline deadline; /* of all of it */
    struct acme_directory directory;
    char nonce[256];             /* "": none at hand */
    char account[ACME_URL_SIZE]; /* "": not known yet; requests carry the key */
};

/* Asks for the directory. `now` unless NULL gets the server's time or 0. */
enum err acme_session_open(struct acme_session *session, const struct acme_options *options,
                           struct acme_trouble *trouble, int64_t *now) MUST_CHECK;

/* Sends a signed request; "" as payload asks for what is at the URL. OK only for a status of 2xx:
 * the caller frees the reply then. Else the trouble is described, `what` being what it was about:
 * "the order". A nonce that was refused is replaced and the request repeated. */
enum err acme_session_post(struct acme_session *session, const char *what, const char *url,
                           const char *payload, struct reply *reply) MUST_CHECK;

/* Describes trouble, answers ERR_REFUSED. */
enum err acme_session_fail(struct acme_session *session, enum acme_cause cause, const char *format,
                           ...) PRINTF_LIKE(3, 4);

/* Waits before asking again: as long as the reply says, a second to ten else, longer with every
 * try. ERR_IO with the trouble described when the time or the program is over. */
enum err acme_session_wait(struct acme_session *session, const char *what, int64_t wanted,
                           int tries) MUST_CHECK;

#endif
