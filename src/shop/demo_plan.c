/* The season of the demonstration school. Every workshop sells its seats in the weeks before it
 * starts, mostly on evenings; siblings come along; what a family takes within a day and a half is
 * one order. */
#include "shop/demo_plan.h"
#include <stdlib.h>
#include <string.h>

enum {
    HOUR = 3600,
    DAY = 24 * HOUR,
    SEED = 20260109,
    SALES_DAYS = 42,      /* a workshop sells in the six weeks before its start */
    TOGETHER = 36 * HOUR, /* what is bought within this time is one order */
    WORKSHOPS_A_CHILD = 5,
    STUDENTS = DEMO_FAMILIES * DEMO_CHILDREN_MAX,
};

/* ---- chance --------------------------------------------------------------------------------- */

uint64_t demo_random(uint64_t *state) {
    uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

int demo_random_below(uint64_t *state, int limit) {
    return (int)(demo_random(state) % (uint64_t)limit);
}

static bool percent(uint64_t *state, int chance) {
    return demo_random_below(state, 100) < chance;
}

/* ---- who and what there is ------------------------------------------------------------------ */

int64_t demo_plan_list_price(int workshop) {
    return (int64_t)demo_workshops[workshop].price * 100;
}

int64_t demo_plan_price(int workshop) {
    int discount = demo_workshops[workshop].discount;
    return discount < 0 ? demo_plan_list_price(workshop) : (int64_t)discount * 100;
}

static struct workshop date_workshop(const struct demo_workshop *d, struct date monday) {
    int first = __builtin_ctz(d->weekdays), last = 31 - __builtin_clz(d->weekdays);
    return (struct workshop){
        .start = date_add_days(monday, 7 * d->week + first),
        .end = date_add_days(monday, 7 * (d->week + d->weeks - 1) + last),
        .weekdays = d->weekdays,
        .start_minute = d->start,
        .end_minute = d->end,
        .min_age = d->min_age,
        .max_age = d->max_age,
        .capacity = d->capacity,
    };
}

/* A birthday some time in the year before somebody turned `age`. */
static struct date birth_of(struct date today, int age, uint64_t *random) {
    struct date turned = {today.year - age, today.month, today.day > 28 ? 28 : today.day};
    return date_add_days(turned, -5 - demo_random_below(random, 350));
}

static void set_births(struct demo_plan *plan, uint64_t *random) {
    struct date today = zone_date(plan->zone, plan->now);
    for (int f = 0; f < DEMO_FAMILIES; f++) {
        const struct demo_family *family = &demo_families[f];
        for (int c = 0; c < DEMO_CHILDREN_MAX; c++) {
            int age = family->role == 3 && c == DEMO_SELF ? 22 + f % 7 : family->children[c].age;
            struct date birth = birth_of(today, age, random);
            plan->births[f][c] = age ? birth : (struct date){0};
        }
    }
}

/* ---- purchases ------------------------------------------------------------------------------ */

struct purchase {
    int64_t at;
    int family;
    struct demo_seat seat;
};

struct season {
    struct arena *arena;
    struct demo_plan *plan;
    uint64_t random;
    struct purchase *purchases;
    size_t count;
};

static bool can_take(const struct season *s, int family, int child, int workshop) {
    const struct demo_plan *plan = s->plan;
    const struct workshop *wanted = &plan->workshops[workshop];
    struct date birth = plan->births[family][child];
    int taken = 0;
    if (!date_is_set(birth) ||
        workshop_age_fits(wanted, birth, wanted->start, NULL) != WORKSHOP_AGE_FITS)
        return false;
    for (size_t i = 0; i < s->count; i++) {
        const struct purchase *p = &s->purchases[i];
        if (p->family != family || p->seat.child != child)
            continue;
        taken++;
        if (p->seat.workshop == workshop ||
            workshop_clash(wanted, &plan->workshops[p->seat.workshop]))
            return false;
    }
    return taken < WORKSHOPS_A_CHILD;
}

static void buy(struct season *s, int64_t at, int family, int child, int workshop) {
    s->purchases = arena_grow(s->arena, s->purchases, s->count, sizeof(*s->purchases));
    s->purchases[s->count++] =
        (struct purchase){.at = at, .family = family, .seat = {child, workshop}};
}

/* A moment before the start, on an hour when people have time; fewer of them on weekends. */
static int64_t pick_moment(struct season *s, const struct workshop *workshop) {
    static const int HOURS[] = {7,  8,  9,  10, 11, 12, 13, 13, 15, 16,
                                17, 18, 19, 19, 20, 20, 20, 21, 21, 22};
    struct date today = zone_date(s->plan->zone, s->plan->now);
    int64_t until_start = date_to_days(workshop->start) - date_to_days(today);
    int64_t newest = until_start > -1 ? -2 : until_start - 1; /* days from today */
    int64_t oldest = until_start - SALES_DAYS;
    oldest = oldest > newest - 7 ? newest - 21 : oldest; /* a far one has sold for three weeks */
    int64_t day = oldest + demo_random_below(&s->random, (int)(newest - oldest + 1));
    struct date date = date_add_days(today, day);
    if (date_weekday(date) >= 5 && percent(&s->random, 40))
        date = date_add_days(date, -2);
    int hour = HOURS[demo_random_below(&s->random, (int)(sizeof(HOURS) / sizeof(*HOURS)))];
    return zone_utc(s->plan->zone, date, hour, demo_random_below(&s->random, 60)) +
           demo_random_below(&s->random, 60);
}

static void shuffle(struct season *s, int order[STUDENTS]) {
    for (int i = 0; i < STUDENTS; i++)
        order[i] = i;
    for (int i = STUDENTS - 1; i > 0; i--) {
        int j = demo_random_below(&s->random, i + 1), kept = order[i];
        order[i] = order[j];
        order[j] = kept;
    }
}

/* Family 0 is the parent people log in as; what it bought is fixed below. */
static void sell(struct season *s, int workshop) {
    int order[STUDENTS], left = demo_workshops[workshop].seats;
    shuffle(s, order);
    for (int i = 0; i < STUDENTS && left > 0; i++) {
        int family = order[i] / DEMO_CHILDREN_MAX, child = order[i] % DEMO_CHILDREN_MAX;
        if (family == 0 || !can_take(s, family, child, workshop))
            continue;
        int64_t at = pick_moment(s, &s->plan->workshops[workshop]);
        buy(s, at, family, child, workshop);
        left--;
        for (int c = 0; c < DEMO_CHILDREN_MAX && left > 0; c++)
            if (can_take(s, family, c, workshop) && percent(&s->random, 60)) {
                buy(s, at, family, c, workshop);
                left--;
            }
    }
}

static int by_time(const void *a, const void *b) {
    const struct purchase *x = a, *y = b;
    if (x->at != y->at)
        return x->at < y->at ? -1 : 1;
    if (x->family != y->family)
        return x->family - y->family;
    return x->seat.child != y->seat.child ? x->seat.child - y->seat.child
                                          : x->seat.workshop - y->seat.workshop;
}

/* ---- orders --------------------------------------------------------------------------------- */

static struct demo_order *start_order(struct season *s, int family, int64_t at) {
    struct demo_plan *plan = s->plan;
    plan->orders = arena_grow(s->arena, plan->orders, plan->count, sizeof(*plan->orders));
    plan->orders[plan->count] = (struct demo_order){.family = family, .placed_at = at};
    return &plan->orders[plan->count++];
}

static void add_seat(struct demo_order *order, struct demo_seat seat) {
    order->seats[order->count++] = seat;
    order->list_cents += demo_plan_list_price(seat.workshop);
    order->total_cents += demo_plan_price(seat.workshop);
}

static void group(struct season *s) {
    long newest[DEMO_FAMILIES]; /* order of each family, -1: none */
    memset(newest, -1, sizeof(newest));
    for (size_t i = 0; i < s->count; i++) {
        const struct purchase *p = &s->purchases[i];
        long index = newest[p->family];
        struct demo_order *order = index < 0 ? NULL : &s->plan->orders[index];
        if (!order || order->count == DEMO_LINES_MAX || p->at - order->placed_at > TOGETHER)
            order = start_order(s, p->family, p->at);
        newest[p->family] = order - s->plan->orders;
        add_seat(order, p->seat);
    }
}

/* Most orders are paid; a few went otherwise, among the old ones. */
static void settle(struct season *s, struct demo_order *order) {
    int64_t age = s->plan->now - order->placed_at;
    order->state = DEMO_PAID;
    order->card = order->total_cents && percent(&s->random, 40);
    order->paid_at = order->placed_at;
    if (order->card)
        order->paid_at += 20 + demo_random_below(&s->random, 70);
    else if (order->total_cents)
        order->paid_at += HOUR + demo_random_below(&s->random, 24 * HOUR);
    if (!order->total_cents || age < 6 * DAY)
        return;
    if (!order->card && percent(&s->random, 9))
        order->state = DEMO_LAPSED;
    else if (age > 20 * DAY && percent(&s->random, 4))
        order->state = DEMO_REFUNDED;
}

static bool touches_full(const struct demo_order *order) {
    for (size_t i = 0; i < order->count; i++)
        if (demo_workshops[order->seats[i].workshop].fill == DEMO_FULL)
            return true;
    return false;
}

/* The newest orders that cost something become what the school has to deal with today. */
static void open_cases(struct season *s) {
    static const struct {
        enum demo_state state;
        int64_t ago;
    } CASES[] = {
        {DEMO_CART, 20 * 60},        {DEMO_PENDING, 3 * HOUR},   {DEMO_REPORTED, 8 * HOUR},
        {DEMO_PENDING, 21 * HOUR},   {DEMO_OVERPAID, 26 * HOUR}, {DEMO_REPORTED, 31 * HOUR},
        {DEMO_LATE, 3 * DAY + HOUR},
    };
    size_t next = 0, cases = sizeof(CASES) / sizeof(*CASES);
    for (size_t i = s->plan->count; i-- > 0 && next < cases;) {
        struct demo_order *order = &s->plan->orders[i];
        if (!order->total_cents || touches_full(order))
            continue;
        order->state = CASES[next].state;
        order->card = false;
        order->placed_at = s->plan->now - CASES[next].ago;
        order->paid_at = 0;
        next++;
    }
}

/* What Rosa Quispe, the parent of the demonstration, has: a course her daughter attends, one of
 * each child paid for the coming weeks, one for free, and a transfer still to make. */
static void own_family(struct season *s) {
    enum { SOFIA, MATEO };
    static const struct {
        const char *slug;
        int child;
        enum demo_state state;
        bool card;
        int64_t ago;
    } OWN[] = {
        {"cuentos-junto-al-mar", SOFIA, DEMO_PAID, false, 55 * DAY + 14 * HOUR},
        {"mi-primer-videojuego-con-scratch", MATEO, DEMO_PAID, true, 9 * DAY + 13 * HOUR},
        {"huerto-en-casa", SOFIA, DEMO_PAID, false, 6 * DAY + 15 * HOUR},
        {"quimica-en-la-cocina", SOFIA, DEMO_PENDING, false, 5 * HOUR},
    };
    for (size_t i = 0; i < sizeof(OWN) / sizeof(*OWN); i++) {
        struct demo_order *order = start_order(s, 0, s->plan->now - OWN[i].ago);
        int workshop = 0;
        while (strcmp(demo_workshops[workshop].slug, OWN[i].slug) != 0)
            workshop++;
        add_seat(order, (struct demo_seat){OWN[i].child, workshop});
        order->state = OWN[i].state;
        order->card = OWN[i].card;
        if (order->state == DEMO_PAID)
            order->paid_at = order->placed_at + (order->total_cents ? 50 : 0);
    }
}

static int by_placed(const void *a, const void *b) {
    const struct demo_order *x = a, *y = b;
    if (x->placed_at != y->placed_at)
        return x->placed_at < y->placed_at ? -1 : 1;
    return x->family - y->family;
}

static bool keeps_seats(const struct demo_order *order) {
    return order->state != DEMO_LATE && order->state != DEMO_LAPSED &&
           order->state != DEMO_REFUNDED;
}

/* The full workshop is as large as what was sold, the nearly full one three seats larger. */
static void set_capacities(struct demo_plan *plan) {
    int64_t sold[DEMO_WORKSHOPS] = {0};
    for (size_t i = 0; i < plan->count; i++)
        for (size_t j = 0; keeps_seats(&plan->orders[i]) && j < plan->orders[i].count; j++)
            sold[plan->orders[i].seats[j].workshop]++;
    for (int w = 0; w < DEMO_WORKSHOPS; w++) {
        int64_t left = plan->workshops[w].capacity - sold[w];
        if (left < 0 || demo_workshops[w].fill == DEMO_FULL)
            left = 0;
        if (demo_workshops[w].fill == DEMO_NEARLY_FULL)
            left = 3;
        plan->workshops[w].capacity = sold[w] + left;
    }
}

void demo_plan_make(struct arena *arena, const struct zone *zone, int64_t now,
                    struct demo_plan *out) {
    struct date today = zone_date(zone, now);
    struct season season = {.arena = arena, .plan = out, .random = SEED};
    *out = (struct demo_plan){
        .now = now, .zone = zone, .monday = date_add_days(today, -date_weekday(today))};
    for (int w = 0; w < DEMO_WORKSHOPS; w++)
        out->workshops[w] = date_workshop(&demo_workshops[w], out->monday);
    set_births(out, &season.random);
    for (int w = 0; w < DEMO_WORKSHOPS; w++)
        sell(&season, w);
    qsort(season.purchases, season.count, sizeof(*season.purchases), by_time);
    group(&season);
    for (size_t i = 0; i < out->count; i++)
        settle(&season, &out->orders[i]);
    open_cases(&season);
    own_family(&season);
    qsort(out->orders, out->count, sizeof(*out->orders), by_placed);
    set_capacities(out);
}
