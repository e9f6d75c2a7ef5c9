/* The words and figures of the demonstration school, as tables. Days are counted from the Monday of
 * the current week, so that the school is always in the middle of its season. */
#ifndef SHOP_DEMO_DATA_H
#define SHOP_DEMO_DATA_H

#include <stdbool.h>
#include <stddef.h>

enum {
    DEMO_TOPICS = 6,
    DEMO_WORKSHOPS = 24,
    DEMO_STAFF = 7,
    DEMO_FAMILIES = 42,
    DEMO_CHILDREN_MAX = 3,
    DEMO_SETTINGS = 22,
};

struct demo_topic {
    const char *name, *description;
    const char *picture; /* static name */
    int color;
};

enum demo_fill_level {
    DEMO_SELLING, /* seats left as they come */
    DEMO_FULL,
    DEMO_NEARLY_FULL,
};

struct demo_workshop {
    const char *slug, *title, *picture; /* picture: below pictures/demo/, without .svg */
    const char *description, *bring, *place;
    int topic;            /* from 1 */
    int price, discount;  /* whole soles; discount -1: none */
    int min_age, max_age; /* -1: no limit */
    int level;            /* 0: none */
    int week;             /* it starts in, from the current one */
    int weeks;
    unsigned weekdays;            /* bits, Monday is 1 */
    int start, end;               /* minutes of the day */
    const char *schedule, *hours; /* said instead of the two above */
    int opens;                    /* weeks until it is sold; 0: since long */
    int seats;                    /* sold so far */
    int capacity;                 /* -1: no limit */
    enum demo_fill_level fill;
    bool private;
    int staff[2]; /* who teaches: index into demo_staff; -1: nobody */
};

struct demo_person {
    const char *first_name, *last_name;
};

struct demo_staff {
    struct demo_person name;
    const char *email;
    const char *role;
};

struct demo_child {
    const char *first_name;
    int age; /* whole years today */
};

struct demo_family {
    const char *first_name;      /* of the parent */
    const char *surname, *other; /* the parent's, and the other parent's */
    bool father;                 /* children bear the father's surname first */
    const char *country;         /* ISO 3166-1 */
    int role;                    /* 1 parent, 2 teacher, 3 adult student (no children) */
    const char *school;          /* of the children, or the teacher's or adult's own */
    struct demo_child children[DEMO_CHILDREN_MAX];
};

struct demo_setting {
    const char *key, *value;
};

extern const struct demo_topic demo_topics[DEMO_TOPICS];
extern const struct demo_workshop demo_workshops[DEMO_WORKSHOPS];
extern const struct demo_staff demo_staff[DEMO_STAFF]; /* owner, desk, then instructors */
extern const struct demo_family
    demo_families[DEMO_FAMILIES]; /* the first one is the parent account */
extern const struct demo_setting demo_settings[DEMO_SETTINGS];
extern const char demo_terms[], demo_privacy[];

#endif
