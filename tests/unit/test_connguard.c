/* Who may stay connected: real sockets on the loopback, where 127.0.0.1, 127.0.0.2 … are many
 * households. */
#include "base/clock.h"
#include "http/connguard.h"
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

enum { WORKERS = 8, WAITING = 4, TAG = 5, MOST = 80 };

struct fixture {
    int listener;
    struct sockaddr_in where;
    struct connguard *guard;
    int clients[MOST], servers[MOST];
    struct connguard_slot *slots[MOST];
    int count, workers;
    int64_t now;
};

static int setup(void **state) {
    struct fixture *f = calloc(1, sizeof(*f));
    struct networks exempt;
    socklen_t len = sizeof(f->where);
    if (!f || !networks_parse("127.0.9.0/24", &exempt))
        return -1;
    f->listener = socket(AF_INET, SOCK_STREAM, 0);
    f->where = (struct sockaddr_in){.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_ANY)};
    if (bind(f->listener, (struct sockaddr *)&f->where, len) != 0 ||
        listen(f->listener, MOST) != 0 ||
        getsockname(f->listener, (struct sockaddr *)&f->where, &len) != 0)
        return -1;
    f->where.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    f->guard = connguard_create(WORKERS, WAITING, &exempt);
    f->workers = WORKERS;
    f->now = clock_monotonic_us();
    *state = f;
    return 0;
}

static int teardown(void **state) {
    struct fixture *f = *state;
    for (int i = 0; i < f->count; i++) {
        if (f->slots[i]) {
            connguard_release(f->guard, f->slots[i]);
            close(f->servers[i]);
        }
        close(f->clients[i]);
    }
    connguard_destroy(f->guard);
    close(f->listener);
    free(f);
    return 0;
}

/* Connects from 127.0.HOST and lets the guard accept, one microsecond after the one before. Answers
 * the connection's index. */
static int arrive_tagged(struct fixture *f, const char *from, int tag) {
    struct sockaddr_in source = {.sin_family = AF_INET};
    int i = f->count++;
    assert_int_equal(inet_pton(AF_INET, from, &source.sin_addr), 1);
    f->clients[i] = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(bind(f->clients[i], (struct sockaddr *)&source, sizeof(source)), 0);
    assert_int_equal(connect(f->clients[i], (struct sockaddr *)&f->where, sizeof(f->where)), 0);
    f->now++;
    f->servers[i] = connguard_accept(f->guard, f->listener, tag, f->now, f->now + 1000);
    int held = 0;
    for (int k = 0; k < i; k++)
        held += f->slots[k] != NULL;
    if (f->servers[i] >= 0 && held < f->workers) /* else it waits in line */
        f->slots[i] = connguard_claim(f->guard, f->servers[i], f->now);
    return i;
}

static int arrive(struct fixture *f, const char *from) {
    return arrive_tagged(f, from, TAG);
}

/* Until whoever owes a head may be ended for others. */
static void pass_grace(struct fixture *f) {
    f->now += 50 * 1000;
}

static bool enter(struct fixture *f, int i, enum connguard_state what) {
    return connguard_enter(f->slots[i], what, ++f->now, 0);
}

/* Whether the client was cut off. */
static bool was_ended(const struct fixture *f, int i) {
    struct pollfd poll_for = {.fd = f->clients[i], .events = POLLIN};
    char byte;
    return poll(&poll_for, 1, 0) == 1 && recv(f->clients[i], &byte, 1, MSG_DONTWAIT) <= 0;
}

static int ended(const struct fixture *f) {
    int count = 0;
    for (int i = 0; i < f->count; i++)
        count += was_ended(f, i);
    return count;
}

static void leave(struct fixture *f, int i) {
    connguard_release(f->guard, f->slots[i]);
    close(f->servers[i]);
    f->slots[i] = NULL;
}

