/* Mails enter the outbox here, written and due at once. */
#include "shop/mail.h"
#include "base/clock.h"
#include "shop/mail_sql.h"
#include "shop/shop.h"
#include <stdbool.h>

/* A subject is one line, whatever a workshop is called: what ends a line becomes a space. */
static void make_one_line(struct buf *subject) {
    for (size_t i = 0; i < subject->len; i++)
        if ((unsigned char)subject->data[i] < ' ')
            subject->data[i] = ' ';
}

enum err mail_enqueue_tx(struct shop *shop, struct tx *tx, const struct settings *settings,
                         const struct mail *mail) {
    struct mail_text text = {0};
    shop->render_mail(&text, mail->kind, mail->lang, mail->model, settings, shop->base_url);
    make_one_line(&text.subject);
    enum err err = tx_exec(tx, mail_sql[MAIL_INSERT], V(mail->dedupe_key), V(mail->recipient),
                           V(buf_text(&text.subject)), V(buf_text(&text.text)),
                           V(text.html.len ? buf_text(&text.html) : NULL),
                           V_OPT(mail->order_id != 0, mail->order_id), V(clock_now()));
    buf_free(&text.subject);
    buf_free(&text.text);
    buf_free(&text.html);
    return err;
}

void mail_notify(const struct shop *shop) {
    if (shop->mail_waiting)
        shop->mail_waiting(shop->mail_waiting_arg);
}
