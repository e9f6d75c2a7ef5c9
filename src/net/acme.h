/* A certificate from an authority that speaks ACME (RFC 8555): account, order, proof that the names
 * are ours by HTTP-01 (8.3) or TLS-ALPN-01 (RFC 8737), request, chain. Here is the protocol; who
 * answers the authority's questions, where things are kept and when it is time is the caller's
 * business. An order that was begun goes on where it stood. One thread at a time; takes minutes at
 * most. */
#ifndef NET_ACME_H
#define NET_ACME_H

#include "base/buf.h"
#include "base/err.h"
#include "net/acme_reply.h"
#include "net/jose.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct keypair;

enum { ACME_AUTHORIZATION_SIZE = ACME_TOKEN_SIZE + JOSE_THUMBPRINT_SIZE };

/* What the authority is about to ask for. */
struct acme_challenge {
    enum acme_kind kind;
    char name[254];
    char token[ACME_TOKEN_SIZE];
    char authorization[ACME_AUTHORIZATION_SIZE]; /* the whole answer to HTTP-01 */
    uint8_t digest[32];                          /* its SHA-256, for TLS-ALPN-01 */
};

struct acme_options {
    const char *directory; /* URL of the authority */
    const char *email;     /* where it may write to; "": nowhere */
    const char *ca_file;   /* for the connection to the authority; "": the built-in roots */
    const struct keypair *account;
    const char *const *names; /* lower case, 1 to ACME_NAMES */
    size_t name_count;
    enum acme_kind kind; /* how the names are proved */

    /* All on the thread of acme_obtain. `present`: answer this from now on, false: it cannot be.
     * `withdraw`: all of them are over. `ordered`: an order was made, worth remembering. */
    bool (*present)(void *ctx, const struct acme_challenge *challenge);
    void (*withdraw)(void *ctx);
    void (*ordered)(void *ctx, const char *order_url);
    void *ctx;
    int stop_fd; /* as in net/deadline.h */
};

enum acme_cause {
    ACME_FINE,
    ACME_UNREACHABLE, /* no answer, or one of its own troubles (5xx) */
    ACME_LIMITED,     /* too much was asked of it: not before `wait` is over */
    ACME_UNPROVEN,    /* it does not see that a name is ours */
    ACME_REFUSED,     /* it wants something else, or does not want at all */
    ACME_STOPPED,     /* the program ends */
    ACME_BROKEN,      /* our own trouble: memory, randomness */
};

struct acme_trouble {
    enum acme_cause cause;
    int64_t wait;    /* seconds the authority asks for; 0: it names none */
    bool order_over; /* the order leads nowhere any more */
    char sentence[512];
};

/* What the authority's clock shows, UTC seconds; asked of its directory. 0: it does not say. */
enum err acme_time(const struct acme_options *options, int64_t *now,
                   struct acme_trouble *trouble) MUST_CHECK;

/* Takes the order at `order_url`, or makes one when that is "", through to its end. `key` is what
 * the certificate is for. The chain (PEM) is appended to `chain`. */
enum err acme_obtain(const struct acme_options *options, const char *order_url,
                     const struct keypair *key, struct buf *chain,
                     struct acme_trouble *trouble) MUST_CHECK;

#endif
