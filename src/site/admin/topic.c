/* The form of a topic. */
#include "site/admin/forms.h"

static const struct form_choice COLORS[] = {
    {"1", N_("Blue")},      {"2", N_("Violet")}, {"3", N_("Pink")},
    {"4", N_("Orange")},    {"5", N_("Green")},  {"6", N_("Yellow")},
    {"7", N_("Turquoise")}, {"8", N_("Brick")},  {NULL},
};

static const struct form_field FIELDS[] = {
    {.name = "name", .kind = FORM_TEXT, .label = N_("Name"), .required = true, .max = 60},
    {.name = "description", .kind = FORM_LINES, .label = N_("Description"), .max = 600},
    {.name = "color",
     .kind = FORM_CHOICE,
     .label = N_("Colour"),
     .required = true,
     .choices = COLORS},
};

const struct form_spec topic_form = {FIELDS, ARRAY_COUNT(FIELDS)};
