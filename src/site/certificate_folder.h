/* What the certificate obtained by itself needs on disk, in tls/ of the data folder, each file
 * 0600, written beside and renamed:
 *
 *   domain.pem        the private key and the chain in use
 *   acme-account.key  the account with the authority
 *   acme-order.key    the key of an order under way
 *   acme.json         that order, the last failure, when to try again
 *
 * A crash at any moment loses nothing: an order goes on where it stood, a wait is kept. */
#ifndef SITE_CERTIFICATE_FOLDER_H
#define SITE_CERTIFICATE_FOLDER_H

#include "net/acme.h"
#include "net/chain.h"
#include "net/keypair.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { CERTIFICATE_NAMES_SIZE = ACME_NAMES * 254, CERTIFICATE_PATH_SIZE = 4096 };

/* acme.json */
struct certificate_state {
    char directory[ACME_URL_SIZE];      /* the authority and the names this is about; */
    char names[CERTIFICATE_NAMES_SIZE]; /* separated by commas */
    char issued_by[ACME_URL_SIZE];      /* the authority domain.pem came from; "": none */
    char order[ACME_URL_SIZE];          /* under way; "": none */
    int failures;                       /* in a row */
    int64_t tried_at, next_try;         /* UTC seconds; 0: never, nothing waits */
    bool limited;                       /* the authority asked to wait until next_try */
    char error[512];                    /* of the last try; "": it went well */
};

/* Blank where there is no file, or none that can be read: it can be done without. */
void certificate_state_load(struct certificate_state *state, const char *dir);
enum err certificate_state_save(const struct certificate_state *state, const char *dir) MUST_CHECK;

/* The certificate in use. ERR_NOT_FOUND: there is none; ERR_INVALID: it cannot be read. */
enum err certificate_load(struct chain *chain, const char *dir) MUST_CHECK;

/* Key and chain, into domain.pem. */
enum err certificate_save(const struct keypair *key, const struct buf *chain,
                          const char *dir) MUST_CHECK;

/* dir/domain.pem */
void certificate_path(char path[CERTIFICATE_PATH_SIZE], const char *dir);

/* The account's key, made when there is none; NULL and a sentence when it cannot be read or kept.
 */
struct keypair *certificate_account(const char *dir, char *error, size_t error_size);

/* The key of the order under way; NULL: there is none. */
struct keypair *certificate_order_key(const char *dir);
struct keypair *certificate_new_order_key(const char *dir, char *error, size_t error_size);
void certificate_order_done(const char *dir);

#endif
