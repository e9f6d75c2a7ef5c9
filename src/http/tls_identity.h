/* A certificate chain and its private key: read from PEM files, or made once for a server that was
 * given none. Errors are one clear sentence that names the file. */
#ifndef HTTP_TLS_IDENTITY_H
#define HTTP_TLS_IDENTITY_H

#include "base/err.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <mbedtls/pk.h>
#include <mbedtls/x509_crt.h>

enum { TLS_FINGERPRINT_SIZE = 96 /* 32 bytes as "AB:CD:…" and NUL */ };

struct tls_identity {
    mbedtls_x509_crt chain;
    mbedtls_pk_context key;
    bool self_signed;
    char fingerprint[TLS_FINGERPRINT_SIZE]; /* SHA-256 of the leaf */
};

/* Fills `identity`; on failure nothing is held. The key has to belong to the first certificate. */
enum err tls_identity_load(struct tls_identity *identity, const char *cert_file,
                           const char *key_file, char *error, size_t error_size) MUST_CHECK;
void tls_identity_free(struct tls_identity *identity);

/* UTC seconds of a moment in a certificate. */
int64_t tls_identity_moment(const mbedtls_x509_time *time);

/* Is the leaf valid for at least another 30 days? */
bool tls_identity_lasts(const struct tls_identity *identity, int64_t now);

/* Makes sure `dir` holds a self-signed ECDSA P-256 certificate for localhost, 127.0.0.1, ::1 and
 * this machine's name that lasts, in self-signed.crt and self-signed.key, and answers the two
 * paths. It is valid for 397 days and for servers only: what is valid for longer, or does not say
 * what for, is turned away by some browsers even when a person trusts it (Apple HT210176,
 * CA/Browser Forum Baseline Requirements 6.3.2). */
enum { TLS_PATH_SIZE = 4096 };
struct tls_files {
    char cert[TLS_PATH_SIZE], key[TLS_PATH_SIZE];
};
enum err tls_identity_self_signed(const char *dir, int64_t now, struct tls_files *files,
                                  char *error, size_t error_size) MUST_CHECK;

/* UTC seconds as certificates are written with: "20261128194310". */
void tls_format_time(int64_t when, char text[16]);

/* The random generator all of TLS uses: the kernel's, so no state to share or to seed. */
int tls_random(void *unused, unsigned char *bytes, size_t count);

#endif
