/* Cuts a raw request head into pieces and refuses whatever is not exactly HTTP/1.0 or 1.1. Reading
 * from the network and what the pieces mean to a handler live elsewhere (channel.c, request.c). */
#include "http/head.h"
#include "base/utf8.h"
#include "http/fields.h"
#include <string.h>
#include <strings.h>

/* tchar of RFC 9110, 5.6.2. */
static bool is_token_char(unsigned char c) {
    static const char marks[] = "!#$%&'*+-.^_`|~";
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           (c != '\0' && strchr(marks, c));
}

static bool is_blank(char c) {
    return c == ' ' || c == '\t';
}

/* One empty line before a request is forgiven, as RFC 9112, 2.2 asks. */
static size_t leading_line(const char *bytes, size_t len) {
    return len >= 2 && bytes[0] == '\r' && bytes[1] == '\n' ? 2 : 0;
}

/* Whether the first of these lines says which HTTP it speaks. One that does not is HTTP/0.9, whose
 * heads have no end to wait for. */
static bool names_version(const char *bytes, size_t len) {
    const char *end = memchr(bytes, '\n', len);
    return memmem(bytes, end ? (size_t)(end - bytes) : len, " HTTP/", 6) != NULL;
}

long head_find_end(const char *bytes, size_t len, size_t *scanned) {
    size_t first = leading_line(bytes, len);
    size_t i = *scanned > first ? *scanned : first;
    for (; i < len; i++) {
        unsigned char c = (unsigned char)bytes[i];
        if (c >= ' ' || c == '\t' || c == '\r')
            continue;
        if (c != '\n' || i == first || bytes[i - 1] != '\r' ||
            !names_version(bytes + first, i - first))
            return -400;
        if (i >= first + 3 && bytes[i - 2] == '\n')
            return i < HEAD_MAX ? (long)(i + 1) : -431;
    }
    *scanned = len;
    if (len >= HEAD_MAX)
        return -431;
    return 0;
}

/* Cuts the line at `text` off: answers it, NUL-terminated, and moves *text behind its CRLF. NULL
 * when a CR stands alone. head_find_end has made sure that every LF follows a CR and that there is
 * one. */
static char *take_line(char **text) {
    char *line = *text;
    char *end = strchr(line, '\r');
    if (!end || end[1] != '\n')
        return NULL;
    *end = '\0';
    *text = end + 2;
    return line;
}

static bool is_host(const char *host) {
    const char *rest = host;
    if (*rest == '[') {
        rest++;
        size_t digits = strspn(rest, "0123456789abcdefABCDEF:.");
        if (digits < 2 || rest[digits] != ']')
            return false;
        rest += digits + 1;
    } else {
        size_t name =
            strspn(rest, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_");
        if (name == 0 || name > 255)
            return false;
        rest += name;
    }
    if (*rest == '\0')
        return true;
    size_t port = strspn(rest + 1, "0123456789");
    return *rest == ':' && port <= 5 && rest[1 + port] == '\0';
}

/* "." and ".." segments, "//", control characters, what is not UTF-8. */
static bool is_clean_path(const char *path, size_t len) {
    if (!utf8_valid(path, len))
        return false;
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)path[i];
        if (c < ' ' || c == 0x7F)
            return false;
        if (c != '/')
            continue;
        const char *segment = path + i + 1;
        size_t length = strcspn(segment, "/");
        bool last = segment[length] == '\0';
        if ((length == 0 && !last) || (length == 1 && segment[0] == '.') ||
            (length == 2 && segment[0] == '.' && segment[1] == '.'))
            return false;
    }
    return true;
}

/* An encoded slash would be a slash in the middle of what a router takes for one segment. */
static bool hides_slash(const char *path) {
    return strcasestr(path, "%2f") != NULL;
}

/* origin-form: path and query of our own. */
static int parse_origin(char *target, struct head *head) {
    char *query = strchr(target, '?');
    if (query)
        *query++ = '\0';
    head->query = query ? query : "";
    if (hides_slash(target))
        return 400;
    long len = fields_percent_decode(target, strlen(target), false);
    if (len < 0)
        return 400;
    target[len] = '\0';
    if (!is_clean_path(target, (size_t)len))
        return 400;
    head->path = target;
    return 0;
}

/* absolute-form: has to name the host that the Host header names. The path is what follows; a
 * missing one means "/". `target` stays untouched up to there. */
static int parse_absolute(char *target, struct head *head) {
    char *authority = strstr(target, "://");
    size_t scheme = authority ? (size_t)(authority - target) : 0;
    if (!((scheme == 4 && strncasecmp(target, "http", 4) == 0) ||
          (scheme == 5 && strncasecmp(target, "https", 5) == 0)))
        return 400;
    authority += 3;
    size_t len = strcspn(authority, "/?");
    if (len == 0 || len != strlen(head->host) || strncasecmp(authority, head->host, len) != 0)
        return 400;
    char *rest = authority + len;
    if (*rest == '/')
        return parse_origin(rest, head);
    head->path = "/";
    head->query = *rest == '?' ? rest + 1 : "";
    return 0;
}

static int parse_target(char *target, struct head *head) {
    if (strlen(target) > HEAD_TARGET_MAX)
        return 414;
    for (const char *c = target; *c; c++)
        if (*c <= ' ' || *c > '~' || *c == '#')
            return 400;
    if (*target == '/')
        return parse_origin(target, head);
    /* "OPTIONS *" and "CONNECT host:port" mean the whole server; a handler answers 405 for it. */
    if (strcmp(target, "*") == 0 ? strcmp(head->method, "OPTIONS") == 0
                                 : strcmp(head->method, "CONNECT") == 0) {
        head->path = "/";
        head->query = "";
        return 0;
    }
    return parse_absolute(target, head);
}

