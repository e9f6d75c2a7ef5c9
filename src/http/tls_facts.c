/* A certificate read and asked. */
#include "http/tls_facts.h"
#include "http/tls_identity.h"

/* Nobody is trusted here, so much is found wrong; whether the name is among it counts. */
static bool names(mbedtls_x509_crt *chain, const char *host) {
    mbedtls_x509_crt nobody;
    uint32_t flags = 0;
    mbedtls_x509_crt_init(&nobody);
    (void)mbedtls_x509_crt_verify(chain, &nobody, NULL, host, &flags, NULL, NULL);
    mbedtls_x509_crt_free(&nobody);
    return (flags & MBEDTLS_X509_BADCERT_CN_MISMATCH) == 0;
}

enum err tls_facts_read(const char *cert_file, const char *key_file, const char *host,
                        struct tls_facts *out, char *error, size_t error_size) {
    struct tls_identity identity;
    enum err err = tls_identity_load(&identity, cert_file, key_file, error, error_size);
    if (err)
        return err;
    *out = (struct tls_facts){.begins_at = tls_identity_moment(&identity.chain.valid_from),
                              .ends_at = tls_identity_moment(&identity.chain.valid_to),
                              .self_signed = identity.self_signed,
                              .names_host = !host || names(&identity.chain, host)};
    tls_identity_free(&identity);
    return OK;
}