static void knows_its_connections(void **state) {
    struct fixture *f = *state;
    int i = arrive(f, "127.0.0.2");
    char text[ADDRESS_TEXT];
    address_format(connguard_address(f->slots[i]), text);
    assert_string_equal(text, "127.0.0.2");
    assert_int_equal(connguard_tag(f->slots[i]), TAG);
    assert_false(connguard_exempt(f->slots[i]));
    assert_true(connguard_exempt(f->slots[arrive(f, "127.0.9.1")]));
    assert_null(connguard_claim(f->guard, f->listener, f->now));
}

static void all_stay_while_there_is_room(void **state) {
    struct fixture *f = *state;
    for (int i = 0; i < WORKERS; i++)
        arrive(f, "127.0.0.1");
    assert_int_equal(ended(f), 0);
    assert_false(connguard_crowded(f->guard));
}

static void the_heaviest_household_makes_room(void **state) {
    struct fixture *f = *state;
    int family = arrive(f, "127.0.0.2");
    for (int i = 1; i < WORKERS; i++)
        arrive(f, "127.0.0.1");
    pass_grace(f);
    arrive(f, "127.0.0.3");
    assert_int_equal(ended(f), 1);
    assert_true(was_ended(f, 1)); /* the oldest of the seven, though the family's is older */
    assert_false(was_ended(f, family));
    assert_true(connguard_crowded(f->guard));
    assert_false(enter(f, 1, CONNGUARD_WORK));
    leave(f, 1);
    assert_false(connguard_crowded(f->guard));
}

static void idle_and_headless_alike_but_never_work(void **state) {
    struct fixture *f = *state;
    for (int i = 0; i < WORKERS; i++)
        arrive(f, "127.0.0.1");
    for (int i = 0; i < WORKERS; i++)
        assert_true(enter(f, i, CONNGUARD_WORK));
    assert_true(enter(f, 5, CONNGUARD_IDLE));
    assert_true(enter(f, 3, CONNGUARD_HEADLESS));
    arrive(f, "127.0.0.2");
    assert_true(was_ended(f, 5)); /* idle for longer than 3 is headless */
    pass_grace(f);
    arrive(f, "127.0.0.2");
    assert_true(was_ended(f, 3));
    arrive(f, "127.0.0.2"); /* all others work: this one waits in line */
    assert_int_equal(ended(f), 2);
}

static void one_goes_for_each_that_comes(void **state) {
    struct fixture *f = *state;
    for (int i = 0; i < WORKERS; i++)
        arrive(f, "127.0.0.1");
    pass_grace(f);
    for (int i = 0; i < WAITING; i++)
        arrive(f, "127.0.0.2");
    assert_int_equal(ended(f), WAITING);
    int over = arrive(f, "127.0.0.3"); /* nobody has left yet: there is no place in the line, */
    assert_int_equal(f->servers[over], -1);
    assert_int_equal(errno, EAGAIN);
    assert_int_equal(ended(f), WAITING);
    for (int i = 0; i < WAITING; i++)
        leave(f, i);
    assert_false(was_ended(f, over)); /* but it was not sent away */
    f->servers[over] = connguard_accept(f->guard, f->listener, TAG, f->now, 0);
    assert_true(f->servers[over] >= 0);
    f->slots[over] = connguard_claim(f->guard, f->servers[over], f->now);
    assert_int_equal(ended(f), WAITING + 1);
}

static void trusted_proxies_stay(void **state) {
    struct fixture *f = *state;
    for (int i = 0; i + 1 < WORKERS; i++)
        arrive(f, "127.0.9.1");
    int other = arrive(f, "127.0.0.1");
    arrive(f, "127.0.9.1");
    assert_int_equal(ended(f), 0); /* it has only come */
    pass_grace(f);
    connguard_tick(f->guard, f->now);
    assert_int_equal(ended(f), 1);
    assert_true(was_ended(f, other));
    arrive(f, "127.0.9.1");
    assert_int_equal(ended(f), 1);
}

