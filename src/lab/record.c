/* lab/record.c: captures each link as an interface, and keeps a ladder. */
#include "lab/record.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LADDER_MAX = 160, LINE_OCTETS = 256, FILE_BUFFER_OCTETS = 1 << 18 };

/* ---- the ladder --------------------------------------------------------------------------- */

static const char *who(const struct plait_world *world, const struct plait_addr *addr)
{
    if (plait_addr_equal(addr, &world->server_addr))
        return "server";
    if (plait_addr_equal(addr, &world->attacker_addr))
        return "attacker";
    return plait_world_owns(world, addr) ? "client" : "stranger";
}

/* What an option says, shortly: "MP_JOIN token 50e5993c". */
static void say_option(struct plait_text *text, const struct plait_mptcp_option *option)
{
    char addr[PLAIT_ADDR_TEXT_OCTETS];
    const char *name = plait_mptcp_subtype_name(option->subtype);
    plait_text_add(text, " %s", name ? name : "option 30");
    if (option->is_raw)
        return;
    switch (option->subtype) {
    case PLAIT_MP_CAPABLE:
        plait_text_add(text, " v%u%s%s", option->capable.version,
                       option->capable.has_receiver_key ? ", both keys"
                       : option->capable.has_sender_key ? ", key"
                                                        : "",
                       option->capable.has_data_length ? ", data" : "");
        break;
    case PLAIT_MP_JOIN:
        if (option->join.form == PLAIT_JOIN_SYN)
            plait_text_add(text, " token %08x", option->join.token);
        else
            plait_text_add(text, " HMAC");
        break;
    case PLAIT_DSS:
        plait_text_add(text, "%s", option->dss.data_fin ? " DATA_FIN" : "");
        break;
    case PLAIT_ADD_ADDR:
        plait_text_add(text, "%s id %u %s", option->add_addr.echo ? " echo" : "",
                       option->add_addr.addr_id, plait_addr_text(&option->add_addr.addr, addr));
        break;
    case PLAIT_MP_TCPRST:
        plait_text_add(text, " reason %u", option->tcprst.reason);
        break;
    default:
        break;
    }
}

static void say(struct plait_text *text, const struct plait_segment *segment)
{
    static const struct {
        uint8_t flag;
        const char *name;
    } flags[] = {{PLAIT_SYN, "SYN"}, {PLAIT_FIN, "FIN"}, {PLAIT_RST, "RST"}};
    for (size_t i = 0; i < sizeof flags / sizeof flags[0]; i++)
        if (segment->flags & flags[i].flag)
            plait_text_add(text, "%s%s", text->length ? "/" : "", flags[i].name);
    if (text->length && (segment->flags & PLAIT_ACK))
        plait_text_add(text, "/ACK");
    if (!text->length)
        plait_text_add(text, segment->payload_octets ? "%zu octets" : "ACK",
                       segment->payload_octets);
    for (unsigned i = 0; i < segment->mptcp_count; i++)
        say_option(text, &segment->mptcp[i]);
}

/* Handshakes, ends, and everything said through option 30 but plain data. */
static bool matters(const struct plait_segment *segment)
{
    if (segment->flags & (PLAIT_SYN | PLAIT_FIN | PLAIT_RST))
        return true;
    for (unsigned i = 0; i < segment->mptcp_count; i++)
        if (segment->mptcp[i].subtype != PLAIT_DSS || segment->mptcp[i].is_raw ||
            segment->mptcp[i].dss.data_fin)
            return true;
    return false;
}

/* A rung like the last one is counted there. */
static bool repeats(struct plait_record *record, const char *from, const char *to, const char *text)
{
    size_t rungs = json_array_size(record->ladder);
    json_t *last = rungs ? json_array_get(record->ladder, rungs - 1) : NULL;
    if (!last || strcmp(json_string_value(json_object_get(last, "from")), from) ||
        strcmp(json_string_value(json_object_get(last, "to")), to) ||
        strcmp(json_string_value(json_object_get(last, "text")), text))
        return false;
    char note[48];
    snprintf(note, sizeof note, "%u times", ++record->times);
    json_object_set_new(last, "note", json_string(note));
    return true;
}

static void add_rung(struct plait_record *record, const struct plait_sight *sight,
                     const struct plait_segment *segment)
{
    bool forged = sight->packet->forged != 0, matter = matters(segment);
    if (!matter && !segment->payload_octets)
        return;
    const char *from = forged ? "attacker" : who(record->world, &segment->ip.src);
    const char *to = who(record->world, &segment->ip.dst);
    if (!matter && !forged && strcmp(to, "attacker") != 0)
        return;
    char line[LINE_OCTETS];
    struct plait_text text = plait_text(line, sizeof line);
    say(&text, segment);
    if (repeats(record, from, to, line) || json_array_size(record->ladder) >= LADDER_MAX)
        return;
    record->times = 1;
    json_t *rung = json_pack("{s:I,s:s,s:s,s:s,s:n}", "at_ns", (json_int_t)sight->at_ns, "from",
                             from, "to", to, "text", line, "note");
    if (forged && strcmp(from, who(record->world, &segment->ip.src)) != 0)
        json_object_set_new(rung, "note", json_string("forged source"));
    if (!forged && strcmp(from, "attacker") == 0)
        json_object_set_new(rung, "note", json_string("the lab's probe"));
    json_array_append_new(record->ladder, rung);
}

