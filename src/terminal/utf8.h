/* terminal/utf8.h: UTF-8, one character at a time.  May touch: nothing but its arguments. */
#ifndef PLAIT_TERMINAL_UTF8_H
#define PLAIT_TERMINAL_UTF8_H

#include <stdbool.h>
#include <stdint.h>

/* Takes the character at AT, which moves on; 0 at the end, '?' for an octet that is not UTF-8. */
uint32_t plait_utf8_take(const char **at);
/* Writes one character (room 5), NUL-terminated. */
void plait_utf8_give(uint32_t code, char text[5]);
/* Columns of TEXT, counting one for each character. */
unsigned plait_utf8_columns(const char *text);
/* Nothing that comes from outside may show it: control characters, newline included. */
bool plait_utf8_is_control(uint32_t code);

#endif
