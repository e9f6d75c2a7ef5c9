/* Writing a mail. */
#include "net/mime.h"
#include "base/date.h"
#include <ctype.h>
#include <stdbool.h>
#include <string.h>

/* Characters in a line without its CR LF: of quoted-printable (RFC 2045, 6.7) and of headers with
 * encoded words (RFC 2047, 2). Other headers might have 78 (RFC 5322, 2.1.1). */
enum { LINE = 76 };

/* Quoted-printable never makes "=_", so this cannot occur in a body (RFC 2045, 6.7). */
#define BOUNDARY "=_taller_alternative"

static const char HEX[] = "0123456789ABCDEF";

/* ---- headers ----------------------------------------------------------------------------------
 */

/* A header being written, and how long its current line is. */
struct header {
    struct buf *out;
    size_t column;
};

static struct header header_start(struct buf *out, const char *name) {
    buf_printf(out, "%s:", name);
    return (struct header){.out = out, .column = strlen(name) + 1};
}

/* A space and a piece that is not to be broken, on a line of its own where it does not fit. */
static void put_piece(struct header *header, const char *piece, size_t length) {
    if (header->column + 1 + length > LINE) {
        buf_puts(header->out, "\r\n");
        header->column = 0;
    }
    buf_putc(header->out, ' ');
    buf_append(header->out, piece, length);
    header->column += 1 + length;
}

/* ASCII words, folded between them. A run of spaces becomes one. */
static void put_words(struct header *header, const char *text) {
    for (text += strspn(text, " "); *text; text += strspn(text, " ")) {
        size_t length = strcspn(text, " ");
        put_piece(header, text, length);
        text += length;
    }
}

/* Bytes of the next character, 1 to 4 and never past the end, whatever the bytes are. */
static size_t character_size(const char *text) {
    size_t size = 1;
    while (size < 4 && ((unsigned char)text[size] & 0xc0) == 0x80)
        size++;
    return size;
}

/* Letters, digits and spaces: what is safe in the encoded words of names, too (RFC 2047, 5). */
static bool is_bare(char c) {
    return isalnum((unsigned char)c) || c == ' ';
}

/* Encoded words (RFC 2047, 'Q') with only whole characters in each, folded between them. */
static void put_encoded(struct header *header, const char *text) {
    static const char OPEN[] = "=?UTF-8?Q?", CLOSE[] = "?=";
    while (*text) {
        buf_puts(header->out, " ");
        buf_puts(header->out, OPEN);
        size_t column = header->column + 1 + strlen(OPEN) + strlen(CLOSE);
        while (*text) {
            size_t size = character_size(text), width = is_bare(*text) ? 1 : size * 3;
            if (column + width > LINE)
                break;
            column += width;
            for (const char *end = text + size; text < end; text++) {
                unsigned char c = (unsigned char)*text;
                if (is_bare(*text))
                    buf_putc(header->out, c == ' ' ? '_' : *text);
                else
                    buf_printf(header->out, "=%c%c", HEX[c >> 4], HEX[c & 15]);
            }
        }
        buf_puts(header->out, CLOSE);
        if (*text)
            buf_puts(header->out, "\r\n");
        header->column = *text ? 0 : column;
    }
}

/* What may stand in a header as it is: ASCII that does not look encoded, in words that fit into a
 * line. */
static bool is_plain(const char *text) {
    size_t word = 0;
    for (const char *p = text; *p; p++) {
        word = *p == ' ' ? 0 : word + 1;
        if (*p < ' ' || *p > '~' || word > LINE - 2)
            return false;
    }
    return !strstr(text, "=?");
}

/* A phrase of atoms (RFC 5322, 3.2.3). */
static bool is_atoms(const char *text) {
    for (; *text; text++)
        if (!is_bare(*text) && !strchr("!#$%&'*+-/=?^_`{|}~", *text))
            return false;
    return true;
}

/* The value with a space for every control character: the caller frees it. */
static struct buf clean(const char *text) {
    struct buf copy = {0};
    buf_puts(&copy, text);
    for (size_t i = 0; i < copy.len; i++)
        if ((unsigned char)copy.data[i] < ' ' || copy.data[i] == 0x7f)
            copy.data[i] = ' ';
    return copy;
}

static void put_text(struct header *header, const char *text) {
    struct buf value = clean(text);
    if (is_plain(buf_text(&value)))
        put_words(header, buf_text(&value));
    else
        put_encoded(header, buf_text(&value));
    buf_free(&value);
}

