/* The grammar of e-mail addresses, as far as people use it. */
#include "base/email.h"
#include <ctype.h>
#include <stddef.h>
#include <string.h>

enum { LOCAL_PART_MAX = 64, LABEL_MAX = 63 };

static bool local_part_valid(const char *part, size_t length) {
    if (length < 1 || length > LOCAL_PART_MAX || part[0] == '.' || part[length - 1] == '.')
        return false;
    for (size_t i = 0; i < length; i++) {
        unsigned char c = (unsigned char)part[i];
        bool dots = c == '.' && part[i + 1] == '.';
        if (dots || (c < 0x80 && !isalnum(c) && !strchr("!#$%&'*+-/=?^_`{|}~.", c)))
            return false;
    }
    return true;
}

static bool label_valid(const char *label, size_t length) {
    if (length < 1 || length > LABEL_MAX || label[0] == '-' || label[length - 1] == '-')
        return false;
    for (size_t i = 0; i < length; i++)
        if ((unsigned char)label[i] < 0x80 && !isalnum((unsigned char)label[i]) && label[i] != '-')
            return false;
    return true;
}

/* The last label has a letter: mail to numbers is not for us. */
static bool domain_valid(const char *domain) {
    size_t labels = 0, length = 0;
    for (;; domain += length + 1, labels++) {
        length = strcspn(domain, ".");
        if (!label_valid(domain, length))
            return false;
        if (domain[length] == '\0')
            return labels >= 1 && strspn(domain, "0123456789-") < length;
    }
}

bool email_valid(const char *email) {
    const char *at = strrchr(email, '@');
    return at && strlen(email) <= EMAIL_MAX && local_part_valid(email, (size_t)(at - email)) &&
           domain_valid(at + 1);
}
