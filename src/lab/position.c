/* lab/position.c: the table of positions. */
#include "lab/position.h"

#include <string.h>

#include "net/net.h"

enum {
    EAR = PLAIT_MAY_SEE,
    HAND = PLAIT_MAY_SEE | PLAIT_MAY_DROP | PLAIT_MAY_ALTER,
    PATH_1 = 1,
    PATH_2 = 2,
    EVERY_PATH = 0xff,
    BOTH = PLAIT_BOTH_WAYS
};

/* NAME, TEXT, presence, paths, ways, rights, spoofing, participant, beside. */
static const struct plait_position positions[] = {
    {"OFF-NS", "off-path, own addresses only", PLAIT_NEVER_THERE, 0, 0, 0, false, false, 0},
    {"OFF", "off-path, may spoof", PLAIT_NEVER_THERE, 0, 0, 0, true, false, 0},
    {"PART", "one end of the connection is his", PLAIT_ALWAYS_THERE, EVERY_PATH, BOTH, EAR, true,
     true, 0},
    {"PART-L", "one end is his, and its first address passes on", PLAIT_ALWAYS_THERE, EVERY_PATH,
     BOTH, EAR, true, true, PLAIT_LEAVES_ADDRESS},
    {"PART-Y", "one end is his, and an accomplice hears one check", PLAIT_ALWAYS_THERE, EVERY_PATH,
     BOTH, EAR, true, true, PLAIT_HEARS_STRANGERS},
    {"HEIR-1", "gets the dialled path's address by lease", PLAIT_NEVER_THERE, PATH_1, 0, 0, false,
     false, PLAIT_INHERITS},
    {"HEIR-2", "gets the second path's address by lease", PLAIT_NEVER_THERE, PATH_2, 0, 0, false,
     false, PLAIT_INHERITS},
    {"HEIR-J", "heard a later handshake, left, and got the second path's address by lease",
     PLAIT_LATER_HANDSHAKE, EVERY_PATH, BOTH, EAR, true, false, PLAIT_INHERITS | PLAIT_CAME_LATE},
    {"PE-H", "heard the first handshake, then left", PLAIT_FIRST_HANDSHAKE, PATH_1, BOTH, EAR, true,
     false, 0},
    {"PE-HC", "heard what the client sent in the first handshake, then left", PLAIT_FIRST_HANDSHAKE,
     PATH_1, PLAIT_A_TO_B, EAR, true, false, 0},
    {"PE-J", "heard a later handshake, then left", PLAIT_LATER_HANDSHAKE, PATH_2, BOTH, EAR, true,
     false, 0},
    {"PE-J1", "heard the dialled path while a later one was set up, then left",
     PLAIT_LATER_HANDSHAKE, PATH_1, BOTH, EAR, true, false, PLAIT_CAME_LATE},
    {"PA-J1", "on the dialled path while a later one was set up, active", PLAIT_LATER_HANDSHAKE,
     PATH_1, BOTH, HAND, true, false, PLAIT_CAME_LATE},
    {"PA-H", "on the path at the first handshake, active", PLAIT_FIRST_HANDSHAKE, PATH_1, BOTH,
     HAND, true, false, 0},
    {"PA-J", "on the path at a later handshake, active", PLAIT_LATER_HANDSHAKE, PATH_2, BOTH, HAND,
     true, false, 0},
    {"ON1-E", "hears the dialled path the whole time", PLAIT_ALWAYS_THERE, PATH_1, BOTH, EAR, true,
     false, 0},
    {"ON2-E", "hears the second path the whole time", PLAIT_ALWAYS_THERE, PATH_2, BOTH, EAR, true,
     false, 0},
    {"ON1-A", "on the dialled path the whole time, active", PLAIT_ALWAYS_THERE, PATH_1, BOTH, HAND,
     true, false, 0},
    {"ON2-A", "on the second path the whole time, active", PLAIT_ALWAYS_THERE, PATH_2, BOTH, HAND,
     true, false, 0},
    {"ONALL", "on every path the whole time, active", PLAIT_ALWAYS_THERE, EVERY_PATH, BOTH, HAND,
     true, false, 0},
};

enum { COUNT = sizeof positions / sizeof positions[0] };

const struct plait_position *plait_position(const char *name)
{
    for (size_t i = 0; i < COUNT; i++)
        if (strcmp(positions[i].name, name) == 0)
            return &positions[i];
    return NULL;
}

const char *const *plait_position_names(size_t *count)
{
    static const char *names[COUNT];
    for (size_t i = 0; i < COUNT; i++)
        names[i] = positions[i].name;
    *count = COUNT;
    return names;
}

static bool presence_within(enum plait_presence weaker, enum plait_presence stronger)
{
    return weaker == PLAIT_NEVER_THERE || weaker == stronger || stronger == PLAIT_ALWAYS_THERE;
}

bool plait_position_within(const struct plait_position *weaker,
                           const struct plait_position *stronger)
{
    return presence_within(weaker->presence, stronger->presence) &&
           (weaker->paths & ~stronger->paths) == 0 && (weaker->ways & ~stronger->ways) == 0 &&
           (weaker->tap_rights & ~stronger->tap_rights) == 0 &&
           weaker->may_spoof <= stronger->may_spoof &&
           weaker->participant <= stronger->participant &&
           (weaker->beside & ~(stronger->beside | PLAIT_CAME_LATE)) == 0 &&
           (!(stronger->beside & PLAIT_CAME_LATE) || (weaker->beside & PLAIT_CAME_LATE) ||
            weaker->presence == PLAIT_NEVER_THERE);
}

struct plait_position plait_position_standing(const struct plait_position *position, bool spoofing)
{
    struct plait_position standing = *position;
    standing.may_spoof = position->may_spoof && spoofing;
    return standing;
}

static bool replaces(const struct plait_position *other, size_t other_index,
                     const struct plait_position *one, size_t one_index)
{
    if (!plait_position_within(other, one))
        return false;
    return !plait_position_within(one, other) || other_index < one_index;
}

void plait_position_minimal(const struct plait_position *given, size_t count, bool *is_minimal)
{
    for (size_t i = 0; i < count; i++) {
        is_minimal[i] = true;
        for (size_t j = 0; j < count; j++)
            if (i != j && replaces(&given[j], j, &given[i], i))
                is_minimal[i] = false;
    }
}
