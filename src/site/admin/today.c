/* What staff see first: what is broken, what waits, what comes. */
#include "site/admin/today.h"
#include "base/i18n.h"
#include "site/admin/admin.h"
#include "site/visit.h"
#include "views.h"

void admin_today_get(struct visit *visit) {
    struct admin_page page = admin_page_start(visit, "today", tr(visit->lang, "Today"));
    struct out out = visit_page(visit, 200, &page.page);
    view_admin_today(&out, &page);
}
