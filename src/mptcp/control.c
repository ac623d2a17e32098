/* mptcp/control.c: addresses, priorities, FASTCLOSE and reasons of resets (RFC 8684 §3.3.8, §3.4 to
 * §3.6).
 *
 * What the peer says is proven as far as the mechanism can (open), else ignored and counted.  What
 * we say waits for room on a segment; announcements are repeated until they are echoed. */
#include "mptcp/hello.h"
#include "mptcp/inside.h"

#define ANNOUNCEMENTS_MAX 4 /* of one address: the first and three more */
#define FASTCLOSES_MAX    4 /* the first and three more (N37) */

/* ---- signals that wait ----------------------------------------------------------------------- */

/* Where it may wait, or NULL.  REMOVE_ADDR takes the place of the echo that would go out last: an
 * echo is soft state, the peer announces again; a removal is said once. */
static struct plait_signal *place_for_signal(struct plait_mptcp *c, uint8_t what, uint8_t addr_id)
{
    struct plait_signal *echo = NULL;
    for (unsigned i = 0; i < PLAIT_MPTCP_SIGNALS_MAX; i++) {
        struct plait_signal *s = &c->signals[i];
        if (s->what == PLAIT_SIGNAL_NONE || (s->what == what && s->addr_id == addr_id))
            return s;
        if (s->what == PLAIT_SIGNAL_ECHO)
            echo = s;
    }
    return what == PLAIT_SIGNAL_REMOVE ? echo : NULL;
}

/* False when as many wait already. */
static bool push_signal(struct plait_mptcp *c, uint8_t what, uint8_t addr_id,
                        const struct plait_place *place)
{
    struct plait_signal *s = place_for_signal(c, what, addr_id);
    if (!s)
        return false;
    *s = (struct plait_signal){.what = what, .addr_id = addr_id};
    if (place)
        s->place = *place;
    plait_mptcp_say(c, PLAIT_SAY_SIGNAL);
    return true;
}

/* REMOVE_ADDR first, then echoes, each with the address that it echoes. */
static struct plait_signal *first_signal(const struct plait_mptcp *c)
{
    static const uint8_t order[] = {PLAIT_SIGNAL_REMOVE, PLAIT_SIGNAL_ECHO};
    for (unsigned k = 0; k < sizeof order; k++)
        for (unsigned i = 0; i < PLAIT_MPTCP_SIGNALS_MAX; i++)
            if (c->signals[i].what == order[k])
                return (struct plait_signal *)&c->signals[i];
    return NULL;
}

/* The next address to announce in this round, or NULL. */
static struct plait_address *first_announcement(const struct plait_mptcp *c)
{
    struct plait_address_book *book = (struct plait_address_book *)&c->own_addrs;
    return plait_address_book_unechoed(book, c->announce_round);
}

bool plait_control_has_signal(const struct plait_mptcp *c)
{
    return first_signal(c) || first_announcement(c);
}

static struct plait_mptcp_option add_addr_option(const struct plait_mptcp *c, uint8_t addr_id,
                                                 const struct plait_place *place, bool echo)
{
    struct plait_mptcp_option o = {.subtype = PLAIT_ADD_ADDR,
                                   .add_addr = {.echo = echo,
                                                .addr_id = addr_id,
                                                .addr = place->addr,
                                                .has_port = place->port != 0,
                                                .port = place->port}};
    plait_control_seal(c, &o);
    return o;
}

/* False if there is none. */
static bool next_option(const struct plait_mptcp *c, struct plait_mptcp_option *o)
{
    const struct plait_signal *s = first_signal(c);
    const struct plait_address *a = s ? NULL : first_announcement(c);
    if (!s && !a)
        return false;
    if (a) {
        *o = add_addr_option(c, a->id, &a->place, false);
    } else if (s->what == PLAIT_SIGNAL_ECHO) {
        *o = add_addr_option(c, s->addr_id, &s->place, true);
    } else {
        *o = (struct plait_mptcp_option){.subtype = PLAIT_REMOVE_ADDR,
                                         .remove_addr = {.count = 1, .addr_ids = {s->addr_id}}};
        plait_control_seal(c, o);
    }
    return true;
}

