/* Connections that want as much work done as they can get: handshakes, and requests of any kind. */
#include "siege.h"

enum { COME_BACK_US = 50 * 1000 };

/* The same greeting again and again: it costs this client next to nothing, and the server a key
 * exchange and a signature. */
static void greet(struct storm *storm, struct wire *wire) {
    wire_send(wire, storm->hello, storm->hello_len);
}

static void count_and_leave(struct storm *storm, struct wire *wire) {
    storm->done += wire_receive(wire) != WIRE_BROKE;
    storm_again(storm, wire);
}

static void leave(struct storm *storm, struct wire *wire) {
    storm->done++;
    storm_again(storm, wire);
}

static void ask(struct storm *storm, struct wire *wire) {
    char request[8192];
    if (!wire_send(wire, request,
                   siege_request(storm->siege, request, sizeof(request), storm->number++)))
        storm_again(storm, wire);
}

static const struct kind KINDS[] = {
    {.name = "hello", .back_us = COME_BACK_US, .opened = greet, .spoke = count_and_leave},
    {.name = "handshake", .tls = true, .back_us = COME_BACK_US, .opened = leave},
    {.name = "request", .tls = true, .back_us = COME_BACK_US, .opened = ask, .answered = ask},
};

int flood_run(const struct siege *siege) {
    return storm_run(siege, KINDS, sizeof(KINDS) / sizeof(*KINDS));
}
