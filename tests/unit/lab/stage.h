/* tests/unit/lab/stage.h: a world of stub hosts on the virtual clock, with a real attacker in it.
 *
 * The net, the taps and the script's words are those of a live run; only the two hosts say no more
 * than a test lets them say (talk.h). */
#ifndef PLAIT_TESTS_LAB_STAGE_H
#define PLAIT_TESTS_LAB_STAGE_H

#include "tests/unit/lab/talk.h"

#include "lab/attack.h"
#include "net/stub.h"

enum { STAGE_PATHS = 2 };

struct stage {
    struct plait_scenario scenario;
    struct plait_world world;
    struct plait_goals goals;
    struct plait_attack attack;
    struct plait_stub *path[STAGE_PATHS], *server; /* the client's paths */
};

/* The attacker stands at POSITION; the server is the victim. */
struct stage *stage_new(const char *position, bool spoofing);
void stage_free(struct stage *stage);
/* SEGMENT leaves its sender's stub now and has arrived when this returns. */
void stage_say(struct stage *stage, const struct plait_segment *segment);
/* The handshake of version 1 on the dialled path, and what follows at once: the world is ready. */
void stage_connect(struct stage *stage);
/* The client joins on the second path. */
void stage_join(struct stage *stage);
/* One data segment of the client on the dialled path, 8 octets. */
void stage_write(struct stage *stage);

#endif