static void drop_next(struct plait_mptcp *c, bool was_sent)
{
    struct plait_signal *s = first_signal(c);
    if (s) {
        s->what = PLAIT_SIGNAL_NONE;
        return;
    }
    struct plait_address *a = first_announcement(c);
    if (!was_sent)
        plait_mptcp_count(c, PLAIT_COUNT_ADDR_NO_ROOM);
    a->tries = was_sent ? c->announce_round : ANNOUNCEMENTS_MAX;
    if (!was_sent || !c->mechanism->addr_is_echoed)
        a->is_echoed = true; /* nobody will tell us */
}

static uint32_t padded(const struct plait_mptcp_option *o)
{
    return (uint32_t)(plait_mptcp_octets(o) + 3) & ~3u;
}

#define ACK_DSS_OCTETS 12

bool plait_control_needs_all(struct plait_subflow *sub, uint32_t room_octets)
{
    struct plait_mptcp_option o;
    struct plait_mptcp *c = sub->connection;
    if (!(sub->says & PLAIT_SAY_SIGNAL) || !next_option(c, &o))
        return false;
    if (padded(&o) > room_octets) {
        drop_next(c, false); /* not even a segment of its own has room: never */
        return false;
    }
    return padded(&o) <= room_octets && padded(&o) + ACK_DSS_OCTETS > room_octets;
}

static unsigned write_signal(struct plait_subflow *sub, uint32_t room_octets,
                             struct plait_mptcp_option *options, unsigned count)
{
    struct plait_mptcp *c = sub->connection;
    struct plait_mptcp_option o;
    if (!next_option(c, &o)) {
        sub->says &= (uint8_t)~PLAIT_SAY_SIGNAL;
        return count;
    }
    if (padded(&o) <= room_octets) {
        options[count++] = o;
        drop_next(c, true);
    }
    return count;
}

unsigned plait_control_write(struct plait_subflow *sub, uint32_t room_octets,
                             struct plait_mptcp_option *options, unsigned count)
{
    struct plait_mptcp *c = sub->connection;
    if ((sub->says & PLAIT_SAY_PRIO) && room_octets >= 4 && count < PLAIT_MPTCP_OPTIONS_MAX) {
        options[count] = (struct plait_mptcp_option){.subtype = PLAIT_MP_PRIO,
                                                     .prio = {.backup = sub->backup_here}};
        plait_control_seal(c, &options[count]);
        count++;
        room_octets -= 4;
        sub->says &= (uint8_t)~PLAIT_SAY_PRIO;
    }
    if ((sub->says & PLAIT_SAY_SIGNAL) && count < PLAIT_MPTCP_OPTIONS_MAX)
        count = write_signal(sub, room_octets, options, count);
    return count;
}

/* ---- again ----------------------------------------------------------------------------------- */

/* What waits for room, or for an echo, is looked after again in a while. */
void plait_control_arm(struct plait_mptcp *c, plait_time_ns now)
{
    unsigned shift = c->announce_round > 1 ? c->announce_round - 1u : 0;
    if (c->addr_timer.at_ns == PLAIT_NEVER)
        plait_timer_set(&plait_mptcp_stack(c)->timers, &c->addr_timer,
                        now + (c->config.add_addr_retry_ns << shift));
}

static bool says_priority(const struct plait_mptcp *c)
{
    for (const struct plait_subflow *sub = c->subflows; sub; sub = sub->next)
        if (sub->says & PLAIT_SAY_PRIO)
            return true;
    return false;
}

void plait_control_timer(struct plait_mptcp *c, plait_time_ns now)
{
    if (!plait_mptcp_is_multipath(c))
        return;
    if (c->announce_round < ANNOUNCEMENTS_MAX)
        c->announce_round++;
    if (!plait_control_has_signal(c) && !says_priority(c))
        return;
    for (struct plait_subflow *sub = c->subflows; sub; sub = sub->next) {
        sub->signals_in_row = 0; /* not in a row: a while lies between */
        if (sub->flow)
            plait_flow_wake(sub->flow);
    }
    plait_mptcp_say(c, PLAIT_SAY_SIGNAL);
    plait_control_arm(c, now);
}

