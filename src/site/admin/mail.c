/* The page of one mail, its HTML in a frame, sending again; the page of delivery and its test. */
#include "site/admin/mail.h"
#include "base/buf.h"
#include "base/i18n.h"
#include "shop/account.h"
#include "shop/audit.h"
#include "site/admin/noun.h"
#include "site/site.h"
#include "site/visit.h"
#include "views.h"
#include <stdlib.h>
#include <string.h>

/* ---- errors in words ------------------------------------------------------------------------- */

const char *mail_error_words(const char *error) {
    static const struct {
        const char *piece, *words;
    } MEANINGS[] = {
        {"refused the user or the password",
         N_("The mail server does not accept the user or the password.")},
        {"takes no password", N_("The mail server lets nobody log in this way.")},
        {"does not answer on port",
         N_("The mail server does not answer. Its name or port may be wrong, or it is down.")},
        {"is not found", N_("There is no server of that name. It may be misspelt.")},
        {"cannot be looked up", N_("The name of the server could not be looked up.")},
        {"certificate", N_("The mail server could not prove that it is who it says.")},
        {"offers no TLS", N_("The mail server offers no safe connection, so nothing was sent.")},
        {"STARTTLS", N_("The mail server offers no safe connection, so nothing was sent.")},
        {"TLS", N_("A safe connection to the mail server could not be made.")},
        {"greet", N_("Something else than a mail server answers at that port.")},
        {"not SMTP", N_("Something else than a mail server answers at that port.")},
        {"no e-mail address", N_("This is not an address that mail can be sent to.")},
        {"beyond ASCII", N_("The mail server does not know addresses with accents.")},
        {"may have arrived", N_("The connection broke at the very end: it may have arrived.")},
        {"link in it is too old", N_("The link in it works no more, so it was not sent.")},
    };
    for (size_t i = 0; i < ARRAY_COUNT(MEANINGS); i++)
        if (strstr(error, MEANINGS[i].piece))
            return MEANINGS[i].words;
    if (*error == '5')
        return N_("The mail server refused it for good: often the address does not exist.");
    if (*error == '4')
        return N_("The mail server asked to try again later.");
    return N_("The conversation with the mail server broke off.");
}

/* ---- one mail -------------------------------------------------------------------------------- */

void mail_show(struct visit *visit, int64_t id) {
    struct outbox_mail mail;
    enum err err = outbox_find(visit_db(visit), visit->arena, id, &mail);
    if (err) {
        visit_fail(visit, err);
        return;
    }
    struct mail_page view = {.mail = &mail,
                             .zone = visit->settings->zone,
                             .may_retry = mail.attempts && !mail.sent_at && !mail.sending &&
                                          !mail.link_gone};
    view.html = arena_printf(visit->arena, "/admin/mail/%lld/html/", (long long)id);
    view.retry = arena_printf(visit->arena, "/admin/mail/%lld/retry/", (long long)id);
    if (mail.last_error)
        view.why = tr(visit->lang, mail_error_words(mail.last_error));
    if (mail.order_id && noun_may(visit, MAY_SEE_ORDERS))
        view.order = arena_printf(visit->arena, "/admin/orders/%lld/", (long long)mail.order_id);
    audit_note(visit_shop(visit), visit->session.account_id, "view", "outbox", id, NULL);
    struct admin_page page = admin_page_start(visit, "mail", mail.subject);
    view.page = &page;
    /* The site's own rules, and the frame. */
    response_header(visit->response, "Content-Security-Policy",
                    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:;"
                    " form-action 'self'; base-uri 'none'; frame-ancestors 'none';"
                    " frame-src 'self'");
    struct out out = visit_page(visit, 200, &page.page);
    view_admin_mail(&out, &view);
}

/* Links say where they lead and lead nowhere. */
static void put_inert(struct buf *out, const char *html) {
    static const char HREF[] = " href=";
    for (const char *at = strstr(html, HREF); at; at = strstr(html, HREF)) {
        buf_append(out, html, (size_t)(at - html));
        buf_puts(out, " title=");
        html = at + strlen(HREF);
    }
    buf_puts(out, html);
}

void mail_html_get(struct visit *visit) {
    struct outbox_mail mail;
    enum err err = outbox_find(visit_db(visit), visit->arena, visit_id(visit, 0), &mail);
    if (!err && !mail.html)
        err = ERR_NOT_FOUND;
    if (err) {
        visit_fail(visit, err);
        return;
    }
    response_header(visit->response, "Content-Security-Policy",
                    "default-src 'none'; style-src 'unsafe-inline'; img-src data:;"
                    " form-action 'none'; base-uri 'none'; frame-ancestors 'self'; sandbox");
    response_header(visit->response, "X-Frame-Options", "SAMEORIGIN");
    put_inert(&visit->response->body, mail.html);
}

