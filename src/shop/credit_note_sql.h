/* The statements of credit_note.c. */
#ifndef SHOP_CREDIT_NOTE_SQL_H
#define SHOP_CREDIT_NOTE_SQL_H

enum credit_note_sql {
    CREDIT_NOTE_RECEIPT,
    CREDIT_NOTE_INSERT,
    CREDIT_NOTE_INSERT_LINE,
    CREDIT_NOTE_OF_ORDER,
    CREDIT_NOTE_SQL_COUNT,
};

extern const char *const credit_note_sql[];

#endif
