/* libsodium behind mbedTLS's hooks (src/deps): that the hooks are in, and that both libraries
 * agree. */
#include "base/err.h"
#include "base/secret.h"
#include "http/tls_identity.h"
#include <mbedtls/ecdh.h>
#include <mbedtls/gcm.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

enum { MOST = 64 };

static size_t bytes_of(const char *hex, unsigned char bytes[MOST]) {
    size_t count = strlen(hex) / 2;
    for (size_t i = 0; i < count; i++) {
        char pair[3] = {hex[i * 2], hex[i * 2 + 1], '\0'};
        bytes[i] = (unsigned char)strtoul(pair, NULL, 16);
    }
    return count;
}

/* McGrew and Viega, "The Galois/Counter Mode of Operation": test cases 4, 14, 16 and 17. */
#define KEY "feffe9928665731c6d6a8f9467308308"
#define TEXT                                                                                           \
    "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525" \
    "b16aedf5aa0de657ba637b39"
#define DATA "feedfacedeadbeeffeedfacedeadbeefabaddad2"
#define ZEROS "00000000000000000000000000000000"
static const struct {
    const char *key, *iv, *data, *text, *cipher, *tag;
} vectors[] = {
    {KEY, "cafebabefacedbaddecaf888", DATA, TEXT,
     "42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e21d514b25466931c7d8f6a5aac84aa05"
     "1ba30b396a0aac973d58e091",
     "5bc94fbc3221a5db94fae95ae7121a47"},
    {ZEROS ZEROS, "000000000000000000000000", "", ZEROS, "cea7403d4d606b6e074ec5d3baf39d18",
     "d0d1c8a799996bf0265b98b5d48ab919"},
    {KEY KEY, "cafebabefacedbaddecaf888", DATA, TEXT,
     "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838"
     "c5f61e6393ba7a0abcc9f662",
     "76fc6ece0f4e1768cddf8853bb2d551b"},
    {KEY KEY, "cafebabefacedbad", DATA, TEXT,
     "c3762df1ca787d32ae47c13bf19844cbaf1ae14d0b976afac52ff7d79bba9de0feb582d33934a4f0954cc2363bc73f78"
     "62ac430e64abe499f47c9b1f",
     "3a337dbf46a792c45e454913fe2ea8f2"},
};

struct bytes {
    unsigned char key[MOST], iv[MOST], data[MOST], text[MOST], cipher[MOST], tag[MOST];
    size_t key_len, iv_len, data_len, text_len;
};

static void read_vector(size_t i, struct bytes *b) {
    b->key_len = bytes_of(vectors[i].key, b->key);
    b->iv_len = bytes_of(vectors[i].iv, b->iv);
    b->data_len = bytes_of(vectors[i].data, b->data);
    b->text_len = bytes_of(vectors[i].text, b->text);
    bytes_of(vectors[i].cipher, b->cipher);
    bytes_of(vectors[i].tag, b->tag);
}

static void gcm_is_what_the_paper_says(void **state) {
    (void)state;
    unsigned char out[MOST], tag[16];
    for (size_t i = 0; i < ARRAY_COUNT(vectors); i++) {
        struct bytes b;
        mbedtls_gcm_context gcm;
        read_vector(i, &b);
        mbedtls_gcm_init(&gcm);
        assert_int_equal(
            mbedtls_gcm_setkey(&gcm, MBEDTLS_CIPHER_ID_AES, b.key, (unsigned)b.key_len * 8), 0);
        for (size_t tag_len = 12; tag_len <= 16; tag_len += 4) {
            memcpy(out, b.text, b.text_len); /* in place, as TLS does it */
            assert_int_equal(mbedtls_gcm_crypt_and_tag(&gcm, MBEDTLS_GCM_ENCRYPT, b.text_len, b.iv,
                                                       b.iv_len, b.data, b.data_len, out, out,
                                                       tag_len, tag),
                             0);
            assert_memory_equal(out, b.cipher, b.text_len);
            assert_memory_equal(tag, b.tag, tag_len);
            assert_int_equal(mbedtls_gcm_auth_decrypt(&gcm, b.text_len, b.iv, b.iv_len, b.data,
                                                      b.data_len, tag, tag_len, out, out),
                             0);
            assert_memory_equal(out, b.text, b.text_len);
            tag[3] ^= 1;
            assert_int_equal(mbedtls_gcm_auth_decrypt(&gcm, b.text_len, b.iv, b.iv_len, b.data,
                                                      b.data_len, tag, tag_len, b.cipher, out),
                             MBEDTLS_ERR_GCM_AUTH_FAILED);
        }
        mbedtls_gcm_free(&gcm);
    }
}

