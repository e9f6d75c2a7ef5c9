/* Writes a certificate and reads it back, as that is how mbedTLS wants to have it. */
#include "http/tls_proof.h"
#include "base/clock.h"
#include "base/secret.h"
#include "http/tls_identity.h"
#include <mbedtls/ecp.h>
#include <stdlib.h>
#include <string.h>

enum { DER_SIZE = 2048, SERIAL_SIZE = 16, DAY = 86400 };

/* id-pe-acmeIdentifier, 1.3.6.1.5.5.7.1.31 */
static const char acme_identifier[] = "\x2B\x06\x01\x05\x05\x07\x01\x1F";

static int set_name(mbedtls_x509write_cert *cert, const char *name, size_t length) {
    mbedtls_x509_san_list list = {.node = {.type = MBEDTLS_X509_SAN_DNS_NAME}};
    list.node.san.unstructured_name =
        (mbedtls_x509_buf){.p = (unsigned char *)(uintptr_t)name, .len = length};
    return mbedtls_x509write_crt_set_subject_alternative_name(cert, &list);
}

static int set_digest(mbedtls_x509write_cert *cert, const uint8_t digest[CHALLENGE_DIGEST_SIZE]) {
    unsigned char octets[2 + CHALLENGE_DIGEST_SIZE] = {MBEDTLS_ASN1_OCTET_STRING,
                                                       CHALLENGE_DIGEST_SIZE};
    memcpy(octets + 2, digest, CHALLENGE_DIGEST_SIZE);
    return mbedtls_x509write_crt_set_extension(cert, acme_identifier, sizeof(acme_identifier) - 1,
                                               1, octets, sizeof(octets));
}

static int describe(mbedtls_x509write_cert *cert, mbedtls_pk_context *key) {
    unsigned char serial[SERIAL_SIZE];
    char from[16], to[16];
    secret_random(serial, sizeof(serial));
    serial[0] = (unsigned char)((serial[0] & 0x3F) | 0x40); /* positive and of full length */
    tls_format_time(clock_now() - DAY, from);
    tls_format_time(clock_now() + 7 * DAY, to);
    mbedtls_x509write_crt_set_version(cert, MBEDTLS_X509_CRT_VERSION_3);
    mbedtls_x509write_crt_set_md_alg(cert, MBEDTLS_MD_SHA256);
    mbedtls_x509write_crt_set_subject_key(cert, key);
    mbedtls_x509write_crt_set_issuer_key(cert, key);
    int code = mbedtls_x509write_crt_set_subject_name(cert, "CN=Taller challenge");
    if (code == 0)
        code = mbedtls_x509write_crt_set_issuer_name(cert, "CN=Taller challenge");
    if (code == 0)
        code = mbedtls_x509write_crt_set_serial_raw(cert, serial, sizeof(serial));
    return code == 0 ? mbedtls_x509write_crt_set_validity(cert, from, to) : code;
}

/* mbedTLS does not read a certificate with a critical extension it does not know; this is the one.
 */
static int accept_extension(void *unused, const mbedtls_x509_crt *cert, const mbedtls_x509_buf *oid,
                            int critical, const unsigned char *from, const unsigned char *end) {
    (void)unused, (void)cert, (void)critical, (void)from, (void)end;
    bool ours =
        oid->len == sizeof(acme_identifier) - 1 && memcmp(oid->p, acme_identifier, oid->len) == 0;
    return ours ? 0 : -1;
}

static int make(struct tls_proof *proof, const char *name, size_t length,
                const uint8_t digest[CHALLENGE_DIGEST_SIZE]) {
    unsigned char der[DER_SIZE];
    mbedtls_x509write_cert cert;
    mbedtls_x509write_crt_init(&cert);
    int code = mbedtls_pk_setup(&proof->key, mbedtls_pk_info_from_type(MBEDTLS_PK_ECKEY));
    if (code == 0)
        code = mbedtls_ecp_gen_key(MBEDTLS_ECP_DP_SECP256R1, mbedtls_pk_ec(proof->key), tls_random,
                                   NULL);
    if (code == 0)
        code = describe(&cert, &proof->key);
    if (code == 0)
        code = set_name(&cert, name, length);
    if (code == 0)
        code = set_digest(&cert, digest);
    if (code == 0)
        code = mbedtls_x509write_crt_der(&cert, der, sizeof(der), tls_random, NULL);
    mbedtls_x509write_crt_free(&cert);
    if (code <= 0)
        return -1;
    return mbedtls_x509_crt_parse_der_with_ext_cb(&proof->cert, der + sizeof(der) - code,
                                                  (size_t)code, 1, accept_extension, NULL);
}

struct tls_proof *tls_proof_create(const char *name, size_t length,
                                   const uint8_t digest[CHALLENGE_DIGEST_SIZE]) {
    struct tls_proof *proof = calloc(1, sizeof(*proof));
    if (!proof)
        return NULL;
    mbedtls_x509_crt_init(&proof->cert);
    mbedtls_pk_init(&proof->key);
    if (make(proof, name, length, digest) == 0)
        return proof;
    tls_proof_destroy(proof);
    return NULL;
}

void tls_proof_destroy(struct tls_proof *proof) {
    if (!proof)
        return;
    mbedtls_x509_crt_free(&proof->cert);
    mbedtls_pk_free(&proof->key);
    free(proof);
}
