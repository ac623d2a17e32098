/* lab/machine.c: asking an end with a formatted command. */
#include "lab/machine.h"

#include <stdarg.h>
#include <stdio.h>

plait_result plait_end_ask(struct plait_end_host *host, char *answer, size_t room_octets,
                           const char *format, ...)
{
    char command[PLAIT_MACHINE_COMMAND_OCTETS];
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(command, sizeof command, format, arguments);
    va_end(arguments);
    if (length < 0 || (size_t)length >= sizeof command)
        return PLAIT_FAIL(TOO_MANY);
    return host->ops->ask(host, command, answer, room_octets);
}
