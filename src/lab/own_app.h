/* lab/own_app.h: applications over connections of libplait, by the commands and events of
 * agent/PROTOCOL.md.
 *
 * The same lines, the same octet pattern and the same limits as the agent's, so that what asks need
 * not know who answers.  Differences: `set` and `read` know nothing here; a closed connection's
 * late octets are read and forgotten where a kernel resets.  May touch: its host. */
#ifndef PLAIT_LAB_OWN_APP_H
#define PLAIT_LAB_OWN_APP_H

#include "base/text.h"
#include "plait/connection.h"

struct plait_own_apps;

struct plait_own_apps_config {
    struct plait_host *host;
    /* Of sockets of `mptcp`; those of `tcp` are the same with tcp_only.  Looked at when one is
     * opened; the caller's. */
    const struct plait_options *options;
    /* A connection is open, or something about one changed: paths may be opened now.  May be NULL.
     */
    void (*changed)(void *self, struct plait_connection *c, plait_time_ns now);
    void *self;
};

struct plait_own_apps *plait_own_apps_new(const struct plait_own_apps_config *config);
void plait_own_apps_free(struct plait_own_apps *apps);
/* Takes one command without serial.  TEXT gets what follows "ok "; PEER if it is refused, TEXT says
 * why. */
plait_result plait_own_apps_ask(struct plait_own_apps *apps, plait_time_ns now, const char *command,
                                struct plait_text *text);
/* The next event without its "* ", or NULL; valid until the next call. */
const char *plait_own_apps_event(struct plait_own_apps *apps);
/* When an application writes next by its schedule. */
plait_time_ns plait_own_apps_deadline(const struct plait_own_apps *apps);
void plait_own_apps_advance(struct plait_own_apps *apps, plait_time_ns now);
/* While it may, an application that writes more often than twice a second writes at once what it
 * would have written within half a second. */
void plait_own_apps_gather(struct plait_own_apps *apps, bool may);
/* Each open connection. */
void plait_own_apps_each(struct plait_own_apps *apps,
                         void (*visit)(void *self, struct plait_connection *c), void *self);

#endif
