/* Four loops that sleep until their next round, until they are woken or until the end. */
#include "site/clockwork.h"
#include "analytics/analytics.h"
#include "base/clock.h"
#include "base/log.h"
#include "net/deadline.h"
#include "shop/backup_clock.h"
#include "shop/maintenance.h"
#include "shop/outbox.h"
#include "shop/shop.h"
#include "site/gauges.h"
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <unistd.h>

enum { ROUND_MS = 5000, NICE = 19 };

struct clockwork {
    struct shop *shop;
    struct analytics *analytics;
    struct backup_clock *backups;
    struct gauges *gauges;
    struct smtp_options smtp;
    int stop_fd; /* readable from clockwork_stop on */
    int mail_fd; /* readable when mail was written */
    pthread_t maintenance, mail, counting, keeping;
    bool has_maintenance, has_mail, has_counting, has_keeping; /* the threads run */
};

static void *maintain(void *arg) {
    struct clockwork *clockwork = arg;
    while (!deadline_stopped(clockwork->stop_fd)) {
        struct maintenance_done done;
        enum err err = maintenance_run(clockwork->shop, clock_now(), &done);
        if (err)
            log_warn("maintenance_failed", "error", "%d", (int)err);
        deadline_sleep(ROUND_MS, clockwork->stop_fd);
    }
    return NULL;
}

static void *deliver(void *arg) {
    struct clockwork *clockwork = arg;
    while (!deadline_stopped(clockwork->stop_fd)) {
        outbox_deliver(clockwork->shop, &clockwork->smtp, clockwork->stop_fd);
        struct deadline next = deadline_in(ROUND_MS, 0, clockwork->stop_fd);
        deadline_wait(&next, clockwork->mail_fd, POLLIN);
        eventfd_t times;
        (void)eventfd_read(clockwork->mail_fd, &times); /* what was written until now is sent now */
    }
    return NULL;
}

/* Figures can wait: answering comes first. */
static void *count(void *arg) {
    struct clockwork *clockwork = arg;
    setpriority(PRIO_PROCESS, (id_t)gettid(), NICE); /* of this thread, on Linux */
    while (!deadline_stopped(clockwork->stop_fd)) {
        gauges_round(clockwork->gauges, clockwork->shop, clock_now());
        struct deadline next = deadline_in(ROUND_MS, 0, clockwork->stop_fd);
        deadline_wait(&next, analytics_fd(clockwork->analytics), POLLIN);
        if (deadline_stopped(clockwork->stop_fd))
            break;
        const struct settings *settings = shop_read_settings(clockwork->shop);
        analytics_serve(
            clockwork->analytics,
            &(struct snapshot_moment){settings->zone, settings->time_zone, clock_now()});
    }
    return NULL;
}

/* Copying and sealing a large school takes seconds that nobody waits for. */
static void *keep(void *arg) {
    struct clockwork *clockwork = arg;
    setpriority(PRIO_PROCESS, (id_t)gettid(), NICE);
    while (!deadline_stopped(clockwork->stop_fd)) {
        struct deadline next = deadline_in(ROUND_MS, 0, clockwork->stop_fd);
        deadline_wait(&next, backup_clock_fd(clockwork->backups), POLLIN);
        if (!deadline_stopped(clockwork->stop_fd))
            backup_clock_serve(clockwork->backups, clock_now());
    }
    return NULL;
}

/* Any thread, after each commit with mail in it. */
static void wake(void *arg) {
    const struct clockwork *clockwork = arg;
    eventfd_write(clockwork->mail_fd, 1);
}

static bool start_threads(struct clockwork *clockwork, bool mail) {
    if (clockwork->stop_fd < 0 || clockwork->mail_fd < 0)
        return false;
    if (mail) {
        clockwork->shop->mail_waiting = wake;
        clockwork->shop->mail_waiting_arg = clockwork;
        clockwork->has_mail = pthread_create(&clockwork->mail, NULL, deliver, clockwork) == 0;
    }
    clockwork->has_maintenance =
        pthread_create(&clockwork->maintenance, NULL, maintain, clockwork) == 0;
    clockwork->has_counting = pthread_create(&clockwork->counting, NULL, count, clockwork) == 0;
    clockwork->has_keeping = pthread_create(&clockwork->keeping, NULL, keep, clockwork) == 0;
    return clockwork->has_maintenance && clockwork->has_counting && clockwork->has_keeping &&
           clockwork->has_mail == mail;
}

struct clockwork *clockwork_start(struct shop *shop, struct analytics *analytics,
                                  struct gauges *gauges, struct backup_clock *backups,
                                  const struct smtp_options *smtp) {
    struct clockwork *clockwork = calloc(1, sizeof(*clockwork));
    if (!clockwork)
        return NULL;
    clockwork->shop = shop;
    clockwork->analytics = analytics;
    clockwork->backups = backups;
    clockwork->gauges = gauges;
    if (smtp)
        clockwork->smtp = *smtp;
    clockwork->stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    clockwork->mail_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (start_threads(clockwork, smtp != NULL))
        return clockwork;
    clockwork_destroy(clockwork);
    return NULL;
}

void clockwork_stop(struct clockwork *clockwork) {
    if (!clockwork)
        return;
    if (clockwork->stop_fd >= 0)
        eventfd_write(clockwork->stop_fd, 1);
    if (clockwork->has_mail)
        pthread_join(clockwork->mail, NULL);
    if (clockwork->has_maintenance)
        pthread_join(clockwork->maintenance, NULL);
    if (clockwork->has_counting) {
        store_cancel_reads(clockwork->shop->store); /* what counts long ends now */
        pthread_join(clockwork->counting, NULL);
    }
    if (clockwork->has_keeping)
        pthread_join(clockwork->keeping, NULL);
    clockwork->has_mail = clockwork->has_maintenance = clockwork->has_counting = false;
    clockwork->has_keeping = false;
}

void clockwork_destroy(struct clockwork *clockwork) {
    if (!clockwork)
        return;
    clockwork_stop(clockwork);
    if (clockwork->stop_fd >= 0)
        close(clockwork->stop_fd);
    if (clockwork->mail_fd >= 0)
        close(clockwork->mail_fd);
    free(clockwork);
}
