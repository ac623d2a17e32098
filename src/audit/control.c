/* audit/control.c: what an end asks the other to do. */
#include "audit/control.h"

#include "audit/close.h"
#include "audit/data.h"
#include "audit/rules.h"

void plait_control_prio(struct plait_at *at, const struct plait_mp_prio *option)
{
    plait_rule_prio(at, option);
    if (!plait_is_heard(at->a))
        return;
    struct plait_audit_event event = plait_event(at, PLAIT_SAW_PRIO);
    event.backup = option->backup;
    event.has_addr_id = option->has_addr_id;
    event.addr_id = option->addr_id;
    plait_say(at, &event);
}

/* What it means on the only subflow is seen when the infinite mapping or unmapped data follow. */
void plait_control_fail(struct plait_at *at, const struct plait_mp_fail *option)
{
    unsigned peer = !at->end;
    bool has_base = plait_has(at->c->flags, PLAIT_CON_BASE_0, peer);
    int64_t offset = has_base ? plait_offset_of_dsn(at->c, peer, option->dsn, true) : 0;
    plait_rule_fail(at, offset);
    if (!plait_is_heard(at->a))
        return;
    struct plait_audit_event event = plait_event(at, PLAIT_SAW_FAIL);
    event.offset = (uint64_t)offset;
    event.value = option->dsn;
    plait_say(at, &event);
}

static enum plait_judgement judge_key(const struct plait_at *at, uint64_t receiver_key)
{
    if (!plait_has(at->c->flags, PLAIT_CON_KEY_0, !at->end))
        return PLAIT_CANNOT_TELL;
    struct plait_mptcp_option option = {.subtype = PLAIT_MP_FASTCLOSE,
                                        .fastclose = {.receiver_key = receiver_key}};
    const struct plait_mechanism *m = plait_mechanism_of(at->c);
    return m->open(at->c->key[!at->end], at->c->key[at->end], &option) ? PLAIT_VALID
                                                                       : PLAIT_INVALID;
}

void plait_control_fastclose(struct plait_at *at, const struct plait_mp_fastclose *option)
{
    enum plait_judgement judgement = judge_key(at, option->receiver_key);
    if (plait_is_heard(at->a)) {
        struct plait_audit_event event = plait_event(at, PLAIT_SAW_FASTCLOSE);
        event.judgement = judgement;
        event.reset = plait_packet_is(at->p, PLAIT_RST);
        event.has_key = true;
        event.key = option->receiver_key;
        plait_say(at, &event);
    }
    plait_rule_fastclose(at, judgement);
    if (judgement == PLAIT_INVALID)
        return;
    if (at->end && !(at->c->flags & PLAIT_CON_OVER))
        at->c->flags |= PLAIT_CON_CLOSER_1;
    plait_close_connection(at, PLAIT_END_FASTCLOSE);
}
