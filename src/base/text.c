/* base/text.c: bounded text, with a formatter of its own: libplait has no stdio, and a format means
 * the same under every C library.  May touch: the octets it was given. */
#include "base/text.h"

#include <stdarg.h>
#include <string.h>

#include "base/panic.h"

struct plait_text plait_text(char *buffer, size_t room_octets)
{
    buffer[0] = '\0';
    return (struct plait_text){buffer, 0, room_octets, false};
}

static void put(struct plait_text *t, const char *octets, size_t length_octets)
{
    size_t room = t->room - 1 - t->length;
    size_t taken = length_octets < room ? length_octets : room;
    memcpy(t->start + t->length, octets, taken);
    t->length += taken;
    t->start[t->length] = '\0';
    t->cut = t->cut || taken < length_octets;
}

static void put_many(struct plait_text *t, char octet, size_t count)
{
    for (; count; count--)
        put(t, &octet, 1);
}

/* One conversion: %[-0][width][.precision][hh|h|l|ll|z]letter. */
struct conversion {
    bool left, zeros, has_precision;
    unsigned width, precision;
    char size; /* 'i' int, 'l' long, 'L' long long, 'z' size_t */
    char letter;
};

static unsigned read_number(const char **at)
{
    unsigned number = 0;
    for (; **at >= '0' && **at <= '9'; ++*at)
        number = number * 10 + (unsigned)(**at - '0');
    return number;
}

static char read_size(const char **at)
{
    char size = 'i';
    for (; **at == 'h' || **at == 'l' || **at == 'z'; ++*at) {
        if (**at == 'l')
            size = size == 'l' ? 'L' : 'l';
        else if (**at == 'z')
            size = 'z';
    }
    return size;
}

/* AT is behind the percent sign, and afterwards behind the conversion's letter. */
static struct conversion read_conversion(const char **at, int (*star)(void *), void *arguments)
{
    struct conversion c = {0};
    for (; **at == '-' || **at == '0'; ++*at) {
        c.left = c.left || **at == '-';
        c.zeros = c.zeros || **at == '0';
    }
    if (**at == '*') {
        ++*at;
        int width = star(arguments);
        c.left = c.left || width < 0;
        c.width = (unsigned)(width < 0 ? -width : width);
    } else {
        c.width = read_number(at);
    }
    if (**at == '.') {
        ++*at;
        int precision = **at == '*' ? (++*at, star(arguments)) : (int)read_number(at);
        c.has_precision = precision >= 0;
        c.precision = (unsigned)precision;
    }
    c.size = read_size(at);
    c.letter = *(*at)++;
    return c;
}

static void put_padded(struct plait_text *t, const struct conversion *c, const char *octets,
                       size_t length_octets)
{
    size_t padding = c->width > length_octets ? c->width - length_octets : 0;
    if (!c->left)
        put_many(t, ' ', padding);
    put(t, octets, length_octets);
    if (c->left)
        put_many(t, ' ', padding);
}

static void put_string(struct plait_text *t, const struct conversion *c, const char *string)
{
    size_t length = 0; /* with a precision the string need not end */
    while ((!c->has_precision || length < c->precision) && string[length])
        length++;
    put_padded(t, c, string, length);
}

static void put_number(struct plait_text *t, const struct conversion *c, uint64_t value,
                       bool negative)
{
    char digits[64]; /* of numbers; more leading zeros than that nobody asks for */
    const char *alphabet = c->letter == 'X' ? "0123456789ABCDEF" : "0123456789abcdef";
    unsigned base = c->letter == 'x' || c->letter == 'X' ? 16 : 10;
    size_t at = sizeof digits;
    do
        digits[--at] = alphabet[value % base];
    while (value /= base);
    size_t least = c->has_precision ? c->precision : 0;
    if (c->zeros && !c->left && !c->has_precision)
        least = c->width - (negative && c->width ? 1 : 0);
    while (at > 1 && sizeof digits - at < least)
        digits[--at] = '0';
    if (negative)
        digits[--at] = '-';
    put_padded(t, c, digits + at, sizeof digits - at);
}

struct arguments { /* a va_list may be an array type, which no function takes by address */
    va_list list;
};

static int next_int(void *arguments)
{
    return va_arg(((struct arguments *)arguments)->list, int);
}

static int64_t next_signed(struct arguments *a, char size)
{
    switch (size) {
    case 'l':
        return va_arg(a->list, long);
    case 'L':
        return va_arg(a->list, long long);
    case 'z':
        return (int64_t)va_arg(a->list, size_t);
    default:
        return va_arg(a->list, int);
    }
}

static uint64_t next_unsigned(struct arguments *a, char size)
{
    switch (size) {
    case 'l':
        return va_arg(a->list, unsigned long);
    case 'L':
        return va_arg(a->list, unsigned long long);
    case 'z':
        return va_arg(a->list, size_t);
    default:
        return va_arg(a->list, unsigned);
    }
}

static void convert(struct plait_text *t, const struct conversion *c, struct arguments *a)
{
    switch (c->letter) {
    case 's':
        put_string(t, c, va_arg(a->list, const char *));
        break;
    case 'c':
        put_padded(t, c, &(char){(char)va_arg(a->list, int)}, 1);
        break;
    case 'd':
    case 'i': {
        int64_t value = next_signed(a, c->size);
        put_number(t, c, value < 0 ? 0 - (uint64_t)value : (uint64_t)value, value < 0);
        break;
    }
    case 'u':
    case 'x':
    case 'X':
        put_number(t, c, next_unsigned(a, c->size), false);
        break;
    case '%':
        put(t, "%", 1);
        break;
    default:
        plait_panic("text", "conversion %c is not known here", c->letter);
    }
}

static void add(struct plait_text *t, const char *format, struct arguments *a)
{
    while (*format) {
        size_t plain = 0;
        while (format[plain] && format[plain] != '%')
            plain++;
        put(t, format, plain);
        format += plain;
        if (*format == '%') {
            format++;
            struct conversion c = read_conversion(&format, next_int, a);
            convert(t, &c, a);
        }
    }
}

void plait_text_add(struct plait_text *t, const char *format, ...)
{
    struct arguments a;
    va_start(a.list, format);
    add(t, format, &a);
    va_end(a.list);
}

void plait_text_add_list(struct plait_text *t, const char *format, va_list list)
{
    struct arguments a;
    va_copy(a.list, list);
    add(t, format, &a);
    va_end(a.list);
}

void plait_text_hex(struct plait_text *t, const uint8_t *octets, size_t length_octets)
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < length_octets; i++)
        put(t, (const char[]){digits[octets[i] >> 4], digits[octets[i] & 15]}, 2);
}
