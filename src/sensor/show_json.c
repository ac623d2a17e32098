/* sensor/show_json.c: what the auditor says as JSON objects. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/panic.h"
#include "sensor/community_id.h"
#include "sensor/show.h"

/* ---- parts -------------------------------------------------------------------------------- */

/* Outputs are cut off by a full disk, not by want of memory. */
static json_t *checked(json_t *value)
{
    PLAIT_CHECK(value);
    return value;
}

static void put(json_t *object, const char *name, json_t *value)
{
    PLAIT_CHECK(json_object_set_new(object, name, checked(value)) == 0);
}

/* Names of files may be no UTF-8; JSON has nothing else. */
static json_t *text(const char *value)
{
    json_t *string = json_string(value);
    return checked(string ? string : json_string("(a name that is not UTF-8)"));
}

static json_t *number(uint64_t value)
{
    return checked(json_integer((json_int_t)value));
}

static json_t *hex(uint64_t value, unsigned digits)
{
    char room[24];
    snprintf(room, sizeof room, "0x%0*llx", (int)digits, (unsigned long long)value);
    return text(room);
}

static json_t *moment(plait_time_ns at_ns)
{
    char room[PLAIT_WORDS_OCTETS];
    return text(plait_moment_text(at_ns, true, room));
}

static json_t *place(const struct plait_place *value)
{
    char room[PLAIT_ADDR_TEXT_OCTETS];
    return checked(json_pack("{s:s,s:i}", "ip", plait_addr_text(&value->addr, room), "port",
                             (int)value->port));
}

json_t *plait_json_ref(const struct plait_show *show, const struct plait_packet_ref *ref)
{
    json_t *object = checked(json_object());
    put(object, "input", text(plait_inputs_name(show->inputs, ref->input)));
    put(object, "frame", number(ref->frame));
    put(object, "at", moment(ref->at_ns));
    return object;
}

/* ---- events ------------------------------------------------------------------------------- */

static bool judges(enum plait_audit_event_kind kind)
{
    return kind == PLAIT_SAW_ESTABLISHED || kind == PLAIT_SAW_FASTCLOSE || kind == PLAIT_SAW_JOIN ||
           kind == PLAIT_SAW_JOIN_PROOF || kind == PLAIT_SAW_ADD_ADDR || kind == PLAIT_SAW_CHECKSUM;
}

static void put_places(json_t *object, const struct plait_audit_event *e)
{
    if (e->from.addr.family)
        put(object, "from", place(&e->from));
    if (e->to.addr.family)
        put(object, "to", place(&e->to));
}

static void put_numbers(json_t *object, const struct plait_audit_event *e)
{
    if (e->token)
        put(object, "token", hex(e->token, 8));
    if (e->nonce)
        put(object, "nonce", hex(e->nonce, 8));
    if (e->has_addr_id || e->addr_id)
        put(object, "addr_id", number(e->addr_id));
    if (e->has_reason)
        put(object, "reason", number(e->reason));
    if (e->backup)
        put(object, "backup", json_true());
    if (e->length)
        put(object, "length", number(e->length));
    if (e->offset)
        put(object, "offset", number(e->offset));
    if (e->value)
        put(object, "value", number(e->value));
}

json_t *plait_json_event(const struct plait_show *show, const struct plait_audit_event *e)
{
    json_t *object = checked(json_object());
    put(object, "event", text(plait_audit_event_name(e->kind)));
    put(object, "connection", number(e->connection));
    put(object, "subflow", number(e->subflow));
    put(object, "direction", text(e->direction ? "from_listener" : "from_opener"));
    put(object, "packet", plait_json_ref(show, &e->packet));
    if (e->other.frame)
        put(object, "other_packet", plait_json_ref(show, &e->other));
    if (judges(e->kind))
        put(object, "judgement", text(plait_judgement_name(e->judgement)));
    if (e->cause)
        put(object, "cause", text(e->cause));
    if (e->kind == PLAIT_SAW_HELLO || e->kind == PLAIT_SAW_ESTABLISHED)
        put(object, "version", text(plait_version_word(e->version)));
    put_places(object, e);
    put_numbers(object, e);
    if (e->has_key && show->job->options->show_keys)
        put(object, "key", hex(e->key, 16));
    return object;
}

/* ---- alerts ------------------------------------------------------------------------------- */

json_t *plait_json_alert(const struct plait_show *show, const struct plait_alert *alert)
{
    const struct plait_rule *rule = alert->rule;
    json_t *object = checked(json_object()), *packets = checked(json_array());
    put(object, "id", text(rule->id));
    put(object, "rule", text(rule->name));
    put(object, "severity", text(plait_severity_name(rule->severity)));
    put(object, "needs_whole", json_boolean(rule->needs_whole));
    put(object, "title", text(rule->title));
    put(object, "text", text(alert->text));
    put(object, "proof", text(rule->proof));
    put(object, "advice", text(rule->advice));
    if (alert->connection) {
        put(object, "connection", number(alert->connection));
        put(object, "subflow", number(alert->subflow));
    }
    for (unsigned i = 0; i < alert->packet_count; i++)
        json_array_append_new(packets, plait_json_ref(show, &alert->packets[i]));
    put(object, "packets", packets);
    return object;
}

/* ---- connections -------------------------------------------------------------------------- */

static json_t *both(uint64_t from_opener, uint64_t from_listener)
{
    json_t *object = checked(json_object());
    put(object, "from_opener", number(from_opener));
    put(object, "from_listener", number(from_listener));
    return object;
}

