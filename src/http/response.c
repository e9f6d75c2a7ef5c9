/* Collects what a handler answers, and writes the head that goes in front of it. */
#include "http/response.h"
#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <time.h>

/* Sent with every response unless the handler set its own. Nothing but our own files may run, be
 * styled or be shown; Bootstrap's arrows and check marks are data: images. */
static const struct {
    const char *name, *value;
} defaults[] = {
    {"Cache-Control", "no-store"},
    {"Content-Security-Policy",
     "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
     "connect-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; "
     "frame-ancestors 'none'"},
    {"X-Content-Type-Options", "nosniff"},
    {"X-Frame-Options", "DENY"},
    {"Referrer-Policy", "same-origin"},
    {"Cross-Origin-Opener-Policy", "same-origin"},
    {"Cross-Origin-Resource-Policy", "same-origin"},
    {"Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=()"},
};

static const char strict_transport[] = "Strict-Transport-Security: max-age=31536000\r\n";

void response_reset(struct response *response) {
    buf_reset(&response->body);
    buf_reset(&response->headers);
    *response = (struct response){.status = 200,
                                  .content_type = "text/html; charset=utf-8",
                                  .body = response->body,
                                  .headers = response->headers};
}

/* Drops what could end a line; the rest stays as it is. */
static void put_value(struct buf *headers, const char *value) {
    for (; *value; value++)
        if ((unsigned char)*value >= ' ' && *value != 0x7F)
            buf_putc(headers, *value);
}

static void put_header(struct response *response, const char *name, const char *value) {
    for (size_t i = 0; i < ARRAY_COUNT(defaults); i++) {
        if (strcasecmp(name, defaults[i].name) != 0)
            continue;
        if (response->set & 1u << i)
            return;
        response->set |= 1u << i;
    }
    buf_puts(&response->headers, name);
    buf_puts(&response->headers, ": ");
    put_value(&response->headers, value);
    buf_puts(&response->headers, "\r\n");
}

void response_header(struct response *response, const char *name, const char *format, ...) {
    struct buf value = {0};
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    int length = vsnprintf(NULL, 0, format, args);
    va_end(args);
    assert(length >= 0);
    buf_reserve(&value, (size_t)length + 1);
    vsnprintf(value.data, (size_t)length + 1, format, again);
    va_end(again);
    put_header(response, name, value.data);
    buf_free(&value);
}

/* Leaves what a URL may hold as it is; a backslash not, as browsers read it as a slash. */
static void put_url_char(struct buf *url, unsigned char c) {
    if (c <= ' ' || c > '~' || strchr("\"<>\\^`{|}", c))
        buf_printf(url, "%%%02X", c);
    else
        buf_putc(url, (char)c);
}

void response_redirect(struct response *response, int status, const char *location) {
    struct buf url = {0};
    while (location[0] == '/' && location[1] == '/')
        location++; /* "//host" would lead to another site */
    for (; *location; location++)
        put_url_char(&url, (unsigned char)*location);
    buf_reset(&response->body);
    response->static_body = NULL;
    response->content_type = NULL;
    response->status = status;
    put_header(response, "Location", buf_text(&url));
    buf_free(&url);
}

void response_cookie(struct response *response, const char *name, const char *value,
                     int64_t max_age) {
    static const char fixed[] = "Path=/; Secure; HttpOnly; SameSite=Lax";
    if (max_age < 0)
        response_header(response, "Set-Cookie", "%s=%s; %s", name, value, fixed);
    else
        response_header(response, "Set-Cookie", "%s=%s; %s; Max-Age=%lld", name, value, fixed,
                        (long long)max_age);
}

const char *response_reason(int status) {
    static const struct {
        int status;
        const char *reason;
    } reasons[] = {
        {200, "OK"},
        {204, "No Content"},
        {206, "Partial Content"},
        {301, "Moved Permanently"},
        {302, "Found"},
        {303, "See Other"},
        {304, "Not Modified"},
        {307, "Temporary Redirect"},
        {308, "Permanent Redirect"},
        {400, "Bad Request"},
        {401, "Unauthorized"},
        {403, "Forbidden"},
        {404, "Not Found"},
        {405, "Method Not Allowed"},
        {408, "Request Timeout"},
        {409, "Conflict"},
        {410, "Gone"},
        {413, "Content Too Large"},
        {414, "URI Too Long"},
        {415, "Unsupported Media Type"},
        {417, "Expectation Failed"},
        {421, "Misdirected Request"},
        {422, "Unprocessable Content"},
        {429, "Too Many Requests"},
        {431, "Request Header Fields Too Large"},
        {500, "Internal Server Error"},
        {501, "Not Implemented"},
        {503, "Service Unavailable"},
        {505, "HTTP Version Not Supported"},
    };
    for (size_t i = 0; i < ARRAY_COUNT(reasons); i++)
        if (reasons[i].status == status)
            return reasons[i].reason;
    return "Error";
}

bool response_has_body(int status) {
    return status >= 200 && status != 204 && status != 304;
}

/* IMF-fixdate of RFC 9110, 5.6.7. By hand, as strftime follows a locale. */
static void put_date(struct buf *head, int64_t now) {
    static const char days[] = "SunMonTueWedThuFriSat";
    static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    time_t seconds = (time_t)now;
    struct tm tm;
    gmtime_r(&seconds, &tm);
    buf_printf(head, "Date: %.3s, %02d %.3s %d %02d:%02d:%02d GMT\r\n", days + tm.tm_wday * 3,
               tm.tm_mday, months + tm.tm_mon * 3, tm.tm_year + 1900, tm.tm_hour, tm.tm_min,
               tm.tm_sec);
}

static void put_defaults(const struct response *response, struct buf *head) {
    for (size_t i = 0; i < ARRAY_COUNT(defaults); i++) {
        if (response->set & 1u << i)
            continue;
        buf_puts(head, defaults[i].name);
        buf_puts(head, ": ");
        buf_puts(head, defaults[i].value);
        buf_puts(head, "\r\n");
    }
}

void response_write_head(const struct response *response, const struct response_wire *wire,
                         struct buf *head) {
    buf_reset(head);
    buf_printf(head, "HTTP/1.1 %d %s\r\n", response->status, response_reason(response->status));
    put_date(head, wire->now);
    if (response->content_type && response_has_body(response->status))
        buf_printf(head, "Content-Type: %s\r\n", response->content_type);
    if (response_has_body(response->status))
        buf_printf(head, "Content-Length: %zu\r\n", wire->length);
    if (wire->close)
        buf_puts(head, "Connection: close\r\n");
    else if (wire->keep_alive)
        buf_puts(head, "Connection: keep-alive\r\n");
    buf_append(head, response->headers.data, response->headers.len);
    put_defaults(response, head);
    if (wire->strict)
        buf_append(head, strict_transport, sizeof(strict_transport) - 1);
    buf_puts(head, "\r\n");
}
