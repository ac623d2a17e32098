/* cli/sibling.c: finding the other program, and becoming it. */
#include "cli/sibling.h"

#include <limits.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include "terminal/console.h"

static const char program[] = "plait-audit";

static const struct {
    const char *name, *operands, *brief;
} siblings[] = {
    {"audit", "FILE...", "what Multipath TCP in captures really did (plait-audit)"},
    {"flatten", "IN...", "multipath traffic as plain TCP (plait-audit)"},
};

enum { COUNT = sizeof siblings / sizeof siblings[0] };

const char *plait_sibling_name(unsigned i)
{
    return i < COUNT ? siblings[i].name : NULL;
}

void plait_siblings_help(FILE *stream)
{
    for (unsigned i = 0; i < COUNT; i++) {
        char left[64];
        snprintf(left, sizeof left, "%s %s", siblings[i].name, siblings[i].operands);
        fprintf(stream, "  %-24s %s\n", left, siblings[i].brief);
    }
}

/* The folder of this program and the other's name; empty if it cannot be told. */
static void beside_this(char path[PATH_MAX])
{
    ssize_t length = readlink("/proc/self/exe", path, PATH_MAX - sizeof program);
    path[length > 0 ? length : 0] = '\0';
    char *name = strrchr(path, '/');
    if (name)
        strcpy(name + 1, program);
}

bool plait_sibling_become(const char *name, char **argv)
{
    char path[PATH_MAX];
    unsigned i = 0;
    while (i < COUNT && strcmp(siblings[i].name, name))
        i++;
    if (i == COUNT)
        return false;
    char *own = argv[0];
    argv[0] = (char *)(uintptr_t)program;
    beside_this(path);
    execv(path, argv);
    execvp(program, argv);
    argv[0] = own;
    plait_complain(name, "the program %s is neither beside this one nor in PATH", program);
    return true;
}
