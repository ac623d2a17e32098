/* mechanism/v1.c: RFC 8684: keys in clear, SHA-256, addresses advertised with an HMAC. */
#include "mechanism/v1.h"

#include <string.h>

#include "base/cursor.h"
#include "base/panic.h"
#include "mechanism/keyed.h"

uint32_t plait_v1_token(uint64_t key)
{
    return plait_keyed_token(PLAIT_SHA256, key);
}

uint64_t plait_v1_idsn(uint64_t key)
{
    return plait_keyed_idsn(PLAIT_SHA256, key);
}

void plait_v1_join_proof(uint64_t own_key, uint64_t peer_key, uint32_t own_nonce,
                         uint32_t peer_nonce, uint8_t proof[PLAIT_JOIN_HMAC_OCTETS])
{
    plait_keyed_join_proof(PLAIT_SHA256, own_key, peer_key, own_nonce, peer_nonce, proof);
}

/* The SYN has no key, so that a server need not keep state; the first data repeats the keys until
 * they have arrived (RFC 8684 §3.1). */
void plait_v1_write_hello(enum plait_hello_step step, const struct plait_hello_values *values,
                          struct plait_mptcp_option *option)
{
    plait_keyed_write_hello(1, step, values, option);
    struct plait_mp_capable *capable = &option->capable;
    if (values->forbids_joins)
        capable->flags |= PLAIT_CAPABLE_NO_JOINS;
    if (step == PLAIT_STEP_SYN) {
        capable->has_sender_key = false;
        capable->sender_key = 0;
    }
    if (step == PLAIT_STEP_FIRST_DATA) {
        capable->has_data_length = true;
        capable->data_length = values->data_length;
        capable->has_checksum = values->checksum;
        capable->checksum = values->checksum ? values->data_checksum : 0;
    }
}

bool plait_v1_read_hello(enum plait_hello_step step, const struct plait_mp_capable *option,
                         struct plait_hello_values *values)
{
    static const struct {
        bool sender, receiver, length;
    } forms[] = {[PLAIT_STEP_SYN] = {false, false, false},
                 [PLAIT_STEP_SYN_ACK] = {true, false, false},
                 [PLAIT_STEP_THIRD_ACK] = {true, true, false},
                 [PLAIT_STEP_FIRST_DATA] = {true, true, true}};
    bool is_form = option->has_sender_key == forms[step].sender &&
                   option->has_receiver_key == forms[step].receiver &&
                   option->has_data_length == forms[step].length;
    if (!is_form || !plait_keyed_read_hello(1, step, option, values))
        return false;
    values->forbids_joins = option->flags & PLAIT_CAPABLE_NO_JOINS;
    return true;
}

/* Over id | address | port, port 0 if there is none (RFC 8684 §3.4.1). */
void plait_v1_add_addr_mac(uint64_t own_key, uint64_t peer_key, const struct plait_add_addr *option,
                           uint8_t mac[PLAIT_MECHANISM_HMAC_OCTETS])
{
    uint8_t message[1 + 16 + 2];
    struct plait_writer w = plait_writer(message, sizeof message);
    plait_write_u8(&w, option->addr_id);
    plait_write_octets(&w, option->addr.octets, plait_addr_octets(option->addr.family));
    plait_write_u16(&w, option->has_port ? option->port : 0);
    PLAIT_CHECK(!w.failed);
    plait_keyed_mac(PLAIT_SHA256, own_key, peer_key, message, plait_writer_used(&w), mac);
}

/* The rightmost 64 bits of it; an echo carries no proof. */
void plait_v1_seal_add_addr(uint64_t own_key, uint64_t peer_key, struct plait_add_addr *option)
{
    uint8_t mac[PLAIT_MECHANISM_HMAC_OCTETS];
    option->has_hmac = !option->echo;
    memset(option->hmac, 0, sizeof option->hmac);
    if (!option->has_hmac)
        return;
    plait_v1_add_addr_mac(own_key, peer_key, option, mac);
    memcpy(option->hmac, mac + sizeof mac - sizeof option->hmac, sizeof option->hmac);
}

void plait_v1_seal(uint64_t own_key, uint64_t peer_key, struct plait_mptcp_option *option)
{
    if (option->subtype == PLAIT_ADD_ADDR) {
        option->add_addr.is_v0 = false;
        plait_v1_seal_add_addr(own_key, peer_key, &option->add_addr);
    }
    plait_keyed_seal(peer_key, option);
}

/* An echo proves nothing: it only stops what we send again. */
bool plait_v1_open(uint64_t own_key, uint64_t peer_key, const struct plait_mptcp_option *option)
{
    if (option->subtype != PLAIT_ADD_ADDR)
        return plait_keyed_open(own_key, option);
    if (option->add_addr.is_v0 || option->add_addr.echo)
        return !option->add_addr.is_v0;
    struct plait_add_addr sealed = option->add_addr;
    plait_v1_seal_add_addr(peer_key, own_key, &sealed); /* the sender's key comes first */
    return plait_mac_equal(sealed.hmac, option->add_addr.hmac, sizeof sealed.hmac);
}

const struct plait_mechanism plait_mechanism_v1 = {
    .name = "v1",
    PLAIT_V1_ENTRIES,
};
