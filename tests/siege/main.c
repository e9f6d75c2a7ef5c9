/* argv → command. siege.js is who calls it; by hand:
 *
 *     siege crowd --port 8443 --kind head --connections 1000 --addresses 200 --seconds 10
 *     siege family --port 8443 --from 127.0.0.9 --rate 10 --seconds 10
 */
#include "siege.h"
#include <arpa/inet.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct {
    const char *name;
    int (*run)(const struct siege *siege);
} COMMANDS[] = {{"crowd", crowd_run}, {"flood", flood_run}, {"family", family_run}};

enum kind_of_value { TEXT, WHOLE, REAL };

static const struct {
    const char *name;
    enum kind_of_value kind;
    size_t at;
} FLAGS[] = {
    {"port", WHOLE, offsetof(struct siege, port)},
    {"kind", TEXT, offsetof(struct siege, kind)},
    {"from", TEXT, offsetof(struct siege, from)},
    {"addresses", WHOLE, offsetof(struct siege, addresses)},
    {"connections", WHOLE, offsetof(struct siege, connections)},
    {"seconds", REAL, offsetof(struct siege, seconds)},
    {"rate", REAL, offsetof(struct siege, rate)},
    {"method", TEXT, offsetof(struct siege, method)},
    {"path", TEXT, offsetof(struct siege, path)},
    {"cookie", TEXT, offsetof(struct siege, cookie)},
    {"body", TEXT, offsetof(struct siege, body)},
};
enum { FLAG_COUNT = sizeof(FLAGS) / sizeof(*FLAGS) };

static void read_options(struct siege *siege, int argc, char **argv) {
    struct option options[FLAG_COUNT + 1] = {0};
    for (int i = 0; i < FLAG_COUNT; i++)
        options[i] = (struct option){FLAGS[i].name, required_argument, NULL, i + 1};
    for (int flag; (flag = getopt_long(argc, argv, "", options, NULL)) != -1;) {
        if (flag < 1 || flag > FLAG_COUNT)
            exit(2);
        char *place = (char *)siege + FLAGS[flag - 1].at;
        switch (FLAGS[flag - 1].kind) {
        case TEXT:
            *(const char **)(void *)place = optarg;
            break;
        case WHOLE:
            *(int *)(void *)place = atoi(optarg);
            break;
        case REAL:
            *(double *)(void *)place = atof(optarg);
            break;
        }
    }
}

struct sockaddr_in siege_address(const struct siege *siege, size_t n) {
    struct sockaddr_in address = {.sin_family = AF_INET};
    if (inet_pton(AF_INET, siege->from, &address.sin_addr) != 1)
        fail("%s is no address", siege->from);
    size_t offset = n % (size_t)siege->addresses;
    address.sin_addr.s_addr = htonl(ntohl(address.sin_addr.s_addr) + (uint32_t)offset);
    return address;
}

size_t siege_hello(SSL_CTX *context, unsigned char *bytes, size_t size) {
    SSL *ssl = SSL_new(context);
    BIO *in = BIO_new(BIO_s_mem()), *out = BIO_new(BIO_s_mem());
    if (!ssl || !in || !out)
        fail("OpenSSL cannot be set up");
    SSL_set_bio(ssl, in, out);
    SSL_connect(ssl);
    int count = BIO_read(out, bytes, (int)size);
    SSL_free(ssl);
    if (count <= 0)
        fail("no ClientHello");
    return (size_t)count;
}

/* `text` with the number in place of '#'. */
static int fill(char *out, size_t size, const char *text, long number) {
    const char *mark = strchr(text, '#');
    return mark ? snprintf(out, size, "%.*s%ld%s", (int)(mark - text), text, number, mark + 1)
                : snprintf(out, size, "%s", text);
}

size_t siege_request(const struct siege *siege, char *out, size_t size, long number) {
    char path[6144], body[2048] = "";
    fill(path, sizeof(path), siege->path, number);
    if (siege->body)
        fill(body, sizeof(body), siege->body, number);
    int length = snprintf(out, size,
                          "%s %s HTTP/1.1\r\nHost: localhost\r\n%s%s%s"
                          "Content-Type: application/x-www-form-urlencoded\r\n"
                          "Content-Length: %zu\r\n\r\n%s",
                          siege->method, path, siege->cookie ? "Cookie: " : "",
                          siege->cookie ? siege->cookie : "", siege->cookie ? "\r\n" : "",
                          strlen(body), body);
    if (length < 0 || (size_t)length >= size)
        fail("the request is too long");
    return (size_t)length;
}

int main(int argc, char **argv) {
    struct siege siege = {.kind = "",
                          .from = "127.0.0.1",
                          .addresses = 1,
                          .connections = 1000,
                          .seconds = 10,
                          .rate = 10,
                          .method = "GET",
                          .path = "/workshops/"};
    const char *command = argc > 1 ? argv[1] : "";
    if (argc > 1)
        read_options(&siege, argc - 1, argv + 1);
    signal(SIGPIPE, SIG_IGN);
    for (size_t i = 0; i < sizeof(COMMANDS) / sizeof(*COMMANDS); i++)
        if (strcmp(COMMANDS[i].name, command) == 0)
            return COMMANDS[i].run(&siege);
    fail("usage: siege crowd|flood|family [OPTIONS]");
}
