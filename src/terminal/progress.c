/* terminal/progress.c: writing progress, not too often. */
#include "terminal/progress.h"

#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "terminal/console.h"

static plait_time_ns now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * PLAIT_S + now.tv_nsec;
}

struct plait_progress_line plait_progress_line(bool quiet)
{
    return (struct plait_progress_line){
        .quiet = quiet, .terminal = isatty(STDERR_FILENO), .last_ns = now_ns()};
}

bool plait_progress_due(struct plait_progress_line *line)
{
    if (line->quiet)
        return false;
    plait_time_ns now = now_ns(), pause = line->terminal ? 100 * PLAIT_MS : 5 * PLAIT_S;
    if (now - line->last_ns < pause)
        return false;
    line->last_ns = now;
    return true;
}

void plait_progress_write(struct plait_progress_line *line, const char *text)
{
    unsigned columns = plait_console_columns(STDERR_FILENO, 200) - 1;
    if (line->terminal)
        fprintf(stderr, "\r\033[K%.*s", (int)columns, text);
    else
        fprintf(stderr, "%s\n", text);
    line->shown = true;
}

void plait_progress_end(struct plait_progress_line *line)
{
    if (line->terminal && line->shown)
        fputs("\r\033[K", stderr);
    line->shown = false;
}
