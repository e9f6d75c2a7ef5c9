/* The form of a workshop, what stands on top of its page, and the actions of one click. */
#include "site/admin/workshop.h"
#include "base/i18n.h"
#include "site/admin/forms.h"
#include "site/pages/workshop.h"
#include "site/site.h"
#include "site/visit.h"
#include "views.h"
#include <string.h>

/* ---- the form ------------------------------------------------------------------------------- */

static const struct form_choice LEVELS[] = {
    {"1", N_("Beginner")}, {"2", N_("Intermediate")}, {"3", N_("Advanced")}, {NULL}};

const struct form_choice workshop_weekdays[] = {
    {"1", N_("Monday")},  {"2", N_("Tuesday")},   {"4", N_("Wednesday")}, {"8", N_("Thursday")},
    {"16", N_("Friday")}, {"32", N_("Saturday")}, {"64", N_("Sunday")},   {NULL}};

static const struct form_field FIELDS[] = {
    {.name = "title",
     .kind = FORM_TEXT,
     .label = N_("Title"),
     .required = true,
     .max = 120,
     .section = N_("What")},
    {.name = "topic_id", .kind = FORM_CHOICE, .label = N_("Topic"), .required = true},
    {.name = "description",
     .kind = FORM_LINES,
     .label = N_("What it is about"),
     .hint = N_("An empty line begins a new paragraph."),
     .max = 5000},
    {.name = "bring",
     .kind = FORM_LINES,
     .label = N_("What to bring"),
     .hint = N_("One thing a line."),
     .max = 1000},

    {.name = "start_date",
     .kind = FORM_DATE,
     .label = N_("First day"),
     .section = N_("When and where")},
    {.name = "end_date", .kind = FORM_DATE, .label = N_("Last day")},
    {.name = "weekdays",
     .kind = FORM_SET,
     .label = N_("Days of the week"),
     .choices = workshop_weekdays},
    {.name = "start_minute", .kind = FORM_TIME, .label = N_("Begins at")},
    {.name = "end_minute", .kind = FORM_TIME, .label = N_("Ends at")},
    {.name = "weeks", .kind = FORM_INTEGER, .label = N_("Weeks"), .min = 1, .max = 200},
    {.name = "schedule",
     .kind = FORM_TEXT,
     .label = N_("Days in words"),
     .hint = N_("Only where the days above do not say it."),
     .max = 200},
    {.name = "hours",
     .kind = FORM_TEXT,
     .label = N_("Hours in words"),
     .hint = N_("Only where the times above do not say it."),
     .max = 200},
    {.name = "place", .kind = FORM_TEXT, .label = N_("Place"), .max = 200},

    {.name = "level",
     .kind = FORM_CHOICE,
     .label = N_("Level"),
     .choices = LEVELS,
     .section = N_("Who")},
    {.name = "min_age", .kind = FORM_INTEGER, .label = N_("Youngest age"), .max = 120},
    {.name = "max_age", .kind = FORM_INTEGER, .label = N_("Oldest age"), .max = 120},
    {.name = "instructors", .kind = FORM_SET, .label = N_("Who teaches")},

    {.name = "price",
     .kind = FORM_MONEY,
     .label = N_("Price"),
     .hint = N_("0: free"),
     .required = true,
     .section = N_("Price and seats")},
    {.name = "discount_price",
     .kind = FORM_MONEY,
     .label = N_("Reduced price"),
     .hint = N_("What is asked now, below the price.")},
    {.name = "capacity",
     .kind = FORM_INTEGER,
     .label = N_("Seats"),
     .hint = N_("Empty: no limit"),
     .max = 100000},

    {.name = "active",
     .kind = FORM_CHECK,
     .label = N_("On sale"),
     .hint = N_("Without it nobody but the school sees the workshop."),
     .preset = "1",
     .section = N_("On the site")},
    {.name = "private",
     .kind = FORM_CHECK,
     .label = N_("Private"),
     .hint = N_("Not in any list: only those who have its link can open it.")},
    {.name = "sales_open_at",
     .kind = FORM_MOMENT,
     .label = N_("Enrolment opens"),
     .hint = N_("Empty: at once")},
    {.name = "sales_close_at",
     .kind = FORM_MOMENT,
     .label = N_("Enrolment closes"),
     .hint = N_("Empty: when the first day begins")},
    {.name = "slug",
     .kind = FORM_TEXT,
     .label = N_("Address"),
     .hint = N_("The end of the page’s address. Empty: made from the title."),
     .max = WORKSHOP_SLUG_MAX},
};

