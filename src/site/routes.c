/* One row an address. Rows of a page stand together; a handler lives in the file its header names.
 * To add a page: a view, a struct, a handler, a row, a test (README.md, "Add a page"). */
#include "site/routes.h"
#include "base/err.h"
#include "site/pages/home.h"
#include "site/pages/meta.h"
#include "site/pages/workshop.h"

/* clang-format off */
const struct route ROUTES[] = {
    {.pattern = "/", .get = home_get, .cached = true},
    {.pattern = "/workshops/", .get = workshop_list_get, .cached = true},
    {.pattern = "/workshops/{name}/", .get = workshop_get, .cached = true},
    {.pattern = "/language/", .post = meta_language_post, .csrf = CSRF_ORIGIN},
    {.pattern = "/media/{name}.{name}", .get = meta_media_get},
    {.pattern = "/theme.{name}.css", .get = meta_theme_get},
    {.pattern = "/robots.txt", .get = meta_robots_get},
    {.pattern = "/terms/", .get = meta_terms_get, .cached = true},
    {.pattern = "/privacy/", .get = meta_privacy_get, .cached = true},
};
/* clang-format on */

const size_t ROUTE_COUNT = ARRAY_COUNT(ROUTES);