static void gcm_piece_by_piece(void **state) {
    (void)state;
    unsigned char out[MOST], tag[16];
    for (size_t i = 0; i < ARRAY_COUNT(vectors); i++) {
        struct bytes b;
        mbedtls_gcm_context gcm;
        size_t first = 0, rest = 0, last = 0;
        read_vector(i, &b);
        mbedtls_gcm_init(&gcm);
        assert_int_equal(
            mbedtls_gcm_setkey(&gcm, MBEDTLS_CIPHER_ID_AES, b.key, (unsigned)b.key_len * 8), 0);
        assert_int_equal(mbedtls_gcm_starts(&gcm, MBEDTLS_GCM_ENCRYPT, b.iv, b.iv_len), 0);
        assert_int_equal(mbedtls_gcm_update_ad(&gcm, b.data, b.data_len), 0);
        assert_int_equal(mbedtls_gcm_update(&gcm, b.text, 7, out, sizeof(out), &first), 0);
        assert_int_equal(mbedtls_gcm_update(&gcm, b.text + 7, b.text_len - 7, out + first,
                                            sizeof(out) - first, &rest),
                         0);
        assert_int_equal(mbedtls_gcm_finish(&gcm, out + first + rest, sizeof(out) - first - rest,
                                            &last, tag, sizeof(tag)),
                         0);
        assert_int_equal(first + rest + last, b.text_len);
        assert_memory_equal(out, b.cipher, b.text_len);
        assert_memory_equal(tag, b.tag, sizeof(tag));
        mbedtls_gcm_free(&gcm);
    }
}

static void a_new_key_replaces_the_old_one(void **state) {
    (void)state;
    mbedtls_gcm_context gcm;
    unsigned char out[MOST], tag[16];
    mbedtls_gcm_init(&gcm);
    for (int round = 0; round < 2; round++)
        for (size_t i = 0; i < ARRAY_COUNT(vectors); i++) {
            struct bytes b;
            read_vector(i, &b);
            assert_int_equal(
                mbedtls_gcm_setkey(&gcm, MBEDTLS_CIPHER_ID_AES, b.key, (unsigned)b.key_len * 8), 0);
            assert_int_equal(mbedtls_gcm_crypt_and_tag(&gcm, MBEDTLS_GCM_ENCRYPT, b.text_len, b.iv,
                                                       b.iv_len, b.data, b.data_len, b.text, out,
                                                       16, tag),
                             0);
            assert_memory_equal(tag, b.tag, sizeof(tag));
        }
    mbedtls_gcm_free(&gcm);
}

/* A lost compile flag would be silently slow. */
static void libsodium_is_asked(void **state) {
    (void)state;
#if defined(__x86_64__)
    if (!__builtin_cpu_supports("aes") || !__builtin_cpu_supports("pclmul"))
        skip();
    mbedtls_gcm_context gcm;
    unsigned char key[32] = {0};
    mbedtls_gcm_init(&gcm);
    assert_int_equal(mbedtls_gcm_setkey(&gcm, MBEDTLS_CIPHER_ID_AES, key, 256), 0);
    assert_true(gcm.has_sodium);
    assert_null(gcm.portable);
    mbedtls_gcm_free(&gcm);
#endif
}

struct side {
    mbedtls_mpi secret, shared;
    mbedtls_ecp_point public, product;
};

static void side_init(struct side *side) {
    mbedtls_mpi_init(&side->secret);
    mbedtls_mpi_init(&side->shared);
    mbedtls_ecp_point_init(&side->public);
    mbedtls_ecp_point_init(&side->product);
}

static void side_free(struct side *side) {
    mbedtls_mpi_free(&side->secret);
    mbedtls_mpi_free(&side->shared);
    mbedtls_ecp_point_free(&side->public);
    mbedtls_ecp_point_free(&side->product);
}

