/* What handlers ask of a request. Filling it is the business of exchange.c. */
#include "http/request.h"
#include "base/utf8.h"
#include "http/body.h"
#include "http/head.h"
#include <string.h>
#include <strings.h>

const char *request_header(const struct request *request, const char *name) {
    const char *value = request->head ? head_get(request->head, name) : NULL;
    return value && utf8_valid(value, strlen(value)) ? value : NULL;
}

const char *request_cookie(const struct request *request, const char *name) {
    const char *header = request->head ? head_get(request->head, "Cookie") : NULL;
    return header ? fields_cookie(request->arena, header, name) : NULL;
}

const char *request_address(const struct request *request) {
    return *request->query_string
               ? arena_printf(request->arena, "%s?%s", request->path, request->query_string)
               : request->path;
}

static bool is_media_type(const char *value, const char *type) {
    size_t length = strlen(type);
    return strncasecmp(value, type, length) == 0 && strchr("; \t", value[length]);
}

static enum err parse_form(struct request *request, const char *type, struct buf *data) {
    if (is_media_type(type, "multipart/form-data"))
        return fields_parse_multipart(request->arena, type, data->data, data->len, &request->form);
    return fields_parse_urlencoded(request->arena, buf_text(data), data->len, &request->form);
}

static enum body_result read_form(struct request *request, size_t max_bytes) {
    const struct head *head = request->head;
    if (!head || (!head->chunked && head->content_length == 0))
        return BODY_OK;
    const char *type = request_header(request, "Content-Type");
    const char *coding = request_header(request, "Content-Encoding");
    if (!type || (coding && strcasecmp(coding, "identity") != 0) ||
        !(is_media_type(type, "application/x-www-form-urlencoded") ||
          is_media_type(type, "multipart/form-data")))
        return BODY_WRONG_TYPE;
    enum body_result result = body_read(request->body, max_bytes);
    if (result != BODY_OK)
        return result;
    return parse_form(request, type, &request->body->data) == OK ? BODY_OK : BODY_MALFORMED;
}

enum body_result request_read_form(struct request *request, size_t max_bytes) {
    if (!request->form_read) {
        request->form_read = true;
        request->form_result = read_form(request, max_bytes);
    }
    return request->form_result;
}

bool request_is_cross_site(const struct request *request) {
    const char *site = request_header(request, "Sec-Fetch-Site");
    if (site)
        return strcmp(site, "same-origin") != 0 && strcmp(site, "none") != 0;
    const char *origin = request_header(request, "Origin");
    if (!origin)
        return false;
    const char *host = strstr(origin, "://");
    return !host || strcasecmp(host + 3, request->host) != 0;
}
