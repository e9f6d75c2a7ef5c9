/* Each page shows who is affected before anything happens. Calling off does it from there; other
 * days and messages are looked at once more (step=check) before they are done (step=do). */
#include "site/admin/workshop_change.h"
#include "base/i18n.h"
#include "base/secret.h"
#include "shop/workshop_words.h"
#include "site/admin/workshop.h"
#include "site/text.h"
#include "site/visit.h"
#include "views.h"
#include <stdlib.h>
#include <string.h>

#define CHOICE "choice-" /* and the inscription's id: a field of the form */

/* ---- what the three share ------------------------------------------------------------------- */

/* False, and answered: there is no such workshop. */
static bool begin(struct visit *visit, struct roster *roster, struct form *form,
                  struct admin_change *view) {
    enum err err = roster_read(visit_db(visit), visit->arena, visit_id(visit, 0), 0,
                               visit_today(visit), visit->now, roster);
    if (err) {
        visit_fail(visit, err);
        return false;
    }
    *view = (struct admin_change){.roster = roster,
                                  .form = form,
                                  .address = arena_printf(visit->arena, "/admin/workshops/%lld/",
                                                          (long long)roster->workshop.id),
                                  .families = workshop_family_count(roster),
                                  .currency = visit->settings->currency};
    return true;
}

static void show(struct visit *visit, const char *title, int status, struct admin_change *view,
                 void (*print)(struct out *, const struct admin_change *)) {
    struct admin_page *page = admin_page_make(visit, "workshops", title);
    page->page.form = view->form;
    view->page = page;
    struct out out = visit_page(visit, status, &page->page);
    print(&out, view);
}

static const char *desk_text(enum order_desk_refusal refusal) {
    switch (refusal) {
    case ORDER_DESK_FULL:
        return N_("{name} cannot go there: no seat is left.");
    case ORDER_DESK_ALREADY:
        return N_("{name} cannot go there: they are in that workshop already.");
    case ORDER_DESK_GONE:
    case ORDER_DESK_NOTHING:
    case ORDER_DESK_SAME:
        return N_("Please choose the workshop to go to.");
    case ORDER_DESK_OK:
    case ORDER_DESK_AGE:
    case ORDER_DESK_METHOD:
    case ORDER_DESK_REFERENCE:
    case ORDER_DESK_REFERENCE_USED:
    case ORDER_DESK_NOT_ENROLLED:
    case ORDER_DESK_REFUND:
        break;
    }
    return N_("{name} cannot be moved like this. Please settle that order by itself.");
}

static const char *refusal_text(const struct change_result *result) {
    switch (result->refusal) {
    case CHANGE_OK:
        break;
    case CHANGE_PEOPLE:
        return N_("{name} enrolled meanwhile. Please look through the list again.");
    case CHANGE_MOVE:
        return desk_text(result->desk);
    case CHANGE_MOVE_UNPAID:
        return N_("{name} has not paid yet and cannot be moved. Cancel that order or keep it.");
    case CHANGE_REFUND:
        return N_("The money of {name} cannot go back like this. Please settle that order by "
                  "itself.");
    case CHANGE_CANCEL:
        return N_("The order of {name} cannot be cancelled now. Please look at it by itself.");
    case CHANGE_NO_DATE:
        return N_("Please give the first day.");
    case CHANGE_DATES_REVERSED:
        return N_("The last day comes before the first.");
    case CHANGE_HOURS_REVERSED:
        return N_("It ends before it begins.");
    case CHANGE_CALLED_OFF:
        return N_("This workshop was called off.");
    case CHANGE_NOBODY:
        return N_("Nobody is enrolled yet.");
    }
    return N_("Something failed. Please try again.");
}

static void refuse(struct visit *visit, struct form *form, const struct change_result *result) {
    form->error = visit_say(visit, refusal_text(result), I18N_TEXT("name", result->name));
}

/* Back to the workshop's page, with how many families were written to. */
static void done(struct visit *visit, const struct change_result *result, const char *said,
                 const char *replay) {
    if (result->replay)
        visit_flash(visit, FLASH_NOTICE, tr(visit->lang, replay));
    else
        visit_flash(visit, FLASH_SUCCESS, visit_say(visit, said, I18N_INT("n", result->families)));
    visit_redirect(visit, "/admin/workshops/%lld/", (long long)visit_id(visit, 0));
}

static bool asks_to_do(const struct visit *visit) {
    const char *step = fields_get(&visit->request->form, "step");
    return step && strcmp(step, "do") == 0;
}

