/* sensor/whole.c: what speaks against the statement that nothing is missing. */
#include "sensor/whole.h"

#include <string.h>

#include "sensor/inputs_look.h"
#include "terminal/console.h"

/* Places are told apart in 16 bits (audit/rules_sender.c), of inputs and their interfaces. */
enum { INTERFACES_MAX = 64 };

/* What taps and files lack.  What packets themselves contain is not among it: whoever sends them
 * could take the statement back. */
static const enum plait_capture_reason lacks[] = {
    PLAIT_CAPTURE_PACKETS_DROPPED,  PLAIT_CAPTURE_FILE_CUT,          PLAIT_CAPTURE_FILE_FAILED,
    PLAIT_CAPTURE_FILE_VERSION,     PLAIT_CAPTURE_RECORD_LENGTH,     PLAIT_CAPTURE_RECORD_LONG,
    PLAIT_CAPTURE_BYTE_ORDER,       PLAIT_CAPTURE_PACKET_RECORD,     PLAIT_CAPTURE_PACKET_INTERFACE,
    PLAIT_CAPTURE_PACKET_NO_TIME,   PLAIT_CAPTURE_TIME_RANGE,        PLAIT_CAPTURE_INTERFACE_MANY,
    PLAIT_CAPTURE_INTERFACE_RECORD, PLAIT_CAPTURE_INTERFACE_TIME,    PLAIT_CAPTURE_COMPRESSED_CUT,
    PLAIT_CAPTURE_COMPRESSED_DATA,  PLAIT_CAPTURE_COMPRESSED_WINDOW, PLAIT_CAPTURE_LINK_TYPE};

/* The first one that COUNTS has; PLAIT_CAPTURE_REASON_COUNT: none. */
static enum plait_capture_reason lack_of(const struct plait_capture_counts *counts)
{
    for (size_t i = 0; i < sizeof lacks / sizeof lacks[0]; i++)
        if (counts->count[lacks[i]])
            return lacks[i];
    return PLAIT_CAPTURE_REASON_COUNT;
}

const char *plait_whole_contradiction(const struct plait_sensor_options *o)
{
    if (o->inputs.count == 0 && o->interfaces.count == 1)
        return "--whole needs taps at both ends' links, and one interface is one tap";
    return NULL;
}

/* ---- before anything is judged --------------------------------------------------------------- */

static bool refuse_lack(const struct plait_job *job, unsigned i,
                        const struct plait_capture_counts *counts)
{
    enum plait_capture_reason lack = lack_of(counts);
    if (lack == PLAIT_CAPTURE_REASON_COUNT)
        return false;
    plait_complain(job->command->name, "--whole: %s is not: %s (%llu)", job->inputs[i].shown,
                   plait_capture_reason_text(lack), (unsigned long long)counts->count[lack]);
    return true;
}

/* Bounded from both sides, a clock may be off by what packets take, and no more (rules_place.c). */
static bool refuse_clock(const struct plait_job *job, const struct plait_inputs *inputs, unsigned i)
{
    const char *shown = job->inputs[i].shown;
    if (plait_inputs_clock(inputs, i)->is_told)
        return false;
    plait_complain(job->command->name,
                   "--whole: the clock of %s cannot be told: say --offset %s=MS", shown, shown);
    return true;
}

static bool may_be_looked_through(const struct plait_job *job, unsigned i)
{
    return job->inputs[i].can_seek && !job->options->follow;
}

/* Adds to *PLACES those of input I, and to *OTHERS if it shows them only as it comes. */
static bool look_at(const struct plait_job *job, unsigned i, unsigned *places, unsigned *others)
{
    if (!may_be_looked_through(job, i)) {
        ++*others;
        return true;
    }
    const struct plait_full_look look = plait_look_through(&job->inputs[i]);
    if (refuse_lack(job, i, &look.counts))
        return false;
    *places += look.interfaces;
    if (look.last_interface >= INTERFACES_MAX)
        plait_complain(job->command->name, "--whole: %s has more than %d interfaces",
                       job->inputs[i].shown, INTERFACES_MAX);
    else if (look.cut_frames)
        plait_complain(job->command->name,
                       "--whole: %s is not: packets of which less than %d octets were captured "
                       "(%llu)",
                       job->inputs[i].shown, PLAIT_LOOK_HEADERS_OCTETS,
                       (unsigned long long)look.cut_frames);
    return look.last_interface < INTERFACES_MAX && !look.cut_frames;
}

bool plait_whole_look(const struct plait_job *job, const struct plait_inputs *inputs)
{
    unsigned places = 0, others = 0;
    if (!plait_inputs_has_clocks(inputs)) {
        plait_complain(job->command->name,
                       "--whole: clocks of %u inputs are not compared, but of %d at most",
                       job->input_count, PLAIT_CLOCKS_MAX);
        return false;
    }
    for (unsigned i = 0; i < job->input_count; i++)
        if (refuse_clock(job, inputs, i) || !look_at(job, i, &places, &others))
            return false;
    if (places >= 2 || others)
        return true;
    plait_complain(job->command->name,
                   "--whole needs taps at both ends' links, and all packets are of one");
    return false;
}

/* ---- as it comes ----------------------------------------------------------------------------- */

bool plait_whole_holds(const struct plait_job *job, const struct plait_inputs *inputs)
{
    const struct plait_capture_counts counts = plait_inputs_counts(inputs);
    enum plait_capture_reason lack = lack_of(&counts);
    if (lack == PLAIT_CAPTURE_REASON_COUNT)
        return true;
    plait_complain(job->command->name,
                   "--whole does not hold: %s (%llu); what passed one end's link alone is not told "
                   "any more",
                   plait_capture_reason_text(lack), (unsigned long long)counts.count[lack]);
    return false;
}
