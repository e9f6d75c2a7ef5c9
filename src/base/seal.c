/* Files through libsodium, piece by piece. errno says why a call to the system failed. */
#include "base/seal.h"
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    PIECE = 64 * 1024,
    TAG_BYTES = crypto_secretstream_xchacha20poly1305_ABYTES,
    STREAM_HEADER = crypto_secretstream_xchacha20poly1305_HEADERBYTES,
    KEY_BYTES = crypto_secretstream_xchacha20poly1305_KEYBYTES,
    SALT = crypto_pwhash_SALTBYTES,
    PASSES = 3,
    MEMORY = 64 * 1024 * 1024,
};

static const char MAGIC[12] = "TALLERSEAL1";

struct head {
    char magic[sizeof(MAGIC)];
    uint8_t kind, salt[SALT], stream[STREAM_HEADER];
};
_Static_assert(sizeof(struct head) == sizeof(MAGIC) + 1 + SALT + STREAM_HEADER, "no padding");

enum { KIND_KEY, KIND_PASSPHRASE };

/* Both files of a run, and its pieces. */
struct work {
    int from, to;
    uint8_t plain[PIECE], sealed[PIECE + TAG_BYTES];
    crypto_secretstream_xchacha20poly1305_state stream;
};

/* ---- files ----------------------------------------------------------------------------------- */

static enum err err_from_errno(void) {
    return errno == ENOSPC || errno == EDQUOT ? ERR_FULL : ERR_IO;
}

/* As many bytes as there are, up to `size`; -1 on failure. */
static ssize_t read_piece(int file, void *bytes, size_t size) {
    size_t done = 0;
    while (done < size) {
        ssize_t got = read(file, (char *)bytes + done, size - done);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return -1;
        if (got == 0)
            break;
        done += (size_t)got;
    }
    return (ssize_t)done;
}

static enum err write_piece(int file, const void *bytes, size_t size) {
    for (size_t done = 0; done < size;) {
        ssize_t put = write(file, (const char *)bytes + done, size - done);
        if (put < 0 && errno != EINTR)
            return err_from_errno();
        done += put > 0 ? (size_t)put : 0;
    }
    return OK;
}

static enum err open_both(struct work *work, const char *from, const char *to) {
    work->to = -1;
    work->from = open(from, O_RDONLY | O_CLOEXEC);
    if (work->from < 0)
        return ERR_IO;
    work->to = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    return work->to < 0 ? err_from_errno() : OK;
}

/* errno stays that of what failed first. */
static enum err close_both(struct work *work, enum err err) {
    int why = errno;
    if (work->from >= 0)
        close(work->from);
    if (work->to >= 0 && close(work->to) != 0 && !err) {
        why = errno;
        err = err_from_errno();
    }
    errno = why;
    return err;
}

/* Runs `pieces` over two files. Too large for the small stacks of some threads. */
static enum err run(const char *from, const char *to, const char *key,
                    enum err (*pieces)(struct work *work, const char *key)) {
    struct work *work = calloc(1, sizeof(*work));
    if (!work)
        abort();
    enum err err = open_both(work, from, to);
    if (!err)
        err = pieces(work, key);
    err = close_both(work, err);
    sodium_memzero(work, sizeof(*work));
    free(work);
    return err;
}

/* ---- sums ------------------------------------------------------------------------------------ */

enum err seal_sum(const char *path, char text[SEAL_SUM_SIZE]) {
    uint8_t bytes[PIECE / 4];
    crypto_hash_sha256_state state;
    crypto_hash_sha256_init(&state);
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return ERR_IO;
    ssize_t count;
    while ((count = read_piece(file, bytes, sizeof(bytes))) > 0)
        crypto_hash_sha256_update(&state, bytes, (unsigned long long)count);
    close(file);
    uint8_t sum[crypto_hash_sha256_BYTES];
    crypto_hash_sha256_final(&state, sum);
    sodium_bin2hex(text, SEAL_SUM_SIZE, sum, sizeof(sum));
    return count < 0 ? ERR_IO : OK;
}

/* ---- keys ------------------------------------------------------------------------------------ */

static bool read_hex(const char *key, uint8_t bytes[KEY_BYTES]) {
    size_t count = 0;
    return strlen(key) == 2 * KEY_BYTES &&
           sodium_hex2bin(bytes, KEY_BYTES, key, 2 * KEY_BYTES, NULL, &count, NULL) == 0 &&
           count == KEY_BYTES;
}