/* ---- calling off ---------------------------------------------------------------------------- */

static const struct form_choice METHODS[] = {
    {"transfer", N_("Transfer")}, {"cash", N_("Cash")}, {NULL}};

static const struct form_field CANCEL[CANCEL_FIELDS] = {
    [CANCEL_REASON] = {.name = "reason",
                       .kind = FORM_TEXT,
                       .label = N_("Reason, for the families"),
                       .max = CHANGE_REASON_MAX},
    [CANCEL_MOVE_TO] = {.name = "move_to",
                        .kind = FORM_CHOICE,
                        .label = N_("Those who change go to")},
    [CANCEL_METHOD] = {.name = "method",
                       .kind = FORM_CHOICE,
                       .label = N_("Money goes back by"),
                       .hint = N_("What was paid by card goes back to the card."),
                       .choices = METHODS,
                       .required = true,
                       .preset = "transfer"},
};
const struct form_spec workshop_cancel_form = {CANCEL, CANCEL_FIELDS};

static enum cancel_choice choice_of(struct visit *visit, int64_t inscription_id) {
    static const char *const WORDS[] = {
        [CANCEL_KEEP] = "keep", [CANCEL_REFUND] = "refund", [CANCEL_MOVE] = "move"};
    const char *sent = fields_get(&visit->request->form, arena_printf(visit->arena, CHOICE "%lld",
                                                                      (long long)inscription_id));
    for (size_t i = 0; sent && i < ARRAY_COUNT(WORDS); i++)
        if (strcmp(WORDS[i], sent) == 0)
            return (enum cancel_choice)i;
    return CANCEL_REFUND;
}

static void offer_others(struct visit *visit, struct form *form) {
    struct workshop_choices others = {0};
    if (workshop_others(visit_db(visit), visit->arena, visit_id(visit, 0), visit_today(visit),
                        &others) != OK)
        form_refuse_all(form, N_("Something failed. Please try again."));
    workshop_offer(visit, form, "move_to", &others);
}

static void show_cancel(struct visit *visit, struct form *form, int status) {
    struct roster roster;
    struct admin_change view;
    if (!begin(visit, &roster, form, &view))
        return;
    enum cancel_choice *choices = arena_array(visit->arena, roster.count, sizeof(*choices));
    for (size_t i = 0; i < roster.count; i++)
        choices[i] = choice_of(visit, roster.lines[i].inscription_id);
    view.choices = choices;
    show(visit, tr(visit->lang, "Call a workshop off"), status, &view, view_admin_workshop_cancel);
}

void admin_cancel_get(struct visit *visit) {
    struct form form = form_empty(&workshop_cancel_form, visit->arena, visit->lang);
    form_set(&form, CANCEL_METHOD, CANCEL[CANCEL_METHOD].preset);
    offer_others(visit, &form);
    show_cancel(visit, &form, 200);
}

/* Only who has a choice in the form was seen by whoever sent it. */
static struct cancel_line *read_lines(struct visit *visit, size_t *count) {
    const struct fields *fields = &visit->request->form;
    struct cancel_line *lines = arena_array(visit->arena, fields->count, sizeof(*lines));
    *count = 0;
    for (size_t i = 0; i < fields->count; i++)
        if (strncmp(fields->items[i].name, CHOICE, strlen(CHOICE)) == 0) {
            int64_t id = strtoll(fields->items[i].name + strlen(CHOICE), NULL, 10);
            lines[(*count)++] = (struct cancel_line){id, choice_of(visit, id)};
        }
    return lines;
}

void admin_cancel_post(struct visit *visit) {
    struct form *form = &visit->form;
    struct change_result result = {0};
    struct cancel_request request = {.actor_id = visit->session.account_id,
                                     .workshop_id = visit_id(visit, 0)};
    enum err err = ERR_REFUSED;
    offer_others(visit, form);
    if (form_ok(form)) {
        request.reason = form_text(form, CANCEL_REASON);
        request.move_to = strtoll(form_text(form, CANCEL_MOVE_TO), NULL, 10);
        request.method = form_text(form, CANCEL_METHOD);
        request.lines = read_lines(visit, &request.count);
        err = workshop_cancel(visit_shop(visit), visit->arena, &request, visit->now, &result);
        if (err == ERR_REFUSED)
            refuse(visit, form, &result);
    }
    if (err == ERR_REFUSED)
        show_cancel(visit, form, 422);
    else if (err)
        visit_fail(visit, err);
    else
        done(visit, &result, N_("Called off. Everybody concerned was written to."),
             N_("This workshop had been called off before."));
}

