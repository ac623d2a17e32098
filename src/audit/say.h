/* audit/say.h: internal: events, as the handlers of a packet say them.
 * May touch: nothing but its arguments; calls the sink. */
#ifndef PLAIT_AUDIT_SAY_H
#define PLAIT_AUDIT_SAY_H

#include "audit/inside.h"
#include "audit/store.h"

static inline bool plait_is_heard(const struct plait_audit *a)
{
    return a->sink.event != NULL;
}

/* An event of AT's packet, for the caller to fill. */
static inline struct plait_audit_event plait_event(const struct plait_at *at,
                                                   enum plait_audit_event_kind kind)
{
    return (struct plait_audit_event){.kind = kind,
                                      .connection = at->c->number,
                                      .subflow = at->s->number,
                                      .direction = (uint8_t)at->end,
                                      .packet = at->ref};
}

static inline void plait_say(const struct plait_at *at, const struct plait_audit_event *event)
{
    at->a->sink.event(at->a->owner, event);
}

/* An event that has nothing but a cause. */
static inline void plait_say_cause(const struct plait_at *at, enum plait_audit_event_kind kind,
                                   const char *cause)
{
    if (!plait_is_heard(at->a))
        return;
    struct plait_audit_event event = plait_event(at, kind);
    event.cause = cause;
    plait_say(at, &event);
}

#endif