static enum err run_retry(struct visit *visit, const int64_t *ids, size_t count, int64_t *done) {
    return outbox_retry(visit_shop(visit), visit->arena, visit->session.account_id, ids, count,
                        visit->now, done);
}

const struct noun_action mail_actions[] = {
    {.name = "retry", .label = N_("Send again"), .permission = MAY_SEE_MAIL, .run = run_retry},
    {NULL},
};

void mail_retry_post(struct visit *visit) {
    int64_t id = visit_id(visit, 0), done;
    struct outbox_mail mail;
    enum err err = outbox_find(visit_db(visit), visit->arena, id, &mail);
    if (!err)
        err = run_retry(visit, &id, 1, &done);
    if (err) {
        visit_fail(visit, err);
        return;
    }
    if (done)
        visit_flash(visit, FLASH_SUCCESS, tr(visit->lang, "It is being sent again."));
    else if (mail.link_gone)
        visit_flash(visit, FLASH_PROBLEM,
                    tr(visit->lang, "The link in it was taken out, so it cannot be sent again. "
                                    "Send this person a new link."));
    else
        visit_flash(visit, FLASH_NOTICE, tr(visit->lang, "It is on its way or was sent already."));
    visit_redirect(visit, "/admin/mail/%lld/", (long long)id);
}

/* ---- delivery -------------------------------------------------------------------------------- */

static void fill_options(const struct visit *visit, struct mail_delivery *view) {
    const struct smtp_options *smtp = visit->site->smtp;
    view->from = visit->settings->mail_from;
    view->reply_to =
        visit->settings->mail_reply_to ? visit->settings->mail_reply_to : visit->settings->email;
    view->connected = smtp != NULL;
    if (!smtp)
        return;
    view->host = smtp->host;
    view->port = smtp->port;
    view->user = smtp->user;
    view->ca_file = smtp->ca_file;
    view->implicit_tls = smtp->implicit_tls;
    view->password = smtp->password != NULL;
}

static void show_delivery(struct visit *visit, struct mail_delivery *view, int status) {
    struct outbox_health *health = arena_alloc(visit->arena, sizeof(*health));
    struct account account;
    enum err err = outbox_health(visit_db(visit), visit->arena, visit->now, health);
    if (!err)
        err = account_find(visit_db(visit), visit->arena, visit->session.account_id, &account);
    if (err) {
        visit_fail(visit, err);
        return;
    }
    fill_options(visit, view);
    view->health = health;
    view->own = account.email;
    view->may_set = noun_may(visit, MAY_CHANGE_SETTINGS);
    view->zone = visit->settings->zone;
    if (health->last_error)
        view->last_why = tr(visit->lang, mail_error_words(health->last_error));
    struct admin_page *page = admin_page_make(visit, "mail", tr(visit->lang, "Delivery of mail"));
    view->page = page;
    struct out out = visit_page(visit, status, &page->page);
    view_admin_delivery(&out, view);
}

void mail_delivery_get(struct visit *visit) {
    struct mail_delivery view = {0};
    show_delivery(visit, &view, 200);
}

void mail_test_post(struct visit *visit) {
    struct mail_delivery view = {0};
    struct account account;
    bool sent = false;
    if (!visit->site->smtp) {
        view.why = tr(visit->lang, "No mail server is named yet, so mail waits.");
        show_delivery(visit, &view, 422);
        return;
    }
    enum err err = account_find(visit_db(visit), visit->arena, visit->session.account_id, &account);
    const struct outbox_trial trial = {.actor_id = visit->session.account_id,
                                       .recipient = account.email,
                                       .first_name = account.first_name,
                                       .lang = visit->lang};
    if (!err)
        err = outbox_try(visit_shop(visit), visit->arena, visit->site->smtp, &trial, &sent,
                         &view.error);
    if (err) {
        visit_fail(visit, err);
    } else if (sent) {
        visit_flash(visit, FLASH_SUCCESS,
                    visit_say(visit,
                              N_("The mail server took it. Look into the mailbox of {email}."),
                              I18N_TEXT("email", account.email)));
        visit_redirect(visit, "/admin/mail/delivery/");
    } else {
        view.why = tr(visit->lang, mail_error_words(view.error));
        show_delivery(visit, &view, 422);
    }
}
