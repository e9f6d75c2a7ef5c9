/* One small function a kind of mail: the subject, the model for its view. */
#include "site/mail.h"
#include "base/arena.h"
#include "base/money.h"
#include "base/out.h"
#include "base/words.h"
#include "site/filters.h"
#include "site/mail_workshop.h"
#include "site/pages/order.h"
#include "site/text.h"
#include "views.h"

enum { LINES_MAX = 3 };

/* What every kind needs while it is being written. */
struct letter {
    struct mail_text *out;
    enum lang lang;
    const struct settings *settings;
    const char *base_url;
    struct arena *arena;
};

static struct out start(const struct letter *letter, struct buf *body, bool plain) {
    struct out out = out_start(body, letter->lang, NULL);
    if (plain)
        out.context = OUT_PLAIN;
    return out;
}

static const char *say(const struct letter *letter, const char *english,
                       const struct i18n_arg *args, size_t count) {
    struct buf text = {0};
    i18n_format_args(&text, tr(letter->lang, english), args, count);
    const char *said = arena_strdup(letter->arena, buf_text(&text));
    buf_free(&text);
    return said;
}

#define SAY(letter, english, ...)                                    \
    say((letter), (english), (const struct i18n_arg[]){__VA_ARGS__}, \
        sizeof((const struct i18n_arg[]){__VA_ARGS__}) / sizeof(struct i18n_arg))

static const char *greet(const struct letter *letter, const char *first_name) {
    return SAY(letter, N_("Hello, {name}"), I18N_TEXT("name", first_name));
}

/* ---- notices ----------------------------------------------------------------------------------
 */

/* The words of mails that only say something; {…} are filled by the caller's arguments. */
static const struct {
    const char *subject;
    const char *lines[LINES_MAX];
    const char *link_text;
} NOTICES[MAIL_KINDS] = {
    [MAIL_TRANSFER_REPORTED] = {N_("We have your operation number ({code})"),
                                {N_("We have your operation number for the order {code}. We will "
                                    "write to you once it is checked; your seat stays yours.")},
                                N_("See the order")},
    [MAIL_TRANSFER_EXPIRED] = {N_("The time to pay is over ({code})"),
                               {N_("We did not see a payment for the order {code} in time, so its "
                                   "seats are free again."),
                                N_("If you did pay, open the order and tell us the operation "
                                   "number: we will find it.")},
                               N_("See the order")},
    [MAIL_REVIEW] = {N_("We have your payment and are looking at it ({code})"),
                     {N_("We have your payment for the order {code}. Something about it needs a "
                         "person: a seat, the amount or the date."),
                      N_("We will write to you soon. There is nothing you need to do.")},
                     N_("See the order")},
    [MAIL_CONFIRM_EMAIL] = {N_("Confirm your e-mail"),
                            {N_("One tap and your account is ready. If you did not ask for one, "
                                "do nothing.")},
                            N_("Confirm my e-mail")},
    [MAIL_PASSWORD_RESET] = {N_("Set a new password"),
                             {N_("Somebody asked for a new password for your account. The link "
                                 "works once, for 1 hour."),
                              N_("If it was not you, do nothing: your password stays as it is.")},
                             N_("Set a new password")},
    [MAIL_PASSWORD_CHANGED] = {N_("Your password was changed"),
                               {N_("The password of your account was changed just now, and all "
                                   "other devices were logged out."),
                                N_("If it was not you, ask for a new password on the log-in page "
                                   "and tell the school.")},
                               NULL},
    [MAIL_ALREADY_MEMBER] = {N_("You already have an account"),
                             {N_("Somebody tried to create an account with your e-mail, and you "
                                 "already have one. If it was you, log in; if you forgot the "
                                 "password, ask for a new one there.")},
                             N_("Log in")},
    [MAIL_INVITED] = {N_("Your account is waiting for you"),
                      {N_("The school has made an account for you. Choose a password and come in; "
                          "the link works for 7 days.")},
                      N_("Choose a password")},
    [MAIL_EMAIL_CHANGED] = {N_("The e-mail of your account was changed"),
                            {N_("From now on you log in with {email}, and our mails go there. The "
                                "school made this change."),
                             N_("If you did not ask for it, tell the school.")},
                            NULL},
    [MAIL_SECOND_FACTOR_ON] = {N_("Two-step login is on"),
                               {N_("From now on, logging in to your account takes a code from your "
                                   "phone after the password."),
                                N_("If it was not you, change your password and tell the school.")},
                               NULL},
    [MAIL_SECOND_FACTOR_OFF] = {N_("Two-step login is off"),
                                {N_("Logging in to your account takes only the password again."),
                                 N_("If you did not ask for it, change your password and tell the "
                                    "school.")},
                                NULL},
    [MAIL_RECOVERY_CODES] = {N_("You have new recovery codes"),
                             {N_("Ten new recovery codes were made for your account. The old ones "
                                 "work no more."),
                              N_("If it was not you, change your password and tell the school.")},
                             NULL},
    [MAIL_RECOVERY_CODE_USED] = {N_("A recovery code was used"),
                                 {N_("Somebody logged in to your account with one of your recovery "
                                     "codes. It works no more."),
                                  N_("If it was not you, change your password and tell the "
                                     "school.")},
                                 NULL},
    [MAIL_TEST] = {N_("A test mail of your school"),
                   {N_("If you read this, sending mail works."),
                    N_("Look also at who it says it is from, and whether it came into Spam.")},
                   NULL},
    [MAIL_ACCOUNT_CLOSED] = {N_("Your account is closed"),
                             {N_("Your account is closed, as you asked. Enrolments and receipts "
                                 "stay with the school, as the law asks.")},
                             NULL},
};

