/* Mails to the families of a workshop; called by mail.c. */
#ifndef SITE_MAIL_WORKSHOP_H
#define SITE_MAIL_WORKSHOP_H

#include "shop/workshop_mail.h"

void mail_workshop_render(struct mail_text *out, enum mail_kind kind, enum lang lang,
                          const struct mail_workshop *model, const struct settings *settings,
                          const char *base_url, struct arena *arena);

#endif
