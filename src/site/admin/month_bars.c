/* How many months a bar holds, and what it is called. */
#include "site/admin/month_bars.h"
#include "base/words.h"

enum { MONTHS_MAX = 36, QUARTER = 3, QUARTERS_MAX = 108, YEAR = 12 };

struct month_bars month_bars_over(int first, int last) {
    int months = last - first + 1;
    int unit = months <= MONTHS_MAX ? 1 : months <= QUARTERS_MAX ? QUARTER : YEAR;
    return (struct month_bars){unit, first / unit, (size_t)(last / unit - first / unit + 1)};
}

size_t month_bars_index(const struct month_bars *bars, int month) {
    return (size_t)(month / bars->unit - bars->first);
}

static const char *short_name(int month, enum lang lang, struct arena *arena) {
    struct buf text = {0};
    words_month_short(&text, lang, month);
    const char *name = arena_strdup(arena, buf_text(&text));
    buf_free(&text);
    return name;
}

const char *month_bars_name(const struct month_bars *bars, size_t index, bool brief, enum lang lang,
                            struct arena *arena) {
    enum { LETTERS = 3 }; /* of a month's short name, in both languages */
    int month = (bars->first + (int)index) * bars->unit;
    if (bars->unit == YEAR)
        return arena_printf(arena, "%d", month / 12);
    const char *start = short_name(month, lang, arena);
    if (bars->unit == 1 || brief)
        return start;
    return arena_printf(arena, "%.*s–%s", LETTERS, start,
                        short_name(month + QUARTER - 1, lang, arena));
}

const char *month_bars_label(const struct month_bars *bars, enum lang lang) {
    return bars->unit == 1         ? tr(lang, "Month")
           : bars->unit == QUARTER ? tr(lang, "Quarter")
                                   : tr(lang, "Year");
}
