/* sensor/inputs_look.c: first times, and causes and effects among the first packets. */
#include "sensor/inputs_look.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/panic.h"
#include "capture/unwrap.h"
#include "sensor/causality.h"
#include "sensor/process.h"

enum {
    FRAMES_MAX = 50000, /* of each input */
    ARENA_OCTETS = 16 << 20
};

/* A file as it is read for a look; what is not understood is counted when it is read for good. */
struct look {
    struct plait_descriptor_source source;
    struct plait_capture_counts counts;
    struct plait_file *file;
    int descriptor;
};

static void open_look(struct look *look, const struct plait_job_input *input)
{
    look->descriptor = input->descriptor;
    look->counts = (struct plait_capture_counts){0};
    look->file = plait_file_new(
        plait_source_descriptor(&look->source, input->descriptor, false, &look->counts),
        PLAIT_FILE_BUFFER_OCTETS, &look->counts);
    PLAIT_CHECK(look->file);
}

static void close_look(struct look *look)
{
    plait_file_free(look->file);
    (void)lseek(look->descriptor, 0, SEEK_SET); /* a file that could be sought once */
}

struct plait_first_look plait_look_first(const struct plait_job_input *input)
{
    struct look look;
    struct plait_frame frame;
    open_look(&look, input);
    bool has_first = plait_file_next(look.file, &frame) == PLAIT_NEXT_FRAME;
    close_look(&look);
    return (struct plait_first_look){has_first, has_first ? frame.at_ns : 0};
}

struct plait_full_look plait_look_through(const struct plait_job_input *input)
{
    struct look look;
    struct plait_frame frame;
    struct plait_full_look full = {0};
    bool is_seen[PLAIT_FILE_INTERFACES_MAX] = {false};
    open_look(&look, input);
    while (!plait_is_interrupted() && plait_file_next(look.file, &frame) == PLAIT_NEXT_FRAME) {
        full.interfaces += !is_seen[frame.interface];
        is_seen[frame.interface] = true;
        if (frame.interface > full.last_interface)
            full.last_interface = frame.interface;
        full.cut_frames += frame.length_octets < frame.wire_octets &&
                           frame.length_octets < PLAIT_LOOK_HEADERS_OCTETS;
    }
    full.counts = look.counts;
    close_look(&look);
    return full;
}

/* ---- clocks ------------------------------------------------------------------------------- */

static void see(struct plait_causality *causality, const struct plait_frame *frame, unsigned input,
                const struct plait_unwrapped *out)
{
    const struct plait_seen seen = {.at_ns = frame->at_ns,
                                    .frame = frame->number,
                                    .input = (uint16_t)input,
                                    .interface = frame->interface,
                                    .network = out->network,
                                    .ip = out->packet.ip,
                                    .ip_octets = out->packet.captured_octets,
                                    .wire_octets = out->packet.wire_octets};
    struct plait_packet packet;
    if (plait_ok(plait_packet_read(&seen, &packet)))
        plait_causality_see(causality, &packet);
}

static void look_for_causes(struct plait_causality *causality, const struct plait_job *job,
                            unsigned i, const struct plait_draw_key *key)
{
    struct look look;
    struct plait_frame frame;
    struct plait_unwrapped out;
    void *room = aligned_alloc(16, ARENA_OCTETS);
    PLAIT_CHECK(room);
    struct plait_arena arena = plait_arena(room, ARENA_OCTETS);
    open_look(&look, &job->inputs[i]);
    struct plait_unwrap *unwrap =
        plait_unwrap_new(&arena, &plait_fragment_limits, key, &look.counts);
    unsigned frames = 0;
    bool has_more;
    while ((has_more = plait_file_next(look.file, &frame) == PLAIT_NEXT_FRAME) &&
           frames++ < FRAMES_MAX && plait_causality_has_room(causality, i))
        if (plait_unwrap(unwrap, &frame, &out))
            see(causality, &frame, i, &out);
    if (has_more)
        plait_causality_cut(causality, i);
    close_look(&look);
    free(room);
}

/* What the user said of input I; the last one wins. */
static bool is_given(const struct plait_job *job, unsigned i, int64_t *offset_ns)
{
    const struct plait_texts *given = &job->options->offsets;
    for (unsigned k = given->count; k-- > 0;)
        if (plait_offset_of(given->of[k], job->inputs[i].name, offset_ns))
            return true;
    return false;
}

static void look_through_all(const struct plait_job *job, const struct plait_draw_key *key,
                             struct plait_clocks *clocks)
{
    struct plait_causality *causality = plait_causality_new(job->input_count);
    for (unsigned i = 0; i < job->input_count; i++)
        if (job->inputs[i].can_seek)
            look_for_causes(causality, job, i, key);
    plait_causality_tell(causality, clocks);
    plait_causality_free(causality);
}

static void compare(const struct plait_job *job, const struct plait_draw_key *key,
                    struct plait_clock *estimates)
{
    unsigned given = 0, files = 0;
    struct plait_clocks clocks = plait_clocks(job->input_count);
    for (unsigned i = 0; i < job->input_count; i++) {
        if (estimates[i].is_given)
            plait_clocks_give(&clocks, i, estimates[i].offset_ns);
        given += estimates[i].is_given;
        files += job->inputs[i].can_seek;
    }
    if (files >= 2 && given < job->input_count)
        look_through_all(job, key, &clocks);
    plait_clocks_settle(&clocks, estimates);
}

void plait_look_clocks(const struct plait_job *job, const struct plait_draw_key *key,
                       struct plait_clock *estimates)
{
    for (unsigned i = 0; i < job->input_count; i++) {
        int64_t offset_ns = 0;
        bool given = is_given(job, i, &offset_ns);
        estimates[i] =
            (struct plait_clock){.offset_ns = offset_ns, .is_given = given, .is_told = true};
    }
    if (job->input_count <= PLAIT_CLOCKS_MAX)
        compare(job, key, estimates);
}
