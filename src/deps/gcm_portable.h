/* mbedTLS's own gcm.c under other names (gcm_portable.c): for keys and calls libsodium does not
 * know. What the functions do is told in mbedtls/gcm.h. */
#ifndef DEPS_GCM_PORTABLE_H
#define DEPS_GCM_PORTABLE_H

#include <mbedtls/cipher.h>
#include <stddef.h>

struct gcm_portable_context;

/* NULL without memory. */
struct gcm_portable_context *gcm_portable_create(void);
void gcm_portable_destroy(struct gcm_portable_context *ctx); /* NULL is fine */

int gcm_portable_setkey(struct gcm_portable_context *ctx, mbedtls_cipher_id_t cipher,
                        const unsigned char *key, unsigned int bits);
int gcm_portable_crypt_and_tag(struct gcm_portable_context *ctx, int mode, size_t length,
                               const unsigned char *iv, size_t iv_len, const unsigned char *ad,
                               size_t ad_len, const unsigned char *input, unsigned char *output,
                               size_t tag_len, unsigned char *tag);
int gcm_portable_auth_decrypt(struct gcm_portable_context *ctx, size_t length,
                              const unsigned char *iv, size_t iv_len, const unsigned char *ad,
                              size_t ad_len, const unsigned char *tag, size_t tag_len,
                              const unsigned char *input, unsigned char *output);
int gcm_portable_starts(struct gcm_portable_context *ctx, int mode, const unsigned char *iv,
                        size_t iv_len);
int gcm_portable_update_ad(struct gcm_portable_context *ctx, const unsigned char *ad,
                           size_t ad_len);
int gcm_portable_update(struct gcm_portable_context *ctx, const unsigned char *input, size_t length,
                        unsigned char *output, size_t size, size_t *written);
int gcm_portable_finish(struct gcm_portable_context *ctx, unsigned char *output, size_t size,
                        size_t *written, unsigned char *tag, size_t tag_len);

#endif