static void of_a_proxy_goes_what_is_idle(void **state) {
    struct fixture *f = *state;
    for (int i = 0; i < WORKERS; i++)
        arrive(f, "127.0.9.1");
    arrive(f, "127.0.0.1");
    assert_int_equal(ended(f), 0);
    assert_true(enter(f, 2, CONNGUARD_IDLE));
    arrive(f, "127.0.0.1");
    assert_true(was_ended(f, 2));
    assert_int_equal(ended(f), 1);
}

static void a_handshake_of_ours_is_not_ended(void **state) {
    struct fixture *f = *state;
    for (int i = 0; i < WORKERS; i++)
        arrive(f, "127.0.0.1");
    for (int i = 1; i < WORKERS; i++)
        assert_true(enter(f, i, CONNGUARD_WORK));
    assert_true(connguard_shake(f->guard, f->slots[0], false, INT64_MAX));
    arrive(f, "127.0.0.2");
    assert_int_equal(ended(f), 0);
    assert_true(connguard_rest(f->guard, f->slots[0], false, INT64_MAX));
    f->now = clock_monotonic_us(); /* the guard's own clock says when it began to wait */
    pass_grace(f);
    arrive(f, "127.0.0.3");
    assert_true(was_ended(f, 0));
    assert_false(connguard_shake(f->guard, f->slots[0], true, INT64_MAX));
}

static void who_comes_back_by_itself_goes_first(void **state) {
    struct fixture *f = *state;
    for (int i = 0; i < WORKERS; i++)
        arrive(f, "127.0.0.1");
    f->now += 900 * 1000;
    assert_true(enter(f, 3, CONNGUARD_IDLE));
    arrive(f, "127.0.0.2"); /* the others have waited for a head 0.9 s longer */
    assert_true(was_ended(f, 3));
    f->now += 200 * 1000;
    assert_true(enter(f, 4, CONNGUARD_IDLE));
    arrive(f, "127.0.0.2");
    assert_false(was_ended(f, 4));
    assert_int_equal(ended(f), 2);
}

static void slow_bodies_go_when_one_address_has_many(void **state) {
    struct fixture *f = *state;
    for (int i = 0; i < WORKERS; i++) {
        arrive(f, i < 3 ? "127.0.0.1" : i < 4 ? "127.0.0.2" : "127.0.9.1");
        assert_true(enter(f, i, CONNGUARD_WORK));
    }
    assert_true(enter(f, 3, CONNGUARD_READING));
    assert_true(enter(f, 1, CONNGUARD_WRITING));
    assert_true(enter(f, 0, CONNGUARD_READING));
    arrive(f, "127.0.9.2");
    assert_int_equal(ended(f), 0); /* they have only begun */
    f->now += 75 * 1000;
    arrive(f, "127.0.9.2");
    assert_true(was_ended(f, 1)); /* 3 has waited longer, but is its family's only one */
    arrive(f, "127.0.9.2");
    assert_true(was_ended(f, 0));
    arrive(f, "127.0.9.2");
    assert_true(was_ended(f, 3)); /* 2 works */
    assert_int_equal(ended(f), 3);
}

static void slow_bodies_of_many_addresses_go_too(void **state) {
    struct fixture *f = *state;
    char from[24];
    for (int i = 0; i < WORKERS; i++) {
        snprintf(from, sizeof(from), "127.0.1.%d", i + 1);
        arrive(f, from);
        assert_true(enter(f, i, CONNGUARD_READING));
    }
    f->now += 200 * 1000;
    assert_true(enter(f, 0, CONNGUARD_READING)); /* it has come a good way meanwhile */
    arrive(f, "127.0.0.2");
    assert_true(was_ended(f, 1));
    assert_int_equal(ended(f), 1);
}

