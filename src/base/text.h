/* base/text.h: building a bounded line of text; what does not fit is cut, never overrun.
 *
 * Formats are a part of printf's: %% %c %s %d %i %u %x %X with - 0 width precision hh h l ll z, no
 * floating point.  May touch: the octets it was given. */
#ifndef PLAIT_BASE_TEXT_H
#define PLAIT_BASE_TEXT_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct plait_text {
    char *start;
    size_t length;
    size_t room;
    bool cut;
};

/* BUFFER is always NUL-terminated; ROOM_OCTETS >= 1. */
struct plait_text plait_text(char *buffer, size_t room_octets);
void plait_text_add(struct plait_text *t, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* The same with a list of arguments. */
void plait_text_add_list(struct plait_text *t, const char *format, va_list list)
    __attribute__((format(printf, 2, 0)));
void plait_text_hex(struct plait_text *t, const uint8_t *octets, size_t length_octets);

#endif
