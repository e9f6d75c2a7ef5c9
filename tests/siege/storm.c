/* Many connections of one kind on one thread. What the server closes comes back after a while. */
#include "siege.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <unistd.h>

enum { EVENTS = 512, WAIT_MS = 20, STEP_US = 50 * 1000, SECOND_US = 1000 * 1000 };

static void close_wire(struct storm *storm, struct wire *wire) {
    storm->open -= wire->state == WIRE_OPEN;
    wire_close(wire);
}

static void lose_wire(struct storm *storm, struct wire *wire) {
    storm->broken++;
    close_wire(storm, wire);
}

static void watch(struct storm *storm, struct wire *wire, uint32_t events, int how) {
    struct epoll_event event = {.events = events, .data.ptr = wire};
    if (epoll_ctl(storm->poller, how, wire->fd, &event) != 0)
        fail("epoll_ctl failed");
}

static void open_wire(struct storm *storm, struct wire *wire) {
    if (!wire_open(wire, storm->siege, storm->kind->window)) {
        storm->refused++;
        return;
    }
    watch(storm, wire, EPOLLIN | EPOLLOUT | EPOLLET, EPOLL_CTL_ADD);
}

void storm_again(struct storm *storm, struct wire *wire) {
    close_wire(storm, wire);
    open_wire(storm, wire);
}

static void on_opened(struct storm *storm, struct wire *wire) {
    storm->opened++;
    storm->open++;
    if (storm->open > storm->most)
        storm->most = storm->open;
    if (storm->kind->opened)
        storm->kind->opened(storm, wire);
}

static void on_readable(struct storm *storm, struct wire *wire) {
    if (storm->kind->deaf)
        return;
    if (!wire->ssl && storm->kind->spoke) {
        storm->kind->spoke(storm, wire);
        return;
    }
    switch (wire_receive(wire)) {
    case WIRE_ANSWERED: {
        int hundreds = wire_status(wire) / 100;
        if (hundreds > 0 && hundreds < 6)
            storm->statuses[hundreds]++;
        storm->done++;
        if (storm->kind->answered)
            storm->kind->answered(storm, wire);
        break;
    }
    case WIRE_BROKE:
        lose_wire(storm, wire);
        break;
    case WIRE_WAITS:
    case WIRE_OPENED:
        break;
    }
}

static void take_event(struct storm *storm, struct wire *wire, uint32_t events) {
    if (wire->state == WIRE_CONNECTING || wire->state == WIRE_SHAKING) {
        switch (wire_connect(wire, storm->kind->tls ? storm->context : NULL)) {
        case WIRE_OPENED:
            on_opened(storm, wire);
            break;
        case WIRE_BROKE:
            lose_wire(storm, wire);
            break;
        case WIRE_WAITS:
        case WIRE_ANSWERED:
            break;
        }
    } else if (wire->state == WIRE_OPEN && (events & (EPOLLERR | EPOLLHUP))) {
        lose_wire(storm, wire);
    } else if (wire->state == WIRE_OPEN && (events & EPOLLIN)) {
        on_readable(storm, wire);
    }
}

/* Everyone's turn, spread over a second, so that a thousand bytes do not come in one blow. */
static void pass_time(struct storm *storm, double now, double before) {
    int count = storm->siege->connections;
    for (int i = 0; i < count; i++) {
        struct wire *wire = &storm->wires[i];
        double phase = (double)i / count * SECOND_US;
        bool turn = (long)((now - phase) / SECOND_US) != (long)((before - phase) / SECOND_US);
        if (wire->state == WIRE_CLOSED && now - wire->closed_us >= storm->kind->back_us)
            open_wire(storm, wire);
        else if (wire->state == WIRE_OPEN && turn && storm->kind->second)
            storm->kind->second(storm, wire);
    }
}

static void blow(struct storm *storm) {
    struct epoll_event events[EVENTS];
    double begin = now_us(), until = begin + storm->siege->seconds * 1e6, before = begin;
    while (before < until) {
        int count = epoll_wait(storm->poller, events, EVENTS, WAIT_MS);
        for (int i = 0; i < count; i++)
            take_event(storm, events[i].data.ptr, events[i].events);
        double now = now_us();
        if (now - before < STEP_US)
            continue;
        pass_time(storm, now, before);
        before = now;
    }
}

static void print(const struct storm *storm) {
    struct rusage used;
    getrusage(RUSAGE_SELF, &used);
    double cpu = (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
                 (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
    const long *by = storm->statuses;
    printf("{\"opened\": %ld, \"most\": %ld, \"broken\": %ld, \"refused\": %ld, \"done\": %ld, "
           "\"ok\": %ld, \"moved\": %ld, \"declined\": %ld, \"failed\": %ld, \"cpu_us\": %.0f}\n",
           storm->opened, storm->most, storm->broken, storm->refused, storm->done, by[2], by[3],
           by[4], by[5], cpu * 1e6);
}

static const struct kind *find_kind(const char *name, const struct kind *kinds, size_t count) {
    for (size_t i = 0; i < count; i++)
        if (strcmp(kinds[i].name, name) == 0)
            return &kinds[i];
    fail("no kind of connection is called '%s'", name);
}

int storm_run(const struct siege *siege, const struct kind *kinds, size_t count) {
    struct storm storm = {.siege = siege,
                          .kind = find_kind(siege->kind, kinds, count),
                          .context = link_context(13),
                          .wires = calloc((size_t)siege->connections, sizeof(struct wire)),
                          .poller = epoll_create1(EPOLL_CLOEXEC),
                          .number = (long)now_us()};
    if (!storm.wires || storm.poller < 0)
        fail("out of memory");
    storm.hello_len = siege_hello(storm.context, storm.hello, sizeof(storm.hello));
    for (int i = 0; i < siege->connections; i++) {
        storm.wires[i].number = (size_t)i;
        open_wire(&storm, &storm.wires[i]);
    }
    blow(&storm);
    print(&storm);
    for (int i = 0; i < siege->connections; i++)
        wire_close(&storm.wires[i]);
    free(storm.wires);
    close(storm.poller);
    SSL_CTX_free(storm.context);
    return 0;
}
