/* What a certificate chain in PEM says about itself: for whom it is, from when until when, who
 * signed it. Trust is not judged here. */
#ifndef NET_CHAIN_H
#define NET_CHAIN_H

#include "base/err.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { CHAIN_NAMES = 64, CHAIN_ISSUER_SIZE = 256 };

struct keypair;

struct chain {
    int64_t not_before, not_after; /* of the first certificate, UTC seconds */
    char issuer[CHAIN_ISSUER_SIZE];
    char names[CHAIN_NAMES][254]; /* DNS names, lower case */
    size_t name_count;
};

/* Reads PEM; other things between the certificates, like a key, are passed over. `key`, unless
 * NULL, has to belong to the first certificate. ERR_INVALID otherwise. */
enum err chain_read(struct chain *chain, const char *pem, const struct keypair *key) MUST_CHECK;

/* Whether it is for each of these names (lower case), perhaps by a wildcard of its own. */
bool chain_covers(const struct chain *chain, const char *const *names, size_t count);

#endif