/* `about` fills {code} of mails about an order and {email} of those about an account. */
static void render_notice(const struct letter *letter, enum mail_kind kind, const char *first_name,
                          const char *about, const char *link) {
    const struct i18n_arg args[] = {I18N_TEXT("code", about), I18N_TEXT("email", about)};
    const size_t count = ARRAY_COUNT(args);
    buf_puts(&letter->out->subject, say(letter, NOTICES[kind].subject, args, count));
    const char *lines[LINES_MAX];
    struct mail_notice view = {.settings = letter->settings,
                               .greeting = greet(letter, first_name),
                               .lines = lines,
                               .link = link};
    while (view.line_count < LINES_MAX && NOTICES[kind].lines[view.line_count]) {
        lines[view.line_count] = say(letter, NOTICES[kind].lines[view.line_count], args, count);
        view.line_count++;
    }
    if (NOTICES[kind].link_text)
        view.link_text = tr(letter->lang, NOTICES[kind].link_text);
    struct out text = start(letter, &letter->out->text, true);
    view_mail_notice_txt(&text, &view);
    struct out html = start(letter, &letter->out->html, false);
    view_mail_notice(&html, &view);
}

static const char *order_link(const struct letter *letter, int64_t id) {
    return arena_printf(letter->arena, "%s/store/orders/%lld/", letter->base_url, (long long)id);
}

/* ---- transfers and receipts -------------------------------------------------------------------
 */

static void render_transfer(const struct letter *letter, const struct order *order) {
    buf_puts(&letter->out->subject,
             SAY(letter, N_("How to pay your order {code}"), I18N_TEXT("code", order->code)));
    struct mail_transfer view = {.settings = letter->settings,
                                 .zone = letter->settings->zone,
                                 .order = order,
                                 .greeting = greet(letter, order->first_name),
                                 .link = order_link(letter, order->id),
                                 .link_text = tr(letter->lang, "I have paid")};
    view.bank_lines =
        text_lines(letter->arena, letter->settings->bank_details, &view.bank_line_count);
    struct out text = start(letter, &letter->out->text, true);
    view_mail_transfer_txt(&text, &view);
    struct out html = start(letter, &letter->out->html, false);
    view_mail_transfer(&html, &view);
}