static void a_light_newcomer_stays_before_heavy_bodies(void **state) {
    struct fixture *f = *state;
    for (int i = 0; i < WORKERS; i++)
        arrive(f, i ? "127.0.0.1" : "127.0.0.2");
    for (int i = 1; i < WORKERS; i++)
        assert_true(enter(f, i, CONNGUARD_READING));
    f->now += 200 * 1000;
    arrive(f, "127.0.0.3");
    assert_true(was_ended(f, 1));
    assert_int_equal(ended(f), 1);
}

/* Sixty-four workers, so that two connections are a handful. */
static void a_handful_weighs_as_much_as_one(void **state) {
    struct fixture *f = *state;
    const struct networks nobody = {0};
    connguard_destroy(f->guard);
    f->workers = 64;
    f->guard = connguard_create(f->workers, WAITING, &nobody);
    char from[24];
    for (int i = 0; i < 62; i++) {
        snprintf(from, sizeof(from), "127.0.1.%d", i + 1);
        arrive(f, from);
    }
    arrive(f, "127.0.0.2");
    arrive(f, "127.0.0.2");
    f->now += 100 * 1000;
    arrive(f, "127.0.0.3");
    assert_true(was_ended(f, 0)); /* the oldest, and not one of the family with two */
    assert_int_equal(ended(f), 1);
}

static void silent_ones_out_of_the_line_go_in_time(void **state) {
    struct fixture *f = *state;
    for (int i = 0; i < WORKERS; i++) {
        arrive(f, "127.0.0.1");
        assert_true(enter(f, i, CONNGUARD_WORK));
    }
    int silent = arrive(f, "127.0.0.2");
    arrive(f, "127.0.0.3");
    leave(f, 0);
    f->slots[silent] = connguard_claim(f->guard, f->servers[silent], f->now);
    assert_true(enter(f, silent, CONNGUARD_HEADLESS));
    connguard_tick(f->guard, f->now + 1000);
    assert_false(was_ended(f, silent));
    connguard_tick(f->guard, f->now + 1000 * 1000);
    assert_true(was_ended(f, silent));
}

static void deadlines_end_reads_and_leave_writes(void **state) {
    struct fixture *f = *state;
    int i = arrive(f, "127.0.0.1"), idle = arrive(f, "127.0.0.1");
    assert_true(connguard_enter(f->slots[idle], CONNGUARD_IDLE, f->now, f->now + 5000));
    connguard_tick(f->guard, f->now);
    assert_false(connguard_expired(f->slots[i]));
    connguard_tick(f->guard, f->now + 2000);
    char byte;
    assert_true(connguard_expired(f->slots[i]));
    assert_false(connguard_expired(f->slots[idle]));
    assert_int_equal(recv(f->servers[i], &byte, 1, 0), 0); /* would block for ever */
    assert_int_equal(send(f->servers[i], "x", 1, MSG_NOSIGNAL), 1);
    assert_int_equal(recv(f->clients[i], &byte, 1, 0), 1);
    assert_true(connguard_enter(f->slots[i], CONNGUARD_WRITING, f->now, f->now + 1));
    connguard_tick(f->guard, f->now + 2000);
    assert_true(was_ended(f, i));
    assert_true(connguard_enter(f->slots[idle], CONNGUARD_WORK, f->now, 0));
    connguard_tick(f->guard, f->now + 1000 * 1000);
    assert_false(connguard_expired(f->slots[idle])); /* work has no deadline */
    struct connguard_stats stats;
    connguard_stats(f->guard, &stats);
    assert_int_equal(stats.expired, 2);
}

static bool enter_idle(struct fixture *f, int i) {
    f->now++;
    return connguard_enter(f->slots[i], CONNGUARD_IDLE, f->now, f->now + 1000 * 1000);
}

/* Whether the owner's next read ends at once. */
static bool reads_the_end(const struct fixture *f, int i) {
    char byte;
    return recv(f->servers[i], &byte, 1, MSG_DONTWAIT) == 0;
}

