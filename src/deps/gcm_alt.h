/* The context of AES-GCM as mbedTLS's gcm.h asks for it under MBEDTLS_GCM_ALT; see gcm_sodium.c. */
#ifndef DEPS_GCM_ALT_H
#define DEPS_GCM_ALT_H

#include <stdalign.h>

struct gcm_portable_context;

typedef struct mbedtls_gcm_context {
    alignas(16) unsigned char sodium[512]; /* the expanded key, when has_sodium */
    unsigned char key[32];
    int has_sodium;
    struct gcm_portable_context *portable; /* mbedTLS's own; NULL until something needs it */
} mbedtls_gcm_context;

#endif
