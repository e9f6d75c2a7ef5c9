/* Children of a family: adding, editing, putting away. */
#ifndef SITE_PAGES_STUDENT_H
#define SITE_PAGES_STUDENT_H

#include "http/form.h"

struct visit;

enum { STUDENT_FIRST_NAME, STUDENT_LAST_NAME, STUDENT_BIRTH, STUDENT_SCHOOL, STUDENT_INPUTS };

extern const struct form_spec student_form;

#endif
