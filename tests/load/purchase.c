/* Families that buy: each adds a workshop to the cart, looks at the cart, at the checkout page,
 * pays by card, and looks at the confirmation; then the next workshop. What a browser would send,
 * it sends; what a page says, it reads.
 *
 * The users' file: a line of workshops' slugs, then a line a user: session cookie, CSRF token, and
 * the student's slug, all between spaces. */
#include "client.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { STEPS = 5, SLUGS_MAX = 16384 };

static const int EXPECTED[STEPS] = {303, 200, 200, 303, 200};

struct family {
    char cookie[200], csrf[100], student[100];
    char flash[1200]; /* the message a page left for the next one, or "" */
    char order[24];
    int step, next, left;
};

struct school {
    char *text; /* of the file */
    const char *slugs[SLUGS_MAX];
    int slug_count;
    int card_year; /* when the card expires */
    struct family *families;
};

/* ---- the file ---- */

static char *read_file(const char *path) {
    FILE *file = fopen(path, "r");
    char *text = NULL;
    size_t size = 0;
    if (!file || getdelim(&text, &size, '\0', file) <= 0)
        fail("%s cannot be read", path);
    fclose(file);
    return text;
}

static void read_slugs(struct school *school, char *line) {
    char *rest;
    for (char *slug = strtok_r(line, " ", &rest); slug; slug = strtok_r(NULL, " ", &rest)) {
        if (school->slug_count == SLUGS_MAX)
            fail("more than %d workshops", SLUGS_MAX);
        school->slugs[school->slug_count++] = slug;
    }
}

static void read_school(struct school *school, const struct options *options) {
    char *rest;
    school->text = read_file(options->users);
    char *line = strtok_r(school->text, "\n", &rest);
    read_slugs(school, line);
    school->card_year = 1972 + (int)(time(NULL) / (365 * 24 * 3600));
    school->families = calloc((size_t)options->connections, sizeof(*school->families));
    for (int i = 0; i < options->connections; i++) {
        struct family *family = &school->families[i];
        line = strtok_r(NULL, "\n", &rest);
        if (!line ||
            sscanf(line, "%199s %99s %99s", family->cookie, family->csrf, family->student) != 3)
            fail("%s: user %d is not there", options->users, i + 1);
        family->next = options->first;
        family->left = options->count;
    }
    if (options->first + options->count > school->slug_count)
        fail("%s: not enough workshops", options->users);
}

/* ---- requests ---- */

static void write_get(struct traffic *traffic, struct user *user, const char *path) {
    const struct family *family = user->own;
    user->link.request_len = (size_t)snprintf(
        user->link.request, REQUEST_MAX, "GET %s HTTP/1.1\r\nHost: %s\r\nCookie: %s%s%s\r\n\r\n",
        path, traffic->options->host, family->cookie, *family->flash ? "; " : "", family->flash);
}

static void write_post(struct traffic *traffic, struct user *user, const char *path,
                       const char *body) {
    const struct family *family = user->own;
    user->link.request_len = (size_t)snprintf(
        user->link.request, REQUEST_MAX,
        "POST %s HTTP/1.1\r\nHost: %s\r\nCookie: %s%s%s\r\n"
        "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: %zu\r\n\r\n%s",
        path, traffic->options->host, family->cookie, *family->flash ? "; " : "", family->flash,
        strlen(body), body);
}

static bool compose(struct traffic *traffic, struct user *user) {
    const struct school *school = traffic->own;
    struct family *family = user->own = &school->families[user->number];
    char path[256], body[512];
    switch (family->step) {
    case 0:
        if (family->left-- == 0)
            return false;
        user->began_us = now_us();
        snprintf(path, sizeof(path), "/store/add-to-cart/%s/", school->slugs[family->next++]);
        snprintf(body, sizeof(body), "csrf_token=%s&student=%s", family->csrf, family->student);
        write_post(traffic, user, path, body);
        return true;
    case 1:
        write_get(traffic, user, "/store/order-summary/");
        return true;
    case 2:
        snprintf(path, sizeof(path), "/store/checkout/%s/", family->order);
        write_get(traffic, user, path);
        return true;
    case 3:
        snprintf(path, sizeof(path), "/store/checkout/%s/", family->order);
        snprintf(body, sizeof(body),
                 "csrf_token=%s&method=card&cc_number=4242+4242+4242+4242&cc_month=12&"
                 "cc_year=%d&cc_cvv=123&terms=1",
                 family->csrf, school->card_year);
        write_post(traffic, user, path, body);
        return true;
    default:
        snprintf(path, sizeof(path), "/store/orders/%s/", family->order);
        write_get(traffic, user, path);
        return true;
    }
}

/* ---- answers ---- */

static void keep_flash(struct family *family, const char *head) {
    static const char name[] = "set-cookie: __Host-flash=";
    char value[1024];
    if (!head_value(head, name, ";\r", value, sizeof(value)))
        return;
    family->flash[0] = '\0';
    if (*value)
        snprintf(family->flash, sizeof(family->flash), "__Host-flash=%s", value);
}

/* The number behind `before` in the cart page, which is the order's. */
static bool find_order(struct family *family, const char *page) {
    static const char before[] = "/store/checkout/";
    const char *at = strstr(page, before);
    size_t digits = at ? strspn(at + sizeof(before) - 1, "0123456789") : 0;
    if (digits == 0 || digits >= sizeof(family->order))
        return false;
    memcpy(family->order, at + sizeof(before) - 1, digits);
    family->order[digits] = '\0';
    return true;
}

/* Paid means that the answer leads to the order's own page, and not back to cart or form. */
static bool went_well(struct family *family, const struct response *response) {
    char location[256];
    if (response->status != EXPECTED[family->step])
        return false;
    if (family->step == 1)
        return find_order(family, response->body);
    if (family->step == 3)
        return head_value(response->head, "location: ", "\r", location, sizeof(location)) &&
               strncmp(location, "/store/orders/", 14) == 0;
    return true;
}

static void answer(struct traffic *traffic, struct user *user, const struct response *response) {
    struct family *family = user->own;
    keep_flash(family, response->head);
    if (!went_well(family, response)) {
        if (traffic->failed++ == 0)
            fprintf(stderr, "purchase: step %d answered %d\n", family->step + 1, response->status);
        family->step = 0;
    } else if (++family->step == STEPS) {
        samples_add(&traffic->samples, now_us() - user->began_us);
        family->step = 0;
    }
}

int purchase_run(const struct options *options) {
    static const struct plan plan = {.compose = compose, .answer = answer};
    static struct school school;
    struct traffic traffic = {.own = &school};
    read_school(&school, options);
    traffic_open(&traffic, options, &plan);
    traffic_run(&traffic, 0);
    printf("{");
    traffic_print(&traffic);
    printf("}\n");
    traffic_close(&traffic);
    free(school.families);
    free(school.text);
    return 0;
}
