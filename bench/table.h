/* bench/table.h: the one table of `make bench`: each number beside its ratio to a peer that was
 * measured in the same run.  Numbers are for reading; no test asserts them.
 * May touch: standard output and the monotonic clock. */
#ifndef PLAIT_BENCH_TABLE_H
#define PLAIT_BENCH_TABLE_H

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/time.h"

/* A section: its title over the names, and a title over each column, NULL behind the last. */
static inline void bench_head(const char *title, const char *const columns[])
{
    printf("\n%-34s", title);
    for (; *columns; columns++)
        printf("%18s", *columns);
    printf("\n");
}

static inline void bench_name(const char *name)
{
    printf("  %-32s", name);
}

static inline void bench_cell(double value, double ratio)
{
    int digits = value < 10 ? 2 : value < 100 ? 1 : 0;
    printf(" %9.*f x%-6.2f", digits, value, ratio);
}

static inline void bench_none(void)
{
    printf(" %9s %-7s", "-", "");
}

static inline void bench_end(void)
{
    printf("\n");
    fflush(stdout);
}

static inline plait_time_ns bench_now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * PLAIT_S + t.tv_nsec;
}

static inline int bench_compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Sorts VALUES. */
static inline double bench_median(double values[], size_t count)
{
    qsort(values, count, sizeof *values, bench_compare);
    return count % 2 ? values[count / 2] : (values[count / 2 - 1] + values[count / 2]) / 2;
}

#endif
