/* A topic as staff edit it. */
#include "shop/records.h"
#include "shop/topic_sql.h"

enum { NAME, DESCRIPTION, COLOR };

static enum err check(struct record_change *change) {
    int64_t other;
    enum err err = db_int(tx_db(change->tx), topic_sql[TOPIC_NAMED], &other,
                          V(record_text(change, NAME)), V(change->id));
    if (err == OK)
        record_refuse(change, NAME, N_("There is another topic of this name."));
    return err == ERR_NOT_FOUND ? OK : err;
}

const struct record_kind topic_record = {
    .table = "topic",
    .columns =
        (const struct record_column[]){
            [NAME] = {"name", N_("Name"), RECORD_TEXT},
            [DESCRIPTION] = {"description", N_("Description"), RECORD_TEXT},
            [COLOR] = {"color", N_("Colour"), RECORD_INT},
            {NULL},
        },
    .check = check,
};
