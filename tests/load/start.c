/* From the start of a server's process to its first answer. */
#include "client.h"
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PATIENCE_US = 20 * 1000 * 1000, RETRY_US = 100 };

/* What the server says is of no interest here. */
static pid_t spawn(char **command) {
    pid_t child;
    posix_spawn_file_actions_t silent;
    posix_spawn_file_actions_init(&silent);
    posix_spawn_file_actions_addopen(&silent, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    if (posix_spawn(&child, command[0], &silent, NULL, command, environ) != 0)
        fail("%s cannot be started", command[0]);
    posix_spawn_file_actions_destroy(&silent);
    return child;
}

/* False when nobody listens yet. */
static bool ask(SSL_CTX *context, const struct options *options) {
    char request[256], response[4096];
    SSL *ssl = link_connect(context, options->port, NULL);
    if (!ssl)
        return false;
    int length =
        snprintf(request, sizeof(request), "GET / HTTP/1.1\r\nHost: %s\r\n\r\n", options->host);
    bool answered = SSL_write(ssl, request, length) == length &&
                    SSL_read(ssl, response, sizeof(response)) > 12 &&
                    strncmp(response, "HTTP/1.1 200", 12) == 0;
    link_disconnect(ssl);
    if (!answered)
        fail("the first answer is not 200");
    return true;
}

int start_run(const struct options *given) {
    struct options options = *given;
    SSL_CTX *context = link_context(13);
    double begin = now_us();
    options.pids[0] = spawn(options.command);
    options.pid_count = 1;
    while (!ask(context, &options)) {
        if (now_us() - begin > PATIENCE_US || waitpid(options.pids[0], NULL, WNOHANG) != 0)
            fail("the server does not start");
        usleep(RETRY_US);
    }
    double answered = now_us() - begin, cpu = cpu_us(&options);
    kill(options.pids[0], SIGTERM);
    waitpid(options.pids[0], NULL, 0);
    printf("{\"us\": %.1f, \"cpu_us\": %.1f}\n", answered, cpu);
    SSL_CTX_free(context);
    return 0;
}
