/* One row an address. Rows of a page stand together; a handler lives in the file its header names.
 * To add a page: a view, a struct, a handler, a row, a test (README.md, "Add a page"). */
#include "site/routes.h"
#include "base/err.h"
#include "shop/permission.h"
#include "site/admin/account.h"
#include "site/admin/analytics.h"
#include "site/admin/backups.h"
#include "site/admin/forms.h"
#include "site/admin/import.h"
#include "site/admin/mail.h"
#include "site/admin/noun.h"
#include "site/admin/order.h"
#include "site/admin/picture.h"
#include "site/admin/roster.h"
#include "site/admin/settings.h"
#include "site/admin/student.h"
#include "site/admin/today.h"
#include "site/admin/topic.h"
#include "site/admin/workshop.h"
#include "site/admin/workshop_change.h"
#include "site/pages/account.h"
#include "site/pages/cart.h"
#include "site/pages/checkout.h"
#include "site/pages/home.h"
#include "site/pages/meta.h"
#include "site/pages/order.h"
#include "site/pages/password.h"
#include "site/pages/profile.h"
#include "site/pages/second_factor.h"
#include "site/pages/student.h"
#include "site/pages/workshop.h"

/* A long text in an alphabet of several bytes a letter, each of them percent-encoded. */
enum { LEGAL_BODY_MAX = 512 * 1024 };

#define CART "/store/order-summary/"
#define PROFILE "/users/profile/"
#define ACCOUNT "/admin/accounts/{id}/"
#define SECOND_FACTOR "/accounts/second-factor/"

