/* A small table behind a lock. */
#include "http/challenge.h"
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { CHALLENGES = 32, KEY_SIZE = 256, TEXT_SIZE = 256 };

struct challenges {
    pthread_mutex_t lock;
    size_t count;
    struct challenge {
        bool file;
        char key[KEY_SIZE]; /* token or name */
        char text[TEXT_SIZE];
        uint8_t digest[CHALLENGE_DIGEST_SIZE];
    } list[CHALLENGES];
};

struct challenges *challenges_create(void) {
    struct challenges *challenges = calloc(1, sizeof(*challenges));
    if (challenges)
        pthread_mutex_init(&challenges->lock, NULL);
    return challenges;
}

void challenges_destroy(struct challenges *challenges) {
    if (!challenges)
        return;
    pthread_mutex_destroy(&challenges->lock);
    free(challenges);
}

static bool add(struct challenges *challenges, const struct challenge *challenge) {
    pthread_mutex_lock(&challenges->lock);
    bool room = challenges->count < CHALLENGES;
    if (room)
        challenges->list[challenges->count++] = *challenge;
    pthread_mutex_unlock(&challenges->lock);
    return room;
}

static bool copy(char *to, size_t size, const char *text) {
    size_t length = strlen(text);
    if (length < 1 || length >= size)
        return false;
    memcpy(to, text, length + 1);
    return true;
}

bool challenges_add_file(struct challenges *challenges, const char *token, const char *text) {
    struct challenge challenge = {.file = true};
    return copy(challenge.key, KEY_SIZE, token) && copy(challenge.text, TEXT_SIZE, text) &&
           add(challenges, &challenge);
}

bool challenges_add_name(struct challenges *challenges, const char *name,
                         const uint8_t digest[CHALLENGE_DIGEST_SIZE]) {
    struct challenge challenge = {.file = false};
    memcpy(challenge.digest, digest, CHALLENGE_DIGEST_SIZE);
    return copy(challenge.key, KEY_SIZE, name) && add(challenges, &challenge);
}

void challenges_clear(struct challenges *challenges) {
    pthread_mutex_lock(&challenges->lock);
    challenges->count = 0;
    pthread_mutex_unlock(&challenges->lock);
}

/* A copy, as the list may change behind the lock. The latest one, should there be two. */
static bool find(struct challenges *challenges, bool file, const char *key, size_t length,
                 struct challenge *found) {
    bool known = false;
    pthread_mutex_lock(&challenges->lock);
    for (size_t i = 0; i < challenges->count; i++) {
        const struct challenge *at = &challenges->list[i];
        if (at->file != file || strlen(at->key) != length)
            continue;
        if (file ? memcmp(at->key, key, length) == 0 : strncasecmp(at->key, key, length) == 0) {
            *found = *at;
            known = true;
        }
    }
    pthread_mutex_unlock(&challenges->lock);
    return known;
}

bool challenges_find(struct challenges *challenges, const char *name, size_t length,
                     uint8_t digest[CHALLENGE_DIGEST_SIZE]) {
    struct challenge found;
    if (!find(challenges, false, name, length, &found))
        return false;
    memcpy(digest, found.digest, CHALLENGE_DIGEST_SIZE);
    return true;
}

bool challenges_serve(struct challenges *challenges, const struct request *request,
                      struct response *response) {
    static const char folder[] = "/.well-known/acme-challenge/";
    if (strncmp(request->path, folder, sizeof(folder) - 1) != 0)
        return false;
    const char *token = request->path + sizeof(folder) - 1;
    struct challenge found;
    response->content_type = "text/plain; charset=utf-8";
    if (request->method != METHOD_GET && request->method != METHOD_HEAD) {
        response->status = 405;
        response_header(response, "Allow", "GET, HEAD");
        buf_puts(&response->body, "method not allowed\n");
    } else if (find(challenges, true, token, strlen(token), &found)) {
        response->status = 200;
        response->content_type = "application/octet-stream"; /* as in RFC 8555's example */
        buf_puts(&response->body, found.text);
    } else {
        response->status = 404;
        buf_puts(&response->body, "nobody asked for this\n");
    }
    return true;
}
