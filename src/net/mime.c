/* Writing a mail. */
#include "net/mime.h"
#include "base/date.h"
#include <stdbool.h>
#include <string.h>

enum { LINE_MAX_QP = 76, WORD_BYTES = 42 };

static const char HEX[] = "0123456789ABCDEF";

static bool plain_header(const char *text) {
    for (const unsigned char *p = (const unsigned char *)text; *p; p++)
        if (*p < ' ' || *p > '~' || *p == '=' || *p == '?' || *p == '"' || *p == '\\')
            return false;
    return true;
}

/* One encoded word (RFC 2047, 'Q') of the next whole characters; answers where it stopped. */
static const char *put_word(struct buf *out, const char *text) {
    size_t used = 0;
    buf_puts(out, "=?UTF-8?Q?");
    while (*text) {
        const unsigned char *p = (const unsigned char *)text;
        size_t size = *p < 0x80 ? 1 : *p < 0xe0 ? 2 : *p < 0xf0 ? 3 : 4;
        bool bare = (*p >= '0' && *p <= '9') || (*p >= 'A' && *p <= 'Z') ||
                    (*p >= 'a' && *p <= 'z') || *p == ' ';
        size_t width = bare ? 1 : size * 3;
        if (used + width > WORD_BYTES)
            break;
        used += width;
        for (size_t i = 0; i < size; i++) {
            if (bare)
                buf_putc(out, *p == ' ' ? '_' : (char)*p);
            else if (p[i] < ' ')
                buf_putc(out, '_');
            else
                buf_printf(out, "=%c%c", HEX[p[i] >> 4], HEX[p[i] & 15]);
        }
        text += size;
    }
    buf_puts(out, "?=");
    return text;
}

/* Words of a header value in ASCII, encoded where it must be, folded between encoded words. */
static void put_value(struct buf *out, const char *text) {
    if (plain_header(text) && strlen(text) < 60) {
        buf_puts(out, text);
        return;
    }
    while (*text) {
        text = put_word(out, text);
        if (*text)
            buf_puts(out, "\r\n ");
    }
}

/* An address never holds what could end the header: it was checked at the door, and once more. */
static void put_address(struct buf *out, const char *address) {
    for (; *address; address++)
        if ((unsigned char)*address > ' ' && *address != '<' && *address != '>')
            buf_putc(out, *address);
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

/* Quoted-printable (RFC 2045, 6.7): soft line breaks at 76, trailing spaces encoded. */
static void put_body(struct buf *out, const char *text) {
    size_t column = 0;
    for (const unsigned char *p = (const unsigned char *)text; *p; p++) {
        if (*p == '\n') {
            buf_puts(out, "\r\n");
            column = 0;
            continue;
        }
        bool line_end = p[1] == '\n' || p[1] == '\0';
        bool bare = (*p >= 33 && *p <= 126 && *p != '=') || (*p == ' ' && !line_end);
        size_t width = bare ? 1 : 3;
        if (column + width >= LINE_MAX_QP) {
            buf_puts(out, "=\r\n");
            column = 0;
        }
        if (bare)
            buf_putc(out, (char)*p);
        else
            buf_printf(out, "=%c%c", HEX[*p >> 4], HEX[*p & 15]);
        column += width;
    }
    if (column)
        buf_puts(out, "\r\n");
}

static void put_part(struct buf *out, const char *boundary, const char *type, const char *body) {
    if (boundary)
        buf_printf(out, "--%s\r\n", boundary);
    buf_printf(out,
               "Content-Type: text/%s; charset=utf-8\r\n"
               "Content-Transfer-Encoding: quoted-printable\r\n\r\n",
               type);
    put_body(out, body);
}

void mime_write(struct buf *out, const struct mime_mail *mail) {
    put_date(out, mail->date);
    buf_puts(out, "From: ");
    put_value(out, mail->from_name);
    buf_puts(out, " <");
    put_address(out, mail->from);
    buf_puts(out, ">\r\n");
    if (mail->reply_to) {
        buf_puts(out, "Reply-To: <");
        put_address(out, mail->reply_to);
        buf_puts(out, ">\r\n");
    }
    buf_puts(out, "To: <");
    put_address(out, mail->to);
    buf_puts(out, ">\r\nSubject: ");
    put_value(out, mail->subject);
    buf_printf(out,
               "\r\nMessage-ID: <%s>\r\nMIME-Version: 1.0\r\nAuto-Submitted: auto-generated\r\n",
               mail->message_id);
    if (!mail->html) {
        put_part(out, NULL, "plain", mail->text);
        return;
    }
    buf_printf(out, "Content-Type: multipart/alternative; boundary=\"%s\"\r\n\r\n", mail->boundary);
    put_part(out, mail->boundary, "plain", mail->text);
    put_part(out, mail->boundary, "html", mail->html);
    buf_printf(out, "--%s--\r\n", mail->boundary);
}
