/* The two halves of a key exchange on Curve25519 by libsodium, at a tenth of the time, behind
 * mbedTLS's hooks MBEDTLS_ECDH_GEN_PUBLIC_ALT and MBEDTLS_ECDH_COMPUTE_SHARED_ALT. Other curves go
 * on to mbedTLS. This file carries numbers from one library to the other and back; no cryptography
 * is done here. */
#include <mbedtls/ecdh.h>
#include <mbedtls/platform_util.h>
#include <sodium.h>

enum { SIZE = crypto_scalarmult_curve25519_BYTES };

/* result = scalar × point, with the base point when `point` is NULL; X coordinates, little endian.
 * A result of zero (a point of small order) is refused, RFC 7748, 6.1. */
static int multiply(unsigned char result[SIZE], mbedtls_ecp_group *group, const mbedtls_mpi *scalar,
                    const mbedtls_ecp_point *point) {
    unsigned char secret[SIZE], x[SIZE];
    size_t length;
    int code = mbedtls_ecp_check_privkey(group, scalar);
    if (code == 0)
        code = mbedtls_mpi_write_binary_le(scalar, secret, SIZE);
    if (code == 0 && point)
        code = mbedtls_ecp_point_write_binary(group, point, MBEDTLS_ECP_PF_COMPRESSED, &length, x,
                                              SIZE);
    if (code == 0 && (point ? crypto_scalarmult_curve25519(result, secret, x)
                            : crypto_scalarmult_curve25519_base(result, secret)) != 0)
        code = MBEDTLS_ERR_ECP_BAD_INPUT_DATA;
    mbedtls_platform_zeroize(secret, sizeof(secret));
    return code;
}

/* mbedtls_ecp_mul, which psa_crypto_ecp.c calls by its name for the public half of a key share in
 * TLS 1.3: that one file is compiled with the name redirected to this. */
int x25519_sodium_ecp_mul(mbedtls_ecp_group *group, mbedtls_ecp_point *result,
                          const mbedtls_mpi *scalar, const mbedtls_ecp_point *point,
                          int (*rng)(void *, unsigned char *, size_t), void *rng_ctx) {
    if (group->id != MBEDTLS_ECP_DP_CURVE25519)
        return mbedtls_ecp_mul(group, result, scalar, point, rng, rng_ctx);
    unsigned char x[SIZE];
    int code = multiply(x, group, scalar, point == &group->G ? NULL : point);
    return code == 0 ? mbedtls_ecp_point_read_binary(group, result, x, SIZE) : code;
}

int mbedtls_ecdh_gen_public(mbedtls_ecp_group *group, mbedtls_mpi *secret,
                            mbedtls_ecp_point *result, int (*rng)(void *, unsigned char *, size_t),
                            void *rng_ctx) {
    int code = mbedtls_ecp_gen_privkey(group, secret, rng, rng_ctx);
    return code == 0 ? x25519_sodium_ecp_mul(group, result, secret, &group->G, rng, rng_ctx) : code;
}

int mbedtls_ecdh_compute_shared(mbedtls_ecp_group *group, mbedtls_mpi *shared,
                                const mbedtls_ecp_point *theirs, const mbedtls_mpi *secret,
                                int (*rng)(void *, unsigned char *, size_t), void *rng_ctx) {
    mbedtls_ecp_point product;
    unsigned char x[SIZE];
    if (group->id == MBEDTLS_ECP_DP_CURVE25519) {
        int code = multiply(x, group, secret, theirs);
        if (code == 0)
            code = mbedtls_mpi_read_binary_le(shared, x, SIZE);
        mbedtls_platform_zeroize(x, sizeof(x));
        return code;
    }
    mbedtls_ecp_point_init(&product);
    int code = mbedtls_ecp_mul(group, &product, secret, theirs, rng, rng_ctx);
    if (code == 0)
        code = mbedtls_ecp_is_zero(&product)
                   ? MBEDTLS_ERR_ECP_BAD_INPUT_DATA
                   : mbedtls_mpi_copy(shared, &product.MBEDTLS_PRIVATE(X));
    mbedtls_ecp_point_free(&product);
    return code;
}
