/* base/panic.c: the one way to stop on our own bug. */
#include "base/panic.h"

#include <stdarg.h>
#include <stdio.h>

_Noreturn void plait_panic(const char *name, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    fprintf(stderr, "plait: %s: ", name);
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
    va_end(arguments);
    __builtin_trap();
}
