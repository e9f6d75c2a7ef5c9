/* mbedTLS's keys, held both ways: as a PSA key that signs, as a context that writes. */
#include "net/keypair.h"
#include <mbedtls/ecp.h>
#include <mbedtls/pk.h>
#include <mbedtls/psa_util.h>
#include <mbedtls/x509_csr.h>
#include <psa/crypto.h>
#include <stdlib.h>
#include <string.h>

enum { REQUEST_MAX = 16 * 1024, PUBLIC_SIZE = 1 + 2 * KEYPAIR_COORDINATE };

struct keypair {
    mbedtls_pk_context pk;
    psa_key_id_t id;
    uint8_t point[PUBLIC_SIZE]; /* 0x04, X, Y */
};

/* From `pk`: the key that signs, and the public point. */
static enum err complete(struct keypair *keypair) {
    psa_key_attributes_t attributes = PSA_KEY_ATTRIBUTES_INIT;
    size_t length = 0;
    if (mbedtls_pk_get_psa_attributes(&keypair->pk, PSA_KEY_USAGE_SIGN_MESSAGE, &attributes) != 0)
        return ERR_INVALID;
    psa_set_key_algorithm(&attributes, PSA_ALG_ECDSA(PSA_ALG_SHA_256));
    if (mbedtls_pk_import_into_psa(&keypair->pk, &attributes, &keypair->id) != 0)
        return ERR_INTERNAL;
    psa_status_t status =
        psa_export_public_key(keypair->id, keypair->point, sizeof(keypair->point), &length);
    return status == PSA_SUCCESS && length == sizeof(keypair->point) ? OK : ERR_INVALID;
}

static struct keypair *blank(void) {
    struct keypair *keypair = psa_crypto_init() == PSA_SUCCESS ? calloc(1, sizeof(*keypair)) : NULL;
    if (keypair)
        mbedtls_pk_init(&keypair->pk);
    return keypair;
}

struct keypair *keypair_create(void) {
    struct keypair *keypair = blank();
    if (keypair &&
        mbedtls_pk_setup(&keypair->pk, mbedtls_pk_info_from_type(MBEDTLS_PK_ECKEY)) == 0 &&
        mbedtls_ecp_gen_key(MBEDTLS_ECP_DP_SECP256R1, mbedtls_pk_ec(keypair->pk),
                            mbedtls_psa_get_random, MBEDTLS_PSA_RANDOM_STATE) == 0 &&
        complete(keypair) == OK)
        return keypair;
    keypair_destroy(keypair);
    return NULL;
}

struct keypair *keypair_parse(const char *pem) {
    struct keypair *keypair = blank();
    if (keypair &&
        mbedtls_pk_parse_key(&keypair->pk, (const unsigned char *)pem, strlen(pem) + 1, NULL, 0,
                             mbedtls_psa_get_random, MBEDTLS_PSA_RANDOM_STATE) == 0 &&
        mbedtls_pk_get_type(&keypair->pk) == MBEDTLS_PK_ECKEY &&
        mbedtls_pk_get_bitlen(&keypair->pk) == 256 && complete(keypair) == OK)
        return keypair;
    keypair_destroy(keypair);
    return NULL;
}

void keypair_destroy(struct keypair *keypair) {
    if (!keypair)
        return;
    psa_destroy_key(keypair->id);
    mbedtls_pk_free(&keypair->pk);
    free(keypair);
}

enum err keypair_write(const struct keypair *keypair, char pem[KEYPAIR_PEM_SIZE]) {
    int failed = mbedtls_pk_write_key_pem(&keypair->pk, (unsigned char *)pem, KEYPAIR_PEM_SIZE);
    return failed ? ERR_INTERNAL : OK;
}

void keypair_public(const struct keypair *keypair, uint8_t x[KEYPAIR_COORDINATE],
                    uint8_t y[KEYPAIR_COORDINATE]) {
    memcpy(x, keypair->point + 1, KEYPAIR_COORDINATE);
    memcpy(y, keypair->point + 1 + KEYPAIR_COORDINATE, KEYPAIR_COORDINATE);
}

enum err keypair_sign(const struct keypair *keypair, const void *bytes, size_t count,
                      uint8_t signature[KEYPAIR_SIGNATURE]) {
    size_t length = 0;
    psa_status_t status = psa_sign_message(keypair->id, PSA_ALG_ECDSA(PSA_ALG_SHA_256), bytes,
                                           count, signature, KEYPAIR_SIGNATURE, &length);
    return status == PSA_SUCCESS && length == KEYPAIR_SIGNATURE ? OK : ERR_INTERNAL;
}

static int set_names(mbedtls_x509write_csr *request, const char *const *names, size_t count) {
    mbedtls_x509_san_list *list = calloc(count, sizeof(*list));
    if (!list)
        return MBEDTLS_ERR_X509_ALLOC_FAILED;
    for (size_t i = 0; i < count; i++) { /* mbedTLS writes backwards: the first name comes last */
        const char *name = names[count - 1 - i];
        list[i].node.type = MBEDTLS_X509_SAN_DNS_NAME;
        /* Only read, though the struct could not say so. */
        list[i].node.san.unstructured_name =
            (mbedtls_x509_buf){.p = (unsigned char *)(uintptr_t)name, .len = strlen(name)};
        list[i].next = i + 1 < count ? &list[i + 1] : NULL;
    }
    int failed = mbedtls_x509write_csr_set_subject_alternative_name(request, list);
    free(list);
    return failed;
}

enum err keypair_request(const struct keypair *keypair, const char *const *names, size_t count,
                         struct buf *der) {
    mbedtls_x509write_csr request;
    mbedtls_x509write_csr_init(&request);
    mbedtls_x509write_csr_set_md_alg(&request, MBEDTLS_MD_SHA256);
    mbedtls_x509write_csr_set_key(&request, (mbedtls_pk_context *)(uintptr_t)&keypair->pk);
    unsigned char *space = malloc(REQUEST_MAX);
    int length = space ? set_names(&request, names, count) : MBEDTLS_ERR_X509_ALLOC_FAILED;
    if (length == 0)
        length = mbedtls_x509write_csr_der(&request, space, REQUEST_MAX, mbedtls_psa_get_random,
                                           MBEDTLS_PSA_RANDOM_STATE);
    if (length > 0) /* written at the end */
        buf_append(der, space + REQUEST_MAX - length, (size_t)length);
    free(space);
    mbedtls_x509write_csr_free(&request);
    return length > 0 ? OK : ERR_INTERNAL;
}