json_t *plait_record_ladder(const struct plait_record *record, const json_t *steps)
{
    json_t *ladder = json_array();
    size_t s = 0, r = 0, rungs = json_array_size(record->ladder), count = json_array_size(steps);
    while (s < count || r < rungs) {
        json_t *step = s < count ? json_array_get(steps, s) : NULL;
        json_t *rung = r < rungs ? json_array_get(record->ladder, r) : NULL;
        if (step && (!rung || json_integer_value(json_object_get(step, "at_ns")) <=
                                  json_integer_value(json_object_get(rung, "at_ns")))) {
            json_array_append_new(ladder, json_pack("{s:O,s:s,s:s,s:s,s:O}", "at_ns",
                                                    json_object_get(step, "at_ns"), "from",
                                                    "attacker", "to", "attacker", "text", "",
                                                    "note", json_object_get(step, "text")));
            s++;
        } else {
            json_array_append(ladder, rung);
            r++;
        }
    }
    return ladder;
}

/* ---- seeing ------------------------------------------------------------------------------- */

/* A bulk transfer of five minutes is hundreds of megabytes that nobody reads; what is forged then
 * is what a man in the middle passes on. */
static bool is_worth_room(const struct plait_record *record, const struct plait_sight *sight)
{
    const struct plait_world *world = record->world;
    if (sight->at_ns < world->away_from_ns + PLAIT_SHOWN_AWAY_NS ||
        sight->at_ns > world->away_until_ns - PLAIT_SHOWN_AWAY_NS)
        return true;
    const struct plait_segment *segment = plait_sight_segment(sight);
    return !segment || matters(segment);
}

static void capture(struct plait_record *record, const struct plait_sight *sight)
{
    char comment[96] = "";
    const struct plait_packet *packet = sight->packet;
    if (record->left_out)
        snprintf(comment, sizeof comment, "%llu packets of plain data are left out before this one",
                 (unsigned long long)record->left_out);
    else if (packet->forged)
        snprintf(comment, sizeof comment, "forged by the attacker, packet %llu",
                 (unsigned long long)packet->forged);
    record->left_out = 0;
    struct plait_packet *whole = packet->offload.needs_checksum ? plait_packet_copy(packet) : NULL;
    if (whole)
        plait_packet_sum(whole);
    plait_pcapng_packet(record->pcapng, record->interfaces[sight->link], sight->at_ns,
                        sight->way == PLAIT_A_TO_B ? PLAIT_INBOUND : PLAIT_OUTBOUND,
                        whole ? whole->octets : packet->octets, packet->length_octets,
                        comment[0] ? comment : NULL);
    plait_packet_free(whole);
}

static void see(void *self, const struct plait_sight *sight)
{
    struct plait_record *record = self;
    if (sight->fate != PLAIT_ENTERED)
        return;
    /* On a net of a user's, what passes a box is told once, as it is behind it. */
    bool told =
        !record->world->scenario->topology.path_count ||
        plait_net_link_end(record->world->net, sight->link, PLAIT_A_TO_B) == record->world->router;
    const struct plait_segment *segment =
        told && sight->way == PLAIT_A_TO_B ? plait_sight_segment(sight) : NULL;
    if (segment)
        add_rung(record, sight, segment);
    if (!record->pcapng || sight->link >= PLAIT_LINKS_MAX)
        return;
    if (is_worth_room(record, sight))
        capture(record, sight);
    else
        record->left_out++;
}

plait_result plait_record_start(struct plait_record *record, struct plait_world *world, FILE *file)
{
    *record = (struct plait_record){.world = world, .file = file, .ladder = json_array()};
    plait_net_observe(world->net, see, record);
    if (!file)
        return PLAIT_OK;
    record->buffer = malloc(FILE_BUFFER_OCTETS); /* the C library keeps to its own size without */
    if (record->buffer)
        setvbuf(file, record->buffer, _IOFBF, FILE_BUFFER_OCTETS);
    record->pcapng = plait_pcapng_new(record->file, world->scenario->script_id);
    for (int link = 0; record->pcapng && link < plait_net_link_count(world->net); link++)
        if (link < PLAIT_LINKS_MAX)
            record->interfaces[link] =
                plait_pcapng_interface(record->pcapng, plait_net_link_name(world->net, link),
                                       "inbound = into the router, outbound = to the host");
    return record->pcapng ? PLAIT_OK : PLAIT_FAIL(SYSTEM);
}

plait_result plait_record_end(struct plait_record *record)
{
    json_decref(record->ladder);
    plait_result result = PLAIT_OK;
    if (record->pcapng)
        result = plait_pcapng_end(record->pcapng);
    if (record->file && fclose(record->file) != 0)
        result = PLAIT_FAIL(SYSTEM);
    free(record->buffer);
    return result;
}
