/* Many users at once on one thread: each sends a request, waits for the answer, sends the next. */
#include "client.h"
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

enum { EVENTS = 256, WAIT_MS = 100, STALLED_US = 60 * 1000 * 1000 };

static SSL_CTX *context;
static int poller;

static void connect_user(struct traffic *traffic, struct user *user) {
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = user};
    if (!link_open(&user->link, context, traffic->options->port) ||
        epoll_ctl(poller, EPOLL_CTL_ADD, user->link.fd, &event) != 0)
        fail("no connection to port %d", traffic->options->port);
}

void traffic_open(struct traffic *traffic, const struct options *options, const struct plan *plan) {
    size_t count = (size_t)options->connections;
    traffic->options = options;
    traffic->plan = plan;
    traffic->users = calloc(count, sizeof(*traffic->users));
    context = link_context(13);
    poller = epoll_create1(EPOLL_CLOEXEC);
    if (!traffic->users || poller < 0)
        fail("out of memory");
    for (size_t i = 0; i < count; i++) {
        traffic->users[i].number = i;
        connect_user(traffic, &traffic->users[i]);
    }
}

/* A request whose connection breaks has failed; the user goes on with a new one. */
static void send_next(struct traffic *traffic, struct user *user) {
    while (traffic->plan->compose(traffic, user)) {
        user->sent_us = traffic->options->rate > 0 ? user->due_us : now_us();
        if (link_send(&user->link))
            return;
        traffic->failed++;
        link_close(&user->link);
        connect_user(traffic, user);
    }
    traffic->busy--;
}

/* At a rate each user has its own moments. What is late because an answer was is still measured
 * from when it was due: nobody waits kindly for a slow server. */
static void go_on(struct traffic *traffic, struct user *user) {
    const struct options *options = traffic->options;
    if (options->rate <= 0) {
        send_next(traffic, user);
        return;
    }
    user->due_us += options->connections / options->rate * 1e6;
    user->idle = user->due_us > now_us();
    if (!user->idle)
        send_next(traffic, user);
}

/* Sends what is due; answers how many milliseconds nothing else is. */
static int send_due(struct traffic *traffic) {
    const struct options *options = traffic->options;
    double now = now_us(), next = now + WAIT_MS * 1e3;
    for (int i = 0; options->rate > 0 && i < options->connections; i++) {
        struct user *user = &traffic->users[i];
        if (!user->idle)
            continue;
        if (user->due_us <= now) {
            user->idle = false;
            send_next(traffic, user);
        } else if (user->due_us < next) {
            next = user->due_us;
        }
    }
    return (int)((next - now) / 1e3);
}

static void start_user(struct traffic *traffic, struct user *user, double begin) {
    const struct options *options = traffic->options;
    if (options->rate > 0) {
        user->due_us = begin + (double)user->number / options->rate * 1e6;
        user->idle = true;
    } else {
        send_next(traffic, user);
    }
}

static void take_event(struct traffic *traffic, struct user *user) {
    struct response response = {0};
    switch (link_receive(&user->link, &response)) {
    case LINK_WAITING:
        return;
    case LINK_BROKEN:
        traffic->failed++;
        link_close(&user->link);
        connect_user(traffic, user);
        break;
    case LINK_ANSWERED:
        traffic->plan->answer(traffic, user, &response);
        break;
    }
    go_on(traffic, user);
}

/* At the end of a timed run the answers on their way are awaited, so that the next run starts with
 * nobody waiting. */
void traffic_run(struct traffic *traffic, double seconds) {
    struct epoll_event events[EVENTS];
    double begin = now_us(), begin_cpu = cpu_us(traffic->options);
    traffic->until_us = seconds > 0 ? begin + seconds * 1e6 : 0;
    traffic->busy = (size_t)traffic->options->connections;
    for (size_t i = 0; i < (size_t)traffic->options->connections; i++)
        start_user(traffic, &traffic->users[i], begin);
    for (double last = begin; traffic->busy > 0;) {
        int wait_ms = send_due(traffic);
        if (traffic->busy == 0)
            break;
        int count = epoll_wait(poller, events, EVENTS, wait_ms);
        if (count > 0)
            last = now_us();
        else if (now_us() - last > STALLED_US)
            fail("the server stopped answering");
        for (int i = 0; i < count; i++)
            take_event(traffic, events[i].data.ptr);
    }
    traffic->seconds = (now_us() - begin) / 1e6;
    traffic->cpu_us = cpu_us(traffic->options) - begin_cpu;
}

void traffic_close(struct traffic *traffic) {
    for (size_t i = 0; i < (size_t)traffic->options->connections; i++)
        link_close(&traffic->users[i].link);
    free(traffic->users);
    free(traffic->samples.us);
    SSL_CTX_free(context);
    close(poller);
}

void traffic_print(struct traffic *traffic) {
    printf("\"done\": %zu, \"failed\": %ld, \"seconds\": %.6f, \"cpu_us\": %.1f, "
           "\"p50_us\": %.1f, \"p99_us\": %.1f",
           traffic->samples.count, traffic->failed, traffic->seconds, traffic->cpu_us,
           samples_quantile(&traffic->samples, 0.5), samples_quantile(&traffic->samples, 0.99));
}