const struct form_spec workshop_form = {FIELDS, ARRAY_COUNT(FIELDS)};

static size_t field_named(const struct form *form, const char *name) {
    size_t i = 0;
    while (strcmp(form->entries[i].field->name, name) != 0)
        i++;
    return i;
}

void workshop_offer(struct visit *visit, struct form *form, const char *field,
                    const struct workshop_choices *found) {
    struct form_choice *choices = arena_array(visit->arena, found->count + 1, sizeof(*choices));
    for (size_t i = 0; i < found->count; i++)
        choices[i] =
            (struct form_choice){arena_printf(visit->arena, "%lld", (long long)found->items[i].id),
                                 found->items[i].name};
    form_offer(form, field_named(form, field), choices);
}

/* What cannot be read is offered empty; the page's other queries say that the database is ill. */
void workshop_prepare(struct visit *visit, struct form *form) {
    struct workshop_choices topics = {0}, teachers = {0};
    if (workshop_topics(visit_db(visit), visit->arena, &topics) != OK ||
        workshop_teachers(visit_db(visit), visit->arena, &teachers) != OK)
        form_refuse_all(form, N_("Something failed. Please try again."));
    workshop_offer(visit, form, "topic_id", &topics);
    workshop_offer(visit, form, "instructors", &teachers);
}

/* ---- the top of its page -------------------------------------------------------------------- */

enum err workshop_load(struct visit *visit, struct admin_one *one) {
    struct admin_workshop *view = arena_alloc(visit->arena, sizeof(*view));
    enum err err = workshop_staff_find(visit_db(visit), visit->arena, one->id, admin_own(visit),
                                       visit->now, &view->workshop);
    const struct workshop_staff *w = &view->workshop;
    view->csrf_token = visit->session.csrf_token;
    view->address = one->action;
    view->may_edit = noun_may(visit, MAY_EDIT_WORKSHOPS);
    view->may_take_attendance = noun_may(visit, MAY_TAKE_ATTENDANCE);
    view->people = w->confirmed + w->held;
    if (w->private && w->private_key && view->may_edit)
        view->link = arena_printf(visit->arena, "%s/workshops/%s/?key=%s",
                                  visit->site->shop.base_url, w->slug, w->private_key);
    one->more = view;
    return err;
}

/* ---- actions -------------------------------------------------------------------------------- */

static void flash_refusal(struct visit *visit, const struct workshop_result *result) {
    visit_flash(visit, FLASH_PROBLEM,
                visit_say(visit, workshop_refusal_english(result->refusal),
                          I18N_TEXT("title", result->title)));
}

static enum err move(struct visit *visit, enum workshop_move what, const int64_t *ids, size_t count,
                     int64_t *done) {
    struct workshop_result result;
    enum err err = workshop_move(visit_shop(visit), visit->arena, visit->session.account_id, what,
                                 ids, count, visit->now, &result);
    if (err == ERR_REFUSED)
        flash_refusal(visit, &result);
    *done = result.done;
    return err;
}

static enum err activate(struct visit *visit, const int64_t *ids, size_t count, int64_t *done) {
    return move(visit, WORKSHOP_ACTIVATE, ids, count, done);
}

static enum err deactivate(struct visit *visit, const int64_t *ids, size_t count, int64_t *done) {
    return move(visit, WORKSHOP_DEACTIVATE, ids, count, done);
}

static enum err archive(struct visit *visit, const int64_t *ids, size_t count, int64_t *done) {
    return move(visit, WORKSHOP_ARCHIVE, ids, count, done);
}

const struct noun_action workshop_actions[] = {
    {"activate", N_("Put on sale"), MAY_EDIT_WORKSHOPS, activate},
    {"deactivate", N_("Take off sale"), MAY_EDIT_WORKSHOPS, deactivate},
    {"archive", N_("Archive"), MAY_EDIT_WORKSHOPS, archive},
    {NULL},
};

