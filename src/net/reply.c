/* The parser of answers: a head that is collected whole, then a body that passes through. */
#include "net/reply.h"
#include "base/date.h"
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { TRAILER_MAX = 8 * 1024, CHUNK_LINE_MAX = 256, RETRY_MAX = 8 * 86400 };

enum stage { HEAD, BODY, CHUNK_SIZE, CHUNK_DATA, CHUNK_END, TRAILER };

void reply_start(struct reply *reply, bool to_head, size_t body_limit) {
    *reply = (struct reply){.headless_body = to_head, .body_limit = body_limit};
}

static enum reply_state fail(struct reply *reply, const char *fault) {
    reply->fault = fault;
    return reply->state = REPLY_BAD;
}

/* ---- the head ---------------------------------------------------------------------------------
 */

static bool is_token(const char *text) {
    if (!*text)
        return false;
    for (; *text; text++)
        if (!isalnum((unsigned char)*text) && !strchr("!#$%&'*+-.^_`|~", *text))
            return false;
    return true;
}

/* "HTTP/1.1 200 OK": the status, or -1. */
static int parse_status(const char *line) {
    if (strncmp(line, "HTTP/1.", 7) != 0 || !isdigit((unsigned char)line[7]) || line[8] != ' ')
        return -1;
    const char *code = line + 9;
    if (strspn(code, "0123456789") != 3 || (code[3] != ' ' && code[3] != '\0'))
        return -1;
    int status = (int)strtol(code, NULL, 10);
    return status >= 100 && status <= 599 ? status : -1;
}

/* "Name: value" with the white space around the value cut. False for anything else. */
static bool take_header(struct reply *reply, char *line) {
    char *colon = strchr(line, ':');
    if (!colon || reply->header_count == REPLY_HEADERS_MAX)
        return false;
    *colon = '\0';
    char *value = colon + 1 + strspn(colon + 1, " \t"), *end = value + strlen(value);
    while (end > value && (end[-1] == ' ' || end[-1] == '\t'))
        *--end = '\0';
    for (const char *c = value; *c; c++)
        if ((unsigned char)*c < ' ' && *c != '\t')
            return false;
    reply->headers[reply->header_count++] = (struct reply_header){line, value};
    return is_token(line);
}

static const char *find(const struct reply *reply, const char *name, size_t *count) {
    const char *first = NULL;
    *count = 0;
    for (size_t i = 0; i < reply->header_count; i++) {
        if (strcasecmp(reply->headers[i].name, name) != 0)
            continue;
        if (!first)
            first = reply->headers[i].value;
        ++*count;
    }
    return first;
}

const char *reply_header(const struct reply *reply, const char *name) {
    size_t count;
    return find(reply, name, &count);
}

/* How the body ends (RFC 9112, 6.3). */
static enum reply_state frame_body(struct reply *reply) {
    size_t lengths, codings;
    const char *length = find(reply, "Content-Length", &lengths);
    const char *coding = find(reply, "Transfer-Encoding", &codings);
    if (reply->headless_body || reply->status == 204 || reply->status == 304)
        return reply->state = REPLY_DONE;
    if (codings) {
        if (lengths || codings > 1 || strcasecmp(coding, "chunked") != 0)
            return fail(reply, "is framed in more than one way");
        reply->counted = true;
        reply->stage = CHUNK_SIZE;
        return REPLY_MORE;
    }
    reply->stage = BODY;
    if (!lengths)
        return REPLY_MORE;
    size_t digits = strspn(length, "0123456789");
    if (lengths > 1 || digits < 1 || digits > 15 || length[digits])
        return fail(reply, "has no length that can be read");
    reply->counted = true;
    reply->left = strtoll(length, NULL, 10);
    if ((uint64_t)reply->left > reply->body_limit)
        return fail(reply, "is too long");
    return reply->left ? REPLY_MORE : (reply->state = REPLY_DONE);
}

