/* The child form and what happens with it. */
#include "site/pages/student.h"

static const struct form_field FIELDS[STUDENT_INPUTS] = {
    [STUDENT_FIRST_NAME] = {.name = "first_name",
                            .kind = FORM_TEXT,
                            .label = N_("First name"),
                            .required = true,
                            .max = 80,
                            .autocomplete = "off"},
    [STUDENT_LAST_NAME] = {.name = "last_name",
                           .kind = FORM_TEXT,
                           .label = N_("Last name"),
                           .required = true,
                           .max = 80,
                           .autocomplete = "off"},
    [STUDENT_BIRTH] = {.name = "date_of_birth",
                       .kind = FORM_DATE,
                       .label = N_("Date of birth"),
                       .required = true,
                       .autocomplete = "off"},
    [STUDENT_SCHOOL] = {.name = "school",
                        .kind = FORM_TEXT,
                        .label = N_("School"),
                        .max = 120,
                        .autocomplete = "off"},
};

const struct form_spec student_form = {FIELDS, STUDENT_INPUTS};
