/* terminal/console.c: standard output and standard error. */
#include "terminal/console.h"

#include <errno.h>
#include <fcntl.h>
#include <langinfo.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "terminal/utf8.h"

void plait_console_hold(void)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
        if (fcntl(fd, F_GETFD) < 0) /* the least one that is free is taken */
            (void)!open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY);
}

unsigned plait_console_columns(int fd, unsigned otherwise)
{
    struct winsize size;
    return ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col ? size.ws_col : otherwise;
}

/* NO_COLOR and TERM=dumb are the customary ways to refuse colour. */
static bool wants_colour(int fd)
{
    const char *refused = getenv("NO_COLOR"), *terminal = getenv("TERM");
    return isatty(fd) && !(refused && *refused) && !(terminal && !strcmp(terminal, "dumb"));
}

static bool speaks_utf8(void)
{
    return strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
}

struct plait_page plait_console_page_on(FILE *stream)
{
    int fd = fileno(stream);
    return (struct plait_page){stream, speaks_utf8(), wants_colour(fd),
                               plait_console_columns(fd, 120)};
}

struct plait_page plait_console_page(void)
{
    return plait_console_page_on(stdout);
}

void plait_complain(const char *command, const char *format, ...)
{
    char text[1024];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    for (char *at = text; *at; at++)
        if (*at == '\n')
            *at = '?';
    const struct plait_page page = {stderr, speaks_utf8(), false, 0};
    plait_page_add(&page, "plait%s%s: %s\n", *command ? " " : "", command, text);
}

bool plait_console_finish(const char *command)
{
    if (fflush(stdout) == 0 && !ferror(stdout))
        return true;
    plait_complain(command, "standard output: %s", strerror(errno));
    return false;
}