/* ---- our addresses --------------------------------------------------------------------------- */

static void start_announcing(struct plait_mptcp *c, plait_time_ns now)
{
    c->announce_round = 1;
    plait_control_arm(c, now);
    plait_mptcp_say(c, PLAIT_SAY_SIGNAL);
}

plait_result plait_mptcp_announce(struct plait_mptcp *c, plait_time_ns now,
                                  const struct plait_place *place)
{
    uint8_t id;
    enum plait_address_news news;
    if (!plait_mptcp_is_multipath(c))
        return PLAIT_FAIL(NOT_FOUND);
    if (c->messages)
        return plait_mptcp_add_subflow(c, now, place, &c->first_remote, false);
    if (!c->mechanism->has_addr_options)
        return PLAIT_FAIL(UNSUPPORTED);
    if (!plait_own_addr_id(c, place, &id))
        return PLAIT_FAIL(TOO_MANY);
    if (id == 0)
        return PLAIT_FAIL(EXISTS); /* the initial address is known */
    PLAIT_TRY(plait_address_book_announce(&c->own_addrs, id, place, &news));
    plait_address_book_find(&c->own_addrs, id)->tries = 0;
    plait_trace(plait_mptcp_stack(c), now, PLAIT_TRACE_ADDR_EVENT, c->number, 0, PLAIT_ADD_ADDR, id,
                1);
    start_announcing(c, now);
    return PLAIT_OK;
}

/* Pairs of one flow (Basic MPTCP) go with a message, subflows with an option where one exists; the
 * peer is told if there is room to. */
static void lose_addr(struct plait_mptcp *c, plait_time_ns now, uint8_t id)
{
    struct plait_addr gone = plait_address_book_find(&c->own_addrs, id)->place.addr;
    (void)plait_address_book_remove(&c->own_addrs, id); /* it is there */
    if (c->messages) {
        (void)plait_messages_remove(c, now, &gone); /* no pair had it: nothing to tell */
        return;
    }
    for (struct plait_subflow *sub = c->subflows; sub; sub = sub->next)
        if (sub->flow && sub->local_id == id)
            plait_subflow_reset(sub, now, PLAIT_RESET_UNSPECIFIED);
    plait_trace(plait_mptcp_stack(c), now, PLAIT_TRACE_ADDR_EVENT, c->number, 0, PLAIT_REMOVE_ADDR,
                id, 1);
    if (!c->mechanism->has_addr_options)
        return; /* its resets tell */
    plait_control_arm(c, now);
    (void)push_signal(c, PLAIT_SIGNAL_REMOVE, id, NULL); /* full: the resets tell, too */
}

plait_result plait_mptcp_withdraw(struct plait_mptcp *c, plait_time_ns now,
                                  const struct plait_addr *addr)
{
    const struct plait_address *a = plait_address_book_find_addr(&c->own_addrs, addr);
    if (!a || !plait_mptcp_is_multipath(c))
        return PLAIT_FAIL(NOT_FOUND);
    if (!c->messages && !place_for_signal(c, PLAIT_SIGNAL_REMOVE, a->id))
        return PLAIT_FAIL(TOO_MANY);
    lose_addr(c, now, a->id);
    return PLAIT_OK;
}

