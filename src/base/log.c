/* Formatting of log lines. Control characters and what is no UTF-8 are escaped in values, so that
 * none can forge a second line, write to the terminal of who reads it, or break what parses it. */
#include "base/log.h"
#include "base/clock.h"
#include "base/utf8.h"
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* Values stop growing VALUES bytes into the line; what is left closes them and names the rest. */
enum { LINE_SIZE = 4096, VALUES = 3072 };

static struct {
    _Atomic enum log_level level;
    _Atomic enum log_format format;
} setup = {LOG_INFO, LOG_TEXT};

static _Thread_local const char *about;

static const char *const LEVEL_NAMES[] = {
    [LOG_ERROR] = "error", [LOG_WARN] = "warn", [LOG_INFO] = "info", [LOG_DEBUG] = "debug"};

void log_setup(enum log_level level, enum log_format format) {
    setup.level = level;
    setup.format = format;
}

void log_about(const char *request) {
    about = request;
}

bool log_wants(enum log_level level) {
    return level <= setup.level;
}

struct line {
    char text[LINE_SIZE];
    size_t len;
};

static void put(struct line *line, const char *text, size_t length) {
    size_t room = LINE_SIZE - 2 - line->len;
    if (length > room)
        length = room;
    memcpy(line->text + line->len, text, length);
    line->len += length;
}

static void put_text(struct line *line, const char *text) {
    put(line, text, strlen(text));
}

/* How many bytes the next character has; 0: they are no UTF-8. */
static size_t character_size(const char *text) {
    size_t size = 1;
    while ((*text & 0x80) && size < 4 && ((unsigned char)text[size] & 0xc0) == 0x80)
        size++;
    return utf8_valid(text, size) ? size : 0;
}

/* What moves a terminal's cursor or the reader's eye: C0, DEL, C1, and marks that turn the
 * direction of writing or end a line (U+2028 to U+202E, U+2066 to U+2069). */
static bool is_control(uint32_t c) {
    return c < 0x20 || (c >= 0x7f && c < 0xa0) || (c >= 0x2028 && c <= 0x202e) ||
           (c >= 0x2066 && c <= 0x2069);
}

/* One character, as JSON has it; a byte that is no text is U+FFFD. Answers its size. */
static size_t put_character(struct line *line, const char *text) {
    char escape[8] = "\\ufffd";
    const size_t size = character_size(text);
    const char *end = text;
    const uint32_t code = size ? utf8_next(&end) : 0;
    if (code == '"' || code == '\\')
        snprintf(escape, sizeof(escape), "\\%c", *text);
    else if (size && is_control(code))
        snprintf(escape, sizeof(escape), "\\u%04x", (unsigned)code);
    else if (size) {
        put(line, text, size);
        return size;
    }
    put_text(line, escape);
    return size ? size : 1;
}

/* A value between quotes: JSON's escapes, used for both formats. */
static void put_quoted(struct line *line, const char *text) {
    put_text(line, "\"");
    while (*text && line->len < VALUES)
        text += put_character(line, text);
    put_text(line, "\"");
}

static bool is_plain(const char *text) {
    if (!*text)
        return false;
    for (const unsigned char *p = (const unsigned char *)text; *p; p++)
        if (*p <= 0x20 || *p == '"' || *p == '\\' || *p == '=' || *p >= 0x7f)
            return false;
    return true;
}

static void put_number(struct line *line, long long number) {
    char digits[24];
    snprintf(digits, sizeof(digits), "%lld", number);
    put_text(line, digits);
}

static void put_time(struct line *line) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    struct tm utc;
    gmtime_r(&now.tv_sec, &utc);
    char text[64];
    snprintf(text, sizeof(text), "%04d-%02d-%02dT%02d:%02d:%02d.%03ldZ", utc.tm_year + 1900,
             utc.tm_mon + 1, utc.tm_mday, utc.tm_hour, utc.tm_min, utc.tm_sec,
             now.tv_nsec / 1000000);
    put_text(line, text);
}

static void put_field_json(struct line *line, const struct log_field *field) {
    put_text(line, ",\"");
    put_text(line, field->key); /* our own word, and there is always room for it */
    put_text(line, "\":");
    if (field->text)
        put_quoted(line, field->text);
    else
        put_number(line, field->number);
}

static void put_field_text(struct line *line, const struct log_field *field) {
    put_text(line, " ");
    put_text(line, field->key);
    put_text(line, "=");
    if (!field->text)
        put_number(line, field->number);
    else if (is_plain(field->text))
        put_text(line, field->text);
    else
        put_quoted(line, field->text);
}

void log_event(enum log_level level, const char *event, const struct log_field *fields, int count) {
    if (!log_wants(level))
        return;
    struct line line;
    line.len = 0;
    bool json = setup.format == LOG_JSON;
    put_text(&line, json ? "{\"time\":\"" : "");
    put_time(&line);
    put_text(&line, json ? "\",\"level\":\"" : " ");
    put_text(&line, LEVEL_NAMES[level]);
    put_text(&line, json ? "\",\"event\":\"" : " ");
    put_text(&line, event);
    put_text(&line, json ? "\"" : "");
    void (*put_field)(struct line *, const struct log_field *) =
        json ? put_field_json : put_field_text;
    if (about)
        put_field(&line, &(struct log_field){.key = "request", .text = about});
    for (int i = 0; i < count; i++)
        put_field(&line, &fields[i]);
    line.text[line.len] = json ? '}' : '\n';
    line.text[line.len + 1] = '\n';
    line.len += json ? 2 : 1;
    ssize_t written = write(STDERR_FILENO, line.text, line.len);
    (void)written; /* nowhere left to complain */
}

void log_one(enum log_level level, const char *event, const char *key, const char *format, ...) {
    if (!log_wants(level))
        return;
    char value[1024] = "";
    va_list args;
    va_start(args, format);
    if (format)
        vsnprintf(value, sizeof(value), format, args);
    va_end(args);
    const struct log_field field = {.key = key ? key : "", .text = value};
    log_event(level, event, &field, key ? 1 : 0);
}
