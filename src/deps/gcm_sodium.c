/* AES-256-GCM by libsodium where mbedTLS asks for it (MBEDTLS_GCM_ALT): records of TLS cost a
 * third. It knows one size of key, nonce and tag, the one TLS uses, and whole messages only;
 * everything else, and processors without AES instructions, goes on to mbedTLS's own code
 * (gcm_portable.h). No cryptography is done here. */
#include "deps/gcm_portable.h"
#include <mbedtls/gcm.h>
#include <mbedtls/platform_util.h>
#include <sodium.h>
#include <string.h>

_Static_assert(sizeof(((mbedtls_gcm_context *)0)->sodium) == sizeof(crypto_aead_aes256gcm_state),
               "gcm_alt.h holds libsodium's expanded key");

static crypto_aead_aes256gcm_state *sodium_key(mbedtls_gcm_context *ctx) {
    return (crypto_aead_aes256gcm_state *)(void *)ctx->sodium;
}

void mbedtls_gcm_init(mbedtls_gcm_context *ctx) {
    memset(ctx, 0, sizeof(*ctx));
}

void mbedtls_gcm_free(mbedtls_gcm_context *ctx) {
    if (!ctx)
        return;
    gcm_portable_destroy(ctx->portable);
    mbedtls_platform_zeroize(ctx, sizeof(*ctx));
}

static int portable_setkey(mbedtls_gcm_context *ctx, mbedtls_cipher_id_t cipher,
                           const unsigned char *key, unsigned int bits) {
    if (!ctx->portable)
        ctx->portable = gcm_portable_create();
    return ctx->portable ? gcm_portable_setkey(ctx->portable, cipher, key, bits)
                         : MBEDTLS_ERR_CIPHER_ALLOC_FAILED;
}

int mbedtls_gcm_setkey(mbedtls_gcm_context *ctx, mbedtls_cipher_id_t cipher,
                       const unsigned char *key, unsigned int bits) {
    ctx->has_sodium =
        cipher == MBEDTLS_CIPHER_ID_AES && bits == 256 && crypto_aead_aes256gcm_is_available();
    if (!ctx->has_sodium)
        return portable_setkey(ctx, cipher, key, bits);
    gcm_portable_destroy(ctx->portable); /* it would still have the key before */
    ctx->portable = NULL;
    memcpy(ctx->key, key, sizeof(ctx->key));
    return crypto_aead_aes256gcm_beforenm(sodium_key(ctx), key) == 0 ? 0
                                                                     : MBEDTLS_ERR_GCM_BAD_INPUT;
}

/* mbedTLS's own context for the key in use, NULL without memory. */
static struct gcm_portable_context *portable(mbedtls_gcm_context *ctx) {
    if (!ctx->portable && ctx->has_sodium &&
        portable_setkey(ctx, MBEDTLS_CIPHER_ID_AES, ctx->key, 256) != 0) {
        gcm_portable_destroy(ctx->portable);
        ctx->portable = NULL;
    }
    return ctx->portable;
}

static int suits_sodium(const mbedtls_gcm_context *ctx, size_t iv_len, size_t tag_len) {
    return ctx->has_sodium && iv_len == crypto_aead_aes256gcm_NPUBBYTES &&
           tag_len == crypto_aead_aes256gcm_ABYTES;
}

int mbedtls_gcm_crypt_and_tag(mbedtls_gcm_context *ctx, int mode, size_t length,
                              const unsigned char *iv, size_t iv_len, const unsigned char *ad,
                              size_t ad_len, const unsigned char *input, unsigned char *output,
                              size_t tag_len, unsigned char *tag) {
    if (mode == MBEDTLS_GCM_ENCRYPT && suits_sodium(ctx, iv_len, tag_len)) {
        crypto_aead_aes256gcm_encrypt_detached_afternm(output, tag, NULL, input, length, ad, ad_len,
                                                       NULL, iv, sodium_key(ctx));
        return 0;
    }
    if (!portable(ctx))
        return MBEDTLS_ERR_GCM_BAD_INPUT;
    return gcm_portable_crypt_and_tag(ctx->portable, mode, length, iv, iv_len, ad, ad_len, input,
                                      output, tag_len, tag);
}

int mbedtls_gcm_auth_decrypt(mbedtls_gcm_context *ctx, size_t length, const unsigned char *iv,
                             size_t iv_len, const unsigned char *ad, size_t ad_len,
                             const unsigned char *tag, size_t tag_len, const unsigned char *input,
                             unsigned char *output) {
    if (suits_sodium(ctx, iv_len, tag_len)) {
        int bad = crypto_aead_aes256gcm_decrypt_detached_afternm(output, NULL, input, length, tag,
                                                                 ad, ad_len, iv, sodium_key(ctx));
        return bad ? MBEDTLS_ERR_GCM_AUTH_FAILED : 0;
    }
    if (!portable(ctx))
        return MBEDTLS_ERR_GCM_BAD_INPUT;
    return gcm_portable_auth_decrypt(ctx->portable, length, iv, iv_len, ad, ad_len, tag, tag_len,
                                     input, output);
}

/* Piece by piece: nothing in TLS asks for it. */

int mbedtls_gcm_starts(mbedtls_gcm_context *ctx, int mode, const unsigned char *iv, size_t iv_len) {
    return portable(ctx) ? gcm_portable_starts(ctx->portable, mode, iv, iv_len)
                         : MBEDTLS_ERR_GCM_BAD_INPUT;
}

int mbedtls_gcm_update_ad(mbedtls_gcm_context *ctx, const unsigned char *ad, size_t ad_len) {
    return portable(ctx) ? gcm_portable_update_ad(ctx->portable, ad, ad_len)
                         : MBEDTLS_ERR_GCM_BAD_INPUT;
}

int mbedtls_gcm_update(mbedtls_gcm_context *ctx, const unsigned char *input, size_t length,
                       unsigned char *output, size_t size, size_t *written) {
    return portable(ctx) ? gcm_portable_update(ctx->portable, input, length, output, size, written)
                         : MBEDTLS_ERR_GCM_BAD_INPUT;
}

int mbedtls_gcm_finish(mbedtls_gcm_context *ctx, unsigned char *output, size_t size,
                       size_t *written, unsigned char *tag, size_t tag_len) {
    return portable(ctx) ? gcm_portable_finish(ctx->portable, output, size, written, tag, tag_len)
                         : MBEDTLS_ERR_GCM_BAD_INPUT;
}
