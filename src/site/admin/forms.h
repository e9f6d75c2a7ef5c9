/* The forms of nouns that are edited; each stands in NOUN.c of this folder. */
#ifndef SITE_ADMIN_FORMS_H
#define SITE_ADMIN_FORMS_H

#include "http/form.h"

extern const struct form_spec account_record_form, student_record_form, topic_form, workshop_form;

#endif