static void render_receipt(const struct letter *letter, const struct receipt *receipt) {
    const char *number = arena_printf(letter->arena, "%06lld", (long long)receipt->number);
    buf_puts(&letter->out->subject,
             SAY(letter, N_("Your receipt {number} ({school})"), I18N_TEXT("number", number),
                 I18N_TEXT("school", receipt->school_name)));
    struct mail_receipt view = {.settings = letter->settings,
                                .zone = letter->settings->zone,
                                .receipt = receipt,
                                .number = number,
                                .method = order_method_text(letter->lang, receipt->method),
                                .link = order_link(letter, receipt->order_id),
                                .link_text = tr(letter->lang, "See my inscription")};
    view.school_lines = text_lines(letter->arena, receipt->school_lines, &view.school_line_count);
    struct out text = start(letter, &letter->out->text, true);
    view_mail_receipt_txt(&text, &view);
    struct out html = start(letter, &letter->out->html, false);
    view_mail_receipt(&html, &view);
}

/* ---- what the school did with an order --------------------------------------------------------
 */

/* The words; {…} are filled from the news. A paragraph that speaks of money is left out where none
 * went back. */
static const struct {
    const char *subject;
    const char *lines[LINES_MAX];
    const char *money; /* said when money went back */
} NEWS[MAIL_KINDS] = {
    [MAIL_TRANSFER_REJECTED] =
        {N_("We did not find your payment ({code})"),
         {N_("We looked for the operation {operation} for your order {code} "
             "and did not find that money."),
          N_("If the number was another one, open the order and tell us. Your "
             "seat stays yours until {moment}.")},
         NULL},
    [MAIL_TRANSFER_EXTENDED] = {N_("You have more time to pay ({code})"),
                                {N_("You can pay your order {code} until {moment}. Your seat stays "
                                    "yours until then.")},
                                NULL},
    [MAIL_ORDER_CANCELLED] = {N_("Your order {code} was cancelled"),
                              {N_("The school cancelled your order {code}. Its seats are free "
                                  "again; there is nothing to pay.")},
                              N_("We gave {amount} back to you: {method}, {reference}.")},
    [MAIL_REFUND] = {N_("We gave you {amount} back ({code})"),
                     {N_("This is about your order {code}.")},
                     N_("We gave {amount} back to you: {method}, {reference}.")},
    [MAIL_MOVED] = {N_("{name} changes to {to}"),
                    {N_("{name} is not in {from} any more, but in {to}."),
                     N_("What you had paid counts for the new workshop. Its receipt comes in "
                        "another mail.")},
                    N_("We gave the difference of {amount} back to you: {method}, {reference}.")},
};

static const char *moment_of(const struct letter *letter, int64_t at) {
    struct buf text = {0};
    words_moment_long(&text, letter->lang, letter->settings->zone, at);
    const char *said = arena_strdup(letter->arena, buf_text(&text));
    buf_free(&text);
    return said;
}

static const char *money_of(const struct letter *letter, int64_t cents, const char *currency) {
    struct buf text = {0};
    money_print(&text, cents, currency);
    const char *said = arena_strdup(letter->arena, buf_text(&text));
    buf_free(&text);
    return said;
}

static void fill_note(const struct letter *letter, const struct credit_note *note,
                      struct mail_credit *view) {
    view->number = arena_printf(letter->arena, "%06lld", (long long)note->number);
    view->receipt = arena_printf(letter->arena, "%06lld", (long long)note->receipt_number);
    view->method = order_method_text(letter->lang, note->method);
    view->school_lines = text_lines(letter->arena, note->school_lines, &view->school_line_count);
}