/* ---- other days ----------------------------------------------------------------------------- */

enum { START, END, DAYS, BEGINS, ENDS, SCHEDULE, HOURS, NOTE, RESCHEDULE_FIELDS };

static const struct form_field RESCHEDULE[RESCHEDULE_FIELDS] = {
    [START] = {.name = "start_date", .kind = FORM_DATE, .label = N_("First day"), .required = true},
    [END] = {.name = "end_date", .kind = FORM_DATE, .label = N_("Last day")},
    [DAYS] = {.name = "weekdays",
              .kind = FORM_SET,
              .label = N_("Days of the week"),
              .choices = workshop_weekdays},
    [BEGINS] = {.name = "start_minute", .kind = FORM_TIME, .label = N_("Begins at")},
    [ENDS] = {.name = "end_minute", .kind = FORM_TIME, .label = N_("Ends at")},
    [SCHEDULE] = {.name = "schedule",
                  .kind = FORM_TEXT,
                  .label = N_("Days in words"),
                  .hint = N_("Only where the days above do not say it."),
                  .max = 200},
    [HOURS] = {.name = "hours",
               .kind = FORM_TEXT,
               .label = N_("Hours in words"),
               .hint = N_("Only where the times above do not say it."),
               .max = 200},
    [NOTE] = {.name = "note",
              .kind = FORM_LINES,
              .label = N_("A word to the families"),
              .max = 1000},
};
const struct form_spec workshop_reschedule_form = {RESCHEDULE, RESCHEDULE_FIELDS};

static void set_time(struct visit *visit, struct form *form, size_t field, int minute) {
    if (minute != WORKSHOP_NONE)
        form_set(form, field,
                 arena_printf(visit->arena, "%02d:%02d", minute / 60 % 24, minute % 60));
}

static void fill_reschedule(struct visit *visit, struct form *form, const struct workshop *w) {
    char start[DATE_TEXT_SIZE], end[DATE_TEXT_SIZE];
    struct buf days = {0};
    date_format(w->start, start);
    date_format(w->end, end);
    for (unsigned bit = WORKSHOP_MONDAY; bit <= WORKSHOP_SUNDAY; bit *= 2)
        if (w->weekdays & bit)
            buf_printf(&days, "%s%u", days.len ? " " : "", bit);
    form_set(form, START, arena_strdup(visit->arena, start));
    form_set(form, END, arena_strdup(visit->arena, end));
    form_set(form, DAYS, arena_strdup(visit->arena, buf_text(&days)));
    set_time(visit, form, BEGINS, w->start_minute);
    set_time(visit, form, ENDS, w->end_minute);
    form_set(form, SCHEDULE, w->schedule);
    form_set(form, HOURS, w->hours);
    buf_free(&days);
}

static struct reschedule_request read_reschedule(const struct visit *visit,
                                                 const struct form *form) {
    struct reschedule_request r = {.actor_id = visit->session.account_id,
                                   .workshop_id = visit_id(visit, 0),
                                   .start = form->entries[START].date,
                                   .end = form->entries[END].date,
                                   .start_minute = WORKSHOP_NONE,
                                   .end_minute = WORKSHOP_NONE,
                                   .schedule = form_text_or_null(form, SCHEDULE),
                                   .hours = form_text_or_null(form, HOURS),
                                   .note = form_text_or_null(form, NOTE)};
    for (const struct form_choice *c = workshop_weekdays; c->value; c++)
        if (form_chosen(&form->entries[DAYS], c))
            r.weekdays |= (unsigned)strtoul(c->value, NULL, 10);
    if (form_given(form, BEGINS))
        r.start_minute = (int)form_number(form, BEGINS);
    if (form_given(form, ENDS)) /* midnight ends the day */
        r.end_minute = form_number(form, ENDS) ? (int)form_number(form, ENDS) : 24 * 60;
    return r;
}

/* `request` NULL: nothing was asked for yet, or it was refused. */
static void show_reschedule(struct visit *visit, struct form *form,
                            const struct reschedule_request *request, int status) {
    struct roster roster;
    struct admin_change view;
    if (!begin(visit, &roster, form, &view))
        return;
    if (status == 200 && !request)
        fill_reschedule(visit, form, &roster.workshop);
    const struct change_result refused = {
        .refusal = request ? workshop_reschedule_check(request, &roster.workshop) : CHANGE_OK};
    if (refused.refusal) {
        refuse(visit, form, &refused);
        status = 422;
    } else if (request) {
        struct workshop changed = roster.workshop;
        workshop_apply(&changed, request);
        view.checked = true;
        view.before = workshop_in_words(visit->arena, visit->lang, &roster.workshop);
        view.after = workshop_in_words(visit->arena, visit->lang, &changed);
        enum err err = workshop_change_clashes(visit_db(visit), visit->arena, &changed, visit->now,
                                               &view.clashes);
        if (err) {
            visit_fail(visit, err);
            return;
        }
    }
    show(visit, tr(visit->lang, "Other days for a workshop"), status, &view,
         view_admin_workshop_reschedule);
}