/* Subflows of addresses that the machine lost go; the path manager may want new ones. */
void plait_mptcp_addrs_changed(struct plait_mptcp *c, plait_time_ns now)
{
    struct plait_addr addrs[PLAIT_MPTCP_ADDRS_MAX];
    unsigned count = c->world->machine->addrs(c->world->machine_self, addrs, PLAIT_MPTCP_ADDRS_MAX);
    if (!plait_mptcp_is_multipath(c))
        return;
    for (unsigned i = 0; i < PLAIT_ADDRESS_BOOK_ROOM; i++) {
        struct plait_address *a = &c->own_addrs.addresses[i];
        bool is_there = !a->is_known;
        for (unsigned k = 0; k < count; k++)
            is_there |= plait_addr_equal(&a->place.addr, &addrs[k]);
        if (!is_there)
            lose_addr(c, now, a->id);
    }
    if (c->config.path_manager->changed)
        c->config.path_manager->changed(c, now);
}

/* ---- the peer's addresses -------------------------------------------------------------------- */

bool plait_control_is_absurd(struct plait_mptcp *c, const struct plait_addr *addr)
{
    struct plait_addr own[PLAIT_MPTCP_ADDRS_MAX];
    unsigned count = c->world->machine->addrs(c->world->machine_self, own, PLAIT_MPTCP_ADDRS_MAX);
    for (unsigned i = 0; i < count; i++)
        if (plait_addr_equal(&own[i], addr))
            return true;
    return plait_addr_is_nobody(addr);
}

static void read_add_addr(struct plait_mptcp *c, plait_time_ns now, const struct plait_add_addr *a)
{
    struct plait_place place = {.addr = a->addr, .port = a->has_port ? a->port : 0};
    enum plait_address_news news;
    if (a->echo) {
        if (!plait_ok(plait_address_book_echoed(&c->own_addrs, a->addr_id, &place)))
            plait_mptcp_count(c, PLAIT_COUNT_OPTION_INVALID);
        else
            plait_mptcp_wake_all(c);
        return;
    }
    if (a->addr_id == 0 || plait_control_is_absurd(c, &a->addr) ||
        !plait_ok(plait_address_book_announce(&c->peer_addrs, a->addr_id, &place, &news))) {
        plait_mptcp_count(c, PLAIT_COUNT_OPTION_INVALID); /* N31, R-14 */
        return;
    }
    plait_trace(plait_mptcp_stack(c), now, PLAIT_TRACE_ADDR_EVENT, c->number, 0, PLAIT_ADD_ADDR,
                a->addr_id, 0);
    if (c->mechanism->addr_is_echoed) {
        (void)push_signal(c, PLAIT_SIGNAL_ECHO, a->addr_id, &place); /* full: it comes again */
        plait_control_arm(c, now);
    }
    if (news == PLAIT_ADDRESS_IS_REFRESHED)
        return;
    if (c->addrs_dialled >= c->config.add_addr_accepted) {
        plait_mptcp_count(c, PLAIT_COUNT_ADD_ADDR_LIMIT);
        return;
    }
    c->addrs_dialled++;
    plait_mptcp_count(c, PLAIT_COUNT_ADD_ADDR_IN);
    if (c->config.path_manager->announced)
        c->config.path_manager->announced(c, now, a->addr_id, &place);
}

/* A live path is not removed because somebody says so: each subflow of the address is asked first
 * (RFC 8684 §3.4.2, N35). */
static void probe_all(struct plait_mptcp *c, plait_time_ns now, uint8_t addr_id)
{
    for (struct plait_subflow *sub = c->subflows; sub; sub = sub->next) {
        if (sub->remote_id != addr_id || !plait_subflow_can_send(sub))
            continue;
        sub->is_probed = true;
        plait_flow_probe(sub->flow, now);
        plait_timer_set(&plait_mptcp_stack(c)->timers, &sub->timer,
                        now + c->config.probe_timeout_ns);
    }
}

void plait_control_probe_answered(struct plait_subflow *sub)
{
    sub->is_probed = false;
    plait_timer_set(&plait_mptcp_stack(sub->connection)->timers, &sub->timer, PLAIT_NEVER);
}

void plait_control_probe_failed(struct plait_subflow *sub, plait_time_ns now)
{
    plait_subflow_reset(sub, now, PLAIT_RESET_UNSPECIFIED);
}