/* Back to the workshop's page, which says how it went. */
static void answer(struct visit *visit, enum err err, int64_t done, const char *did) {
    if (err && err != ERR_REFUSED) {
        visit_fail(visit, err);
        return;
    }
    if (!err)
        visit_flash(visit, done ? FLASH_SUCCESS : FLASH_NOTICE,
                    tr(visit->lang, done ? did : N_("It was so already.")));
    visit_redirect(visit, "/admin/workshops/%lld/", (long long)visit_id(visit, 0));
}

void admin_workshop_archive_post(struct visit *visit) {
    int64_t id = visit_id(visit, 0), done;
    enum err err = archive(visit, &id, 1, &done);
    answer(visit, err, done, N_("Archived. It is no longer for sale."));
}

void admin_workshop_restore_post(struct visit *visit) {
    int64_t id = visit_id(visit, 0), done;
    enum err err = move(visit, WORKSHOP_RESTORE, &id, 1, &done);
    answer(visit, err, done, N_("Back on the list. It is not for sale yet."));
}

void admin_workshop_renew_post(struct visit *visit) {
    struct workshop_result result;
    enum err err = workshop_renew_key(visit_shop(visit), visit->session.account_id,
                                      visit_id(visit, 0), &result);
    if (err == ERR_REFUSED)
        flash_refusal(visit, &result);
    answer(visit, err, result.done, N_("The private link is new. The old one opens nothing now."));
}

/* ---- preview -------------------------------------------------------------------------------- */

void admin_workshop_preview_get(struct visit *visit) {
    struct workshop_staff mine;
    enum err err = workshop_staff_find(visit_db(visit), visit->arena, visit_id(visit, 0),
                                       admin_own(visit), visit->now, &mine);
    if (err)
        visit_fail(visit, err);
    else
        workshop_show_preview(visit, mine.id);
}

/* ---- copies --------------------------------------------------------------------------------- */

enum { COPY_START, COPY_END, COPY_FIELDS };

static const struct form_field COPY[COPY_FIELDS] = {
    [COPY_START] = {.name = "start_date",
                    .kind = FORM_DATE,
                    .label = N_("First day"),
                    .required = true},
    [COPY_END] = {.name = "end_date", .kind = FORM_DATE, .label = N_("Last day")},
};

const struct form_spec workshop_copy_form = {COPY, COPY_FIELDS};

static void show_copy(struct visit *visit, struct form *form, int status) {
    struct workshop_staff workshop;
    enum err err = workshop_staff_find(visit_db(visit), visit->arena, visit_id(visit, 0), 0,
                                       visit->now, &workshop);
    if (err) {
        visit_fail(visit, err);
        return;
    }
    struct admin_page page =
        admin_page_start(visit, "workshops", tr(visit->lang, "Copy a workshop"));
    page.page.form = form;
    const struct admin_copy view = {.page = &page, .workshop = &workshop, .form = form};
    struct out out = visit_page(visit, status, &page.page);
    view_admin_workshop_copy(&out, &view);
}

void admin_workshop_copy_get(struct visit *visit) {
    struct form form = form_empty(&workshop_copy_form, visit->arena, visit->lang);
    show_copy(visit, &form, 200);
}

void admin_workshop_copy_post(struct visit *visit) {
    struct form *form = &visit->form;
    struct workshop_result result = {0};
    enum err err = ERR_REFUSED;
    if (form_ok(form))
        err = workshop_copy(visit_shop(visit), visit->arena, visit->session.account_id,
                            visit_id(visit, 0), form_text(form, COPY_START),
                            form_text_or_null(form, COPY_END), visit->now, &result);
    if (err && err != ERR_REFUSED) {
        visit_fail(visit, err);
        return;
    }
    if (err) {
        if (result.refusal)
            form_refuse(form, result.refusal == WORKSHOP_NO_DATE ? COPY_START : COPY_END,
                        workshop_refusal_english(result.refusal));
        show_copy(visit, form, 422);
        return;
    }
    visit_flash(visit, result.repeated ? FLASH_NOTICE : FLASH_SUCCESS,
                tr(visit->lang, result.repeated
                                    ? N_("This copy was made a moment ago.")
                                    : N_("Copied. Look through it, then put it on sale.")));
    visit_redirect(visit, "/admin/workshops/%lld/", (long long)result.id);
}
