/*
 * Functions that do not compile in Taller, each with what to use instead. The Makefile includes
 * this file before everything else. The headers come first, because a poisoned name must not be
 * declared after this point.
 */
#ifndef BASE_BANNED_H
#define BASE_BANNED_H

#include <alloca.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>
#include <unistd.h>

#undef alloca
#undef strdupa
#undef strndupa

/* No bound on what they write: buf_*, arena_printf, snprintf, memcpy. */
#pragma GCC poison strcpy strcat stpcpy sprintf vsprintf gets
/* Forget the final NUL, or take a bound that is not what it seems. */
#pragma GCC poison strncpy strncat
/* Keep hidden state shared by all threads: strtok_r, gmtime_r; dates and zones: base/date.h. */
#pragma GCC poison strtok gmtime localtime ctime asctime rand srand
/* Cannot report an error, undefined on overflow: strtoll behind a range check. */
#pragma GCC poison atoi atol atoll atof scanf sscanf fscanf vscanf vsscanf vfscanf
/* The stack is small and has no way to say no: arena_alloc. */
#pragma GCC poison alloca strdupa strndupa
/* Races on names, shells, and handlers with varying semantics: mkstemp, sigaction. */
#pragma GCC poison mktemp tmpnam tempnam system popen signal

#endif
