/* audit/close.c: a subflow closes by FIN or RST, a connection by DATA_FIN, MP_FASTCLOSE, or with
 * its last subflow; after the last subflow's RST a join may still revive it (T-RST-4), so it
 * lingers. */
#include "audit/close.h"

#include "audit/data.h"
#include "audit/rules.h"

static const struct plait_mp_tcprst *reset_reason(const struct plait_at *at,
                                                  struct plait_mptcp_option *option)
{
    const struct plait_packet_option *o = plait_packet_option(at->p, PLAIT_MP_TCPRST);
    if (!o || !plait_ok(plait_mptcp_parse(o->at, o->octets, option)))
        return NULL;
    return &option->tcprst;
}

static void say_reset(struct plait_at *at)
{
    struct plait_mptcp_option option;
    const struct plait_mp_tcprst *reason = reset_reason(at, &option);
    if (!plait_is_heard(at->a))
        return;
    struct plait_audit_event event = plait_event(at, PLAIT_SAW_RESET);
    event.has_reason = reason != NULL;
    event.reason = reason ? reason->reason : 0;
    event.flags = reason ? reason->flags : 0;
    plait_say(at, &event);
}

static bool both(uint32_t flags, uint32_t first)
{
    return (flags & first * 3) == first * 3;
}

/* After a reset a join may yet show that nobody fell back. */
static void close_subflow(struct plait_at *at)
{
    if (at->s->flags & PLAIT_SUB_CLOSED)
        return;
    if (!plait_packet_is(at->p, PLAIT_RST))
        plait_fallback_closed(at);
    at->s->flags |= PLAIT_SUB_CLOSED;
}

void plait_close_connection(struct plait_at *at, enum plait_audit_end how)
{
    if (at->c->flags & PLAIT_CON_OVER)
        return;
    plait_store_over(at->a, at->connection_number, how);
    plait_say_cause(at, PLAIT_SAW_CLOSED, plait_audit_end_name(how));
}

static bool has_living_subflow(const struct plait_at *at)
{
    const uint32_t gone = PLAIT_SUB_CLOSED | PLAIT_SUB_ALIAS;
    for (uint32_t n = at->c->first_subflow; n; n = plait_sub(at->a, n)->next)
        if (!(plait_sub(at->a, n)->flags & gone))
            return true;
    return false;
}

/* Both DATA_FINs were sent, and acknowledged as far as the capture shows. */
static bool is_data_closed(const struct plait_at *at)
{
    const struct plait_connection *c = at->c;
    if (!both(c->flags, PLAIT_CON_FIN_0) || !c->work)
        return false;
    const struct plait_work *work = plait_slab_at(&at->a->works, c->work);
    for (unsigned d = 0; d < 2; d++)
        if (plait_has(c->flags, PLAIT_CON_ACKED_0, !d) && c->data_ack[!d] <= work->stream[d].fin_at)
            return false;
    return true;
}

void plait_close_packet(struct plait_at *at)
{
    struct plait_subflow *s = at->s;
    if (plait_packet_is(at->p, PLAIT_RST)) {
        bool is_first = !plait_has(s->flags, PLAIT_SUB_RST_0, at->end);
        s->flags |= PLAIT_SUB_RST_0 << at->end;
        if (is_first) {
            say_reset(at);
            plait_rule_reset(at);
        }
        close_subflow(at);
    } else if (plait_packet_is(at->p, PLAIT_FIN)) {
        s->flags |= PLAIT_SUB_FIN_0 << at->end;
        if (both(s->flags, PLAIT_SUB_FIN_0) && !(s->flags & PLAIT_SUB_CLOSED)) {
            plait_say_cause(at, PLAIT_SAW_SUBFLOW_CLOSED, NULL);
            close_subflow(at);
        }
    } else if (!at->has_dss || !is_data_closed(at)) {
        return;
    }
    if (is_data_closed(at))
        plait_close_connection(at, PLAIT_END_CLOSED);
    else if (!has_living_subflow(at))
        plait_close_connection(at, plait_packet_is(at->p, PLAIT_RST) ? PLAIT_END_RESET
                                                                     : PLAIT_END_CLOSED);
}