/* The same product by mbedTLS's own arithmetic. */
static void assert_product(mbedtls_ecp_group *group, struct side *side,
                           const mbedtls_ecp_point *point, const unsigned char *expected,
                           size_t len) {
    unsigned char bytes[MOST * 2];
    size_t written;
    assert_int_equal(mbedtls_ecp_mul(group, &side->product, &side->secret, point, tls_random, NULL),
                     0);
    assert_int_equal(mbedtls_ecp_point_write_binary(group, &side->product,
                                                    MBEDTLS_ECP_PF_UNCOMPRESSED, &written, bytes,
                                                    sizeof(bytes)),
                     0);
    assert_int_equal(written, len);
    assert_memory_equal(bytes, expected, len);
}

static void key_exchanges_agree(void **state) {
    (void)state;
    static const mbedtls_ecp_group_id ids[] = {MBEDTLS_ECP_DP_CURVE25519, MBEDTLS_ECP_DP_SECP256R1};
    for (size_t i = 0; i < ARRAY_COUNT(ids) * 8; i++) {
        mbedtls_ecp_group group;
        struct side a, b;
        unsigned char bytes[MOST * 2];
        size_t len;
        mbedtls_ecp_group_init(&group);
        side_init(&a);
        side_init(&b);
        assert_int_equal(mbedtls_ecp_group_load(&group, ids[i % ARRAY_COUNT(ids)]), 0);
        assert_int_equal(mbedtls_ecdh_gen_public(&group, &a.secret, &a.public, tls_random, NULL),
                         0);
        assert_int_equal(mbedtls_ecdh_gen_public(&group, &b.secret, &b.public, tls_random, NULL),
                         0);
        assert_int_equal(mbedtls_ecp_point_write_binary(&group, &a.public,
                                                        MBEDTLS_ECP_PF_UNCOMPRESSED, &len, bytes,
                                                        sizeof(bytes)),
                         0);
        assert_product(&group, &a, &group.G, bytes, len);
        assert_int_equal(
            mbedtls_ecdh_compute_shared(&group, &a.shared, &b.public, &a.secret, tls_random, NULL),
            0);
        assert_int_equal(
            mbedtls_ecdh_compute_shared(&group, &b.shared, &a.public, &b.secret, tls_random, NULL),
            0);
        assert_int_equal(mbedtls_mpi_cmp_mpi(&a.shared, &b.shared), 0);
        assert_int_equal(
            mbedtls_ecp_mul(&group, &a.product, &a.secret, &b.public, tls_random, NULL), 0);
        assert_int_equal(mbedtls_mpi_cmp_mpi(&a.shared, &a.product.MBEDTLS_PRIVATE(X)), 0);
        side_free(&a);
        side_free(&b);
        mbedtls_ecp_group_free(&group);
    }
}

/* RFC 7748, 6.1: both sides would end with a secret of zero. */
static void points_of_small_order_are_refused(void **state) {
    (void)state;
    mbedtls_ecp_group group;
    struct side a;
    unsigned char zero[32] = {0};
    mbedtls_ecp_group_init(&group);
    side_init(&a);
    assert_int_equal(mbedtls_ecp_group_load(&group, MBEDTLS_ECP_DP_CURVE25519), 0);
    assert_int_equal(mbedtls_ecdh_gen_public(&group, &a.secret, &a.public, tls_random, NULL), 0);
    assert_int_equal(mbedtls_ecp_point_read_binary(&group, &a.product, zero, sizeof(zero)), 0);
    assert_int_not_equal(
        mbedtls_ecdh_compute_shared(&group, &a.shared, &a.product, &a.secret, tls_random, NULL), 0);
    side_free(&a);
    mbedtls_ecp_group_free(&group);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gcm_is_what_the_paper_says),
        cmocka_unit_test(gcm_piece_by_piece),
        cmocka_unit_test(a_new_key_replaces_the_old_one),
        cmocka_unit_test(libsodium_is_asked),
        cmocka_unit_test(key_exchanges_agree),
        cmocka_unit_test(points_of_small_order_are_refused),
    };
    if (secret_setup(1, 8) != OK)
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