/* The collected head, whose lines all end in CR LF or LF. */
static enum reply_state parse_head(struct reply *reply) {
    reply->header_count = 0;
    reply->status = -1;
    for (char *line = reply->head.data, *next; *line; line = next) {
        size_t length = strcspn(line, "\n");
        next = line + length + 1;
        line[length] = '\0';
        if (length && line[length - 1] == '\r')
            line[length - 1] = '\0';
        if (!*line)
            break;
        bool first = line == reply->head.data;
        if (first)
            reply->status = parse_status(line);
        if (first ? reply->status < 0 : !take_header(reply, line))
            return fail(reply, first ? "is not HTTP" : "has a header that cannot be read");
    }
    if (reply->status == 101)
        return fail(reply, "changes the protocol");
    if (reply->status >= 200)
        return frame_body(reply);
    buf_reset(&reply->head);
    reply->scanned = 0;
    reply->stage = HEAD;
    return REPLY_MORE;
}

/* Moves bytes into the head up to its empty line. Answers how many were taken. */
static size_t collect_head(struct reply *reply, const char *bytes, size_t count) {
    for (size_t i = 0; i < count; i++) {
        if (bytes[i] == '\0' || reply->head.len == REPLY_HEAD_MAX) {
            fail(reply, bytes[i] ? "has too long a head" : "is not HTTP");
            return count;
        }
        buf_putc(&reply->head, bytes[i]);
        if (bytes[i] != '\n')
            continue;
        size_t line = reply->head.len - reply->scanned;
        reply->scanned = reply->head.len;
        bool empty = line == 1 || (line == 2 && reply->head.data[reply->head.len - 2] == '\r');
        if (empty) {
            parse_head(reply);
            return i + 1;
        }
    }
    return count;
}

/* ---- the body ---------------------------------------------------------------------------------
 */

static size_t take_body(struct reply *reply, const char *bytes, size_t count) {
    size_t taken = count;
    if (reply->counted && (uint64_t)reply->left < count)
        taken = (size_t)reply->left;
    if (reply->body.len + taken > reply->body_limit) {
        fail(reply, "is too long");
        return count;
    }
    buf_append(&reply->body, bytes, taken);
    reply->left -= (int64_t)taken;
    return taken;
}

/* One line of the chunked coding, collected in the head's free end. Answers the bytes taken; *line
 * is NULL until it is whole. */
static size_t take_line(struct reply *reply, const char *bytes, size_t count, char **line) {
    const char *end = memchr(bytes, '\n', count);
    size_t taken = end ? (size_t)(end - bytes) + 1 : count;
    *line = NULL;
    if (reply->head.len - reply->scanned + taken > CHUNK_LINE_MAX || memchr(bytes, '\0', taken)) {
        fail(reply, "has chunks that cannot be read");
        return count;
    }
    /* Headers point into the head: it must not move. */
    memcpy(reply->head.data + reply->head.len, bytes, taken);
    reply->head.len += taken;
    if (!end)
        return taken;
    *line = reply->head.data + reply->scanned;
    reply->head.data[reply->head.len - 1] = '\0';
    size_t length = strlen(*line);
    if (length && (*line)[length - 1] == '\r')
        (*line)[length - 1] = '\0';
    reply->head.len = reply->scanned;
    return taken;
}

/* "1A3F;extension" */
static void begin_chunk(struct reply *reply, const char *line) {
    size_t digits = strspn(line, "0123456789abcdefABCDEF");
    const char *rest = line + digits + strspn(line + digits, " \t");
    if (digits < 1 || digits > 8 || (*rest && *rest != ';')) {
        fail(reply, "has chunks that cannot be read");
        return;
    }
    reply->left = strtoll(line, NULL, 16);
    reply->stage = reply->left ? CHUNK_DATA : TRAILER;
    if (reply->body.len + (uint64_t)reply->left > reply->body_limit)
        fail(reply, "is too long");
}

static size_t take_chunk_line(struct reply *reply, const char *bytes, size_t count) {
    char *line;
    size_t taken = take_line(reply, bytes, count, &line);
    if (!line)
        return taken;
    if (reply->stage == CHUNK_SIZE) {
        begin_chunk(reply, line);
    } else if (reply->stage == CHUNK_END) {
        reply->stage = CHUNK_SIZE;
        if (*line)
            fail(reply, "has chunks that cannot be read");
    } else if (!*line) {
        reply->state = REPLY_DONE;
    } else if ((reply->trailer_bytes += taken) > TRAILER_MAX) {
        fail(reply, "has too long a trailer");
    }
    return taken;
}

