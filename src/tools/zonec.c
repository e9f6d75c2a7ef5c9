/* zonec ZONEINFO OUTPUT.c: makes the table behind base/zone.h from compiled zones in TZif format
 * (RFC 9636), without what lies before 1970. Zones with equal content share their transitions. */
#include "tools/gen.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { HEADER = 44, TYPES_MAX = 256 };

struct header {
    size_t ut_count, standard_count, leap_count, time_count, type_count, char_count;
};

struct file {
    const char *path;
    struct buf bytes;
    size_t at;
};

static const unsigned char *take(struct file *file, size_t count) {
    if (file->at + count > file->bytes.len)
        gen_fail(file->path, 0, "is cut short");
    file->at += count;
    return (const unsigned char *)file->bytes.data + file->at - count;
}

static uint32_t big_endian(const unsigned char *bytes) {
    return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

static struct header read_header(struct file *file) {
    const unsigned char *bytes = take(file, HEADER);
    if (memcmp(bytes, "TZif", 4) != 0 || bytes[4] < '2')
        gen_fail(file->path, 0, "is not in TZif format, version 2 or later");
    size_t counts[6];
    for (size_t i = 0; i < ARRAY_COUNT(counts); i++)
        counts[i] = big_endian(bytes + 20 + 4 * i);
    return (struct header){counts[0], counts[1], counts[2], counts[3], counts[4], counts[5]};
}

/* ---- the footer: a POSIX TZ string ---- */

static _Noreturn void bad_footer(const struct file *file) {
    gen_fail(file->path, 0, "its footer is of a form that zonec does not know");
}

static void skip_abbreviation(const struct file *file, const char **at) {
    const char *from = *at;
    if (**at == '<') {
        *at = strchr(*at, '>');
        if (!*at)
            bad_footer(file);
        (*at)++;
    } else {
        while ((**at >= 'A' && **at <= 'Z') || (**at >= 'a' && **at <= 'z'))
            (*at)++;
    }
    if (*at == from)
        bad_footer(file);
}

static long take_number(const struct file *file, const char **at) {
    char *end;
    long number = strtol(*at, &end, 10);
    if (end == *at)
        bad_footer(file);
    *at = end;
    return number;
}

/* [+-]h[h][:mm[:ss]] in seconds. */
static long take_time(const struct file *file, const char **at) {
    long sign = **at == '-' ? -1 : 1;
    if (**at == '-' || **at == '+')
        (*at)++;
    long seconds = 0, unit = 3600;
    for (;; (*at)++, unit /= 60) {
        seconds += take_number(file, at) * unit;
        if (**at != ':' || unit == 1)
            return sign * seconds;
    }
}

/* ,Mm.w.d[/time] as a struct zone_change. */
static void put_change(const struct file *file, const char **at, struct buf *c) {
    if (strncmp(*at, ",M", 2) != 0)
        bad_footer(file);
    long numbers[3];
    for (size_t i = 0; i < 3; i++) {
        *at += i == 0 ? 2 : 1;
        numbers[i] = take_number(file, at);
    }
    long seconds = 7200;
    if (**at == '/') {
        (*at)++;
        seconds = take_time(file, at);
    }
    buf_printf(c, ", {%ld, %ld, %ld, %ld}", numbers[0], numbers[1], numbers[2], seconds);
}

/* The struct zone_rule of the footer. */
static void put_rule(struct file *file, struct buf *c) {
    const char *at = file->bytes.data + file->at;
    if (*at++ != '\n')
        bad_footer(file);
    skip_abbreviation(file, &at);
    long standard = -take_time(file, &at);
    if (*at == '\n') {
        buf_printf(c, ".rule = {%ld, %ld, {0}, {0}}", standard, standard);
        return;
    }
    skip_abbreviation(file, &at);
    long summer = standard + 3600;
    if (*at != ',')
        summer = -take_time(file, &at);
    buf_printf(c, ".rule = {%ld, %ld", standard, summer);
    put_change(file, &at, c);
    put_change(file, &at, c);
    buf_puts(c, "}");
    if (*at != '\n')
        bad_footer(file);
}

/* ---- transitions ---- */

struct transitions {
    struct buf times, offsets; /* as C text */
    size_t count;
    long first; /* the offset before them */
};

/* The second data block of the file, with 64-bit times. */
static struct transitions read_transitions(struct file *file, const struct header *h) {
    const unsigned char *times = take(file, 8 * h->time_count);
    const unsigned char *indexes = take(file, h->time_count);
    const unsigned char *types = take(file, 6 * h->type_count);
    take(file, h->char_count + 12 * h->leap_count + h->standard_count + h->ut_count);
    if (h->leap_count || h->type_count == 0 || h->type_count > TYPES_MAX)
        gen_fail(file->path, 0, "has leap seconds or no local time types");
    struct transitions list = {.first = (int32_t)big_endian(types)};
    for (size_t i = 0; i < h->time_count; i++) {
        const unsigned char *at = times + 8 * i;
        uint64_t bits = (uint64_t)big_endian(at) << 32 | big_endian(at + 4);
        int64_t time = (int64_t)bits;
        if (indexes[i] >= h->type_count || time > UINT32_MAX)
            gen_fail(file->path, 0, "holds an unknown type or a time after 2106");
        long offset = (int32_t)big_endian(types + 6 * (size_t)indexes[i]);
        if (time < 0) {
            list.first = offset;
            continue;
        }
        buf_printf(&list.times, "%lluu, ", (unsigned long long)bits);
        buf_printf(&list.offsets, "%ld, ", offset);
        list.count++;
    }
    return list;
}

/* The fields of a struct zone behind its name; the arrays it needs go to `arrays`, once for equal
 * files. */
static char *compile(const char *path, struct buf *arrays) {
    struct file file = {.path = path};
    gen_read(path, &file.bytes);
    struct header h = read_header(&file);
    take(&file, 5 * h.time_count + 6 * h.type_count + h.char_count + 8 * h.leap_count +
                    h.standard_count + h.ut_count);
    h = read_header(&file);
    struct transitions list = read_transitions(&file, &h);
    struct buf fields = {0};
    if (list.count) {
        char *name =
            gen_printf("_%016llx", (unsigned long long)gen_hash(file.bytes.data, file.bytes.len));
        if (!strstr(buf_text(arrays), name))
            buf_printf(arrays,
                       "static const uint32_t times%s[] = {%s};\n"
                       "static const int32_t offsets%s[] = {%s};\n",
                       name, buf_text(&list.times), name, buf_text(&list.offsets));
        buf_printf(&fields, ".times = times%s, .offsets = offsets%s, .count = %zu, ", name, name,
                   list.count);
    }
    buf_printf(&fields, ".first = %ld, ", list.first);
    put_rule(&file, &fields);
    buf_free(&file.bytes);
    buf_free(&list.times);
    buf_free(&list.offsets);
    return fields.data;
}

/* Not tables of dates, or not meant to be chosen. */
static bool is_zone(const char *name) {
    static const char *const others[] = {"Factory", "localtime", "posixrules"};
    for (size_t i = 0; i < ARRAY_COUNT(others); i++)
        if (strcmp(others[i], name) == 0)
            return false;
    return !strchr(name, '.') && strncmp(name, "posix/", 6) != 0 &&
           strncmp(name, "right/", 6) != 0 && strncmp(name, "leap", 4) != 0;
}

int main(int argc, char **argv) {
    if (argc != 3) {
        fprintf(stderr, "usage: zonec ZONEINFO OUTPUT.c\n");
        return 2;
    }
    struct buf arrays = {0}, table = {0}, c = {0};
    size_t files, zones = 0;
    char **names = gen_list(argv[1], &files);
    for (size_t i = 0; i < files; i++) {
        if (!is_zone(names[i]))
            continue;
        char *path = gen_printf("%s/%s", argv[1], names[i]);
        buf_printf(&table, "    {.name = \"%s\", %s},\n", names[i], compile(path, &arrays));
        zones++;
    }
    buf_printf(&c,
               "/* Made by zonec. */\n#include \"base/zone_table.h\"\n\n%s\n"
               "const struct zone zone_table[] = {\n%s};\nconst size_t zone_table_count = %zu;\n",
               buf_text(&arrays), buf_text(&table), zones);
    gen_write(argv[2], &c);
    return 0;
}
