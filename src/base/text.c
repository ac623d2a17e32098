/* base/text.c: bounded text. */
#include "base/text.h"

#include <stdarg.h>
#include <stdio.h>

struct plait_text plait_text(char *buffer, size_t room_octets)
{
    buffer[0] = '\0';
    return (struct plait_text){buffer, 0, room_octets, false};
}

void plait_text_add(struct plait_text *t, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int wanted = vsnprintf(t->start + t->length, t->room - t->length, format, arguments);
    va_end(arguments);
    if (wanted < 0)
        return;
    if ((size_t)wanted >= t->room - t->length) {
        t->length = t->room - 1;
        t->cut = true;
        return;
    }
    t->length += (size_t)wanted;
}

void plait_text_hex(struct plait_text *t, const uint8_t *octets, size_t length_octets)
{
    for (size_t i = 0; i < length_octets; i++)
        plait_text_add(t, "%02x", octets[i]);
}
