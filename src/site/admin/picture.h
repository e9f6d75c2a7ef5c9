/* Uploading pictures of workshops, topics and the school. */
#ifndef SITE_ADMIN_PICTURE_H
#define SITE_ADMIN_PICTURE_H

#include "shop/picture.h"
#include "site/admin/admin.h"

enum { PICTURE_BODY_MAX = 9 << 20 }; /* 8 MB of picture, and the form around it */

struct admin_picture {
    const struct admin_page *page;
    const char *heading, *what; /* "Picture of Robots"; what it is for */
    const char *back, *back_label;
    const char *address; /* of the form */
    struct picture_ref picture;
    const char *problem; /* why the upload was refused; NULL */
};

void admin_picture_workshop_get(struct visit *visit);
void admin_picture_workshop_post(struct visit *visit);
void admin_picture_topic_get(struct visit *visit);
void admin_picture_topic_post(struct visit *visit);
void admin_picture_school_get(struct visit *visit); /* {name}: logo or wallet_qr */
void admin_picture_school_post(struct visit *visit);

#endif
