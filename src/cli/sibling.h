/* cli/sibling.h: commands of a program of their own, which holds no endpoint and no attack, so that
 * it may be installed where this one may not (DESIGN §2).
 * May touch: this process, which becomes the other. */
#ifndef PLAIT_CLI_SIBLING_H
#define PLAIT_CLI_SIBLING_H

#include <stdbool.h>
#include <stdio.h>

/* The row's lines in the list of commands. */
void plait_siblings_help(FILE *stream);
/* NULL after the last one. */
const char *plait_sibling_name(unsigned i);
/* If NAME is such a command, becomes its program with the arguments from ARGV[1] on: beside this
 * one, or else wherever PATH has it.  Returns false if NAME is none; true, and said, if the program
 * is not there. */
bool plait_sibling_become(const char *name, char **argv);

#endif
