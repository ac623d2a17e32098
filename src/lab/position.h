/* lab/position.h: where an attacker stands (DESIGN §1, threats.md §0.3).
 *
 * A position is which links he sees, in which directions, with which rights, during which part of
 * the connection's life, and what he may send.  The presets are rows of one table; the lab turns a
 * row into taps, and the net enforces them.  May touch: nothing but its arguments. */
#ifndef PLAIT_LAB_POSITION_H
#define PLAIT_LAB_POSITION_H

#include <stdbool.h>
#include <stddef.h>

enum plait_presence { /* when his tap on the genuine path is live */
                      PLAIT_NEVER_THERE,
                      PLAIT_FIRST_HANDSHAKE, /* from the start to the end of the first exchange of
                                                data */
                      PLAIT_LATER_HANDSHAKE, /* from then on, while a later subflow is set up */
                      PLAIT_ALWAYS_THERE
};

/* What some have beside their place: bits. */
enum plait_beside {
    PLAIT_LEAVES_ADDRESS = 1,  /* his end's first address passes on to a stranger */
    PLAIT_INHERITS = 2,        /* the address of PATHS, which its host loses, passes on to him */
    PLAIT_HEARS_STRANGERS = 4, /* an accomplice on the way to strangers, until he is dismissed */
    PLAIT_CAME_LATE = 8        /* nothing of the first handshake reached him */
};

struct plait_position {
    const char *name; /* "PE-H" */
    const char *text; /* for people */
    enum plait_presence presence;
    unsigned paths;      /* bit 0 = the dialled path, bit 1 = the second, ... */
    unsigned ways;       /* enum plait_way on those paths: from the client, to it, or both */
    unsigned tap_rights; /* enum plait_right on those paths */
    bool may_spoof;      /* where the case says "with spoofing" */
    bool participant;    /* one end of the connection is his */
    unsigned beside;     /* of enum plait_beside */
};

/* NULL if NAME is no position. */
const struct plait_position *plait_position(const char *name);
const char *const *plait_position_names(size_t *count);
/* POSITION as a case uses it: without spoofing it may be weaker than its row. */
struct plait_position plait_position_standing(const struct plait_position *position, bool spoofing);
/* True if whoever stands at WEAKER can do nothing that STRONGER cannot: a partial order over links,
 * directions, interval, rights, spoofing and what is beside. */
bool plait_position_within(const struct plait_position *weaker,
                           const struct plait_position *stronger);
/* IS_MINIMAL[i] becomes true if none of the COUNT positions is strictly within GIVEN[i], and no
 * earlier one is the same: "the weakest position" is that set (DESIGN §1). */
void plait_position_minimal(const struct plait_position *given, size_t count, bool *is_minimal);

#endif
