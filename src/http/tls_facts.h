/* What a certificate says, for whoever looks after it: no server is needed. */
#ifndef HTTP_TLS_FACTS_H
#define HTTP_TLS_FACTS_H

#include "base/err.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct tls_facts {
    int64_t begins_at, ends_at; /* UTC seconds */
    bool self_signed;
    bool names_host; /* true also when no host was asked about */
};

/* Reads a chain and its key, PEM; `host` NULL: any. ERR_INVALID or ERR_IO and a sentence that names
 * the file at fault; the key has to belong to the certificate. */
enum err tls_facts_read(const char *cert_file, const char *key_file, const char *host,
                        struct tls_facts *out, char *error, size_t error_size) MUST_CHECK;

#endif
