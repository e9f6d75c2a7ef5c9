/* The statements of topic.c. */
#ifndef SHOP_TOPIC_SQL_H
#define SHOP_TOPIC_SQL_H

enum {
    TOPIC_ALL,
    TOPIC_LISTED,
    TOPIC_NAMED,
    TOPIC_NAME,
    TOPIC_WORKSHOPS,
    TOPIC_DELETE,
    TOPIC_SQL_COUNT
};

extern const char *const topic_sql[];

#endif
