/* Looks for elements. */
#include "net/s3_reply.h"
#include "base/err.h"
#include <ctype.h>
#include <stdio.h>
#include <string.h>

/* A reference or a character; moves *at behind it. */
static char take_char(const char **at) {
    static const struct {
        const char *text;
        char c;
    } references[] = {{"&amp;", '&'},   {"&lt;", '<'},  {"&gt;", '>'},  {"&quot;", '"'},
                      {"&apos;", '\''}, {"&#34;", '"'}, {"&#39;", '\''}};
    for (size_t i = 0; i < ARRAY_COUNT(references); i++) {
        size_t length = strlen(references[i].text);
        if (strncmp(*at, references[i].text, length) == 0) {
            *at += length;
            return references[i].c;
        }
    }
    return *(*at)++;
}

bool s3_text(const char **at, const char *name, char *text, size_t size) {
    char tag[64];
    *text = '\0';
    int tag_length = snprintf(tag, sizeof(tag), "<%s>", name);
    const char *found = strstr(*at, tag);
    if (!found)
        return false;
    found += tag_length;
    size_t length = 0;
    while (*found && *found != '<') {
        char c = take_char(&found);
        if (iscntrl((unsigned char)c))
            continue;
        if (length + 1 == size) {
            *text = '\0';
            return false;
        }
        text[length++] = c;
    }
    text[length] = '\0';
    *at = found;
    return *found == '<';
}

void s3_error(const char *xml, char *text, size_t size) {
    char code[80], message[240];
    const char *at = xml, *again = xml;
    bool known = s3_text(&at, "Code", code, sizeof(code));
    bool told = s3_text(&again, "Message", message, sizeof(message));
    snprintf(text, size, "%s%s%s", known ? code : "", known && told ? ": " : "",
             told ? message : "");
    for (char *c = text; *c; c++)
        if (!isprint((unsigned char)*c))
            *c = '?';
}
