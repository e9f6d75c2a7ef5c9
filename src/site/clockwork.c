/* A loop that sleeps until the next round or until somebody has put mail into the outbox. */
#include "site/clockwork.h"
#include "base/clock.h"
#include "base/log.h"
#include "shop/maintenance.h"
#include "shop/outbox.h"
#include "shop/shop.h"
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <time.h>

enum { ROUND_SECONDS = 5 };

struct clockwork {
    struct shop *shop;
    const struct smtp_options *smtp;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    bool stop, mail;
};

static void round_once(struct clockwork *clockwork) {
    int64_t now = clock_now();
    struct maintenance_done done;
    enum err err = maintenance_run(clockwork->shop, now, &done);
    if (err)
        log_warn("maintenance_failed", "error", "%d", (int)err);
    if (clockwork->smtp)
        outbox_deliver(clockwork->shop, clockwork->smtp, now);
}

static void *run(void *arg) {
    struct clockwork *clockwork = arg;
    pthread_mutex_lock(&clockwork->lock);
    while (!clockwork->stop) {
        clockwork->mail = false;
        pthread_mutex_unlock(&clockwork->lock);
        round_once(clockwork);
        struct timespec until;
        clock_gettime(CLOCK_REALTIME, &until);
        until.tv_sec += ROUND_SECONDS;
        pthread_mutex_lock(&clockwork->lock);
        int late = 0;
        while (!clockwork->stop && !clockwork->mail && !late)
            late = pthread_cond_timedwait(&clockwork->wake, &clockwork->lock, &until);
    }
    pthread_mutex_unlock(&clockwork->lock);
    return NULL;
}

static void wake(void *arg) {
    struct clockwork *clockwork = arg;
    pthread_mutex_lock(&clockwork->lock);
    clockwork->mail = true;
    pthread_cond_signal(&clockwork->wake);
    pthread_mutex_unlock(&clockwork->lock);
}

struct clockwork *clockwork_start(struct shop *shop, const struct smtp_options *smtp) {
    struct clockwork *clockwork = calloc(1, sizeof(*clockwork));
    if (!clockwork)
        return NULL;
    clockwork->shop = shop;
    clockwork->smtp = smtp;
    pthread_mutex_init(&clockwork->lock, NULL);
    pthread_cond_init(&clockwork->wake, NULL);
    shop->mail_waiting = wake;
    shop->mail_waiting_arg = clockwork;
    if (pthread_create(&clockwork->thread, NULL, run, clockwork) != 0) {
        shop->mail_waiting = NULL;
        free(clockwork);
        return NULL;
    }
    return clockwork;
}

void clockwork_stop(struct clockwork *clockwork) {
    if (!clockwork)
        return;
    pthread_mutex_lock(&clockwork->lock);
    clockwork->stop = true;
    pthread_cond_signal(&clockwork->wake);
    pthread_mutex_unlock(&clockwork->lock);
    pthread_join(clockwork->thread, NULL);
    clockwork->shop->mail_waiting = NULL;
    pthread_cond_destroy(&clockwork->wake);
    pthread_mutex_destroy(&clockwork->lock);
    free(clockwork);
}
