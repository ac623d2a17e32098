/* host/accept.c: the ACK that makes a flow of a half-open request or of a cookie. */
#include "host/inside.h"

/* NULL where there is no room: then the owner that was made for it is gone too, for it would wait
 * for a flow that never comes, and its connection would never end (N45). */
static struct plait_flow *make_flow(struct plait_host *host, plait_time_ns now,
                                    const struct plait_flow_setup *setup,
                                    const struct plait_third_ack *ack)
{
    struct plait_flow *flow = plait_flow_accept(&host->stack, setup, &ack->handshake, now);
    if (flow && !plait_host_register(host, plait_flow_first_path(flow), ack->hash)) {
        plait_flow_free(flow);
        flow = NULL;
    }
    if (flow)
        return flow;
    plait_count(&host->stack, PLAIT_COUNT_FLOWS_LIMIT);
    if (setup->owner_table)
        plait_mptcp_free_owner(setup->owner);
    return NULL;
}

static void feed(struct plait_flow *flow, plait_time_ns now, const struct plait_third_ack *ack)
{
    plait_flow_input(flow, plait_flow_first_path(flow), now, ack->segment);
}

static enum plait_accepted accept_plain(struct plait_host *host, plait_time_ns now,
                                        struct plait_connection *c,
                                        const struct plait_third_ack *ack)
{
    struct plait_flow_setup setup = {
        .key = ack->key, .event = plait_connection_flow_event, .owner = c, .connection = c->number};
    struct plait_flow *flow = make_flow(host, now, &setup, ack);
    if (!flow)
        return PLAIT_ACCEPT_LATER;
    c->flow = flow;
    feed(flow, now, ack);
    return PLAIT_ACCEPT_DONE;
}

/* Connection, flow, segment, in this order (mptcp/connection.h). */
static enum plait_accepted accept_capable(struct plait_host *host, plait_time_ns now,
                                          struct plait_connection *c,
                                          const struct plait_listener *listener,
                                          const struct plait_hello *hello,
                                          const struct plait_third_ack *ack)
{
    c->mptcp = plait_mptcp_accept(&host->world, &listener->mptcp, hello, now);
    if (!c->mptcp)
        return PLAIT_ACCEPT_LATER;
    plait_mptcp_set_user(c->mptcp, c);
    struct plait_flow_setup setup = {.key = ack->key,
                                     .owner_table = plait_mptcp_owner_table(),
                                     .owner = plait_mptcp_new_owner(c->mptcp, hello, now),
                                     .connection = plait_mptcp_number(c->mptcp)};
    struct plait_flow *flow = setup.owner ? make_flow(host, now, &setup, ack) : NULL;
    if (!flow) {
        plait_mptcp_free(c->mptcp);
        c->mptcp = NULL;
        return PLAIT_ACCEPT_LATER;
    }
    feed(flow, now, ack);
    return PLAIT_ACCEPT_DONE;
}

static enum plait_accepted accept_join(struct plait_host *host, plait_time_ns now,
                                       const struct plait_hello *hello,
                                       const struct plait_third_ack *ack)
{
    struct plait_flow_setup setup = {.key = ack->key,
                                     .owner_table = plait_mptcp_owner_table(),
                                     .owner = plait_mptcp_new_owner(hello->connection, hello, now),
                                     .connection = plait_mptcp_number(hello->connection)};
    struct plait_flow *flow = setup.owner ? make_flow(host, now, &setup, ack) : NULL;
    if (!flow) { /* the subflow does not wait for room: the peer may try again (N45) */
        const uint8_t lack_of_resources = 2;
        plait_host_reset(host, now, ack->segment, lack_of_resources);
        return PLAIT_ACCEPT_REFUSED;
    }
    feed(flow, now, ack);
    return PLAIT_ACCEPT_DONE;
}

/* Two connections may not have one token on a host: the later one speaks TCP (N03). */
static void fall_back_if_token_is_used(struct plait_host *host, struct plait_hello *hello)
{
    if (hello->mechanism->token && plait_token_find(&host->tokens, hello->own_token))
        hello->kind = PLAIT_HELLO_TCP;
}

static void hand_over(struct plait_host *host, plait_time_ns now, struct plait_connection *c,
                      struct plait_listener *listener)
{
    c->listener = listener;
    c->is_new = true;
    listener->waiting++;
    plait_host_news(c);
    plait_host_trace(host, now, PLAIT_TRACE_ACCEPTED_EVENT, listener->place.port, 0, 0);
}

static enum plait_accepted accept_new(struct plait_host *host, plait_time_ns now,
                                      struct plait_listener *listener, struct plait_hello *hello,
                                      const struct plait_third_ack *ack)
{
    if (plait_listener_is_full(listener)) {
        plait_count(&host->stack, PLAIT_COUNT_ACCEPT_LIMIT);
        return PLAIT_ACCEPT_LATER;
    }
    struct plait_connection *c = plait_connection_new(host, &listener->callbacks, listener->user);
    if (!c) {
        plait_count(&host->stack, PLAIT_COUNT_FLOWS_LIMIT);
        return PLAIT_ACCEPT_LATER;
    }
    if (hello->kind == PLAIT_HELLO_CAPABLE)
        fall_back_if_token_is_used(host, hello);
    hand_over(host, now, c, listener);
    enum plait_accepted accepted = hello->kind == PLAIT_HELLO_CAPABLE
                                       ? accept_capable(host, now, c, listener, hello, ack)
                                       : accept_plain(host, now, c, ack);
    if (accepted != PLAIT_ACCEPT_DONE)
        plait_connection_dispose(c);
    return accepted;
}

