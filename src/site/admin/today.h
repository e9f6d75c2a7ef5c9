/* What staff see first. */
#ifndef SITE_ADMIN_TODAY_H
#define SITE_ADMIN_TODAY_H

struct visit;

void admin_today_get(struct visit *visit);

#endif
