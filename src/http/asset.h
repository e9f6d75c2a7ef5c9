/* The files of assets/static as the build embedded them (src/tools/assetc): style sheets, script,
 * icons. Their addresses hold a hash of the content, so a browser may keep them for ever; templates
 * get the address with {{asset "css/site.css"}}. Immutable, safe from any thread. */
#ifndef HTTP_ASSET_H
#define HTTP_ASSET_H

#include "http/request.h"
#include "http/response.h"
#include <stdbool.h>
#include <stddef.h>

struct asset_body {
    const unsigned char *bytes; /* NULL: this variant does not exist */
    size_t len;
};

struct asset {
    const char *name; /* below assets/static: "css/site.css" */
    const char *path; /* "/static/css/site.1f2e3d4c5b.css" */
    const char *type; /* Content-Type */
    const char *tag;  /* the hash */
    struct asset_body identity, gzip, brotli;
};

/* Answers a GET or HEAD for /static/…: the variant the client likes best (RFC 9110, 12.5.3), or 304
 * when it has it already. False, and the response untouched, when there is no such file. */
bool asset_serve(const struct request *request, struct response *response);

/* The bytes of the file with this name below assets/static, e.g. "pictures/demo/scratch.svg"; NULL
 * if there is none. They live as long as the program. */
const void *asset_bytes(const char *name, size_t *size);

/* The address of a file by that name, for names that are only known at run time; NULL if there is
 * none. */
const char *asset_address(const char *name);

/* The generated table, sorted by path. Only asset.c and its test use it. */
extern const struct asset asset_table[];
extern const size_t asset_count;

#endif
