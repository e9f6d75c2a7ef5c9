/* Topics in the administration, beyond what every noun has. */
#ifndef SITE_ADMIN_TOPIC_H
#define SITE_ADMIN_TOPIC_H

struct visit;

/* Back to the topic, with the reason, while workshops have it. */
void admin_topic_delete_post(struct visit *visit);

#endif
