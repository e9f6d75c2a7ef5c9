/* What a mail server says, from its greeting to the end of a mail: a whole conversation over
 * loopback with a server that says its piece and listens no more. */
#include "net/smtp.h"
#include "fuzz.h"
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

static struct {
    int listener, port;
    const uint8_t *bytes;
    size_t size;
} server;

static void open_server(void) {
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t length = sizeof(address);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    server.listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    PROMISE(bind(server.listener, (struct sockaddr *)&address, sizeof(address)) == 0);
    PROMISE(listen(server.listener, 8) == 0);
    PROMISE(getsockname(server.listener, (struct sockaddr *)&address, &length) == 0);
    server.port = ntohs(address.sin_port);
}

static void *say(void *arg) {
    char heard[4096];
    int client = accept(server.listener, NULL, NULL);
    if (server.size && send(client, server.bytes, server.size, MSG_NOSIGNAL) < 0)
        PROMISE(client >= 0);
    shutdown(client, SHUT_WR);
    while (read(client, heard, sizeof(heard)) > 0) {
    }
    close(client);
    return arg;
}

static void check_words(const char *error) {
    PROMISE(*error);
    for (const char *c = error; *c; c++)
        PROMISE(*c >= ' ' && *c <= '~');
}

static void converse(const struct smtp_options *options) {
    static const char MAIL[] = "Subject: x\n\n.y\n";
    char error[512] = "";
    struct smtp *smtp = smtp_connect(options, -1, error, sizeof(error));
    if (!smtp)
        check_words(error);
    for (int i = 0; smtp && i < 3 && smtp_is_usable(smtp); i++) {
        *error = '\0';
        if (smtp_send(smtp, "a@school.example", i ? "b@x.example" : "ñ@x.example", MAIL,
                      sizeof(MAIL) - 1, error, sizeof(error)) != SMTP_SENT)
            check_words(error);
    }
    smtp_close(smtp);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    pthread_t thread;
    if (!server.listener)
        open_server();
    if (size == 0)
        return 0;
    server.bytes = data + 1;
    server.size = size - 1;
    const struct smtp_options options = {.host = "127.0.0.1",
                                         .port = server.port,
                                         .user = data[0] & 1 ? "school" : NULL,
                                         .password = data[0] & 1 ? "secret" : NULL,
                                         .connect_ms = 2000,
                                         .mail_ms = 2000};
    PROMISE(pthread_create(&thread, NULL, say, NULL) == 0);
    converse(&options);
    pthread_join(thread, NULL);
    return 0;
}