static bool has_subflow_to(const struct plait_mptcp *c, uint8_t addr_id)
{
    for (const struct plait_subflow *sub = c->subflows; sub; sub = sub->next)
        if (sub->remote_id == addr_id && plait_subflow_can_send(sub))
            return true;
    return false;
}

static void forget_addr(struct plait_mptcp *c, const struct plait_address *a)
{
    /* Only what was announced had been counted. */
    if (a->is_announced && c->addrs_dialled > 0)
        c->addrs_dialled--;
    (void)plait_address_book_remove(&c->peer_addrs, a->id); /* it is there */
}

/* A join that found the book full left its identifier with its subflow only. */
static void read_remove_addr(struct plait_mptcp *c, plait_time_ns now,
                             const struct plait_remove_addr *remove)
{
    for (unsigned i = 0; i < remove->count; i++) {
        uint8_t id = remove->addr_ids[i];
        const struct plait_address *a = plait_address_book_find(&c->peer_addrs, id);
        if (!a && !has_subflow_to(c, id)) {
            plait_mptcp_count(c, PLAIT_COUNT_REMOVE_ADDR_UNKNOWN); /* N36 */
            continue;
        }
        plait_mptcp_count(c, PLAIT_COUNT_REMOVE_ADDR_IN);
        if (a)
            forget_addr(c, a);
        probe_all(c, now, id);
    }
}

/* ---- priorities ------------------------------------------------------------------------------ */

static void read_prio(struct plait_subflow *self, const struct plait_mp_prio *prio)
{
    struct plait_mptcp *c = self->connection;
    if (prio->has_addr_id && !c->mechanism->prio_names_addr) {
        plait_mptcp_count(c, PLAIT_COUNT_OPTION_INVALID); /* T-PRIO-1 */
        return;
    }
    plait_mptcp_count(c, PLAIT_COUNT_PRIO_IN);
    for (struct plait_subflow *sub = c->subflows; sub; sub = sub->next)
        if (prio->has_addr_id ? sub->remote_id == prio->addr_id : sub == self)
            sub->backup_there = prio->backup;
    plait_mptcp_wake_all(c);
}

/* ---- FASTCLOSE ------------------------------------------------------------------------------- */

static void reset_all_with_fastclose(struct plait_mptcp *c, plait_time_ns now)
{
    for (struct plait_subflow *sub = c->subflows; sub; sub = sub->next)
        sub->says_fastclose = c->mechanism && c->mechanism->fastclose_on_reset;
    plait_mptcp_end(c, now, PLAIT_MPTCP_IS_CLOSED, PLAIT_RESET_NO_REASON);
}

void plait_mptcp_fastclose(struct plait_mptcp *c, plait_time_ns now, bool on_ack)
{
    struct plait_subflow *best = plait_subflow_best(c);
    if (c->is_fastclosing || c->stage == PLAIT_MPTCP_ENDED)
        return;
    bool can_say = plait_mptcp_is_multipath(c) && best && c->mechanism->has_fastclose;
    bool has_form_r = can_say && c->mechanism->fastclose_on_reset;
    if (!can_say || (!on_ack && has_form_r)) {
        reset_all_with_fastclose(c, now);
        return;
    }
    /* Form A: on one subflow, the others are reset; the answer is a reset (RFC 8684 §3.5).  Nothing
     * new follows it. */
    c->is_fastclosing = true;
    for (struct plait_subflow *sub = c->subflows; sub; sub = sub->next)
        if (sub != best)
            plait_subflow_reset(sub, now, PLAIT_RESET_NO_REASON);
    plait_flow_withdraw(best->flow);
    plait_control_fastclose_timer(c, now);
}

void plait_control_fastclose_timer(struct plait_mptcp *c, plait_time_ns now)
{
    struct plait_subflow *best = plait_subflow_best(c);
    if (!best || c->fastclose_tries >= FASTCLOSES_MAX) {
        reset_all_with_fastclose(c, now);
        return;
    }
    best->signals_in_row = 0;
    plait_subflow_say(best, PLAIT_SAY_FASTCLOSE);
    plait_time_ns wait_ns = plait_flow_first_path(best->flow)->rto_ns;
    plait_timer_set(&plait_mptcp_stack(c)->timers, &c->close_timer,
                    now + (wait_ns << c->fastclose_tries));
    c->fastclose_tries++;
}