/* A name before an address: atoms, or a quoted string where ASCII has commas, points and the like,
 * or encoded words. */
static void put_name(struct header *header, const char *name) {
    struct buf value = clean(name), quoted = {0};
    const char *text = buf_text(&value);
    buf_putc(&quoted, '"');
    for (const char *p = text; *p; p++) {
        if (*p == '"' || *p == '\\')
            buf_putc(&quoted, '\\');
        buf_putc(&quoted, *p);
    }
    buf_putc(&quoted, '"');
    if (is_plain(text) && is_atoms(text))
        put_words(header, text);
    else if (is_plain(buf_text(&quoted)))
        put_words(header, buf_text(&quoted));
    else
        put_encoded(header, text);
    buf_free(&value);
    buf_free(&quoted);
}

/* In angle brackets. An address never holds what could end the header: it was checked at the door,
 * and once more. */
static void put_address(struct header *header, const char *address) {
    struct buf piece = {0};
    buf_putc(&piece, '<');
    for (; *address; address++)
        if ((unsigned char)*address > ' ' && !strchr("<>\x7f", *address))
            buf_putc(&piece, *address);
    buf_putc(&piece, '>');
    put_piece(header, piece.data, piece.len);
    buf_free(&piece);
}

static void put_date(struct buf *out, int64_t at) {
    static const char *const DAYS[] = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
    static const char *const MONTHS[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    struct date date = date_from_days(at / 86400);
    int second = (int)(at % 86400);
    buf_printf(out, "Date: %s, %d %s %04d %02d:%02d:%02d +0000\r\n", DAYS[date_weekday(date)],
               date.day, MONTHS[date.month - 1], date.year, second / 3600, second / 60 % 60,
               second % 60);
}

static void put_headers(struct buf *out, const struct mime_mail *mail) {
    put_date(out, mail->date);
    struct header header = header_start(out, "From");
    put_name(&header, mail->from_name);
    put_address(&header, mail->from);
    if (mail->reply_to) {
        buf_puts(out, "\r\n");
        header = header_start(out, "Reply-To");
        put_address(&header, mail->reply_to);
    }
    buf_puts(out, "\r\n");
    header = header_start(out, "To");
    put_address(&header, mail->to);
    buf_puts(out, "\r\n");
    header = header_start(out, "Subject");
    put_text(&header, mail->subject);
    buf_puts(out, "\r\n");
    header = header_start(out, "Message-ID");
    put_address(&header, mail->message_id);
    buf_puts(out, "\r\nMIME-Version: 1.0\r\nAuto-Submitted: auto-generated\r\n");
}

/* ---- bodies -----------------------------------------------------------------------------------
 */

/* Quoted-printable (RFC 2045, 6.7): soft line breaks before 76, spaces at a line's end encoded. */
static void put_body(struct buf *out, const char *text) {
    size_t column = 0;
    for (const char *p = text; *p; p++) {
        if (*p == '\r' && p[1] == '\n')
            continue;
        if (*p == '\n') {
            buf_puts(out, "\r\n");
            column = 0;
            continue;
        }
        bool line_end = p[1] == '\n' || p[1] == '\r' || p[1] == '\0';
        bool bare = (*p > ' ' && *p <= '~' && *p != '=') || (*p == ' ' && !line_end);
        size_t width = bare ? 1 : 3;
        if (column + width >= LINE) {
            buf_puts(out, "=\r\n");
            column = 0;
        }
        unsigned char c = (unsigned char)*p;
        if (bare)
            buf_putc(out, *p);
        else
            buf_printf(out, "=%c%c", HEX[c >> 4], HEX[c & 15]);
        column += width;
    }
    if (column)
        buf_puts(out, "\r\n");
}

static void put_part(struct buf *out, const char *type, const char *body) {
    buf_printf(out,
               "Content-Type: text/%s; charset=utf-8\r\n"
               "Content-Transfer-Encoding: quoted-printable\r\n\r\n",
               type);
    put_body(out, body);
}

void mime_write(struct buf *out, const struct mime_mail *mail) {
    put_headers(out, mail);
    if (!mail->html) {
        put_part(out, "plain", mail->text);
        return;
    }
    buf_puts(out, "Content-Type: multipart/alternative; boundary=\"" BOUNDARY "\"\r\n\r\n"
                  "--" BOUNDARY "\r\n");
    put_part(out, "plain", mail->text);
    buf_puts(out, "--" BOUNDARY "\r\n");
    put_part(out, "html", mail->html);
    buf_puts(out, "--" BOUNDARY "--\r\n");
}
