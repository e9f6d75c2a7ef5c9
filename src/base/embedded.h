/* Texts of the source tree that the program carries with it (src/tools/textc). */
#ifndef BASE_EMBEDDED_H
#define BASE_EMBEDDED_H

/* schema.sql */
const char *embedded_schema(void);

/* Our licence and those of every library and data set inside the program, one after the other. */
const char *embedded_licenses(void);

#endif
