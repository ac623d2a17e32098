/* host/trace.c: events of a trace as text and as JSON.  May touch: nothing but its arguments. */
#include <inttypes.h>

#include "base/text.h"
#include "plait/trace.h"

struct kind {
    const char *room; /* "tcp", "mptcp", "host" */
    const char *name; /* as in the list */
    const char *field[3];
};

static const struct kind kinds[PLAIT_TRACE_KINDS] = {
#define TCP(name, a, b, c)   {"tcp", #name, {a, b, c}},
#define MPTCP(name, a, b, c) {"mptcp", #name, {a, b, c}},
#define HOST(name, a, b, c)  {"host", #name, {a, b, c}},
    PLAIT_TRACE_TCP(TCP) PLAIT_TRACE_MPTCP(MPTCP) PLAIT_TRACE_HOST(HOST)
#undef TCP
#undef MPTCP
#undef HOST
};

static const struct kind unknown = {"host", "UNKNOWN", {"a", "b", "c"}};

static const struct kind *kind_of(const struct plait_trace_event *event)
{
    return event->kind < PLAIT_TRACE_KINDS ? &kinds[event->kind] : &unknown;
}

void plait_trace_text(const struct plait_trace_event *event, char *text, size_t room_octets)
{
    const struct kind *kind = kind_of(event);
    const uint64_t values[3] = {event->a, event->b, event->c};
    struct plait_text t = plait_text(text, room_octets);
    plait_text_add(&t, "%" PRId64 ".%09" PRId64, event->at_ns / PLAIT_S, event->at_ns % PLAIT_S);
    if (event->connection)
        plait_text_add(&t, " c%" PRIu32, event->connection);
    if (event->flow)
        plait_text_add(&t, " f%" PRIu32, event->flow);
    plait_text_add(&t, " %s", kind->name);
    for (int i = 0; i < 3; i++) {
        if (!kind->field[i][0])
            continue;
        bool is_flags = kind->field[i][0] == 'f' && kind->field[i][1] == 'l'; /* "flags" */
        plait_text_add(&t, is_flags ? " %s=0x%02" PRIx64 : " %s=%" PRIu64, kind->field[i],
                       values[i]);
    }
}

static void add_lower(struct plait_text *t, const char *name)
{
    for (; *name; name++) {
        bool is_upper = *name >= 'A' && *name <= 'Z';
        plait_text_add(t, "%c", is_upper ? *name - 'A' + 'a' : *name);
    }
}

void plait_trace_json(const struct plait_trace_event *event, char *text, size_t room_octets)
{
    const struct kind *kind = kind_of(event);
    const uint64_t values[3] = {event->a, event->b, event->c};
    struct plait_text t = plait_text(text, room_octets);
    plait_text_add(&t,
                   "{\"time\": %" PRId64 ".%06" PRId64 ", \"name\": \"%s:", event->at_ns / PLAIT_MS,
                   event->at_ns % PLAIT_MS, kind->room);
    add_lower(&t, kind->name);
    plait_text_add(&t, "\", \"data\": {\"connection\": %" PRIu32 ", \"flow\": %" PRIu32,
                   event->connection, event->flow);
    for (int i = 0; i < 3; i++)
        if (kind->field[i][0])
            plait_text_add(&t, ", \"%s\": %" PRIu64, kind->field[i], values[i]);
    plait_text_add(&t, "}}");
}
