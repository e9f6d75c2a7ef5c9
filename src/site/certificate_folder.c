/* Small private files, JSON and PEM. */
#include "site/certificate_folder.h"
#include "base/secret.h"
#include "db/file.h"
#include <cJSON.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { FILE_MAX = 256 * 1024 };

static void path_of(char path[CERTIFICATE_PATH_SIZE], const char *dir, const char *name) {
    snprintf(path, CERTIFICATE_PATH_SIZE, "%s/%s", dir, name);
}

void certificate_path(char path[CERTIFICATE_PATH_SIZE], const char *dir) {
    path_of(path, dir, "domain.pem");
}

static enum err read_file(const char *dir, const char *name, struct buf *content) {
    char path[CERTIFICATE_PATH_SIZE];
    path_of(path, dir, name);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return errno == ENOENT ? ERR_NOT_FOUND : ERR_IO;
    buf_reserve(content, FILE_MAX + 1);
    ssize_t got = read(fd, content->data, FILE_MAX);
    close(fd);
    if (got < 0 || memchr(content->data, '\0', (size_t)got))
        return ERR_INVALID;
    content->len = (size_t)got;
    content->data[got] = '\0';
    return OK;
}

static bool write_all(int fd, const char *bytes, size_t count) {
    while (count > 0) {
        ssize_t written = write(fd, bytes, count);
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            return false;
        bytes += written;
        count -= (size_t)written;
    }
    return true;
}

static enum err write_file(const char *dir, const char *name, const char *bytes, size_t count) {
    char path[CERTIFICATE_PATH_SIZE], beside[CERTIFICATE_PATH_SIZE + 4];
    path_of(path, dir, name);
    snprintf(beside, sizeof(beside), "%s.new", path);
    if (file_create_folder(dir) != OK)
        return ERR_IO;
    unlink(beside);
    int fd = open(beside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0)
        return ERR_IO;
    bool written = write_all(fd, bytes, count);
    if (close(fd) == 0 && written && file_publish(beside, path) == OK)
        return OK;
    unlink(beside);
    return ERR_IO;
}

/* ---- the state --------------------------------------------------------------------------------
 */

static void take_text(const cJSON *object, const char *name, char *to, size_t size) {
    const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, name));
    snprintf(to, size, "%s", text ? text : "");
}

static int64_t take_number(const cJSON *object, const char *name) {
    double number = cJSON_GetNumberValue(cJSON_GetObjectItemCaseSensitive(object, name));
    return number >= 0 && number < 1e12 ? (int64_t)number : 0;
}

void certificate_state_load(struct certificate_state *state, const char *dir) {
    struct buf text = {0};
    *state = (struct certificate_state){0};
    cJSON *object = read_file(dir, "acme.json", &text) == OK ? cJSON_Parse(text.data) : NULL;
    take_text(object, "directory", state->directory, sizeof(state->directory));
    take_text(object, "names", state->names, sizeof(state->names));
    take_text(object, "issued_by", state->issued_by, sizeof(state->issued_by));
    take_text(object, "order", state->order, sizeof(state->order));
    take_text(object, "error", state->error, sizeof(state->error));
    int64_t failures = take_number(object, "failures");
    state->failures = failures < 1000 ? (int)failures : 1000;
    state->tried_at = take_number(object, "tried_at");
    state->next_try = take_number(object, "next_try");
    state->limited = cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(object, "limited"));
    cJSON_Delete(object);
    buf_free(&text);
}

enum err certificate_state_save(const struct certificate_state *state, const char *dir) {
    cJSON *object = cJSON_CreateObject();
    bool made = cJSON_AddStringToObject(object, "directory", state->directory) &&
                cJSON_AddStringToObject(object, "names", state->names) &&
                cJSON_AddStringToObject(object, "issued_by", state->issued_by) &&
                cJSON_AddStringToObject(object, "order", state->order) &&
                cJSON_AddNumberToObject(object, "failures", state->failures) &&
                cJSON_AddNumberToObject(object, "tried_at", (double)state->tried_at) &&
                cJSON_AddNumberToObject(object, "next_try", (double)state->next_try) &&
                cJSON_AddBoolToObject(object, "limited", state->limited) &&
                cJSON_AddStringToObject(object, "error", state->error);
    char *text = made ? cJSON_Print(object) : NULL;
    enum err err = text ? write_file(dir, "acme.json", text, strlen(text)) : ERR_INTERNAL;
    cJSON_free(text);
    cJSON_Delete(object);
    return err;
}

/* ---- keys and chain ---------------------------------------------------------------------------
 */

static void wipe(struct buf *buf) {
    if (buf->data)
        secret_wipe(buf->data, buf->cap);
    buf_free(buf);
}

enum err certificate_load(struct chain *chain, const char *dir) {
    struct buf pem = {0};
    *chain = (struct chain){0};
    enum err err = read_file(dir, "domain.pem", &pem);
    struct keypair *key = err ? NULL : keypair_parse(pem.data);
    if (!err)
        err = key ? chain_read(chain, pem.data, key) : ERR_INVALID;
    keypair_destroy(key);
    wipe(&pem);
    return err;
}

enum err certificate_save(const struct keypair *key, const struct buf *chain, const char *dir) {
    char pem[KEYPAIR_PEM_SIZE];
    struct buf both = {0};
    enum err err = keypair_write(key, pem);
    if (!err) {
        buf_reserve(&both, sizeof(pem) + chain->len); /* in one piece, so that one is wiped */
        buf_puts(&both, pem);
        buf_append(&both, chain->data, chain->len);
        err = write_file(dir, "domain.pem", both.data, both.len);
    }
    secret_wipe(pem, sizeof(pem));
    wipe(&both);
    return err;
}

static struct keypair *load_key(const char *dir, const char *name, enum err *err) {
    struct buf pem = {0};
    *err = read_file(dir, name, &pem);
    struct keypair *key = *err ? NULL : keypair_parse(pem.data);
    wipe(&pem);
    return key;
}

static struct keypair *make_key(const char *dir, const char *name, char *error, size_t error_size) {
    char pem[KEYPAIR_PEM_SIZE] = "";
    struct keypair *key = keypair_create();
    if (key && keypair_write(key, pem) == OK && write_file(dir, name, pem, strlen(pem)) == OK) {
        secret_wipe(pem, sizeof(pem));
        return key;
    }
    snprintf(error, error_size, "%s/%s cannot be written: %s", dir, name, strerror(errno));
    secret_wipe(pem, sizeof(pem));
    keypair_destroy(key);
    return NULL;
}

struct keypair *certificate_account(const char *dir, char *error, size_t error_size) {
    enum err err;
    struct keypair *key = load_key(dir, "acme-account.key", &err);
    if (key)
        return key;
    if (err == ERR_NOT_FOUND)
        return make_key(dir, "acme-account.key", error, error_size);
    snprintf(error, error_size,
             "%s/acme-account.key is no private key that can be read; without the file a new "
             "account is made",
             dir);
    return NULL;
}

struct keypair *certificate_order_key(const char *dir) {
    enum err err;
    return load_key(dir, "acme-order.key", &err);
}

struct keypair *certificate_new_order_key(const char *dir, char *error, size_t error_size) {
    return make_key(dir, "acme-order.key", error, error_size);
}

void certificate_order_done(const char *dir) {
    char path[CERTIFICATE_PATH_SIZE];
    path_of(path, dir, "acme-order.key");
    unlink(path);
}
