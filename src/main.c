/*
 * The program's entrance. It only says which build it is; commands hang below it.
 */
#include "version.h"

#include <stdio.h>

int main(void) {
    printf("taller %s (%s)\n", TALLER_VERSION, TALLER_COMMIT);
    return 0;
}
