/* base/panic_trap.c: the way to stop on our own bug inside libplait, which prints nothing: linked
 * there in place of base/panic.c.  The assertion's name is in a register when it traps, for whoever
 * looks at the core.  May touch: nothing. */
#include "base/panic.h"

_Noreturn void plait_panic(const char *name, const char *format, ...)
{
    __asm__ volatile("" : : "r"(name), "r"(format));
    __builtin_trap();
}