static void render_news(const struct letter *letter, enum mail_kind kind,
                        const struct mail_order *news) {
    const struct order *order = news->order;
    const struct i18n_arg args[] = {
        I18N_TEXT("code", order->code),
        I18N_TEXT("operation", news->operation),
        I18N_TEXT("moment", order->due_at ? moment_of(letter, order->due_at) : NULL),
        I18N_TEXT("amount", money_of(letter, news->back_cents, order->currency)),
        I18N_TEXT("method", news->method ? order_method_text(letter->lang, news->method) : NULL),
        I18N_TEXT("reference", news->reference),
        I18N_TEXT("name", news->student),
        I18N_TEXT("from", news->from),
        I18N_TEXT("to", news->to),
    };
    size_t count = sizeof(args) / sizeof(*args);
    bool cancelled = kind == MAIL_REFUND && news->back_cents == 0; /* it was free of charge */
    const char *subject = cancelled ? N_("Your order {code} has changed") : NEWS[kind].subject;
    buf_puts(&letter->out->subject, say(letter, subject, args, count));
    const char *lines[LINES_MAX + 1];
    struct mail_credit view = {.settings = letter->settings,
                               .zone = letter->settings->zone,
                               .news = news,
                               .greeting = greet(letter, order->first_name),
                               .lines = lines,
                               .link = order_link(letter, order->id),
                               .link_text = tr(letter->lang, "See the order")};
    for (int i = 0; i < LINES_MAX && NEWS[kind].lines[i]; i++)
        lines[view.line_count++] = say(letter, NEWS[kind].lines[i], args, count);
    if (NEWS[kind].money && news->back_cents)
        lines[view.line_count++] = say(letter, NEWS[kind].money, args, count);
    if (news->credit)
        fill_note(letter, news->credit, &view);
    struct out text = start(letter, &letter->out->text, true);
    view_mail_credit_txt(&text, &view);
    struct out html = start(letter, &letter->out->html, false);
    view_mail_credit(&html, &view);
}

static void render(const struct letter *letter, enum mail_kind kind, const void *model) {
    switch (kind) {
    case MAIL_RECEIPT:
        render_receipt(letter, model);
        return;
    case MAIL_TRANSFER:
        render_transfer(letter, model);
        return;
    case MAIL_TRANSFER_REPORTED:
    case MAIL_TRANSFER_EXPIRED:
    case MAIL_REVIEW: {
        const struct order *order = model;
        render_notice(letter, kind, order->first_name, order->code, order_link(letter, order->id));
        return;
    }
    case MAIL_TRANSFER_REJECTED:
    case MAIL_TRANSFER_EXTENDED:
    case MAIL_ORDER_CANCELLED:
    case MAIL_REFUND:
    case MAIL_MOVED:
        render_news(letter, kind, model);
        return;
    case MAIL_WORKSHOP_CALLED_OFF:
    case MAIL_WORKSHOP_RESCHEDULED:
    case MAIL_WORKSHOP_MESSAGE:
        mail_workshop_render(letter->out, kind, letter->lang, model, letter->settings,
                             letter->base_url, letter->arena);
        return;
    case MAIL_CONFIRM_EMAIL:
    case MAIL_PASSWORD_RESET:
    case MAIL_PASSWORD_CHANGED:
    case MAIL_ALREADY_MEMBER:
    case MAIL_INVITED:
    case MAIL_EMAIL_CHANGED:
    case MAIL_SECOND_FACTOR_ON:
    case MAIL_SECOND_FACTOR_OFF:
    case MAIL_RECOVERY_CODES:
    case MAIL_RECOVERY_CODE_USED:
    case MAIL_TEST:
    case MAIL_ACCOUNT_CLOSED: {
        const struct mail_link *link = model;
        render_notice(letter, kind, link->first_name, link->email, link->link);
        return;
    }
    case MAIL_KINDS:
        return;
    }
}

void mail_render(struct mail_text *out, enum mail_kind kind, enum lang lang, const void *model,
                 const struct settings *settings, const char *base_url) {
    struct letter letter = {.out = out, .lang = lang, .settings = settings, .base_url = base_url};
    letter.arena = arena_create();
    render(&letter, kind, model);
    arena_destroy(letter.arena);
}
