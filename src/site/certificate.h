/* The certificate that is obtained and renewed by itself (--domain): a thread of its own, which
 * asks an authority by ACME (net/acme.h), has its questions answered by the server, and gives the
 * server the new certificate without a restart. Until then the old one serves, or the self-signed
 * one. What fails is tried again, later each time, and not before the authority allows it. */
#ifndef SITE_CERTIFICATE_H
#define SITE_CERTIFICATE_H

#include "base/err.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct certificate;
struct server;

struct certificate_options {
    const char *names;     /* "shop.example.org,www.shop.example.org", as checked by --domain */
    const char *directory; /* URL of the authority */
    const char *email;     /* "": none */
    const char *ca_file;   /* "": the built-in roots */
    const char *dir;       /* tls/ in the data folder */
};

/* The options' texts outlive it. NULL when the system has no thread left. */
struct certificate *certificate_start(const struct certificate_options *options,
                                      struct server *server);

/* Looks after it now instead of later: somebody has mended something. A wait the authority asked
 * for stays. Any thread. */
void certificate_wake(struct certificate *certificate);

/* Ends the thread, before server_stop: an order under way goes on at the next start. NULL is fine.
 */
void certificate_stop(struct certificate *certificate);

/* Frees it, after server_stop, as requests may still ask for the status. NULL is fine. */
void certificate_destroy(struct certificate *certificate);

struct certificate_status {
    bool there;                    /* there is a certificate of an authority */
    int64_t not_before, not_after; /* UTC seconds */
    char issuer[256];
    int64_t next_try;    /* when it is looked after next; 0: nobody has decided yet */
    int failures;        /* in a row */
    bool limited;        /* the authority asked to wait until then */
    char error[512];     /* why the last try failed, one sentence; "": it did not */
    int64_t clock_ahead; /* seconds this machine's clock is ahead of the authority's, below 0:
                            behind; 0: less than minutes, or not known */
};

/* Any thread. */
void certificate_status(struct certificate *certificate, struct certificate_status *status);

/* The same from the files of a data folder's tls/, beside a running server or without one. What was
 * never saved there (clock_ahead) is 0. */
void certificate_read(const char *dir, struct certificate_status *status);

#endif