static void draining_ends_what_is_idle(void **state) {
    struct fixture *f = *state;
    int idle = arrive(f, "127.0.0.1"), work = arrive(f, "127.0.0.1"),
        fresh = arrive(f, "127.0.0.1"), later = arrive(f, "127.0.0.1");
    assert_true(enter_idle(f, idle));
    assert_true(enter(f, work, CONNGUARD_WORK));
    assert_true(enter(f, later, CONNGUARD_WORK));
    assert_int_equal(connguard_open(f->guard), 4);
    connguard_drain(f->guard);
    assert_true(reads_the_end(f, idle));
    assert_true(enter_idle(f, later));
    connguard_tick(f->guard, f->now);
    assert_true(reads_the_end(f, later));
    assert_false(reads_the_end(f, work) || reads_the_end(f, fresh));
    assert_int_equal(ended(f), 0); /* closing is the owner's business */
    connguard_end_all(f->guard);
    assert_int_equal(ended(f), 4);
}

static void draining_still_reads_what_was_sent(void **state) {
    struct fixture *f = *state;
    int i = arrive(f, "127.0.0.1");
    char byte = 0;
    assert_true(enter_idle(f, i));
    assert_int_equal(send(f->clients[i], "x", 1, 0), 1);
    connguard_drain(f->guard);
    assert_int_equal(recv(f->servers[i], &byte, 1, 0), 1);
    assert_true(enter(f, i, CONNGUARD_WORK)); /* and answers it */
    assert_int_equal(send(f->servers[i], "y", 1, MSG_NOSIGNAL), 1);
    assert_int_equal(recv(f->clients[i], &byte, 1, 0), 1);
    assert_int_equal(byte, 'y');
}

static void draining_cuts_no_body_for_a_newcomer(void **state) {
    struct fixture *f = *state;
    for (int i = 0; i < WORKERS; i++) {
        arrive(f, "127.0.0.1");
        assert_true(enter(f, i, CONNGUARD_READING));
    }
    connguard_drain(f->guard);
    arrive(f, "127.0.0.3");
    connguard_tick(f->guard, f->now + 1000 * 1000);
    assert_int_equal(ended(f), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(knows_its_connections, setup, teardown),
        cmocka_unit_test_setup_teardown(all_stay_while_there_is_room, setup, teardown),
        cmocka_unit_test_setup_teardown(the_heaviest_household_makes_room, setup, teardown),
        cmocka_unit_test_setup_teardown(idle_and_headless_alike_but_never_work, setup, teardown),
        cmocka_unit_test_setup_teardown(one_goes_for_each_that_comes, setup, teardown),
        cmocka_unit_test_setup_teardown(trusted_proxies_stay, setup, teardown),
        cmocka_unit_test_setup_teardown(of_a_proxy_goes_what_is_idle, setup, teardown),
        cmocka_unit_test_setup_teardown(a_handshake_of_ours_is_not_ended, setup, teardown),
        cmocka_unit_test_setup_teardown(who_comes_back_by_itself_goes_first, setup, teardown),
        cmocka_unit_test_setup_teardown(slow_bodies_of_many_addresses_go_too, setup, teardown),
        cmocka_unit_test_setup_teardown(a_handful_weighs_as_much_as_one, setup, teardown),
        cmocka_unit_test_setup_teardown(slow_bodies_go_when_one_address_has_many, setup, teardown),
        cmocka_unit_test_setup_teardown(a_light_newcomer_stays_before_heavy_bodies, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(silent_ones_out_of_the_line_go_in_time, setup, teardown),
        cmocka_unit_test_setup_teardown(deadlines_end_reads_and_leave_writes, setup, teardown),
        cmocka_unit_test_setup_teardown(draining_ends_what_is_idle, setup, teardown),
        cmocka_unit_test_setup_teardown(draining_still_reads_what_was_sent, setup, teardown),
        cmocka_unit_test_setup_teardown(draining_cuts_no_body_for_a_newcomer, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
