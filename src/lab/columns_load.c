/* lab/columns_load.c: a mechanism out of a shared object, before anything runs and is locked in. */
#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

#include "lab/analyze.h"
#include "lab/columns.h"

/* The loader's own words, without the name of the file, which it puts first. */
static const char *loader_text(const char *file)
{
    const char *text = dlerror();
    size_t length = strlen(file);
    if (!text)
        return "no reason was given";
    return strncmp(text, file, length) == 0 && strncmp(text + length, ": ", 2) == 0
               ? text + length + 2
               : text;
}

/* The numbers that OFFER has, where these are what is wrong. */
static void numbers_text(const struct plait_mechanism_offer *offer, char *text, size_t room_octets)
{
    *text = '\0';
    if (offer->interface != PLAIT_MECHANISM_INTERFACE)
        snprintf(text, room_octets, ", it has %u", offer->interface);
    else if (offer->size_octets != sizeof(struct plait_mechanism))
        snprintf(text, room_octets, ", %zu octets, it has %u", sizeof(struct plait_mechanism),
                 offer->size_octets);
}

bool plait_analysis_load(const char *file, char *error, size_t error_octets)
{
    /* A name without a slash would be looked for among the system's libraries. */
    char path[4096], expected[128], numbers[64];
    snprintf(path, sizeof path, "%s%s", strchr(file, '/') ? "" : "./", file);
    void *object = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (!object) {
        snprintf(error, error_octets, "%s: a shared object was expected: %s", file,
                 loader_text(path));
        return false;
    }
    const struct plait_mechanism_offer *offer = dlsym(object, PLAIT_MECHANISM_SYMBOL);
    enum plait_protocol protocol;
    if (!offer) {
        snprintf(error, error_octets, "%s: " PLAIT_MECHANISM_SYMBOL " was expected", file);
    } else if (plait_column_add(offer, file, &protocol, expected, sizeof expected)) {
        return true; /* it stays for as long as the process */
    } else {
        numbers_text(offer, numbers, sizeof numbers);
        snprintf(error, error_octets, "%s: %s was expected%s", file, expected, numbers);
    }
    dlclose(object);
    return false;
}
