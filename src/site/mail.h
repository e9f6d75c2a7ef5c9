/* How the shop's mails read: subjects here, bodies in assets/views/mail. */
#ifndef SITE_MAIL_H
#define SITE_MAIL_H

#include "shop/mail.h"

mail_render_fn mail_render;

#endif
