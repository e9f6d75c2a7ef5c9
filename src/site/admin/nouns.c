/* Every noun of the administration, declared. */
#include "base/i18n.h"
#include "shop/listings.h"
#include "shop/records.h"
#include "site/admin/account.h"
#include "site/admin/forms.h"
#include "site/admin/mail.h"
#include "site/admin/noun.h"
#include "site/admin/order.h"
#include "site/admin/student.h"
#include "site/admin/trail.h"
#include "site/admin/workshop.h"
#include "views.h"

/* clang-format off */
const struct noun NOUNS[] = {
    {.name = "workshops", .entity = "workshop", .icon = "icon-flag", .in_menu = true,
     .picture = true,
     .title = N_("Workshops"), .one = N_("Workshop"), .create = N_("New workshop"),
     .search_hint = N_("Title or place"), .empty = N_("No workshops yet."),
     .see = MAY_SEE_WORKSHOPS, .edit = MAY_EDIT_WORKSHOPS, .export = MAY_SEE_WORKSHOPS,
     .listing = &workshop_listing, .form = &workshop_form, .record = &workshop_record,
     .actions = workshop_actions, .prepare = workshop_prepare, .load = workshop_load,
     .head = view_admin_workshop_head,
     .related = (const struct noun_related[]){
         {N_("Enrolments"), "inscriptions", "workshop"}, {N_("Orders"), "orders", "workshop"}, {NULL}}},

    {.name = "orders", .entity = "orders", .icon = "icon-receipt", .in_menu = true,
     .title = N_("Orders"), .one = N_("Order"), .create = N_("New order at the desk"),
     .search_hint = N_("Code, name, e-mail, operation or receipt number"),
     .empty = N_("No orders yet."),
     .see = MAY_SEE_ORDERS, .edit = MAY_SETTLE_ORDERS, .export = MAY_SEE_ORDERS,
     .listing = &order_listing,
     .related = (const struct noun_related[]){
         {N_("Enrolments"), "inscriptions", "order"}, {N_("Payments"), "payments", "order"},
         {N_("Mail"), "mail", "order"}, {NULL}},
     .show = admin_order_show},

    {.name = "inscriptions", .entity = "inscription", .icon = "icon-check", .in_menu = true,
     .title = N_("Enrolments"), .one = N_("Enrolment"),
     .search_hint = N_("Student, family, workshop or order code"),
     .empty = N_("No enrolments yet."),
     .see = MAY_SEE_ORDERS, .edit = MAY_SETTLE_ORDERS, .export = MAY_SEE_ORDERS,
     .listing = &inscription_listing},

    {.name = "payments", .entity = "payment", .icon = "icon-card", .in_menu = true,
     .title = N_("Payments"), .one = N_("Payment"),
     .search_hint = N_("Reference, order code, name or e-mail"), .empty = N_("No payments yet."),
     .see = MAY_SEE_ORDERS, .edit = MAY_SETTLE_ORDERS, .export = MAY_SEE_ORDERS,
     .listing = &payment_listing},

    {.name = "accounts", .entity = "account", .icon = "icon-people", .in_menu = true,
     .title = N_("Families and staff"), .one = N_("Account"), .create = N_("New family"),
     .search_hint = N_("Name, e-mail, mobile or child"), .empty = N_("No accounts yet."),
     .see = MAY_SEE_PEOPLE, .edit = MAY_EDIT_PEOPLE, .export = MAY_EXPORT_PEOPLE,
     .add = MAY_ADD_FAMILIES,
     .listing = &account_listing, .form = &account_record_form, .record = &account_record,
     .sensitive = true, .prepare = account_prepare, .load = account_load, .head = view_admin_account_head,
     .actions = account_actions,
     .related = (const struct noun_related[]){
         {N_("Students"), "students", "account"}, {N_("Orders"), "orders", "account"},
         {N_("Enrolments"), "inscriptions", "account"}, {N_("Teaches"), "workshops", "instructor"},
         {N_("Done by this person"), "audit", "actor"}, {NULL}}},

    {.name = "students", .entity = "student", .icon = "icon-person", .in_menu = true,
     .title = N_("Students"), .one = N_("Student"), .create = N_("New student"), .search_hint = N_("Name of the student or family"),
     .empty = N_("No students yet."),
     .see = MAY_SEE_PEOPLE, .edit = MAY_EDIT_PEOPLE, .export = MAY_EXPORT_PEOPLE,
     .add = MAY_ADD_FAMILIES,
     .listing = &student_listing, .form = &student_record_form, .record = &student_record,
     .made_elsewhere = true, .sensitive = true, .prepare = admin_student_prepare, .load = admin_student_load,
     .head = view_admin_student_head,
     .related = (const struct noun_related[]){{N_("Enrolments"), "inscriptions", "student"}, {NULL}}},

    {.name = "topics", .entity = "topic", .icon = "icon-puzzle", .in_menu = true,
     .picture = true,
     .title = N_("Topics"), .one = N_("Topic"), .create = N_("New topic"),
     .empty = N_("No topics yet."),
     .see = MAY_EDIT_WORKSHOPS, .edit = MAY_EDIT_WORKSHOPS, .export = MAY_EDIT_WORKSHOPS,
     .listing = &topic_listing, .form = &topic_form, .record = &topic_record,
     .aside = view_admin_topic_aside,
     .related = (const struct noun_related[]){{N_("Workshops"), "workshops", "topic"}, {NULL}}},

    {.name = "consents", .entity = "consent", .icon = "icon-check",
     .title = N_("Who accepted what"), .one = N_("Consent"),
     .search_hint = N_("Name, e-mail or mobile"), .empty = N_("Nobody was asked yet."),
     .see = MAY_SEE_PEOPLE, .edit = MAY_SEE_PEOPLE, .export = MAY_EXPORT_PEOPLE,
     .listing = &consent_listing},

    {.name = "mail", .entity = "outbox", .icon = "icon-mail", .in_menu = true,
     .title = N_("Mail"), .one = N_("Message"), .search_hint = N_("Recipient, name or order code"),
     .empty = N_("No mail yet."),
     .see = MAY_SEE_MAIL, .edit = MAY_SEE_MAIL, .export = MAY_EXPORT_PEOPLE,
     .listing = &outbox_listing, .actions = mail_actions, .show = mail_show,
     .tool = {N_("Delivery of mail"), "/admin/mail/delivery/", MAY_SEE_MAIL}},

    {.name = "audit", .entity = "audit", .icon = "icon-clock", .in_menu = true,
     .title = N_("Trail"), .one = N_("Entry"), .search_hint = N_("Name of who did it"),
     .empty = N_("Nothing was done yet."),
     .see = MAY_SEE_AUDIT, .edit = MAY_SEE_AUDIT, .export = MAY_EXPORT_PEOPLE,
     .listing = &audit_listing, .show = trail_show},
};
/* clang-format on */

const size_t NOUN_COUNT = ARRAY_COUNT(NOUNS);
