/* sensor/spaces.c: names, positions, and the times of octets that are on their way. */
#include "sensor/spaces.h"

#include "base/hasher.h"

enum { TRIES = 16 }; /* places at which a space is looked for */

static const plait_time_ns recent_ns = 8 * PLAIT_MS; /* between times that are kept */

struct plait_space *plait_space_named(struct plait_spaces *spaces, uint64_t name,
                                      enum plait_space_kind kind)
{
    for (unsigned i = 0; i < TRIES; i++) {
        struct plait_space *s = &spaces->of[(name + i) % (PLAIT_SPACES - 1) + 1];
        if (s->name == name)
            return s;
        if (s->name)
            continue;
        s->name = name;
        s->kind = kind;
        for (unsigned k = 0; k < PLAIT_CLOCKS_MAX; k++)
            s->shown[k] = s->last[0][k] = s->last[1][k] = INT64_MIN;
        return s;
    }
    return NULL;
}

struct plait_space *plait_space_of_path(struct plait_spaces *spaces, const struct plait_packet *p,
                                        bool reversed, enum plait_space_kind kind)
{
    struct plait_hasher h = plait_hasher((uint64_t)p->seen->network << 8 | kind);
    plait_hash_octets(&h, reversed ? p->dst : p->src, p->addr_octets);
    plait_hash_octets(&h, reversed ? p->src : p->dst, p->addr_octets);
    plait_hash_u64(&h, reversed ? p->dst_port : p->src_port);
    plait_hash_u64(&h, reversed ? p->src_port : p->dst_port);
    return plait_space_named(spaces, plait_hash_end(&h) | 1, kind);
}

struct plait_space *plait_space_of_token(struct plait_spaces *spaces, uint32_t token,
                                         enum plait_space_kind kind, uint64_t value)
{
    struct plait_hasher h = plait_hasher((uint64_t)token << 8 | kind);
    plait_hash_u64(&h, value);
    return plait_space_named(spaces, plait_hash_end(&h) | 1, kind);
}

/* Of what comes next to each other in one input, less than half of the numbers is between. */
int64_t plait_space_position(struct plait_space *s, unsigned input, uint32_t number)
{
    if (!s->has_base)
        s->base = number;
    s->has_base = true;
    int64_t near = s->near[input];
    return s->near[input] = near + (int32_t)(number - s->base - (uint32_t)near);
}

/* Only what nobody had sent before in this input, so that its time is the first one. */
void plait_space_keep_recent(struct plait_space *s, const struct plait_packet *p, uint32_t end)
{
    if (s->recent_input != p->seen->input)
        s->recent_count = 0;
    s->recent_input = p->seen->input;
    if (s->recent_count && (int32_t)(end - s->recent_end) <= 0)
        return;
    s->recent_end = end;
    const struct plait_space_recent *last = &s->recent[(s->recent_count - 1) % PLAIT_SPACES_RECENT];
    if (!s->recent_count || p->seen->at_ns - last->at_ns >= recent_ns)
        s->recent[s->recent_count++ % PLAIT_SPACES_RECENT] =
            (struct plait_space_recent){end, p->seen->at_ns};
}

const struct plait_space_recent *plait_space_recent(const struct plait_space *s,
                                                    const struct plait_packet *p)
{
    unsigned kept = s->recent_count < PLAIT_SPACES_RECENT ? s->recent_count : PLAIT_SPACES_RECENT;
    for (unsigned i = 1; s->recent_input == p->seen->input && i <= kept; i++) {
        const struct plait_space_recent *r =
            &s->recent[(s->recent_count - i) % PLAIT_SPACES_RECENT];
        if ((int32_t)(p->ack - r->end) >= 0)
            return r;
    }
    return NULL;
}
