/* terminal/console.h: what every command does with standard output and standard error.
 * May touch: those two, /dev/null, the locale's and the terminal's properties. */
#ifndef PLAIT_TERMINAL_CONSOLE_H
#define PLAIT_TERMINAL_CONSOLE_H

#include <stdbool.h>

#include "terminal/page.h"

/* At a program's start: what of standard input, output and error was closed gets a descriptor that
 * can be neither read nor written, so that no file opened later is taken for it. */
void plait_console_hold(void);
/* STREAM, standard output or standard error, as a page. */
struct plait_page plait_console_page_on(FILE *stream);
/* Standard output as a page. */
struct plait_page plait_console_page(void);
/* "plait COMMAND: ..." on standard error, one line; what is not printable becomes '?'. */
void plait_complain(const char *command, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* False, and said, if standard output did not take everything. */
bool plait_console_finish(const char *command);
/* Columns of a terminal, or OTHERWISE. */
unsigned plait_console_columns(int fd, unsigned otherwise);

#endif
