/* Collects what a handler answers, and writes the head that goes in front of it. */
#include "http/response.h"
#include "base/date.h"
#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

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
    char small[256];
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    int length = vsnprintf(small, sizeof(small), format, args);
    va_end(args);
    assert(length >= 0);
    if ((size_t)length < sizeof(small)) {
        put_header(response, name, small);
    } else {
        struct buf value = {0};
        buf_reserve(&value, (size_t)length + 1);
        vsnprintf(value.data, (size_t)length + 1, format, again);
        put_header(response, name, value.data);
        buf_free(&value);
    }
    va_end(again);
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

static char *put_two_digits(char *at, int number, char after) {
    *at++ = (char)('0' + number / 10);
    *at++ = (char)('0' + number % 10);
    *at++ = after;
    return at;
}

/* IMF-fixdate of RFC 9110, 5.6.7. By hand: strftime follows a locale, printf is a tenth of a
 * request. */
static void put_date(struct buf *head, int64_t now) {
    static const char days[] = "Mon, Tue, Wed, Thu, Fri, Sat, Sun, ";
    static const char months[] = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec ";
    enum { DAY = 86400 };
    struct date date = date_from_days(now / DAY);
    int second = (int)(now % DAY);
    char text[32], *at = text;
    memcpy(at, days + (ptrdiff_t)date_weekday(date) * 5, 5);
    at = put_two_digits(at + 5, date.day, ' ');
    memcpy(at, months + (ptrdiff_t)(date.month - 1) * 4, 4);
    at = put_two_digits(at + 4, date.year / 100, '-') - 1;
    at = put_two_digits(at, date.year % 100, ' ');
    at = put_two_digits(at, second / 3600, ':');
    at = put_two_digits(at, second / 60 % 60, ':');
    at = put_two_digits(at, second % 60, ' ');
    buf_puts(head, "Date: ");
    buf_append(head, text, (size_t)(at - text));
    buf_puts(head, "GMT\r\n");
}

static void put_defaults(const struct response *response, struct buf *head) {
    for (size_t i = 0; i < ARRAY_COUNT(defaults); i++) {
        if (response->set & 1u << i)
            continue;
        buf_puts(head, defaults[i].name);
        buf_append(head, ": ", 2);
        buf_puts(head, defaults[i].value);
        buf_append(head, "\r\n", 2);
    }
}

void response_write_head(const struct response *response, const struct response_wire *wire,
                         struct buf *head) {
    bool has_body = response_has_body(response->status);
    buf_reset(head);
    buf_puts(head, "HTTP/1.1 ");
    buf_put_int(head, response->status);
    buf_putc(head, ' ');
    buf_puts(head, response_reason(response->status));
    buf_append(head, "\r\n", 2);
    put_date(head, wire->now);
    if (response->content_type && has_body) {
        buf_puts(head, "Content-Type: ");
        buf_puts(head, response->content_type);
        buf_append(head, "\r\n", 2);
    }
    if (has_body) {
        buf_puts(head, "Content-Length: ");
        buf_put_int(head, (long long)wire->length);
        buf_append(head, "\r\n", 2);
    }
    if (wire->close)
        buf_puts(head, "Connection: close\r\n");
    else if (wire->keep_alive)
        buf_puts(head, "Connection: keep-alive\r\n");
    buf_append(head, response->headers.data, response->headers.len);
    put_defaults(response, head);
    if (wire->strict)
        buf_append(head, strict_transport, sizeof(strict_transport) - 1);
    buf_append(head, "\r\n", 2);
}