void admin_reschedule_get(struct visit *visit) {
    struct form form = form_empty(&workshop_reschedule_form, visit->arena, visit->lang);
    show_reschedule(visit, &form, NULL, 200);
}

void admin_reschedule_post(struct visit *visit) {
    struct form *form = &visit->form;
    struct change_result result = {0};
    struct reschedule_request request = read_reschedule(visit, form);
    if (form_ok(form) && !asks_to_do(visit)) {
        show_reschedule(visit, form, &request, 200);
        return;
    }
    enum err err = ERR_REFUSED;
    if (form_ok(form)) {
        err = workshop_reschedule(visit_shop(visit), visit->arena, &request, visit->now, &result);
        if (err == ERR_REFUSED)
            refuse(visit, form, &result);
    }
    if (err == ERR_REFUSED)
        show_reschedule(visit, form, NULL, 422);
    else if (err)
        visit_fail(visit, err);
    else
        done(visit, &result, N_("The workshop has its new days. Families written to: {n}."),
             N_("Nothing was different."));
}

/* ---- writing to everyone -------------------------------------------------------------------- */

static const struct form_field MESSAGE[MESSAGE_FIELDS] = {
    [MESSAGE_SUBJECT] = {.name = "subject",
                         .kind = FORM_TEXT,
                         .label = N_("Subject"),
                         .required = true,
                         .max = CHANGE_SUBJECT_MAX},
    [MESSAGE_TEXT] = {.name = "text",
                      .kind = FORM_LINES,
                      .label = N_("Message"),
                      .hint = N_("An empty line begins a new paragraph."),
                      .required = true,
                      .max = CHANGE_TEXT_MAX},
    [MESSAGE_TOKEN] = {.name = "token",
                       .kind = FORM_HIDDEN,
                       .label = N_("Message"),
                       .required = true,
                       .min = 16,
                       .max = CHANGE_TOKEN_SIZE - 1},
};
const struct form_spec workshop_message_form = {MESSAGE, MESSAGE_FIELDS};

static void show_message(struct visit *visit, struct form *form, bool checked, int status) {
    struct roster roster;
    struct admin_change view;
    if (!begin(visit, &roster, form, &view))
        return;
    view.checked = checked;
    if (checked)
        view.paragraphs =
            text_paragraphs(visit->arena, form_text(form, MESSAGE_TEXT), &view.paragraph_count);
    show(visit, tr(visit->lang, "Write to everyone enrolled"), status, &view,
         view_admin_workshop_message);
}

void admin_message_get(struct visit *visit) {
    struct form form = form_empty(&workshop_message_form, visit->arena, visit->lang);
    char token[SECRET_TOKEN_SIZE];
    _Static_assert((int)SECRET_TOKEN_SIZE <= (int)CHANGE_TOKEN_SIZE, "a token must fit");
    secret_token(token);
    form_set(&form, MESSAGE_TOKEN, arena_strdup(visit->arena, token));
    show_message(visit, &form, false, 200);
}

void admin_message_post(struct visit *visit) {
    struct form *form = &visit->form;
    struct change_result result = {0};
    if (form_ok(form) && !asks_to_do(visit)) {
        show_message(visit, form, true, 200);
        return;
    }
    const struct message_request request = {.actor_id = visit->session.account_id,
                                            .workshop_id = visit_id(visit, 0),
                                            .token = form_text(form, MESSAGE_TOKEN),
                                            .subject = form_text(form, MESSAGE_SUBJECT),
                                            .text = form_text(form, MESSAGE_TEXT)};
    enum err err = ERR_REFUSED;
    if (form_ok(form)) {
        err = workshop_message(visit_shop(visit), visit->arena, &request, visit->now, &result);
        if (err == ERR_REFUSED)
            refuse(visit, form, &result);
    }
    if (err == ERR_REFUSED)
        show_message(visit, form, false, 422);
    else if (err)
        visit_fail(visit, err);
    else
        done(visit, &result, N_("Sent. Families written to: {n}."),
             N_("This message had been sent before."));
}
