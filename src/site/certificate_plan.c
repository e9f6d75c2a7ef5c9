/* Let's Encrypt allows five failed checks of a name in an hour, and asks for a day at most between
 * tries: the steps keep to both. */
#include "site/certificate_plan.h"
#include "base/err.h"

enum { CHANCES = 65536 };

int64_t certificate_renewal(int64_t not_before, int64_t not_after, uint32_t chance) {
    int64_t lifetime = not_after - not_before;
    if (lifetime < 0)
        return not_after;
    return not_after - lifetime / 3 - lifetime / 100 * chance / CHANCES;
}

int64_t certificate_backoff(int failures, uint32_t chance) {
    static const int64_t steps[] = {30, 300, 1200, 3600, 4 * 3600, 12 * 3600};
    int last = (int)ARRAY_COUNT(steps) - 1, step = failures < 1 ? 0 : failures - 1;
    int64_t seconds = steps[step < last ? step : last];
    return seconds * 3 / 4 + seconds / 2 * chance / CHANCES;
}
