/* terminal/options.h: command lines as tables.
 *
 * Every option of every command is one row: its name, what it takes, where it goes, and the line
 * that --help prints.  May touch: the arguments it is given, the heap for lists of texts. */
#ifndef PLAIT_TERMINAL_OPTIONS_H
#define PLAIT_TERMINAL_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* Texts of an option that may be repeated, or operands, in their order; `of` is from malloc. */
struct plait_texts {
    const char **of;
    unsigned count;
};
void plait_texts_add(struct plait_texts *texts, const char *text);

enum plait_option_kind {
    PLAIT_OPTION_FLAG,   /* bool: true */
    PLAIT_OPTION_TEXT,   /* const char *: the text; one of WORDS if there are any */
    PLAIT_OPTION_TEXTS,  /* struct plait_texts: the option may be repeated */
    PLAIT_OPTION_WORD,   /* unsigned: MIN + the word's place in WORDS */
    PLAIT_OPTION_COUNT,  /* unsigned: MIN..MAX */
    PLAIT_OPTION_SEED,   /* uint64_t: decimal, or hexadecimal behind 0x */
    PLAIT_OPTION_OCTETS, /* uint64_t: MIN or more, also with k, M or G behind it (powers of 1024) */
    PLAIT_OPTION_READ    /* whatever READ makes of the text */
};

struct plait_option {
    const char *name; /* without the dashes */
    char letter;      /* "-i IFACE" beside the name, or 0 */
    enum plait_option_kind kind;
    const char *argument; /* as --help shows it, or NULL */
    const char *help;
    size_t offset; /* in the structure that is filled */
    const char *const *words;
    unsigned min, max;
    unsigned scale;
    /* Puts TEXT into PLACE; false with one line in ERROR. */
    bool (*read)(const struct plait_option *option, void *place, const char *text, char *error,
                 size_t error_octets);
};

/* What may stand on a command's line: two tables that end with a NULL name, of which the first
 * wins where both have a name. */
struct plait_grammar {
    const char *command;  /* "analyze", as messages and help name it */
    const char *operands; /* as --help shows them: "ID", "EARLIER LATER", or "" */
    unsigned operands_max;
    const char *summary; /* what its own help says */
    const struct plait_option *own, *common;
};

/* Fills OPTIONS (what the rows' offsets are in) and OPERANDS from the arguments behind the
 * command's name.  False with one line in ERROR. */
bool plait_options_read(const struct plait_grammar *grammar, int argc, char **argv, void *options,
                        struct plait_texts *operands, char *error, size_t error_octets);
/* PROGRAM is the word before the command. */
void plait_options_print(const struct plait_grammar *grammar, const char *program, FILE *stream);
/* The place of TEXT among WORDS, which end with NULL, or -1. */
int plait_word_index(const char *const *words, const char *text);

#endif
