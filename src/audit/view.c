/* audit/view.c: what is known of a connection and its subflows, at its end. */
#include "audit/view.h"

#include "audit/store.h"
#include "audit/track.h"

static enum plait_judgement proof_of(uint32_t flags)
{
    if (flags & PLAIT_SUB_PROOF_BAD)
        return PLAIT_INVALID;
    return flags & (PLAIT_SUB_PROOF_ACK | PLAIT_SUB_PROOF_SYN_ACK) ? PLAIT_VALID
                                                                   : PLAIT_CANNOT_TELL;
}

static struct plait_audit_subflow_view view_subflow(const struct plait_audit *a, uint32_t number)
{
    const struct plait_subflow *s = plait_sub(a, number);
    struct plait_audit_subflow_view view = {.number = s->number,
                                            .network = s->network,
                                            .opener = s->flags & PLAIT_SUB_OPENER_1 ? 1 : 0,
                                            .is_join = s->flags & PLAIT_SUB_JOIN,
                                            .is_backup = s->flags & PLAIT_SUB_BACKUP,
                                            .opener_is_guess = s->flags & PLAIT_SUB_GUESS,
                                            .is_established = s->flags & PLAIT_SUB_ACK,
                                            .is_closed = s->flags & PLAIT_SUB_CLOSED,
                                            .is_reset =
                                                s->flags & (PLAIT_SUB_RST_0 | PLAIT_SUB_RST_1),
                                            .proof = proof_of(s->flags),
                                            .first_ns = s->first_ns,
                                            .last_ns = s->first_ns + s->life_ms * PLAIT_MS,
                                            .rtt_us = s->rtt_us};
    for (unsigned end = 0; end < 2; end++) {
        view.place[end] = plait_store_place(a, s, end);
        view.addr_id[end] = s->addr_id[end];
        view.packets[end] = s->half[end].packets;
        view.octets[end] = s->half[end].octets;
        view.again_octets[end] = s->half[end].again_octets;
    }
    return view;
}

/* What one end acknowledged the other must have sent. */
static bool lacks_acknowledged(const struct plait_subflow *s)
{
    for (unsigned d = 0; d < 2; d++) {
        const struct plait_half *h = &s->half[d];
        uint32_t ack = s->half[!d].ack;
        if (ack && plait_has(s->flags, PLAIT_SUB_ISN_0, d) &&
            plait_unwrap_seq(ack, h->isn, h->edge) > (int64_t)h->edge)
            return true;
    }
    return false;
}

static void view_story(const struct plait_story *story, struct plait_audit_connection_view *view)
{
    view->fallback_cause = story->fallback_cause;
    view->fallback_packet = story->fallback_packet;
    view->worst = (enum plait_severity)story->worst;
    view->alerts = story->alert_count;
    for (unsigned d = 0; d < 2; d++) {
        view->gap_octets[d] = story->gap_octets[d];
        view->reinjected_octets[d] = story->reinjected_octets[d];
    }
}

static void view_ends(const struct plait_connection *c, struct plait_audit_connection_view *view)
{
    for (unsigned end = 0; end < 2; end++) {
        view->has_key[end] = plait_has(c->flags, PLAIT_CON_KEY_0, end);
        view->key[end] = c->key[end];
        view->token[end] = c->token[end];
        view->forbids_joins[end] = plait_has(c->flags, PLAIT_CON_NO_JOINS_0, end);
        if (plait_has(c->flags, PLAIT_CON_IDSN_0, end))
            view->idsn[end] = c->base[end] - 1;
        view->octets[end] = c->edge[end];
    }
}

void plait_view_ended(struct plait_audit *a, uint32_t connection)
{
    const struct plait_connection *c = plait_con(a, connection);
    struct plait_audit_subflow_view subflows[PLAIT_AUDIT_SUBFLOWS_MAX];
    if (!a->sink.ended)
        return;
    struct plait_audit_connection_view view = {
        .number = c->number,
        .version = c->flags & PLAIT_CON_MPTCP ? c->version : PLAIT_AUDIT_TCP,
        .end = (enum plait_audit_end)c->how_ended,
        .opener_is_guess = c->flags & PLAIT_CON_GUESS,
        .has_checksum = c->flags & PLAIT_CON_CHECKSUM,
        .has_fallen_back = c->flags & PLAIT_CON_FALLBACK,
        .has_gap = c->flags & PLAIT_CON_GAP,
        .last_ns = c->last_ns,
        .subflows = subflows};
    view_ends(c, &view);
    if (c->story)
        view_story(plait_slab_at(&a->stories, c->story), &view);
    for (uint32_t n = c->first_subflow; n; n = plait_sub(a, n)->next) {
        if (plait_sub(a, n)->flags & PLAIT_SUB_ALIAS)
            continue;
        view.has_gap = view.has_gap || lacks_acknowledged(plait_sub(a, n));
        if (view.subflow_count < PLAIT_AUDIT_SUBFLOWS_MAX)
            subflows[view.subflow_count++] = view_subflow(a, n);
    }
    if (c->flags & PLAIT_CON_UNADVERTISED)
        view.alerts++;
    if (view.subflow_count)
        view.first_ns = subflows[0].first_ns;
    a->sink.ended(a->owner, &view);
}