enum plait_accepted plait_host_accept(struct plait_host *host, plait_time_ns now,
                                      struct plait_listener *listener,
                                      const struct plait_hello *hello,
                                      const struct plait_third_ack *ack)
{
    uint8_t reason = PLAIT_NO_REASON;
    struct plait_hello final = *hello;
    if (final.kind != PLAIT_HELLO_TCP) {
        plait_result completed =
            plait_mptcp_hello_completed(&host->stack, &final, ack->segment, &reason);
        if (completed.reason == PLAIT_REASON_NOT_FOUND)
            return PLAIT_ACCEPT_LATER;
        if (!plait_ok(completed)) {
            plait_host_reset(host, now, ack->segment, reason);
            return PLAIT_ACCEPT_REFUSED;
        }
    }
    if (final.kind == PLAIT_HELLO_JOIN)
        return accept_join(host, now, &final, ack);
    if (!listener) /* it was closed in the meantime */
        return PLAIT_ACCEPT_REFUSED;
    return accept_new(host, now, listener, &final, ack);
}

/* ---- cookies ---- */

/* What MP_CAPABLE in the third ACK says we answered: its version, and our key, which is a function
 * of the handshake's numbers; another key is not ours (N03).  A key that follows from the addresses
 * does not come back, and need not. */
static void restore_hello(struct plait_host *host, const struct plait_listener *listener,
                          const struct plait_segment *ack, const struct plait_flow_key *key,
                          struct plait_hello *hello)
{
    *hello = (struct plait_hello){.kind = PLAIT_HELLO_TCP};
    const struct plait_mptcp_option *option = plait_segment_option(ack, PLAIT_MP_CAPABLE);
    if (!option || plait_options_are_tcp(&listener->options))
        return;
    const struct plait_mp_capable *capable = &option->capable;
    struct plait_hello_draws draws = {
        .key = plait_draw_server_key(&host->key, key, ack->seq - 1, ack->ack - 1)};
    if (capable->has_receiver_key && draws.key != capable->receiver_key)
        return;
    /* The SYN as it must have been, answered once more. */
    struct plait_segment syn = *ack;
    syn.flags = PLAIT_SYN;
    syn.seq = ack->seq - 1;
    syn.mptcp_count = 1;
    syn.mptcp[0] = *option;
    syn.mptcp[0].capable.has_sender_key = capable->version == 0;
    syn.mptcp[0].capable.has_receiver_key = false;
    syn.mptcp[0].capable.has_data_length = syn.mptcp[0].capable.has_checksum = false;
    uint8_t reason;
    plait_result answered = plait_mptcp_hello(&host->stack, &listener->mptcp, &syn, &draws,
                                              plait_host_find_token, host, hello, &reason);
    bool is_ours = plait_ok(answered) && hello->kind == PLAIT_HELLO_CAPABLE &&
                   (capable->has_receiver_key || hello->mechanism->key == PLAIT_KEY_FIRST_PAIR);
    if (!is_ours)
        *hello = (struct plait_hello){.kind = PLAIT_HELLO_TCP};
}

/* Cookies are believed only while one of ours may be under way: guessing has no target else. */
static bool expects_cookies(const struct plait_host *host, plait_time_ns now)
{
    return host->last_cookie_ns != PLAIT_NEVER &&
           now - host->last_cookie_ns <= 2 * PLAIT_COOKIE_CLOCK_NS;
}

bool plait_host_accept_cookie(struct plait_host *host, plait_time_ns now,
                              const struct plait_segment *ack, const struct plait_flow_key *key,
                              uint64_t hash)
{
    struct plait_listener *listener = plait_host_find_listener(host, &key->src);
    struct plait_cookie cookie;
    if (!listener || !expects_cookies(host, now))
        return false;
    const uint32_t *echo = ack->options.has_timestamps ? &ack->options.timestamp_echo : NULL;
    uint32_t echoed = echo ? *echo : 0;
    if (!plait_cookie_read(&host->key, key, ack->seq - 1, ack->ack - 1, now, echo ? &echoed : NULL,
                           &cookie)) {
        plait_count(&host->stack, PLAIT_COUNT_COOKIES_BAD);
        return false;
    }
    struct plait_third_ack third = {.segment = ack, .key = *key, .hash = hash};
    third.handshake = (struct plait_flow_handshake){
        .isn = ack->ack - 1,
        .peer_isn = ack->seq - 1,
        .peer_mss = cookie.mss,
        .sack = cookie.sack,
        .timestamps = cookie.timestamps,
        .window_scale = cookie.window_scale,
        .send_shift = cookie.send_shift,
        .receive_shift = cookie.window_scale ? plait_host_window_shift(host) : 0,
        .timestamp_offset = plait_draw_timestamp_offset(&host->key, key),
        .peer_timestamp = ack->options.timestamp,
        .send_window_octets = (uint32_t)ack->window << cookie.send_shift,
        .syn_ack_at_ns = PLAIT_NEVER};
    struct plait_hello hello;
    restore_hello(host, listener, ack, key, &hello);
    (void)plait_host_accept(host, now, listener, &hello, &third);
    return true;
}