/* clang-format off */
const struct route ROUTES[] = {
    {.pattern = "/", .get = home_get, .cached = true},
    {.pattern = "/workshops/", .get = workshop_list_get, .cached = true},
    {.pattern = "/workshops/{name}/", .get = workshop_get, .cached = true},

    {.pattern = "/accounts/signup/", .get = account_signup_get, .post = account_signup_post,
     .form = &signup_form, .csrf = CSRF_COOKIE},
    {.pattern = "/accounts/login/", .get = account_login_get, .post = account_login_post,
     .form = &login_form, .csrf = CSRF_COOKIE},
    {.pattern = "/accounts/login/code/", .get = second_factor_login_get,
     .post = second_factor_login_post, .form = &login_code_form, .access = ACCESS_CODE},
    {.pattern = "/accounts/again/", .get = second_factor_again_get,
     .post = second_factor_again_post, .form = &again_form, .access = ACCESS_SIGNED_IN},
    {.pattern = SECOND_FACTOR, .get = second_factor_get, .post = second_factor_start_post,
     .access = ACCESS_SIGNED_IN, .fresh = true},
    {.pattern = "/accounts/second-factor/enable/", .post = second_factor_enable_post,
     .form = &second_factor_code_form, .access = ACCESS_SIGNED_IN, .back = SECOND_FACTOR,
     .fresh = true},
    {.pattern = "/accounts/second-factor/codes/", .post = second_factor_renew_post,
     .access = ACCESS_SIGNED_IN, .back = SECOND_FACTOR, .fresh = true},
    {.pattern = "/accounts/second-factor/disable/", .get = second_factor_disable_get,
     .post = second_factor_disable_post, .form = &second_factor_disable_form,
     .access = ACCESS_SIGNED_IN, .fresh = true},
    {.pattern = "/accounts/logout/", .get = account_logout_get, .post = account_logout_post,
     .access = ACCESS_SIGNED_IN},
    {.pattern = "/accounts/confirm-email/{name}/", .get = account_confirm_get,
     .post = account_confirm_post, .csrf = CSRF_COOKIE},
    {.pattern = "/accounts/password/reset/", .get = password_reset_get,
     .post = password_reset_post, .form = &password_reset_form, .csrf = CSRF_COOKIE},
    {.pattern = "/accounts/password/reset/key/{name}/", .get = password_new_get,
     .post = password_new_post, .form = &password_new_form, .csrf = CSRF_COOKIE},
    {.pattern = "/accounts/password/change/", .get = password_change_get,
     .post = password_change_post, .form = &password_change_form, .access = ACCESS_SIGNED_IN},

    {.pattern = PROFILE, .get = profile_get, .access = ACCESS_SIGNED_IN},
    {.pattern = "/users/edit-profile/", .get = profile_edit_get, .post = profile_edit_post,
     .form = &profile_edit_form, .access = ACCESS_SIGNED_IN},
    {.pattern = "/users/export/", .get = profile_export_get, .access = ACCESS_SIGNED_IN},
    {.pattern = "/users/close/", .get = profile_close_get, .post = profile_close_post,
     .form = &profile_close_form, .access = ACCESS_SIGNED_IN},
    {.pattern = "/users/student-create/", .get = student_create_get, .post = student_create_post,
     .form = &student_form, .access = ACCESS_SIGNED_IN},
    {.pattern = "/users/student-edit/{id}/", .get = student_edit_get, .post = student_edit_post,
     .form = &student_form, .access = ACCESS_SIGNED_IN},
    {.pattern = "/users/add-self/", .post = student_self_post, .form = &student_self_form,
     .access = ACCESS_SIGNED_IN, .back = "/users/student-create/"},
    {.pattern = "/users/student-archive/{id}/", .post = student_archive_post,
     .access = ACCESS_SIGNED_IN, .back = PROFILE},
    {.pattern = "/users/student-restore/{id}/", .post = student_restore_post,
     .access = ACCESS_SIGNED_IN, .back = PROFILE},
    {.pattern = "/users/student-delete/{id}/", .post = student_delete_post,
     .access = ACCESS_SIGNED_IN, .back = PROFILE},

    {.pattern = "/store/add-to-cart/{name}/", .post = cart_add_post, .access = ACCESS_SIGNED_IN,
     .back = "/workshops/{name}/"},
    {.pattern = CART, .get = cart_get, .access = ACCESS_SIGNED_IN},
    {.pattern = "/store/remove-from-cart/{id}/", .post = cart_remove_post,
     .access = ACCESS_SIGNED_IN, .back = CART},
    {.pattern = "/store/extend-hold/{id}/", .post = cart_extend_post,
     .access = ACCESS_SIGNED_IN, .back = CART},
    {.pattern = "/store/rehold/{id}/", .post = cart_rehold_post, .access = ACCESS_SIGNED_IN,
     .back = CART},
    {.pattern = "/store/change-student/{id}/", .post = cart_student_post,
     .access = ACCESS_SIGNED_IN, .back = CART},
    {.pattern = "/store/checkout/{id}/", .get = checkout_get, .post = checkout_post,
     .form = &checkout_form, .access = ACCESS_SIGNED_IN},
    {.pattern = "/store/orders/{id}/", .get = order_get, .access = ACCESS_SIGNED_IN},
    {.pattern = "/store/orders/{id}/receipt/", .get = order_receipt_get,
     .access = ACCESS_SIGNED_IN},
    {.pattern = "/store/orders/{id}/credit/{id}/", .get = order_credit_get,
     .access = ACCESS_SIGNED_IN},
    {.pattern = "/store/orders/{id}/report-payment/", .post = order_report_post,
     .form = &order_report_form, .access = ACCESS_SIGNED_IN, .back = "/store/orders/{id}/"},

    {.pattern = "/admin/", .get = admin_today_get, .access = ACCESS_STAFF},

    {.pattern = "/admin/workshops/", .get = noun_list_get, .post = noun_list_post,
     .access = ACCESS_STAFF, .right = MAY_SEE_WORKSHOPS},
    {.pattern = "/admin/workshops/file.csv", .get = noun_file_get, .access = ACCESS_STAFF,
     .right = MAY_SEE_WORKSHOPS},
    {.pattern = "/admin/workshops/new/", .get = noun_new_get, .post = noun_new_post,
     .form = &workshop_form, .access = ACCESS_STAFF, .right = MAY_EDIT_WORKSHOPS},
    {.pattern = "/admin/workshops/{id}/", .get = noun_one_get, .post = noun_one_post,
     .form = &workshop_form, .access = ACCESS_STAFF, .right = MAY_SEE_WORKSHOPS},
    {.pattern = "/admin/workshops/{id}/preview/", .get = admin_workshop_preview_get,
     .access = ACCESS_STAFF, .right = MAY_SEE_WORKSHOPS},
    {.pattern = "/admin/workshops/{id}/roster/", .get = admin_roster_get, .access = ACCESS_STAFF,
     .right = MAY_SEE_WORKSHOPS},
    {.pattern = "/admin/workshops/{id}/roster.csv", .get = admin_roster_file_get,
     .access = ACCESS_STAFF, .right = MAY_SEE_WORKSHOPS},
    {.pattern = "/admin/workshops/{id}/attendance/", .get = admin_attendance_get,
     .post = admin_attendance_post, .access = ACCESS_STAFF, .right = MAY_TAKE_ATTENDANCE},
    {.pattern = "/admin/workshops/{id}/duplicate/", .get = admin_workshop_copy_get,
     .post = admin_workshop_copy_post, .form = &workshop_copy_form, .access = ACCESS_STAFF,
     .right = MAY_EDIT_WORKSHOPS},
    {.pattern = "/admin/workshops/{id}/cancel/", .get = admin_cancel_get,
     .post = admin_cancel_post, .form = &workshop_cancel_form, .access = ACCESS_STAFF,
     .right = MAY_EDIT_WORKSHOPS, .fresh = true},
    {.pattern = "/admin/workshops/{id}/reschedule/", .get = admin_reschedule_get,
     .post = admin_reschedule_post, .form = &workshop_reschedule_form, .access = ACCESS_STAFF,
     .right = MAY_EDIT_WORKSHOPS},
    {.pattern = "/admin/workshops/{id}/message/", .get = admin_message_get,
     .post = admin_message_post, .form = &workshop_message_form, .access = ACCESS_STAFF,
     .right = MAY_EDIT_WORKSHOPS},
    {.pattern = "/admin/workshops/{id}/archive/", .post = admin_workshop_archive_post,
     .access = ACCESS_STAFF, .right = MAY_EDIT_WORKSHOPS},
    {.pattern = "/admin/workshops/{id}/restore/", .post = admin_workshop_restore_post,
     .access = ACCESS_STAFF, .right = MAY_EDIT_WORKSHOPS},
    {.pattern = "/admin/workshops/{id}/renew/", .post = admin_workshop_renew_post,
     .access = ACCESS_STAFF, .right = MAY_EDIT_WORKSHOPS},

    {.pattern = "/admin/workshops/{id}/picture/", .get = admin_picture_workshop_get,
     .post = admin_picture_workshop_post, .access = ACCESS_STAFF, .right = MAY_EDIT_WORKSHOPS,
     .body_max = PICTURE_BODY_MAX},
    {.pattern = "/admin/topics/{id}/picture/", .get = admin_picture_topic_get,
     .post = admin_picture_topic_post, .access = ACCESS_STAFF, .right = MAY_EDIT_WORKSHOPS,
     .body_max = PICTURE_BODY_MAX},
    {.pattern = "/admin/import/", .get = admin_import_get, .post = admin_import_post,
     .form = &import_form, .access = ACCESS_STAFF, .right = MAY_IMPORT, .body_max = IMPORT_BODY_MAX},
    {.pattern = "/admin/import/templates/{name}.csv", .get = admin_import_template_get,
     .access = ACCESS_STAFF, .right = MAY_IMPORT},
    {.pattern = "/admin/import/{id}/", .get = admin_import_check_get,
     .post = admin_import_check_post, .access = ACCESS_STAFF, .right = MAY_IMPORT},

    {.pattern = "/admin/settings/picture/{name}/", .get = admin_picture_school_get,
     .post = admin_picture_school_post, .access = ACCESS_STAFF, .right = MAY_CHANGE_SETTINGS,
     .body_max = PICTURE_BODY_MAX},

    {.pattern = "/admin/orders/", .get = noun_list_get, .post = noun_list_post,
     .access = ACCESS_STAFF, .right = MAY_SEE_ORDERS},
    {.pattern = "/admin/orders/file.csv", .get = noun_file_get, .access = ACCESS_STAFF,
     .right = MAY_SEE_ORDERS},
    {.pattern = "/admin/orders/new/", .get = admin_desk_get, .post = admin_desk_post,
     .form = &desk_form, .access = ACCESS_STAFF, .right = MAY_SETTLE_ORDERS},
    {.pattern = "/admin/orders/{id}/", .get = noun_one_get, .access = ACCESS_STAFF,
     .right = MAY_SEE_ORDERS},
    {.pattern = "/admin/orders/{id}/confirm/", .post = admin_order_confirm_post,
     .form = &order_confirm_form, .access = ACCESS_STAFF, .right = MAY_SETTLE_ORDERS,
     .back = "/admin/orders/{id}/"},
    {.pattern = "/admin/orders/{id}/reject/", .get = admin_order_act_get,
     .post = admin_order_act_post, .form = &order_reject_form, .access = ACCESS_STAFF,
     .right = MAY_SETTLE_ORDERS},
    {.pattern = "/admin/orders/{id}/extend/", .get = admin_order_act_get,
     .post = admin_order_act_post, .form = &order_extend_form, .access = ACCESS_STAFF,
     .right = MAY_SETTLE_ORDERS},
    {.pattern = "/admin/orders/{id}/settle/", .get = admin_order_act_get,
     .post = admin_order_act_post, .form = &order_settle_form, .access = ACCESS_STAFF,
     .right = MAY_SETTLE_ORDERS},
    {.pattern = "/admin/orders/{id}/cancel/", .get = admin_order_act_get,
     .post = admin_order_act_post, .form = &order_cancel_form, .access = ACCESS_STAFF,
     .right = MAY_SETTLE_ORDERS},
    {.pattern = "/admin/orders/{id}/refund/", .get = admin_order_act_get,
     .post = admin_order_act_post, .form = &order_refund_form, .access = ACCESS_STAFF,
     .right = MAY_SETTLE_ORDERS, .fresh = true},
    {.pattern = "/admin/orders/{id}/resend/", .post = admin_order_resend_post,
     .access = ACCESS_STAFF, .right = MAY_SETTLE_ORDERS, .back = "/admin/orders/{id}/"},
    {.pattern = "/admin/orders/{id}/receipt/", .get = admin_order_receipt_get,
     .access = ACCESS_STAFF, .right = MAY_SEE_ORDERS},
    {.pattern = "/admin/orders/{id}/credit/{id}/", .get = admin_order_credit_get,
     .access = ACCESS_STAFF, .right = MAY_SEE_ORDERS},

    {.pattern = "/admin/inscriptions/", .get = noun_list_get, .post = noun_list_post,
     .access = ACCESS_STAFF, .right = MAY_SEE_ORDERS},
    {.pattern = "/admin/inscriptions/file.csv", .get = noun_file_get, .access = ACCESS_STAFF,
     .right = MAY_SEE_ORDERS},
    {.pattern = "/admin/inscriptions/{id}/", .get = noun_one_get, .access = ACCESS_STAFF,
     .right = MAY_SEE_ORDERS},
    {.pattern = "/admin/inscriptions/{id}/move/", .get = admin_move_get, .post = admin_move_post,
     .form = &move_form, .access = ACCESS_STAFF, .right = MAY_SETTLE_ORDERS},

    {.pattern = "/admin/payments/", .get = noun_list_get, .post = noun_list_post,
     .access = ACCESS_STAFF, .right = MAY_SEE_ORDERS},
    {.pattern = "/admin/payments/file.csv", .get = noun_file_get, .access = ACCESS_STAFF,
     .right = MAY_SEE_ORDERS},
    {.pattern = "/admin/payments/{id}/", .get = noun_one_get, .access = ACCESS_STAFF,
     .right = MAY_SEE_ORDERS},

    {.pattern = "/admin/accounts/", .get = noun_list_get, .post = noun_list_post,
     .access = ACCESS_STAFF, .right = MAY_SEE_PEOPLE},
    {.pattern = "/admin/accounts/file.csv", .get = noun_file_get, .access = ACCESS_STAFF,
     .right = MAY_SEE_PEOPLE},
    {.pattern = "/admin/accounts/new/", .get = admin_account_new_get,
     .post = admin_account_new_post, .form = &account_new_form, .access = ACCESS_STAFF,
     .right = MAY_ADD_FAMILIES},
    {.pattern = "/admin/accounts/new-staff/", .get = admin_account_new_staff_get,
     .post = admin_account_new_staff_post, .form = &account_new_staff_form,
     .access = ACCESS_STAFF, .right = MAY_GRANT_ROLES, .fresh = true},
    {.pattern = "/admin/accounts/{id}/", .get = noun_one_get, .post = noun_one_post,
     .form = &account_record_form, .access = ACCESS_STAFF, .right = MAY_SEE_PEOPLE},
    {.pattern = "/admin/accounts/{id}/enable/", .post = admin_account_enable_post,
     .access = ACCESS_STAFF, .right = MAY_EDIT_PEOPLE, .back = ACCOUNT},
    {.pattern = "/admin/accounts/{id}/disable/", .post = admin_account_disable_post,
     .access = ACCESS_STAFF, .right = MAY_EDIT_PEOPLE, .back = ACCOUNT},
    {.pattern = "/admin/accounts/{id}/reset/", .post = admin_account_link_post,
     .access = ACCESS_STAFF, .right = MAY_EDIT_PEOPLE, .back = ACCOUNT},
    {.pattern = "/admin/accounts/{id}/role/", .post = admin_account_role_post,
     .form = &account_role_form, .access = ACCESS_STAFF, .right = MAY_GRANT_ROLES,
     .back = ACCOUNT, .fresh = true},
    {.pattern = "/admin/accounts/{id}/second-factor/", .post = admin_account_factor_post,
     .access = ACCESS_STAFF, .right = MAY_RESET_FACTORS, .back = ACCOUNT, .fresh = true},
    {.pattern = "/admin/accounts/{id}/export/", .get = admin_account_export_get,
     .access = ACCESS_STAFF, .right = MAY_EXPORT_PEOPLE, .fresh = true},
    {.pattern = "/admin/accounts/{id}/erase/", .get = admin_account_erase_get,
     .post = admin_account_erase_post, .form = &account_erase_form, .access = ACCESS_STAFF,
     .right = MAY_ERASE_PEOPLE, .fresh = true},

    {.pattern = "/admin/students/", .get = noun_list_get, .post = noun_list_post,
     .access = ACCESS_STAFF, .right = MAY_SEE_PEOPLE},
    {.pattern = "/admin/students/file.csv", .get = noun_file_get, .access = ACCESS_STAFF,
     .right = MAY_SEE_PEOPLE},
    {.pattern = "/admin/students/new/", .get = admin_student_new_get, .post = noun_new_post,
     .form = &student_record_form, .access = ACCESS_STAFF, .right = MAY_ADD_FAMILIES},
    {.pattern = "/admin/students/{id}/", .get = noun_one_get, .post = noun_one_post,
     .form = &student_record_form, .access = ACCESS_STAFF, .right = MAY_SEE_PEOPLE},

    {.pattern = "/admin/topics/", .get = noun_list_get, .post = noun_list_post,
     .access = ACCESS_STAFF, .right = MAY_EDIT_WORKSHOPS},
    {.pattern = "/admin/topics/file.csv", .get = noun_file_get, .access = ACCESS_STAFF,
     .right = MAY_EDIT_WORKSHOPS},
    {.pattern = "/admin/topics/new/", .get = noun_new_get, .post = noun_new_post,
     .form = &topic_form, .access = ACCESS_STAFF, .right = MAY_EDIT_WORKSHOPS},
    {.pattern = "/admin/topics/{id}/delete/", .post = admin_topic_delete_post,
     .access = ACCESS_STAFF, .right = MAY_EDIT_WORKSHOPS},
    {.pattern = "/admin/topics/{id}/", .get = noun_one_get, .post = noun_one_post,
     .form = &topic_form, .access = ACCESS_STAFF, .right = MAY_EDIT_WORKSHOPS},

    {.pattern = "/admin/mail/", .get = noun_list_get, .post = noun_list_post,
     .access = ACCESS_STAFF, .right = MAY_SEE_MAIL},
    {.pattern = "/admin/mail/file.csv", .get = noun_file_get, .access = ACCESS_STAFF,
     .right = MAY_SEE_MAIL},
    {.pattern = "/admin/mail/delivery/", .get = mail_delivery_get, .access = ACCESS_STAFF,
     .right = MAY_SEE_MAIL},
    {.pattern = "/admin/mail/test/", .post = mail_test_post, .access = ACCESS_STAFF,
     .right = MAY_SEE_MAIL},
    {.pattern = "/admin/mail/{id}/html/", .get = mail_html_get, .access = ACCESS_STAFF,
     .right = MAY_SEE_MAIL},
    {.pattern = "/admin/mail/{id}/retry/", .post = mail_retry_post, .access = ACCESS_STAFF,
     .right = MAY_SEE_MAIL},
    {.pattern = "/admin/mail/{id}/", .get = noun_one_get, .access = ACCESS_STAFF,
     .right = MAY_SEE_MAIL},

    {.pattern = "/admin/consents/", .get = noun_list_get, .post = noun_list_post,
     .access = ACCESS_STAFF, .right = MAY_SEE_PEOPLE},
    {.pattern = "/admin/consents/file.csv", .get = noun_file_get, .access = ACCESS_STAFF,
     .right = MAY_EXPORT_PEOPLE},
    {.pattern = "/admin/consents/{id}/", .get = noun_one_get, .access = ACCESS_STAFF,
     .right = MAY_SEE_PEOPLE},

    {.pattern = "/admin/analytics/", .get = admin_analytics_get, .access = ACCESS_STAFF,
     .right = MAY_SEE_ANALYTICS},
    {.pattern = "/admin/analytics/{name}.csv", .get = admin_analytics_file_get,
     .access = ACCESS_STAFF, .right = MAY_SEE_ANALYTICS},
    {.pattern = "/admin/analytics/refresh/", .post = admin_analytics_refresh_post,
     .access = ACCESS_STAFF, .right = MAY_SEE_ANALYTICS},

    {.pattern = "/admin/backups/", .get = backups_get, .access = ACCESS_STAFF,
     .right = MAY_CHANGE_SETTINGS},
    {.pattern = "/admin/backups/make/", .post = backups_make_post, .access = ACCESS_STAFF,
     .right = MAY_CHANGE_SETTINGS},

    {.pattern = "/admin/settings/", .get = settings_get, .access = ACCESS_STAFF,
     .right = MAY_CHANGE_SETTINGS},
    {.pattern = "/admin/settings/{name}/", .get = settings_section_get,
     .post = settings_section_post, .access = ACCESS_STAFF, .right = MAY_CHANGE_SETTINGS},
    {.pattern = "/admin/settings/texts/{name}/", .get = settings_legal_get,
     .post = settings_legal_post, .form = &legal_form, .access = ACCESS_STAFF,
     .right = MAY_CHANGE_SETTINGS, .body_max = LEGAL_BODY_MAX},

    {.pattern = "/admin/audit/", .get = noun_list_get, .post = noun_list_post,
     .access = ACCESS_STAFF, .right = MAY_SEE_AUDIT},
    {.pattern = "/admin/audit/file.csv", .get = noun_file_get, .access = ACCESS_STAFF,
     .right = MAY_SEE_AUDIT},
    {.pattern = "/admin/audit/{id}/", .get = noun_one_get, .access = ACCESS_STAFF,
     .right = MAY_SEE_AUDIT},

    {.pattern = "/terms/", .get = meta_terms_get, .cached = true},
    {.pattern = "/privacy/", .get = meta_privacy_get, .cached = true},
    {.pattern = "/language/", .post = meta_language_post, .csrf = CSRF_ORIGIN},
    {.pattern = "/media/{name}.{name}", .get = meta_media_get},
    {.pattern = "/theme.{name}.css", .get = meta_theme_get},
    {.pattern = "/robots.txt", .get = meta_robots_get},
};
/* clang-format on */

const size_t ROUTE_COUNT = ARRAY_COUNT(ROUTES);
