/* What topic.c asks of the database. */
#include "shop/topic_sql.h"
#include "shop/workshop_sql.h"

const char *const topic_sql[TOPIC_SQL_COUNT] = {
    [TOPIC_ALL] = "SELECT t.id, t.name, t.description, t.color,"
                  " p.hash, p.content_type, p.width, p.height"
                  " FROM topic t LEFT JOIN picture p ON p.hash = t.picture_hash ORDER BY t.id",
    [TOPIC_NAMED] = "SELECT id FROM topic WHERE name = ?1 AND id <> ?2",
    [TOPIC_NAME] = "SELECT name FROM topic WHERE id = ?1",
    [TOPIC_WORKSHOPS] = "SELECT count(*) FROM workshop WHERE topic_id = ?1",
    [TOPIC_DELETE] = "DELETE FROM topic WHERE id = ?1",
    /* ?1 today. Counted in C: grouping would sort all of it, or read past workshops too. */
    [TOPIC_LISTED] = "SELECT w.topic_id FROM workshop w WHERE" WORKSHOP_LISTED("?1"),
};