static bool read_fastclose(struct plait_subflow *sub, plait_time_ns now, bool on_reset)
{
    struct plait_mptcp *c = sub->connection;
    if (on_reset && !c->mechanism->fastclose_on_reset)
        return true;
    plait_mptcp_count(c, PLAIT_COUNT_FASTCLOSE_IN);
    plait_mptcp_end(c, now, PLAIT_MPTCP_IS_RESET, PLAIT_RESET_NO_REASON);
    return false;
}

/* ---- resets ---------------------------------------------------------------------------------- */

/* Flags U, V and W mean nothing (N38); without T the same is not tried again (N32). */
static void read_tcprst(struct plait_subflow *sub, const struct plait_mp_tcprst *tcprst)
{
    struct plait_mptcp *c = sub->connection;
    plait_mptcp_count(c, PLAIT_COUNT_RESET_REASON_IN);
    if (sub->is_first || tcprst->flags & 1)
        return;
    struct plait_address *a = plait_address_book_find(&c->peer_addrs, sub->remote_id);
    if (a && a->id != 0)
        a->has_failed = true;
}

/* On a reset: what was in flight is sent again elsewhere as the subflow goes, and the peer has
 * thrown away its part (N41). */
static bool read_fail(struct plait_subflow *sub, plait_time_ns now, bool on_reset)
{
    plait_mptcp_count(sub->connection, PLAIT_COUNT_FAIL_IN);
    return on_reset || plait_fallback(sub, now, PLAIT_TROUBLE_FAIL);
}

/* ---- one option ------------------------------------------------------------------------------ */

static enum plait_counter_name counter_of_forgery(unsigned subtype)
{
    switch (subtype) {
    case PLAIT_ADD_ADDR:
        return PLAIT_COUNT_ADD_ADDR_BAD_HMAC;
    case PLAIT_MP_FASTCLOSE:
        return PLAIT_COUNT_FASTCLOSE_BAD_KEY;
    default:
        return PLAIT_COUNT_OPTION_INVALID;
    }
}

bool plait_control_read(struct plait_subflow *sub, plait_time_ns now,
                        const struct plait_mptcp_option *o, bool on_reset)
{
    struct plait_mptcp *c = sub->connection;
    if (!plait_mptcp_is_multipath(c))
        return true;
    bool is_addr = o->subtype == PLAIT_ADD_ADDR || o->subtype == PLAIT_REMOVE_ADDR;
    bool is_none = (is_addr && !c->mechanism->has_addr_options) ||
                   (o->subtype == PLAIT_MP_FASTCLOSE && !c->mechanism->has_fastclose);
    if (is_none) {
        plait_mptcp_count(c, PLAIT_COUNT_OPTION_INVALID);
        return true;
    }
    if (!plait_control_opens(c, o)) {
        plait_mptcp_count(c, counter_of_forgery(o->subtype)); /* N30, N37 */
        return true;
    }
    switch (o->subtype) {
    case PLAIT_ADD_ADDR:
        read_add_addr(c, now, &o->add_addr);
        return true;
    case PLAIT_REMOVE_ADDR:
        read_remove_addr(c, now, &o->remove_addr);
        return true;
    case PLAIT_MP_PRIO:
        read_prio(sub, &o->prio);
        return true;
    case PLAIT_MP_FAIL:
        return read_fail(sub, now, on_reset);
    case PLAIT_MP_FASTCLOSE:
        return read_fastclose(sub, now, on_reset);
    case PLAIT_MP_TCPRST:
        if (on_reset && c->mechanism->reset_has_reason)
            read_tcprst(sub, &o->tcprst);
        return true;
    default:
        plait_mptcp_count(c, PLAIT_COUNT_OPTION_INVALID);
        return true;
    }
}
