/* sensor/redact_run.c: packets in, redacted packets out, and a line that says what is not among
 * them. */
#include "sensor/redact_run.h"

#include <stdlib.h>

#include "base/panic.h"
#include "capture/pcapng.h"
#include "sensor/redact.h"
#include "terminal/console.h"

/* So many places are told apart, as of one file; those beyond are the last one. */
#define PLACES_MAX 256

struct redaction {
    struct plait_redactor *redactor;
    struct plait_pcapng *out;
    uint32_t places[PLACES_MAX]; /* input, interface: which were described, as they came */
    unsigned place_count, last_place;
    uint64_t written, not_tcp, left_out;
    uint8_t room[PLAIT_REDACTED_MAX_OCTETS];
};

/* Names of files may say whose they are. */
static void describe(struct redaction *r, const struct plait_seen *seen)
{
    char name[32];
    snprintf(name, sizeof name, "input-%u.%u", seen->input, seen->interface);
    plait_pcapng_interface(r->out, name, NULL);
}

/* Where a packet was seen is part of what it says: a NAT's two sides, a TTL. */
static unsigned place_of(struct redaction *r, const struct plait_seen *seen)
{
    uint32_t place = (uint32_t)seen->input << 16 | seen->interface;
    if (r->place_count && r->places[r->last_place] == place)
        return r->last_place;
    unsigned at = 0;
    while (at < r->place_count && r->places[at] != place)
        at++;
    if (at == PLACES_MAX)
        return PLACES_MAX - 1;
    if (at == r->place_count) {
        describe(r, seen);
        r->places[r->place_count++] = place;
    }
    return r->last_place = at;
}

static void redact_one(struct redaction *r, const struct plait_seen *seen)
{
    struct plait_packet packet;
    size_t length;
    plait_result read = plait_packet_read(seen, &packet);
    if (!plait_ok(read)) {
        r->not_tcp += read.reason == PLAIT_REASON_NOT_TCP;
        r->left_out += read.reason != PLAIT_REASON_NOT_TCP;
        return;
    }
    if (!plait_ok(plait_redact(r->redactor, &packet, r->room, &length))) {
        r->left_out++;
        return;
    }
    plait_pcapng_packet(r->out, (int)place_of(r, seen), seen->at_ns, PLAIT_DIRECTION_UNKNOWN,
                        r->room, (uint32_t)length, NULL);
    r->written++;
}

enum plait_status plait_redact_run(struct plait_job *job, struct plait_inputs *inputs,
                                   const struct plait_draw_key *key)
{
    struct plait_seen seen;
    struct redaction *r = calloc(1, sizeof *r);
    PLAIT_CHECK(r);
    r->redactor = plait_redactor_new(key);
    r->out = plait_pcapng_new(job->output, "redacted: addresses replaced, payload and keys zeroed");
    bool good = r->out != NULL;
    while (good && plait_inputs_next(inputs, &seen))
        redact_one(r, &seen);
    good = good && plait_ok(plait_pcapng_end(r->out)) && fflush(job->output) == 0;
    if (!good)
        plait_complain(job->command->name, "--redact: the output did not take everything");
    else if (!job->options->quiet)
        fprintf(stderr,
                "%llu packet%s written; left out: %llu not TCP, %llu that could not be read\n",
                (unsigned long long)r->written, r->written == 1 ? "" : "s",
                (unsigned long long)r->not_tcp, (unsigned long long)r->left_out);
    enum plait_status status =
        good && !plait_inputs_failed(inputs) ? PLAIT_STATUS_COMPLETED : PLAIT_STATUS_ENVIRONMENT;
    if (r->written == 0)
        status = plait_status_first(status, PLAIT_STATUS_UNDECIDED);
    plait_redactor_free(r->redactor);
    free(r);
    return status;
}