enum reply_state reply_feed(struct reply *reply, const char *bytes, size_t count) {
    while (count > 0 && reply->state == REPLY_MORE) {
        size_t taken = 0;
        switch ((enum stage)reply->stage) {
        case HEAD:
            buf_reserve(&reply->head, REPLY_HEAD_MAX + CHUNK_LINE_MAX + 1);
            taken = collect_head(reply, bytes, count);
            break;
        case BODY:
            taken = take_body(reply, bytes, count);
            if (reply->state == REPLY_MORE && reply->counted && reply->left == 0)
                reply->state = REPLY_DONE;
            break;
        case CHUNK_DATA:
            taken = take_body(reply, bytes, count);
            if (reply->left == 0)
                reply->stage = CHUNK_END;
            break;
        case CHUNK_SIZE:
        case CHUNK_END:
        case TRAILER:
            taken = take_chunk_line(reply, bytes, count);
            break;
        }
        bytes += taken;
        count -= taken;
    }
    return reply->state;
}

enum reply_state reply_end(struct reply *reply) {
    if (reply->state != REPLY_MORE)
        return reply->state;
    if (reply->stage == BODY && !reply->counted)
        return reply->state = REPLY_DONE;
    return fail(reply, reply->head.len ? "ends half-way" : "is empty");
}

void reply_free(struct reply *reply) {
    buf_free(&reply->head);
    buf_free(&reply->body);
    *reply = (struct reply){.state = REPLY_BAD, .fault = "is gone"};
}

/* ---- times ------------------------------------------------------------------------------------
 */

/* A number of exactly `digits` digits followed by `behind`; -1 for anything else. */
static int take_number(const char **at, size_t digits, char behind) {
    if (strspn(*at, "0123456789") != digits || (*at)[digits] != behind)
        return -1;
    int number = (int)strtol(*at, NULL, 10);
    *at += digits + 1;
    return number;
}

int64_t reply_parse_date(const char *text) {
    static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    const char *at = strchr(text, ' ');
    if (!at || at - text != 4 || text[3] != ',')
        return -1;
    at++;
    int day = take_number(&at, 2, ' ');
    char name[4] = "";
    if (day < 1 || strlen(at) < 4 || at[3] != ' ')
        return -1;
    memcpy(name, at, 3);
    const char *found = strstr(months, name);
    if (!found || (found - months) % 3)
        return -1;
    at += 4;
    struct date date = {.month = (int)(found - months) / 3 + 1, .day = day};
    date.year = take_number(&at, 4, ' ');
    int hour = date.year < 1970 ? -1 : take_number(&at, 2, ':');
    int minute = hour < 0 ? -1 : take_number(&at, 2, ':');
    int second = minute < 0 ? -1 : take_number(&at, 2, ' ');
    if (second < 0 || hour > 23 || minute > 59 || second > 60 || strcmp(at, "GMT") != 0)
        return -1;
    return date_to_days(date) * 86400 + hour * 3600 + minute * 60 + second;
}

int64_t reply_date(const struct reply *reply) {
    const char *text = reply_header(reply, "Date");
    int64_t date = text ? reply_parse_date(text) : -1;
    return date > 0 ? date : 0;
}

int64_t reply_retry_after(const struct reply *reply, int64_t now) {
    const char *text = reply_header(reply, "Retry-After");
    if (!text)
        return 0;
    size_t digits = strspn(text, "0123456789");
    int64_t seconds = 0;
    if (digits > 0 && digits < 10 && !text[digits]) {
        seconds = strtoll(text, NULL, 10);
    } else {
        int64_t date = reply_parse_date(text), theirs = reply_date(reply);
        seconds = date < 0 ? 0 : date - (theirs ? theirs : now);
    }
    return seconds < 0 ? 0 : seconds > RETRY_MAX ? RETRY_MAX : seconds;
}
