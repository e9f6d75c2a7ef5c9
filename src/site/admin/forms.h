/* The forms of nouns that are edited; each stands in NOUN.c of this folder. */
#ifndef SITE_ADMIN_FORMS_H
#define SITE_ADMIN_FORMS_H

#include "http/form.h"

extern const struct form_spec account_record_form, student_record_form, topic_form, workshop_form;
extern const struct form_spec order_confirm_form, order_reject_form, order_extend_form;
extern const struct form_spec order_settle_form, order_cancel_form, order_refund_form;
extern const struct form_spec desk_form, move_form;

#endif
