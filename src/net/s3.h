/* Files in S3-compatible storage: sent whole or in parts, fetched, listed, removed; signed with AWS
 * Signature Version 4, every byte sent under a checksum the server verifies. One thread at a time.
 */
#ifndef NET_S3_H
#define NET_S3_H

#include "base/arena.h"
#include "base/err.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Where: taken from "https://host/bucket/folder", or "https://bucket.s3.region.host/folder" where
 * the host's second label or a later one is s3 or begins with "s3-". */
struct s3_place {
    const char *scheme, *host; /* "https", with the port unless it is the usual one */
    const char *bucket;        /* "/bucket", encoded, or "" when it is in the host */
    const char *prefix;        /* of keys, "" or "folder/" */
};

struct s3_options {
    struct s3_place place;
    const char *region, *access_key, *secret_key;
    const char *ca_file; /* "": the built-in roots */
    int64_t part_size;   /* bytes; above, a file goes in parts. 0: 16 MiB */
    int64_t piece_size;  /* bytes fetched at once. 0: 8 MiB */
    int stop_fd;         /* as in net/deadline.h */
};

/* False when it is no such address. Texts live in the arena. */
bool s3_place_parse(struct s3_place *place, struct arena *arena, const char *url);

/* Sends a file under prefix and name, replacing one that is there. ERR_REFUSED when the server says
 * no, ERR_NOT_FOUND when there is no such bucket, ERR_IO when it could not be reached or the file
 * not be read; a sentence either way. */
enum err s3_put(const struct s3_options *options, const char *file, const char *name, char *error,
                size_t error_size) MUST_CHECK;

/* Fetches what is under prefix and name into `file`, made anew with mode 0600; neither synced nor
 * removed on failure. One object, even where another takes its place meanwhile. ERR_NOT_FOUND:
 * there is none of that name; otherwise as s3_put. That nothing was changed on the way is for a
 * checksum of the caller's to say. */
enum err s3_get(const struct s3_options *options, const char *name, const char *file, char *error,
                size_t error_size) MUST_CHECK;

/* The names below the prefix, at most 10,000, in the arena. */
struct s3_names {
    const char **names;
    size_t count;
};
enum err s3_list(const struct s3_options *options, struct arena *arena, struct s3_names *names,
                 char *error, size_t error_size) MUST_CHECK;
bool s3_names_have(const struct s3_names *names, const char *name);

/* OK also when there was none. */
enum err s3_remove(const struct s3_options *options, const char *name, char *error,
                   size_t error_size) MUST_CHECK;

#endif
