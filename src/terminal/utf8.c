/* terminal/utf8.c: UTF-8, one character at a time. */
#include "terminal/utf8.h"

static unsigned utf8_length(unsigned char first)
{
    if (first < 0x80)
        return 1;
    if (first >= 0xc2 && first < 0xe0)
        return 2;
    if (first >= 0xe0 && first < 0xf0)
        return 3;
    return first >= 0xf0 && first < 0xf5 ? 4 : 0;
}

uint32_t plait_utf8_take(const char **at)
{
    const unsigned char *text = (const unsigned char *)*at;
    unsigned length = utf8_length(*text);
    if (*text == '\0')
        return 0;
    uint32_t code = length > 1 ? *text & 0x7fu >> length : *text;
    for (unsigned i = 1; i < length; i++) {
        if ((text[i] & 0xc0) != 0x80)
            length = 0;
        else
            code = code << 6 | (text[i] & 0x3fu);
    }
    *at += length ? length : 1;
    return length ? code : '?';
}

void plait_utf8_give(uint32_t code, char text[5])
{
    unsigned length = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    static const unsigned char marks[] = {0, 0, 0xc0, 0xe0, 0xf0};
    text[length] = '\0';
    for (unsigned i = length; i > 1; code >>= 6)
        text[--i] = (char)(0x80 | (code & 0x3f));
    text[0] = (char)(marks[length] | code);
}

unsigned plait_utf8_columns(const char *text)
{
    unsigned columns = 0;
    while (plait_utf8_take(&text))
        columns++;
    return columns;
}

/* Controls could rewrite a reader's terminal, and bidirectional overrides what he reads. */
bool plait_utf8_is_control(uint32_t code)
{
    return code < 0x20 || (code >= 0x7f && code < 0xa0) || (code >= 0x202a && code <= 0x202e) ||
           (code >= 0x2066 && code <= 0x2069);
}