/* "METHOD target HTTP/1.x", single spaces. The target is looked at when Host is known. */
static int parse_request_line(char *line, struct head *head, char **target) {
    size_t method = 0;
    while (is_token_char((unsigned char)line[method]))
        method++;
    if (method == 0 || line[method] != ' ')
        return 400;
    if (method > HEAD_METHOD_MAX)
        return 501;
    line[method] = '\0';
    head->method = line;
    *target = line + method + 1;
    char *space = strchr(*target, ' ');
    if (!space || space == *target)
        return strlen(*target) > HEAD_TARGET_MAX ? 414 : 400;
    *space = '\0';
    const char *version = space + 1;
    if (strncmp(version, "HTTP/", 5) != 0 || strlen(version) != 8 || version[6] != '.' ||
        version[5] < '0' || version[5] > '9' || version[7] < '0' || version[7] > '9')
        return 400;
    if (strcmp(version, "HTTP/1.1") != 0 && strcmp(version, "HTTP/1.0") != 0)
        return 505;
    head->http_1_0 = version[7] == '0';
    head->keep_alive = !head->http_1_0;
    return 0;
}

static int parse_line(char *line, struct head_line *parsed) {
    char *colon = line;
    while (is_token_char((unsigned char)*colon))
        colon++;
    if (colon == line || *colon != ':')
        return 400; /* also a folded line and white space before the colon */
    *colon = '\0';
    char *value = colon + 1;
    while (is_blank(*value))
        value++;
    char *end = value + strlen(value);
    while (end > value && is_blank(end[-1]))
        end--;
    *end = '\0';
    if (strchr(value, 0x7F))
        return 400;
    *parsed = (struct head_line){.name = line, .value = value};
    return 0;
}

static int take_content_length(const char *value, struct head *head) {
    size_t digits = strspn(value, "0123456789");
    if (digits == 0 || digits > 18 || value[digits] != '\0')
        return 400;
    head->content_length = 0;
    for (const char *c = value; *c; c++)
        head->content_length = head->content_length * 10 + (*c - '0');
    return 0;
}

static int take_transfer_encoding(const char *value, struct head *head) {
    if (strcasecmp(value, "chunked") != 0)
        return *value == '\0' ? 400 : 501;
    head->chunked = true;
    return 0;
}

static int take_host(char *value, struct head *head) {
    if (!is_host(value))
        return 400;
    for (char *c = value; *c; c++)
        if (*c >= 'A' && *c <= 'Z')
            *c = (char)(*c - 'A' + 'a');
    head->host = value;
    return 0;
}

/* What the header lines say about the message itself. A name that may stand once is counted. */
static int read_framing(struct head *head) {
    int lengths = 0, codings = 0, hosts = 0, refused = 0;
    bool wants_close = false;
    for (size_t i = 0; i < head->count && !refused; i++) {
        const struct head_line *line = &head->lines[i];
        if (strcasecmp(line->name, "Content-Length") == 0) {
            refused = ++lengths > 1 ? 400 : take_content_length(line->value, head);
        } else if (strcasecmp(line->name, "Transfer-Encoding") == 0) {
            refused = ++codings > 1 ? 400 : take_transfer_encoding(line->value, head);
        } else if (strcasecmp(line->name, "Host") == 0) {
            refused = ++hosts > 1 ? 400 : take_host(line->value, head);
        } else if (strcasecmp(line->name, "Connection") == 0) {
            wants_close |= head_has_token(line->value, "close");
            head->keep_alive |= head_has_token(line->value, "keep-alive");
        } else if (strcasecmp(line->name, "Expect") == 0) {
            refused = strcasecmp(line->value, "100-continue") == 0 ? 0 : 417;
            head->expect_continue = !head->http_1_0;
        }
    }
    if (refused)
        return refused;
    head->keep_alive &= !wants_close;
    if ((lengths && codings) || (codings && head->http_1_0) || (!hosts && !head->http_1_0))
        return 400;
    return 0;
}

int head_parse(char *bytes, size_t len, struct head *head) {
    *head = (struct head){.host = "", .path = "", .query = ""};
    bytes[len - 2] = '\0'; /* the empty line: where the lines end */
    char *text = bytes + leading_line(bytes, len), *target = NULL;
    char *line = take_line(&text);
    int refused = line ? parse_request_line(line, head, &target) : 400;
    while (!refused && *text) {
        if (head->count == HEAD_LINES_MAX)
            return 431;
        line = take_line(&text);
        refused = line ? parse_line(line, &head->lines[head->count]) : 400;
        head->count += !refused;
    }
    if (!refused)
        refused = read_framing(head);
    return refused ? refused : parse_target(target, head);
}

const char *head_get(const struct head *head, const char *name) {
    for (size_t i = 0; i < head->count; i++)
        if (strcasecmp(head->lines[i].name, name) == 0)
            return head->lines[i].value;
    return NULL;
}

bool head_has_token(const char *value, const char *token) {
    size_t length = strlen(token);
    while (*value) {
        value += strspn(value, ", \t");
        size_t item = strcspn(value, ",");
        size_t trimmed = item;
        while (trimmed > 0 && is_blank(value[trimmed - 1]))
            trimmed--;
        if (trimmed == length && strncasecmp(value, token, length) == 0)
            return true;
        value += item;
    }
    return false;
}
