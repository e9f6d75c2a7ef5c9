/* What storage says in XML. */
#include "fuzz.h"
#include "net/s3_reply.h"
#include <ctype.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    char *xml = fuzz_text(data, size), text[64];
    for (const char *at = xml; s3_text(&at, "Key", text, sizeof(text));)
        PROMISE(at > xml && at <= xml + size && strlen(text) < sizeof(text));
    s3_error(xml, text, sizeof(text));
    for (const char *c = text; *c; c++)
        PROMISE(isprint((unsigned char)*c));
    free(xml);
    return 0;
}
