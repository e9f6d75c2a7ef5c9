/* From a roster to letters: lines of one account become one letter. */
#include "shop/workshop_mail.h"
#include "shop/setting.h"
#include "shop/workshop_words.h"

static bool meant(const struct workshop_letter *letter, size_t line) {
    return (!letter->chosen || letter->chosen[line]) && !letter->roster->lines[line].erased;
}

/* Whether an earlier line is of the same family. */
static bool seen(const struct workshop_letter *letter, size_t line) {
    for (size_t i = 0; i < line; i++)
        if (meant(letter, i) &&
            letter->roster->lines[i].account_id == letter->roster->lines[line].account_id)
            return true;
    return false;
}

static const char *students_of(struct arena *arena, const struct workshop_letter *letter,
                               int64_t account_id) {
    const char *names = NULL;
    for (size_t i = 0; i < letter->roster->count; i++)
        if (meant(letter, i) && letter->roster->lines[i].account_id == account_id)
            names = arena_printf(arena, "%s%s%s", names ? names : "", names ? ", " : "",
                                 letter->roster->lines[i].first_name);
    return names;
}

static enum err write_one(struct shop *shop, struct tx *tx, struct arena *arena,
                          const struct settings *settings, const struct workshop_letter *letter,
                          const struct roster_line *line) {
    const struct workshop *workshop = &letter->roster->workshop;
    enum lang lang = line->has_language ? line->language : settings->language;
    const struct mail_workshop model = {
        .first_name = line->parent_first_name,
        .students = students_of(arena, letter, line->account_id),
        .workshop = workshop,
        .before = letter->was ? workshop_in_words(arena, lang, letter->was) : NULL,
        .after = letter->was ? workshop_in_words(arena, lang, workshop) : NULL,
        .subject = letter->subject,
        .note = letter->note};
    const struct mail mail = {.kind = letter->kind,
                              .lang = lang,
                              .recipient = line->email,
                              .model = &model,
                              .dedupe_key = letter->dedupe
                                                ? arena_printf(arena, "%s:%lld", letter->dedupe,
                                                               (long long)line->account_id)
                                                : NULL};
    return mail_enqueue_tx(shop, tx, settings, &mail);
}

enum err workshop_letter_tx(struct shop *shop, struct tx *tx, struct arena *arena,
                            const struct settings *settings, const struct workshop_letter *letter,
                            int *families) {
    enum err err = OK;
    *families = 0;
    for (size_t i = 0; !err && i < letter->roster->count; i++) {
        if (!meant(letter, i) || seen(letter, i))
            continue;
        err = write_one(shop, tx, arena, settings, letter, &letter->roster->lines[i]);
        ++*families;
    }
    return err;
}
