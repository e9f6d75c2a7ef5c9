/* The client's side of the conversation. */
#include "net/smtp.h"
#include "base/buf.h"
#include "net/tls.h"
#include <ctype.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    REPLY_LINE = 2048,  /* a line has at most 512 (RFC 5321, 4.5.3.1.5); some say more */
    REPLY_LINES = 100,  /* of one reply */
    GRACE_MS = 3000,    /* for a mail under way when the program stops */
    FAREWELL_MS = 2000, /* for QUIT */
};

struct smtp {
    struct tls *tls;
    const struct smtp_options *options;
    int stop_fd;
    bool usable;
    bool starttls, auth_plain, auth_login, utf8; /* what EHLO offered */
    char reply[400]; /* the last reply: its code and its text in printable ASCII */
};

/* ---- hearing ----------------------------------------------------------------------------------
 */

/* The code a reply's line begins with, 200 to 599; 0 for a line that is none. */
static int code_of(const char *line) {
    bool digits = line[0] >= '2' && line[0] <= '5' && isdigit((unsigned char)line[1]) &&
                  isdigit((unsigned char)line[2]);
    if (!digits || (line[3] && line[3] != ' ' && line[3] != '-'))
        return 0;
    return (line[0] - '0') * 100 + (line[1] - '0') * 10 + (line[2] - '0');
}

static void keep_text(struct smtp *smtp, const char *text) {
    size_t length = strlen(smtp->reply);
    if (length && length + 1 < sizeof(smtp->reply))
        smtp->reply[length++] = ' ';
    for (; *text && length + 1 < sizeof(smtp->reply); text++)
        smtp->reply[length++] = *text >= ' ' && *text <= '~' ? *text : '?';
    smtp->reply[length] = '\0';
}

/* Whether a list of words, separated by spaces, holds one; case does not count. */
static bool has_word(const char *list, const char *word) {
    size_t length = strlen(word);
    for (list += strspn(list, " "); *list; list += strspn(list, " ")) {
        size_t next = strcspn(list, " ");
        if (next == length && strncasecmp(list, word, length) == 0)
            return true;
        list += next;
    }
    return false;
}

/* One line of EHLO's answer: "STARTTLS", "AUTH PLAIN LOGIN", also "AUTH=PLAIN LOGIN". */
static void learn(struct smtp *smtp, const char *line) {
    if (strncasecmp(line, "AUTH", 4) == 0 && (line[4] == ' ' || line[4] == '=')) {
        smtp->auth_plain = smtp->auth_plain || has_word(line + 5, "PLAIN");
        smtp->auth_login = smtp->auth_login || has_word(line + 5, "LOGIN");
    }
    size_t word = strcspn(line, " ");
    smtp->starttls = smtp->starttls || (word == 8 && strncasecmp(line, "STARTTLS", 8) == 0);
    smtp->utf8 = smtp->utf8 || (word == 8 && strncasecmp(line, "SMTPUTF8", 8) == 0);
}

static const char LOST[] = "the connection was lost", TOO_LATE[] = "no answer in time";

/* The conversation is over: 0, and the reply says why. */
static int give_up(struct smtp *smtp, const char *why) {
    smtp->usable = false;
    snprintf(smtp->reply, sizeof(smtp->reply), "%s", why);
    return 0;
}

/* A reply's code, or 0 when the conversation is over. `learning`: it answers EHLO. */
static int hear(struct smtp *smtp, bool learning) {
    char line[REPLY_LINE];
    int code = 0;
    smtp->reply[0] = '\0';
    for (int i = 0; i < REPLY_LINES; i++) {
        enum err err = tls_read_line(smtp->tls, line, sizeof(line));
        if (err == ERR_IO)
            return give_up(smtp, tls_is_late(smtp->tls) ? TOO_LATE : LOST);
        int line_code = err ? 0 : code_of(line);
        if (line_code == 0 || (code && line_code != code))
            break;
        code = line_code;
        keep_text(smtp, i ? line + 3 + (line[3] != '\0') : line);
        if (smtp->reply[3] == '-')
            smtp->reply[3] = ' ';
        if (learning && i && line[3])
            learn(smtp, line + 4);
        if (line[3] != '-') {
            smtp->usable = smtp->usable && code != 421; /* "closing transmission channel" */
            return code;
        }
    }
    return give_up(smtp, "the answer is not SMTP");
}

