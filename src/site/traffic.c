/* One cell for each route, method and status, all made at the start: counting finds its cell by
 * index and adds one. */
#include "site/traffic.h"
#include "base/memory.h"
#include "base/metric.h"
#include "site/routes.h"
#include <stdlib.h>

const struct route ROUTES_BESIDE[BESIDE_COUNT] = {
    [BESIDE_STATIC] = {.pattern = "/static/{name}"},
    [BESIDE_HEALTHZ] = {.pattern = "/healthz"},
    [BESIDE_READYZ] = {.pattern = "/readyz"},
    [BESIDE_METRICS] = {.pattern = "/metrics"},
};

static const char *const METHODS[] = {
    [METHOD_GET] = "GET", [METHOD_HEAD] = "HEAD", [METHOD_POST] = "POST", [METHOD_OTHER] = "other"};

/* The frequent ones first. What is not here counts as the last, "other". */
static const int STATUSES[] = {200, 303, 304, 404, 422, 301, 403, 308, 400, 401, 405, 408,
                               409, 413, 414, 415, 421, 429, 431, 500, 501, 503, 505, 0};

enum { METHOD_COUNT = ARRAY_COUNT(METHODS), STATUS_COUNT = ARRAY_COUNT(STATUSES) };

struct row {
    struct counter answers[METHOD_COUNT][STATUS_COUNT];
    struct histogram us;
};

struct traffic {
    size_t count;
    struct row rows[]; /* of the table, then of those beside it, then "none" */
};

struct traffic *traffic_create(void) {
    size_t count = ROUTE_COUNT + BESIDE_COUNT + 1;
    struct traffic *traffic = memory_new(1, sizeof(*traffic) + count * sizeof(struct row));
    traffic->count = count;
    return traffic;
}

void traffic_destroy(struct traffic *traffic) {
    free(traffic);
}

static size_t row_index(const struct route *route) {
    if (route >= ROUTES && route < ROUTES + ROUTE_COUNT)
        return (size_t)(route - ROUTES);
    if (route >= ROUTES_BESIDE && route < ROUTES_BESIDE + BESIDE_COUNT)
        return ROUTE_COUNT + (size_t)(route - ROUTES_BESIDE);
    return ROUTE_COUNT + BESIDE_COUNT;
}

static const struct route *route_at(size_t index) {
    if (index < ROUTE_COUNT)
        return &ROUTES[index];
    return index < ROUTE_COUNT + BESIDE_COUNT ? &ROUTES_BESIDE[index - ROUTE_COUNT] : NULL;
}

const char *traffic_route_name(const struct route *route) {
    return route ? route->pattern : "none";
}

static size_t status_index(int status) {
    size_t i = 0;
    while (i < STATUS_COUNT - 1 && STATUSES[i] != status)
        i++;
    return i;
}

void traffic_count(struct traffic *traffic, const struct request *request,
                   const struct response *response, int64_t us) {
    struct row *row = &traffic->rows[row_index(request->route)];
    counter_add(&row->answers[request->method][status_index(response->status)], 1);
    histogram_add(&row->us, &HISTOGRAM_DURATION, us > 0 ? (uint64_t)us : 0);
}

static void label_route(struct buf *labels, size_t index) {
    buf_reset(labels);
    metric_label(labels, "route", traffic_route_name(route_at(index)));
}

static void write_row(const struct row *row, size_t index, struct buf *labels, struct buf *out) {
    for (size_t cell = 0; cell < METHOD_COUNT * STATUS_COUNT; cell++) {
        size_t method = cell / STATUS_COUNT, status = cell % STATUS_COUNT;
        uint64_t answers = counter_read(&row->answers[method][status]);
        if (answers == 0)
            continue;
        label_route(labels, index);
        metric_label(labels, "method", METHODS[method]);
        buf_puts(labels, ",status=\"");
        if (STATUSES[status])
            buf_put_int(labels, STATUSES[status]);
        else
            buf_puts(labels, "other");
        buf_putc(labels, '"');
        metric_sample(out, "taller_http_requests_total", buf_text(labels), (int64_t)answers);
    }
}

void traffic_write(const struct traffic *traffic, struct buf *out) {
    struct buf labels = {0};
    metric_family(out, "taller_http_requests_total", METRIC_COUNTER,
                  "Requests answered, by row of the route table.");
    for (size_t i = 0; i < traffic->count; i++)
        write_row(&traffic->rows[i], i, &labels, out);
    metric_family(out, "taller_http_request_duration_seconds", METRIC_HISTOGRAM,
                  "From the whole head of a request to its answer, before that is sent.");
    for (size_t i = 0; i < traffic->count; i++) {
        if (histogram_count(&traffic->rows[i].us) == 0)
            continue;
        label_route(&labels, i);
        metric_buckets(out, "taller_http_request_duration_seconds", buf_text(&labels),
                       &HISTOGRAM_DURATION, &traffic->rows[i].us);
    }
    buf_free(&labels);
}
