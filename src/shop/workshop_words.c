/* When and where a workshop takes place, in one line. */
#include "shop/workshop_words.h"
#include "base/buf.h"
#include "base/words.h"

static void add_part(struct buf *out, const char *part) {
    if (!part || !*part)
        return;
    if (out->len)
        buf_puts(out, " · ");
    buf_puts(out, part);
}

static void add_days(struct buf *out, enum lang lang, const struct workshop *w) {
    struct buf words = {0};
    if (w->weekdays)
        words_weekdays(&words, lang, (int)w->weekdays);
    add_part(out, w->schedule ? w->schedule : buf_text(&words));
    buf_reset(&words);
    if (w->start_minute != WORKSHOP_NONE && w->end_minute != WORKSHOP_NONE)
        words_minutes(&words, lang, w->start_minute, w->end_minute);
    add_part(out, w->hours ? w->hours : buf_text(&words));
    buf_free(&words);
}

static void add_dates(struct buf *out, enum lang lang, const struct workshop *w) {
    struct buf words = {0};
    words_date_year(&words, lang, w->start);
    if (date_is_set(w->end) && date_compare(w->start, w->end) != 0) {
        buf_puts(&words, " – ");
        words_date_year(&words, lang, w->end);
    }
    add_part(out, buf_text(&words));
    buf_free(&words);
}

const char *workshop_in_words(struct arena *arena, enum lang lang, const struct workshop *w) {
    struct buf out = {0};
    add_days(&out, lang, w);
    add_dates(&out, lang, w);
    add_part(&out, w->place);
    const char *detail = out.len ? arena_strndup(arena, out.data, out.len) : NULL;
    buf_free(&out);
    return detail;
}
