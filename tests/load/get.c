/* The same page again and again. */
#include "client.h"
#include <stdio.h>
#include <string.h>

static const double WARM_UP_SECONDS = 0.3;

struct page {
    long left;     /* requests, where their number is given */
    long number;   /* of the next '#' */
    size_t length; /* of the last body */
};

static size_t write_target(char *out, size_t size, const char *path, long number) {
    const char *mark = strchr(path, '#');
    int length = mark ? snprintf(out, size, "%.*s%ld%s", (int)(mark - path), path, number, mark + 1)
                      : snprintf(out, size, "%s", path);
    return (size_t)length;
}

static bool compose(struct traffic *traffic, struct user *user) {
    const struct options *options = traffic->options;
    struct page *page = traffic->own;
    if (traffic->until_us ? now_us() >= traffic->until_us : page->left-- <= 0)
        return false;
    char target[512];
    write_target(target, sizeof(target), options->path, page->number++);
    user->link.request_len = (size_t)snprintf(
        user->link.request, REQUEST_MAX, "GET %s HTTP/1.1\r\nHost: %s\r\n%s%s%s\r\n", target,
        options->host, options->cookie ? "Cookie: " : "", options->cookie ? options->cookie : "",
        options->cookie ? "\r\n" : "");
    return true;
}

static void answer(struct traffic *traffic, struct user *user, const struct response *response) {
    struct page *page = traffic->own;
    if (response->status != 200)
        traffic->failed++;
    page->length = response->length;
    samples_add(&traffic->samples, now_us() - user->sent_us);
}

int get_run(const struct options *options) {
    static const struct plan plan = {.compose = compose, .answer = answer};
    /* The numbers begin with the time, so that no two runs ask for the same address. */
    struct page page = {.number = (long)now_us()};
    struct traffic traffic = {.own = &page};
    traffic_open(&traffic, options, &plan);
    traffic_run(&traffic, WARM_UP_SECONDS);
    traffic.samples.count = 0;
    page.left = options->requests;
    traffic_run(&traffic, options->requests ? 0 : options->seconds);
    printf("{");
    traffic_print(&traffic);
    printf(", \"length\": %zu}\n", page.length);
    traffic_close(&traffic);
    return 0;
}
