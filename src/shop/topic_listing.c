/* Topics as staff list them. */
#include "shop/listings.h"

const struct listing topic_listing = {
    .from = "topic t",
    .id = "t.id",
    .order = "t.name",
    .columns =
        (const struct listing_column[]){
            {"name", N_("Name"), "t.name", LISTING_TEXT, .sort = true},
            {"description", N_("Description"), "t.description", LISTING_TEXT, .file_only = true},
            {"workshops", N_("Workshops"),
             "(SELECT count(*) FROM workshop w WHERE w.topic_id = t.id)", LISTING_INT,
             .sort = true},
            {NULL},
        },
};
