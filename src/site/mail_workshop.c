/* What families of a workshop read: that it was called off, that its days are others, or what the
 * school has to say in its own words. */
#include "site/mail_workshop.h"
#include "base/out.h"
#include "site/mail.h"
#include "site/text.h"
#include "views.h"

enum { OWN_LINES_MAX = 3 };

static const struct {
    const char *subject;
    const char *lines[OWN_LINES_MAX];
} WORDS[MAIL_KINDS] = {
    [MAIL_WORKSHOP_CALLED_OFF] = {N_("“{title}” was called off"),
                                  {N_("We are sorry: “{title}”, in which you enrolled {students}, "
                                      "will not take place."),
                                   N_("We will write to you about what you paid.")}},
    [MAIL_WORKSHOP_RESCHEDULED] = {N_("“{title}” has other days"),
                                   {N_("“{title}”, in which you enrolled {students}, has other "
                                       "days or hours."),
                                    N_("Before: {before}"), N_("Now: {after}")}},
    [MAIL_WORKSHOP_MESSAGE] = {N_("{subject}"), {N_("This is about “{title}” ({students}).")}},
};

static const char *say(struct arena *arena, enum lang lang, const char *english,
                       const struct mail_workshop *model) {
    const struct i18n_arg args[] = {
        I18N_TEXT("title", model->workshop->title), I18N_TEXT("students", model->students),
        I18N_TEXT("before", model->before),         I18N_TEXT("after", model->after),
        I18N_TEXT("subject", model->subject),
    };
    struct buf text = {0};
    i18n_format_args(&text, tr(lang, english), args, sizeof(args) / sizeof(*args));
    const char *said = arena_strdup(arena, buf_text(&text));
    buf_free(&text);
    return said;
}

void mail_workshop_render(struct mail_text *out, enum mail_kind kind, enum lang lang,
                          const struct mail_workshop *model, const struct settings *settings,
                          const char *base_url, struct arena *arena) {
    int own_count = 0, count = 0;
    const char *const *own = text_paragraphs(arena, model->note, &own_count);
    const char **lines = arena_array(arena, (size_t)own_count + OWN_LINES_MAX, sizeof(*lines));
    bool message = kind == MAIL_WORKSHOP_MESSAGE;
    for (int i = 0; message && i < own_count; i++)
        lines[count++] = own[i];
    for (int i = 0; i < OWN_LINES_MAX && WORDS[kind].lines[i]; i++)
        lines[count++] = say(arena, lang, WORDS[kind].lines[i], model);
    for (int i = 0; !message && i < own_count; i++)
        lines[count++] = own[i];
    const struct i18n_arg name = I18N_TEXT("name", model->first_name);
    struct buf greeting = {0};
    i18n_format_args(&greeting, tr(lang, N_("Hello, {name}")), &name, 1);
    const struct mail_notice view = {.settings = settings,
                                     .greeting = buf_text(&greeting),
                                     .lines = lines,
                                     .line_count = count,
                                     .link = arena_printf(arena, "%s/users/profile/", base_url),
                                     .link_text = tr(lang, N_("See my inscription"))};
    buf_puts(&out->subject, say(arena, lang, WORDS[kind].subject, model));
    struct out text = out_start(&out->text, lang, NULL);
    text.context = OUT_PLAIN;
    view_mail_notice_txt(&text, &view);
    struct out html = out_start(&out->html, lang, NULL);
    view_mail_notice(&html, &view);
    buf_free(&greeting);
}