/* ---- saying -----------------------------------------------------------------------------------
 */

/* A line of any length and its answer. Nothing is said when it would be two lines. */
static int ask_buf(struct smtp *smtp, struct buf *line, bool learning) {
    bool one_line = line->len == strcspn(buf_text(line), "\r\n");
    buf_puts(line, "\r\n");
    enum err err = one_line ? tls_write(smtp->tls, line->data, line->len) : ERR_INVALID;
    buf_free(line);
    return err ? give_up(smtp, LOST) : hear(smtp, learning);
}

static int ask(struct smtp *smtp, const char *text) {
    struct buf line = {0};
    buf_puts(&line, text);
    return ask_buf(smtp, &line, false);
}

/* Base64 with padding (RFC 4648), as AUTH wants it. */
static void put_base64(struct buf *out, const void *bytes, size_t count) {
    static const char DIGITS[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const unsigned char *p = bytes;
    for (size_t left = count; left; left -= left < 3 ? left : 3, p += 3) {
        uint32_t group = (uint32_t)p[0] << 16;
        if (left > 1)
            group |= (uint32_t)p[1] << 8;
        if (left > 2)
            group |= p[2];
        buf_putc(out, DIGITS[group >> 18]);
        buf_putc(out, DIGITS[group >> 12 & 63]);
        buf_putc(out, left > 1 ? DIGITS[group >> 6 & 63] : '=');
        buf_putc(out, left > 2 ? DIGITS[group & 63] : '=');
    }
}

/* ---- the start of a conversation --------------------------------------------------------------
 */

/* PLAIN (RFC 4616), with its one message right away. */
static int auth_plain(struct smtp *smtp) {
    struct buf clear = {0}, line = {0};
    buf_putc(&clear, '\0');
    buf_puts(&clear, smtp->options->user);
    buf_putc(&clear, '\0');
    buf_puts(&clear, smtp->options->password);
    buf_puts(&line, "AUTH PLAIN ");
    put_base64(&line, clear.data, clear.len);
    buf_free(&clear);
    return ask_buf(smtp, &line, false);
}

static int say_encoded(struct smtp *smtp, const char *text) {
    struct buf line = {0};
    put_base64(&line, text, strlen(text));
    return ask_buf(smtp, &line, false);
}

static int auth_login(struct smtp *smtp) {
    int code = ask(smtp, "AUTH LOGIN");
    if (code == 334)
        code = say_encoded(smtp, smtp->options->user);
    if (code == 334)
        code = say_encoded(smtp, smtp->options->password);
    return code;
}

static const char *log_in(struct smtp *smtp) {
    if (!smtp->options->user || !smtp->options->password)
        return NULL;
    if (!smtp->auth_plain && !smtp->auth_login)
        return "the mail server takes no password by PLAIN or LOGIN";
    int code = smtp->auth_plain ? auth_plain(smtp) : auth_login(smtp);
    return code == 235 ? NULL : "the mail server refused the user or the password";
}

/* A full name of this machine, letters, digits, dashes and dots. */
static bool is_full_name(const char *name) {
    size_t length = 0;
    while (isalnum((unsigned char)name[length]) || name[length] == '-' || name[length] == '.')
        length++;
    return name[length] == '\0' && isalnum((unsigned char)*name) && strchr(name, '.');
}

/* EHLO with that name, else with a number in brackets (RFC 5321, 4.1.4). */
static int greet(struct smtp *smtp) {
    char name[254] = "", address[64];
    struct buf line = {0};
    buf_puts(&line, "EHLO ");
    if (gethostname(name, sizeof(name) - 1) == 0 && is_full_name(name)) {
        buf_puts(&line, name);
    } else {
        tls_own_address(smtp->tls, address, sizeof(address));
        buf_printf(&line, "[%s%s]", strchr(address, ':') ? "IPv6:" : "", address);
    }
    smtp->starttls = smtp->auth_plain = smtp->auth_login = smtp->utf8 = false;
    return ask_buf(smtp, &line, true);
}

/* TLS as the options and the place ask for it. A problem is a sentence, or "" when `error` has a
 * whole one already. */
static const char *secure(struct smtp *smtp, char *error, size_t error_size) {
    const struct smtp_options *options = smtp->options;
    if (options->implicit_tls || (!smtp->starttls && tls_is_loopback(smtp->tls)))
        return NULL;
    if (!smtp->starttls)
        return "the mail server offers no TLS";
    if (ask(smtp, "STARTTLS") != 220)
        return "the mail server refused STARTTLS";
    if (tls_start(smtp->tls, options->host, options->ca_file, error, error_size) != OK)
        return "";
    return greet(smtp) == 250 ? NULL : "the mail server did not greet back after STARTTLS";
}

static const char *converse(struct smtp *smtp, char *error, size_t error_size) {
    const struct smtp_options *options = smtp->options;
    if (options->implicit_tls &&
        tls_start(smtp->tls, options->host, options->ca_file, error, error_size) != OK)
        return "";
    if (hear(smtp, false) != 220)
        return tls_is_late(smtp->tls) && !options->implicit_tls
                   ? "the mail server did not greet, as one for smtps:// would not"
                   : "the mail server did not greet";
    if (greet(smtp) != 250)
        return "the mail server did not greet back";
    const char *problem = secure(smtp, error, error_size);
    return problem ? problem : log_in(smtp);
}

struct smtp *smtp_connect(const struct smtp_options *options, int stop_fd, char *error,
                          size_t error_size) {
    struct smtp *smtp = calloc(1, sizeof(*smtp));
    if (!smtp) {
        snprintf(error, error_size, "out of memory");
        return NULL;
    }
    smtp->options = options;
    smtp->stop_fd = stop_fd;
    smtp->usable = true;
    smtp->tls = tls_connect(options->host, options->port,
                            deadline_in(options->connect_ms, 0, stop_fd), error, error_size);
    const char *problem = smtp->tls ? converse(smtp, error, error_size) : "";
    if (!problem)
        return smtp;
    if (*problem && *smtp->reply)
        snprintf(error, error_size, "%s: %s", problem, smtp->reply);
    else if (*problem)
        snprintf(error, error_size, "%s", problem);
    tls_close(smtp->tls);
    free(smtp);
    return NULL;
}

/* ---- one mail ---------------------------------------------------------------------------------
 */

enum step { STEP_MAIL, STEP_RCPT, STEP_DATA, STEP_TEXT };

/* 5xx that is about us and not about the mail: authentication is missing, or (RFC 3463, x.7.x)
 * a policy is against it, which for a recipient mostly means that the server relays for others
 * only. Somebody can mend that within two days. */
static bool is_about_us(const struct smtp *smtp, enum step step, int code) {
    bool policy = strncmp(smtp->reply + 3, " 5.7.", 5) == 0;
    return step == STEP_MAIL || code == 503 || code == 530 || code == 535 || code == 538 ||
           (step == STEP_RCPT && policy);
}

static enum smtp_result judge(const struct smtp *smtp, enum step step, int code) {
    if (code == 0 && step == STEP_TEXT)
        return SMTP_UNSURE;
    if (step == STEP_MAIL || !smtp->usable)
        return step == STEP_TEXT ? SMTP_LATER : SMTP_TROUBLE;
    return code >= 500 && !is_about_us(smtp, step, code) ? SMTP_REFUSED : SMTP_LATER;
}

/* What may stand between < and >. */
static bool is_address(const char *address) {
    for (const char *p = address; *p; p++)
        if ((unsigned char)*p <= ' ' || strchr("<>\x7f", *p))
            return false;
    return *address != '\0';
}

static bool is_ascii(const char *text, size_t length) {
    for (size_t i = 0; i < length; i++)
        if ((unsigned char)text[i] >= 0x80)
            return false;
    return true;
}

/* Lines end with CR LF and no other way, a dot at a line's start is doubled (RFC 5321, 4.5.2): no
 * server can see an end of the mail where there is none. */
static void put_text(struct buf *out, const char *message, size_t length) {
    bool line_start = true;
    for (size_t i = 0; i < length; i++) {
        char c = message[i];
        if (c == '\r')
            continue;
        if (line_start && c == '.')
            buf_putc(out, '.');
        line_start = c == '\n';
        buf_append(out, line_start ? "\r\n" : &c, line_start ? 2 : 1);
    }
    buf_puts(out, line_start ? ".\r\n" : "\r\n.\r\n");
}

static enum err say_text(struct smtp *smtp, const char *message, size_t length) {
    struct buf text = {0};
    put_text(&text, message, length);
    enum err err = tls_write(smtp->tls, text.data, text.len);
    buf_free(&text);
    return err;
}

/* "MAIL FROM:<…>" and "RCPT TO:<…>". */
static int name_party(struct smtp *smtp, const char *verb, const char *address, bool utf8) {
    struct buf line = {0};
    buf_printf(&line, "%s:<%s>%s", verb, address, utf8 ? " SMTPUTF8" : "");
    return ask_buf(smtp, &line, false);
}

/* Answers the code that ended it, and the step. */
static int hand_over(struct smtp *smtp, const char *from, const char *recipient,
                     const char *message, size_t length, bool utf8, enum step *step) {
    *step = STEP_MAIL;
    int code = name_party(smtp, "MAIL FROM", from, utf8);
    if (code != 250)
        return code;
    *step = STEP_RCPT;
    code = name_party(smtp, "RCPT TO", recipient, false);
    if (code != 250 && code != 251 && code != 252)
        return code;
    *step = STEP_DATA;
    code = ask(smtp, "DATA");
    if (code != 354)
        return code;
    if (say_text(smtp, message, length) != OK)
        return give_up(smtp, LOST); /* without its last line nobody can have taken it */
    *step = STEP_TEXT;
    return hear(smtp, false);
}

/* A refusal that needs no server. */
static enum smtp_result refuse(char *error, size_t error_size, const char *why) {
    snprintf(error, error_size, "%s", why);
    return SMTP_REFUSED;
}

enum smtp_result smtp_send(struct smtp *smtp, const char *from, const char *recipient,
                           const char *message, size_t length, char *error, size_t error_size) {
    bool utf8 = !is_ascii(from, strlen(from)) || !is_ascii(recipient, strlen(recipient)) ||
                !is_ascii(message, length);
    if (!is_address(from) || !is_address(recipient))
        return refuse(error, error_size, "that is no e-mail address");
    if (utf8 && !smtp->utf8)
        return refuse(error, error_size, "the mail server takes no addresses beyond ASCII");
    tls_set_deadline(smtp->tls, deadline_in(smtp->options->mail_ms, GRACE_MS, smtp->stop_fd));
    enum step step;
    int code = hand_over(smtp, from, recipient, message, length, utf8, &step);
    if (step == STEP_TEXT && code / 100 == 2)
        return SMTP_SENT;
    enum smtp_result result = judge(smtp, step, code);
    snprintf(error, error_size, "%s%s", smtp->reply,
             result == SMTP_UNSURE ? " after the whole text was sent: it may have arrived" : "");
    if (smtp->usable && step != STEP_TEXT)
        smtp->usable = ask(smtp, "RSET") == 250;
    return result;
}

bool smtp_is_usable(const struct smtp *smtp) {
    return smtp->usable;
}

void smtp_close(struct smtp *smtp) {
    if (!smtp)
        return;
    if (smtp->usable) {
        tls_set_deadline(smtp->tls, deadline_in(FAREWELL_MS, 0, smtp->stop_fd));
        int code = ask(smtp, "QUIT");
        (void)code; /* nothing depends on the farewell */
    }
    tls_close(smtp->tls);
    free(smtp);
}