static json_t *subflow_object(const struct plait_audit_subflow_view *s)
{
    char id[PLAIT_COMMUNITY_ID_OCTETS];
    json_t *object = checked(json_object());
    put(object, "number", number(s->number));
    put(object, "opener", place(&s->place[0]));
    put(object, "listener", place(&s->place[1]));
    put(object, "community_id", text(plait_community_id(&s->place[0], &s->place[1], id)));
    put(object, "opened_by", text(s->opener ? "listener" : "opener"));
    if (s->opener_is_guess)
        put(object, "opened_by_is_guess", json_true());
    if (s->network)
        put(object, "network", number(s->network));
    if (s->is_join)
        put(object, "join_proof", text(plait_judgement_name(s->proof)));
    put(object, "backup", json_boolean(s->is_backup));
    put(object, "established", json_boolean(s->is_established));
    put(object, "closed", json_boolean(s->is_closed));
    put(object, "reset", json_boolean(s->is_reset));
    put(object, "first", moment(s->first_ns));
    put(object, "last", moment(s->last_ns));
    put(object, "packets", both(s->packets[0], s->packets[1]));
    put(object, "octets", both(s->octets[0], s->octets[1]));
    put(object, "again_octets", both(s->again_octets[0], s->again_octets[1]));
    if (s->rtt_us)
        put(object, "rtt_us", number(s->rtt_us));
    return object;
}

static void put_keys(json_t *object, const struct plait_audit_connection_view *c)
{
    if (c->has_key[0])
        put(object, "key_opener", hex(c->key[0], 16));
    if (c->has_key[1])
        put(object, "key_listener", hex(c->key[1], 16));
}

static void put_identity(json_t *object, const struct plait_audit_connection_view *c)
{
    for (unsigned end = 0; end < 2; end++) {
        if (!c->has_key[end])
            continue;
        put(object, end ? "token_listener" : "token_opener", hex(c->token[end], 8));
        put(object, end ? "idsn_listener" : "idsn_opener", hex(c->idsn[end], 16));
    }
}

json_t *plait_json_connection(const struct plait_show *show,
                              const struct plait_audit_connection_view *c)
{
    json_t *object = checked(json_object()), *subflows = checked(json_array());
    put(object, "connection", number(c->number));
    put(object, "version", text(plait_version_word(c->version)));
    put(object, "end", text(plait_audit_end_name(c->end)));
    put(object, "first", moment(c->first_ns));
    put(object, "last", moment(c->last_ns));
    put(object, "octets", both(c->octets[0], c->octets[1]));
    put(object, "gap_octets", both(c->gap_octets[0], c->gap_octets[1]));
    put(object, "reinjected_octets", both(c->reinjected_octets[0], c->reinjected_octets[1]));
    put(object, "checksums", json_boolean(c->has_checksum));
    put(object, "alerts", number(c->alerts));
    if (c->opener_is_guess)
        put(object, "opener_is_guess", json_true());
    if (c->fallback_cause) {
        put(object, "fallback", text(c->fallback_cause));
        put(object, "fallback_packet", plait_json_ref(show, &c->fallback_packet));
    }
    put_identity(object, c);
    if (show->job->options->show_keys)
        put_keys(object, c);
    for (unsigned i = 0; i < c->subflow_count; i++)
        json_array_append_new(subflows, subflow_object(&c->subflows[i]));
    put(object, "subflows", subflows);
    return object;
}

/* ---- the whole ---------------------------------------------------------------------------- */

static json_t *clock_object(const struct plait_clock *clock)
{
    json_t *object = checked(json_object());
    put(object, "offset_ms", json_real((double)clock->offset_ns / 1e6));
    put(object, "error_ms",
        clock->is_told ? json_real((double)clock->error_ns / 1e6) : json_null());
    put(object, "told", json_boolean(clock->is_told));
    put(object, "given", json_boolean(clock->is_given));
    put(object, "bounded_below", json_boolean(clock->is_bounded[0]));
    put(object, "bounded_above", json_boolean(clock->is_bounded[1]));
    put(object, "contradictory", json_boolean(clock->is_contradictory));
    return object;
}

json_t *plait_json_inputs(const struct plait_show *show)
{
    json_t *array = checked(json_array());
    for (unsigned i = 0; i < plait_inputs_count(show->inputs); i++) {
        json_t *object = checked(json_object());
        put(object, "name", text(plait_inputs_name(show->inputs, i)));
        put(object, "frames", number(plait_inputs_frames(show->inputs, i)));
        put(object, "clock", clock_object(plait_inputs_clock(show->inputs, i)));
        json_array_append_new(array, object);
    }
    return array;
}

json_t *plait_json_whole(const struct plait_show *show)
{
    return checked(show->whole == PLAIT_NOT_WHOLE ? json_null()
                                                  : json_boolean(show->whole == PLAIT_WHOLE));
}

/* Identifiers are in small letters; what reading did not understand has a word before it, because
 * both lists have some names. */
static void put_count(json_t *object, const char *list, const char *name, uint64_t count)
{
    char key[64];
    snprintf(key, sizeof key, "%s%s", list, name);
    for (char *at = key; *at; at++)
        *at = (char)tolower((unsigned char)*at);
    if (count)
        put(object, key, number(count));
}

json_t *plait_json_counts(const struct plait_show *show, const struct plait_audit_counts *counts)
{
    const struct plait_capture_counts capture = plait_inputs_counts(show->inputs);
    json_t *object = checked(json_object());
    for (unsigned i = 0; i < PLAIT_COUNT_COUNT; i++)
        put_count(object, "", plait_audit_count_name((enum plait_audit_count)i), counts->count[i]);
    for (unsigned i = 0; i < PLAIT_CAPTURE_REASON_COUNT; i++)
        put_count(object, "capture_", plait_capture_reason_name((enum plait_capture_reason)i),
                  capture.count[i]);
    return object;
}