bool seal_key_valid(const char *key) {
    return strlen(key) >= SEAL_PASSPHRASE_MIN;
}

static enum err derive(const char *key, const struct head *head, uint8_t bytes[KEY_BYTES]) {
    if (head->kind == KIND_KEY)
        return read_hex(key, bytes) ? OK : ERR_REFUSED;
    return crypto_pwhash(bytes, KEY_BYTES, key, strlen(key), head->salt, PASSES, MEMORY,
                         crypto_pwhash_ALG_ARGON2ID13) == 0
               ? OK
               : ERR_BUSY;
}

/* ---- sealing --------------------------------------------------------------------------------- */

bool seal_is_sealed(const char *path) {
    char magic[sizeof(MAGIC)];
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return false;
    bool sealed = read_piece(file, magic, sizeof(magic)) == (ssize_t)sizeof(magic) &&
                  memcmp(magic, MAGIC, sizeof(MAGIC)) == 0;
    close(file);
    return sealed;
}

/* A piece that is not full is the last; a file of full pieces ends with an empty one. */
static enum err seal_pieces(struct work *work) {
    for (bool last = false; !last;) {
        ssize_t count = read_piece(work->from, work->plain, PIECE);
        if (count < 0)
            return ERR_IO;
        last = count < PIECE;
        crypto_secretstream_xchacha20poly1305_push(
            &work->stream, work->sealed, NULL, work->plain, (unsigned long long)count, NULL, 0,
            last ? crypto_secretstream_xchacha20poly1305_TAG_FINAL : 0);
        enum err err = write_piece(work->to, work->sealed, (size_t)count + TAG_BYTES);
        if (err)
            return err;
    }
    return OK;
}

static enum err seal_all(struct work *work, const char *key) {
    struct head head = {.kind = KIND_PASSPHRASE};
    uint8_t bytes[KEY_BYTES];
    memcpy(head.magic, MAGIC, sizeof(MAGIC));
    randombytes_buf(head.salt, sizeof(head.salt));
    if (read_hex(key, bytes))
        head.kind = KIND_KEY;
    enum err err = derive(key, &head, bytes);
    if (err)
        return err;
    crypto_secretstream_xchacha20poly1305_init_push(&work->stream, head.stream, bytes);
    sodium_memzero(bytes, sizeof(bytes));
    err = write_piece(work->to, &head, sizeof(head));
    return err ? err : seal_pieces(work);
}

enum err seal_close(const char *from, const char *to, const char *key) {
    return run(from, to, key, seal_all);
}

static enum err open_pieces(struct work *work) {
    unsigned char tag = 0;
    while (tag != crypto_secretstream_xchacha20poly1305_TAG_FINAL) {
        ssize_t count = read_piece(work->from, work->sealed, sizeof(work->sealed));
        unsigned long long length = 0;
        if (count < 0)
            return ERR_IO;
        if (count < TAG_BYTES || crypto_secretstream_xchacha20poly1305_pull(
                                     &work->stream, work->plain, &length, &tag, work->sealed,
                                     (unsigned long long)count, NULL, 0) != 0)
            return ERR_REFUSED;
        enum err err = write_piece(work->to, work->plain, length);
        if (err)
            return err;
    }
    return read_piece(work->from, work->sealed, 1) == 0 ? OK : ERR_REFUSED;
}

static enum err open_all(struct work *work, const char *key) {
    struct head head;
    uint8_t bytes[KEY_BYTES];
    if (read_piece(work->from, &head, sizeof(head)) != (ssize_t)sizeof(head) ||
        memcmp(head.magic, MAGIC, sizeof(MAGIC)) != 0)
        return ERR_REFUSED;
    enum err err = derive(key, &head, bytes);
    if (!err &&
        crypto_secretstream_xchacha20poly1305_init_pull(&work->stream, head.stream, bytes) != 0)
        err = ERR_REFUSED;
    sodium_memzero(bytes, sizeof(bytes));
    return err ? err : open_pieces(work);
}

enum err seal_open(const char *from, const char *to, const char *key) {
    return run(from, to, key, open_all);
}

static enum err copy_all(struct work *work, const char *key) {
    enum err err = OK;
    ssize_t count = 1;
    (void)key;
    while (!err && (count = read_piece(work->from, work->plain, PIECE)) > 0)
        err = write_piece(work->to, work->plain, (size_t)count);
    return !err && count < 0 ? ERR_IO : err;
}

enum err seal_copy(const char *from, const char *to) {
    return run(from, to, NULL, copy_all);
}
