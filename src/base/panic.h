/* base/panic.h: what happens when our own code is wrong.
 *
 * Only our own bugs and a script's breach of its attacker's position end here; nothing that a
 * peer can send may (DESIGN: safety of our own code).  Checks stay in release builds. */
#ifndef PLAIT_BASE_PANIC_H
#define PLAIT_BASE_PANIC_H

/* Prints "plait: NAME: text" on standard error and traps; in libplait, which has no stdio, it only
 * traps (base/panic_trap.c).  NAME is the assertion's name: tests look for it. */
_Noreturn void plait_panic(const char *name, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#define PLAIT_CHECK(condition)                                                                     \
    do {                                                                                           \
        if (!(condition))                                                                          \
            plait_panic("check", "%s:%d: %s", __FILE__, __LINE__, #condition);                     \
    } while (0)

#endif
