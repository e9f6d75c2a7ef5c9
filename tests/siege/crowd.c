/* Connections that hold a place and want nothing: one kind for each thing a server may wait for. */
#include "siege.h"
#include <string.h>

enum { COME_BACK_US = 1000 * 1000, NARROW = 2048, PIPELINE = 12 };

static const char HEAD[] = "GET /workshops/ HTTP/1.1\r\nHost: localhost\r\nX-Slow: ";
static const char BODY[] = "POST /accounts/login/ HTTP/1.1\r\nHost: localhost\r\n"
                           "Content-Type: application/x-www-form-urlencoded\r\n"
                           "Content-Length: 4000\r\n\r\nlogin=";

/* Every other one stops within its first message, the rest after it. */
static void half_a_handshake(struct storm *storm, struct wire *wire) {
    size_t whole = storm->hello_len;
    wire_send(wire, storm->hello, wire->number % 2 ? whole : whole / 2);
}

static void start_head(struct storm *storm, struct wire *wire) {
    (void)storm;
    wire_send(wire, HEAD, 1);
    wire->step = 1;
}

static void next_of_head(struct storm *storm, struct wire *wire) {
    (void)storm;
    size_t at = (size_t)wire->step++;
    wire_send(wire, at < sizeof(HEAD) - 1 ? HEAD + at : "a", 1);
}

static void start_body(struct storm *storm, struct wire *wire) {
    (void)storm;
    wire_send(wire, BODY, sizeof(BODY) - 1);
}

static void next_of_body(struct storm *storm, struct wire *wire) {
    (void)storm;
    wire_send(wire, "a", 1);
}

/* A dozen answers are asked for, and none is read. */
static void ask_much(struct storm *storm, struct wire *wire) {
    char request[8192];
    for (int i = 0; i < PIPELINE; i++)
        wire_send(wire, request,
                  siege_request(storm->siege, request, sizeof(request), storm->number++));
}

static void ask_once(struct storm *storm, struct wire *wire) {
    char request[8192];
    wire_send(wire, request,
              siege_request(storm->siege, request, sizeof(request), storm->number++));
}

static const struct kind KINDS[] = {
    {.name = "silent", .back_us = COME_BACK_US},
    {.name = "handshake", .back_us = COME_BACK_US, .opened = half_a_handshake},
    {.name = "head",
     .tls = true,
     .back_us = COME_BACK_US,
     .opened = start_head,
     .second = next_of_head},
    {.name = "body",
     .tls = true,
     .back_us = COME_BACK_US,
     .opened = start_body,
     .second = next_of_body},
    {.name = "read",
     .tls = true,
     .back_us = COME_BACK_US,
     .window = NARROW,
     .deaf = true,
     .opened = ask_much},
    {.name = "idle", .tls = true, .back_us = COME_BACK_US, .opened = ask_once},
};

int crowd_run(const struct siege *siege) {
    return storm_run(siege, KINDS, sizeof(KINDS) / sizeof(*KINDS));
}
