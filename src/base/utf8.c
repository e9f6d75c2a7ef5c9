/* Checking and folding of UTF-8 text. */
#include "base/utf8.h"
#include <string.h>

static size_t sequence_length(unsigned char lead) {
    if (lead < 0x80)
        return 1;
    if (lead >= 0xc2 && lead <= 0xdf)
        return 2;
    if (lead >= 0xe0 && lead <= 0xef)
        return 3;
    if (lead >= 0xf0 && lead <= 0xf4)
        return 4;
    return 0;
}

/* The second byte's range rules out overlong forms, surrogates and what lies above U+10FFFF. */
static bool second_byte_valid(unsigned char lead, unsigned char second) {
    unsigned char low = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
    unsigned char high = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;
    return second >= low && second <= high;
}

bool utf8_valid(const char *text, size_t length) {
    const unsigned char *p = (const unsigned char *)text, *end = p + length;
    while (p < end) {
        size_t size = sequence_length(*p);
        if (*p == 0 || size == 0 || (size_t)(end - p) < size)
            return false;
        if (size > 1 && !second_byte_valid(p[0], p[1]))
            return false;
        for (size_t i = 2; i < size; i++)
            if ((p[i] & 0xc0) != 0x80)
                return false;
        p += size;
    }
    return true;
}

size_t utf8_length(const char *text) {
    size_t count = 0;
    for (; *text; text++)
        count += ((unsigned char)*text & 0xc0) != 0x80;
    return count;
}

uint32_t utf8_next(const char **text) {
    const unsigned char *p = (const unsigned char *)*text;
    if (!*p)
        return 0;
    size_t size = sequence_length(*p);
    if (size <= 1) {
        (*text)++;
        return *p;
    }
    static const unsigned char LEAD_BITS[] = {0, 0, 0x1f, 0x0f, 0x07};
    uint32_t code = *p & LEAD_BITS[size];
    for (size_t i = 1; i < size; i++)
        code = code << 6 | (p[i] & 0x3fU);
    *text += size;
    return code;
}

static char *put_code(char *out, uint32_t code) {
    if (code < 0x80) {
        *out++ = (char)code;
    } else if (code < 0x800) {
        *out++ = (char)(0xc0 | code >> 6);
        *out++ = (char)(0x80 | (code & 0x3f));
    } else if (code < 0x10000) {
        *out++ = (char)(0xe0 | code >> 12);
        *out++ = (char)(0x80 | (code >> 6 & 0x3f));
        *out++ = (char)(0x80 | (code & 0x3f));
    } else {
        *out++ = (char)(0xf0 | code >> 18);
        *out++ = (char)(0x80 | (code >> 12 & 0x3f));
        *out++ = (char)(0x80 | (code >> 6 & 0x3f));
        *out++ = (char)(0x80 | (code & 0x3f));
    }
    return out;
}

static uint32_t lower_code(uint32_t c) {
    if (c >= 'A' && c <= 'Z')
        return c + 32;
    if (c >= 0xc0 && c <= 0xde && c != 0xd7)
        return c + 32;
    if ((c >= 0x100 && c <= 0x137) || (c >= 0x14a && c <= 0x177))
        return c | 1;
    if ((c >= 0x139 && c <= 0x148) || (c >= 0x179 && c <= 0x17e))
        return c % 2 ? c + 1 : c;
    if (c == 0x178)
        return 0xff;
    if (c >= 0x391 && c <= 0x3a9 && c != 0x3a2)
        return c + 32;
    if (c >= 0x410 && c <= 0x42f)
        return c + 32;
    if (c >= 0x400 && c <= 0x40f)
        return c + 80;
    return c;
}

/* The plain letter under an accent, for lower-case Latin-1 and Latin Extended-A; 0 where there is
 * none. Two-letter forms (ß, æ) stay as they are. */
static char plain_letter(uint32_t c) {
    static const char LATIN1[] = "aaaaaa\0ceeeeiiii\0nooooo\0ouuuuy\0y"; /* U+00E0 to U+00FF */
    static const char EXTENDED[] =                                       /* U+0100 to U+017F */
        "aaaaaaccccccccddddeeeeeeeeeegggggggghhhhiiiiiiiiii\0\0jjkkkllllllll"
        "llnnnnnnn\0\0oooooo\0\0rrrrrrssssssssttttttuuuuuuuuuuuuwwyyyzzzzzzs";
    if (c >= 0xe0 && c <= 0xff)
        return LATIN1[c - 0xe0];
    if (c >= 0x100 && c <= 0x17f)
        return EXTENDED[c - 0x100];
    return 0;
}

static char *map(struct arena *arena, const char *text, bool drop_accents) {
    char *result = arena_alloc(arena, strlen(text) + 1), *out = result;
    while (*text) {
        if (!(*text & 0x80)) { /* by far the most, and searches fold the whole catalogue */
            *out++ = *text >= 'A' && *text <= 'Z' ? (char)(*text + 32) : *text;
            text++;
            continue;
        }
        uint32_t code = lower_code(utf8_next(&text));
        char plain = drop_accents ? plain_letter(code) : 0;
        bool combining = code >= 0x300 && code <= 0x36f;
        if (drop_accents && combining)
            continue;
        out = put_code(out, plain ? (unsigned char)plain : code);
    }
    return result;
}

char *utf8_fold(struct arena *arena, const char *text) {
    return map(arena, text, true);
}

char *utf8_lower(struct arena *arena, const char *text) {
    return map(arena, text, false);
}

static bool is_space(uint32_t c) {
    return c == ' ' || (c >= 9 && c <= 13) || c == 0xa0 || (c >= 0x2000 && c <= 0x200b) ||
           c == 0x2028 || c == 0x2029 || c == 0x202f || c == 0x3000 || c == 0xfeff;
}

static bool is_control(uint32_t c) {
    bool direction = (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069);
    return c < 0x20 || (c >= 0x7f && c < 0xa0) || direction;
}

char *utf8_squeeze(struct arena *arena, const char *text) {
    char *result = arena_alloc(arena, strlen(text) + 1), *out = result;
    bool gap = false;
    uint32_t code;
    while ((code = utf8_next(&text))) {
        if (is_space(code)) {
            gap = out > result;
            continue;
        }
        if (is_control(code))
            continue;
        if (gap)
            *out++ = ' ';
        gap = false;
        out = put_code(out, code);
    }
    return result;
}

char *utf8_slug(struct arena *arena, const char *text, size_t limit) {
    const char *folded = utf8_fold(arena, text);
    char *slug = arena_alloc(arena, strlen(folded) + 1), *out = slug;
    bool gap = false;
    for (; *folded && (size_t)(out - slug) < limit; folded++) {
        bool keep = (*folded >= 'a' && *folded <= 'z') || (*folded >= '0' && *folded <= '9');
        if (!keep) {
            gap = out > slug;
            continue;
        }
        if (gap && (size_t)(out - slug) + 1 < limit)
            *out++ = '-';
        gap = false;
        *out++ = *folded;
    }
    return slug;
}
