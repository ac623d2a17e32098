/* sensor/options.c: the rows that all commands of plait-audit have. */
#include "sensor/options.h"

#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { OFFSET_MAX_MS = 2000000000 };

/* Milliseconds with a sign and a fraction behind the last '=' of TEXT. */
static bool parse_offset(const char *text, size_t *name_length, int64_t *offset_ns)
{
    const char *mark = strrchr(text, '=');
    if (!mark || mark == text || strspn(mark + 1, "+-.0123456789") != strlen(mark + 1))
        return false;
    char *end;
    double ms = strtod(mark + 1, &end); /* only LC_CTYPE was set: the point is a point */
    *name_length = (size_t)(mark - text);
    *offset_ns = (int64_t)llround(fabs(ms) <= OFFSET_MAX_MS ? ms * 1e6 : 0);
    return end != mark + 1 && *end == '\0' && fabs(ms) <= OFFSET_MAX_MS;
}

bool plait_offset_of(const char *text, const char *name, int64_t *offset_ns)
{
    size_t length;
    int64_t parsed_ns;
    if (!parse_offset(text, &length, &parsed_ns) || strlen(name) != length ||
        memcmp(text, name, length) != 0)
        return false;
    *offset_ns = parsed_ns;
    return true;
}

static bool read_offset(const struct plait_option *option, void *place, const char *text,
                        char *error, size_t error_octets)
{
    size_t length;
    int64_t offset_ns;
    if (parse_offset(text, &length, &offset_ns)) {
        plait_texts_add(place, text);
        return true;
    }
    snprintf(error, error_octets, "--%s %s: is not %s with at most %d ms", option->name, text,
             option->argument, OFFSET_MAX_MS);
    return false;
}

const struct plait_option plait_sensor_common_options[] = {
    {.name = "interface",
     .letter = 'i',
     .kind = PLAIT_OPTION_TEXTS,
     .argument = "NAME",
     .help = "read an interface of this machine; may be repeated",
     .offset = PLAIT_SENSOR_AT(interfaces)},
    {.name = "filter",
     .kind = PLAIT_OPTION_TEXT,
     .argument = "EXPRESSION",
     .help = "only what this says, in tcpdump's words (\"tcp port 80\")",
     .offset = PLAIT_SENSOR_AT(filter)},
    {.name = "follow",
     .help = "go on as files grow and directories get more of them",
     .offset = PLAIT_SENSOR_AT(follow)},
    {.name = "offset",
     .kind = PLAIT_OPTION_READ,
     .argument = "FILE=MS",
     .help = "added to all times of FILE, instead of what is estimated; may be repeated",
     .offset = PLAIT_SENSOR_AT(offsets),
     .read = read_offset},
    {.name = "memory",
     .kind = PLAIT_OPTION_OCTETS,
     .argument = "OCTETS",
     .help = "what connections may take at most (512M)",
     .offset = PLAIT_SENSOR_AT(memory_octets),
     .min = 1 << 20},
    {.name = "strict",
     .help = "status 4 if something was not understood or could not be told",
     .offset = PLAIT_SENSOR_AT(strict)},
    {.name = "quiet", .help = "no progress on standard error", .offset = PLAIT_SENSOR_AT(quiet)},
    {.name = "help", .letter = 'h', .help = "this text", .offset = PLAIT_SENSOR_AT(help)},
    {.name = "version", .help = "the version", .offset = PLAIT_SENSOR_AT(version)},
    {.name = NULL},
};

struct plait_sensor_options plait_sensor_options_default(void)
{
    return (struct plait_sensor_options){
        .memory_octets = (uint64_t)512 << 20, .hold_ms = UINT_MAX, .gather_ms = UINT_MAX};
}

void plait_sensor_options_free(struct plait_sensor_options *options)
{
    free(options->inputs.of);
    free(options->interfaces.of);
    free(options->offsets.of);
}
