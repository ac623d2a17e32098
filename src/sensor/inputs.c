/* sensor/inputs.c: reading, holding, merging. */
#include "sensor/inputs.h"

#include <poll.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "base/panic.h"
#include "base/text.h"
#include "capture/unwrap.h"
#include "sensor/filter.h"
#include "sensor/inputs_look.h"
#include "sensor/merge.h"
#include "sensor/news.h"
#include "sensor/process.h"
#include "terminal/console.h"

enum {
    INPUTS_MAX = UINT16_MAX,
    PAUSE_MS = 50,      /* between looks at a file that grows */
    TELL_FRAMES = 4096, /* between looks at the clock and at what is new */
    ARENA_OCTETS = 16 << 20
};

/* A live input that has nothing holds others up so long: libpcap hands over every 100 ms. */
static const plait_time_ns hold_ns = 300 * PLAIT_MS;

enum state {
    DORMANT, /* a file whose first time is known; it has no buffer yet */
    READY,   /* its head is in the merge */
    WAITING, /* has nothing now */
    ENDED
};

struct input {
    enum state state;
    unsigned number; /* its place among the inputs */
    struct plait_descriptor_source source;
    struct plait_file *file;
    struct plait_frame head;
    uint64_t frames;
    plait_time_ns waits_since_ns; /* by the machine's clock */
    struct plait_clock clock;
    uint64_t cut_before; /* compressed inputs that were cut, when this one was opened */
};

struct plait_inputs {
    struct plait_job *job;
    struct plait_capture_counts counts;
    struct plait_arena arena;
    struct plait_unwrap *unwrap;
    struct plait_merge merge;
    struct input **of; /* as job->inputs */
    unsigned count, waiting;
    struct input *taken; /* whose head was given out; its next one is read at the next call */
    uint64_t frames;
    bool failed, has_clocks;
};

static plait_time_ns now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * PLAIT_S + now.tv_nsec;
}

/* ---- one input ---------------------------------------------------------------------------- */

static void open_file(struct plait_inputs *p, struct input *in)
{
    const struct plait_job_input *about = &p->job->inputs[in->number];
    struct plait_source source = plait_source_descriptor(&in->source, about->descriptor,
                                                         p->job->options->follow, &p->counts);
    in->file = plait_file_new(source, PLAIT_FILE_BUFFER_OCTETS, &p->counts);
    in->cut_before = p->counts.count[PLAIT_CAPTURE_COMPRESSED_CUT];
    PLAIT_CHECK(in->file);
}

/* What a directory holds besides captures is passed over, and counted.  Of a compressed file that
 * was cut before it gave its first octets nobody knows what it was. */
static void complain_of(struct plait_inputs *p, const struct input *in)
{
    const struct plait_job_input *about = &p->job->inputs[in->number];
    bool is_cut = p->counts.count[PLAIT_CAPTURE_COMPRESSED_CUT] > in->cut_before;
    if (plait_file_kind(in->file) != PLAIT_FILE_NEITHER || !about->is_named)
        return;
    plait_complain(p->job->command->name, "%s: %s", about->shown,
                   is_cut ? "is compressed and cut: it ends before its first packet"
                          : "is neither pcap nor pcapng");
    p->failed |= !is_cut;
}

static void end_input(struct plait_inputs *p, struct input *in)
{
    const struct plait_job_input *about = &p->job->inputs[in->number];
    complain_of(p, in);
    plait_file_free(in->file);
    in->file = NULL;
    in->state = ENDED;
    close(about->descriptor);
}

static void set_waiting(struct plait_inputs *p, struct input *in, bool waits)
{
    if (waits == (in->state == WAITING))
        return;
    p->waiting += waits ? 1 : -1u;
    in->waits_since_ns = waits ? now_ns() : 0;
    in->state = waits ? WAITING : READY;
}

/* AT as the clock of IN has it, as all inputs do; no difference of two overflows. */
static plait_time_ns told(const struct input *in, plait_time_ns at_ns)
{
    const plait_time_ns most_ns = PLAIT_FILE_TIME_MAX_NS;
    plait_time_ns told_ns;
    if (__builtin_add_overflow(at_ns, in->clock.offset_ns, &told_ns))
        told_ns = at_ns < 0 ? -most_ns : most_ns;
    return told_ns < -most_ns ? -most_ns : told_ns > most_ns ? most_ns : told_ns;
}

/* The next frame of IN becomes its head, or it waits, or ends. */
static void advance(struct plait_inputs *p, struct input *in)
{
    if (!in->file)
        open_file(p, in);
    switch (plait_file_next(in->file, &in->head)) {
    case PLAIT_NEXT_FRAME:
        set_waiting(p, in, false);
        in->state = READY;
        plait_merge_put(&p->merge, told(in, in->head.at_ns), in->number);
        break;
    case PLAIT_NEXT_WAIT:
        set_waiting(p, in, true);
        break;
    case PLAIT_NEXT_END:
        set_waiting(p, in, false);
        end_input(p, in);
        break;
    }
}

/* ---- waiting ------------------------------------------------------------------------------ */

static bool may_be_overtaken(const struct plait_inputs *p, unsigned i, plait_time_ns now)
{
    bool lives = p->job->inputs[i].is_live || p->job->options->follow;
    return lives && now - p->of[i]->waits_since_ns > hold_ns;
}

static bool is_held_up(const struct plait_inputs *p)
{
    plait_time_ns now = p->waiting ? now_ns() : 0;
    for (unsigned i = 0; p->waiting && i < p->count; i++)
        if (p->of[i]->state == WAITING && !may_be_overtaken(p, i, now))
            return true;
    return false;
}

/* Until a pipe has something, or a while has passed: a file that grows wakes nobody. */
static void wait_a_while(const struct plait_inputs *p)
{
    struct pollfd *pipes = calloc(p->count + 1, sizeof *pipes);
    nfds_t count = 0;
    PLAIT_CHECK(pipes);
    for (unsigned i = 0; i < p->count; i++)
        if (p->of[i]->state == WAITING && !p->job->inputs[i].can_seek)
            pipes[count++] = (struct pollfd){.fd = p->job->inputs[i].descriptor, .events = POLLIN};
    poll(pipes, count, PAUSE_MS);
    free(pipes);
}

static void ask_waiting(struct plait_inputs *p)
{
    for (unsigned i = 0; p->waiting && i < p->count && !p->failed; i++)
        if (p->of[i]->state == WAITING)
            advance(p, p->of[i]);
}

/* ---- beginning ---------------------------------------------------------------------------- */

static struct input *add_input(struct plait_inputs *p)
{
    PLAIT_CHECK(p->count < INPUTS_MAX);
    p->of = realloc(p->of, (p->count + 1) * sizeof *p->of);
    struct input *in = calloc(1, sizeof *in);
    PLAIT_CHECK(p->of && in);
    in->number = p->count;
    in->clock.is_told = true; /* taken as it is */
    return p->of[p->count++] = in;
}

/* What came while reading begins where it is. */
static void add_news(struct plait_inputs *p)
{
    while (p->count < INPUTS_MAX && plait_news_take(p->job))
        advance(p, add_input(p));
}

/* A file that is read twice begins when its first time comes. */
static void begin(struct plait_inputs *p, unsigned i, const struct plait_first_look *look)
{
    struct input *in = p->of[i];
    if (!look->has_first) {
        advance(p, in);
        return;
    }
    in->state = DORMANT;
    plait_merge_put(&p->merge, told(in, look->first_ns), i);
}

static bool look_at_all(struct plait_inputs *p, const struct plait_draw_key *key)
{
    struct plait_first_look *looks = calloc(p->count + 1, sizeof *looks);
    struct plait_clock *clocks = calloc(p->count + 1, sizeof *clocks);
    PLAIT_CHECK(looks && clocks);
    for (unsigned i = 0; i < p->count; i++)
        if (p->job->inputs[i].can_seek)
            looks[i] = plait_look_first(&p->job->inputs[i]);
    p->has_clocks = p->count <= PLAIT_CLOCKS_MAX;
    plait_look_clocks(p->job, key, clocks);
    for (unsigned i = 0; i < p->count; i++)
        p->of[i]->clock = clocks[i];
    for (unsigned i = 0; i < p->count && !p->failed; i++)
        begin(p, i, &looks[i]);
    free(clocks);
    free(looks);
    return !p->failed;
}

struct plait_inputs *plait_inputs_new(struct plait_job *job, const struct plait_draw_key *key)
{
    struct plait_inputs *p = calloc(1, sizeof *p);
    void *room = aligned_alloc(16, ARENA_OCTETS);
    PLAIT_CHECK(p && room);
    p->job = job;
    p->arena = plait_arena(room, ARENA_OCTETS);
    p->unwrap = plait_unwrap_new(&p->arena, &plait_fragment_limits, key, &p->counts);
    PLAIT_CHECK(p->unwrap);
    for (unsigned i = 0; i < job->input_count; i++)
        add_input(p);
    if (look_at_all(p, key))
        return p;
    plait_inputs_free(p);
    return NULL;
}

void plait_inputs_free(struct plait_inputs *p)
{
    for (unsigned i = 0; i < p->count; i++) {
        if (p->of[i]->file)
            plait_file_free(p->of[i]->file);
        free(p->of[i]);
    }
    plait_merge_free(&p->merge);
    free(p->arena.start);
    free(p->of);
    free(p);
}

/* ---- packets ------------------------------------------------------------------------------ */

static void tell_progress(struct plait_inputs *p)
{
    struct plait_progress_line *line = &p->job->progress;
    if (!plait_progress_due(line))
        return;
    char room[160];
    uint64_t read_octets, all_octets;
    struct plait_text t = plait_text(room, sizeof room);
    plait_inputs_progress(p, &read_octets, &all_octets);
    plait_text_add(&t, "plait %s: %llu packets", p->job->command->name,
                   (unsigned long long)p->frames);
    if (all_octets)
        plait_text_add(&t, ", %u %% of %llu MB", (unsigned)(read_octets * 100 / all_octets),
                       (unsigned long long)all_octets / 1000000);
    plait_progress_write(line, room);
}

static bool unwrap(struct plait_inputs *p, unsigned i, struct plait_seen *seen)
{
    struct input *in = p->of[i];
    struct plait_unwrapped out;
    in->frames = in->head.number;
    if (++p->frames % TELL_FRAMES == 0) {
        tell_progress(p);
        add_news(p);
    }
    struct plait_frame frame = in->head;
    frame.at_ns = told(in, frame.at_ns); /* fragments of a packet may be in several inputs */
    bool is_asked_for =
        p->job->inputs[i].is_live || plait_filter_passes(p->job->filter, &frame, &p->counts);
    if (!is_asked_for || !plait_unwrap(p->unwrap, &frame, &out))
        return false;
    *seen = (struct plait_seen){.at_ns = frame.at_ns,
                                .frame = in->head.number,
                                .input = (uint16_t)i,
                                .interface = in->head.interface,
                                .network = out.network,
                                .ip = out.packet.ip,
                                .ip_octets = out.packet.captured_octets,
                                .wire_octets = out.packet.wire_octets,
                                .error_ns = in->clock.error_ns};
    return true;
}

/* True if more may come, now or later. */
static bool prepare(struct plait_inputs *p)
{
    if (p->taken)
        advance(p, p->taken);
    p->taken = NULL;
    while (!p->failed && !plait_is_interrupted() && (is_held_up(p) || p->merge.count == 0)) {
        if (p->waiting == 0 && p->job->news < 0)
            return p->merge.count > 0;
        wait_a_while(p);
        ask_waiting(p);
        add_news(p);
    }
    return !p->failed && !plait_is_interrupted();
}

bool plait_inputs_next(struct plait_inputs *p, struct plait_seen *seen)
{
    struct plait_head head;
    while (prepare(p) && plait_merge_take(&p->merge, &head)) {
        p->taken = p->of[head.input];
        if (p->taken->state == READY && unwrap(p, head.input, seen))
            return true;
    }
    plait_unwrap_end(p->unwrap);
    plait_progress_end(&p->job->progress);
    return false;
}

/* ---- about them --------------------------------------------------------------------------- */

bool plait_inputs_failed(const struct plait_inputs *p)
{
    return p->failed;
}

unsigned plait_inputs_count(const struct plait_inputs *p)
{
    return p->count;
}

const char *plait_inputs_name(const struct plait_inputs *p, unsigned input)
{
    return input < p->count ? p->job->inputs[input].name : "";
}

const char *plait_inputs_shown(const struct plait_inputs *p, unsigned input)
{
    return input < p->count ? p->job->inputs[input].shown : "";
}

const struct plait_clock *plait_inputs_clock(const struct plait_inputs *p, unsigned input)
{
    return &p->of[input]->clock;
}

uint64_t plait_inputs_frames(const struct plait_inputs *p, unsigned input)
{
    return p->of[input]->frames;
}

struct plait_capture_counts plait_inputs_counts(const struct plait_inputs *p)
{
    return p->counts;
}

bool plait_inputs_has_clocks(const struct plait_inputs *p)
{
    return p->has_clocks;
}

unsigned plait_inputs_untold(const struct plait_inputs *p)
{
    unsigned untold = 0;
    for (unsigned i = 0; p->has_clocks && i < p->count; i++)
        untold += !p->of[i]->clock.is_told;
    return untold;
}

void plait_inputs_progress(const struct plait_inputs *p, uint64_t *read_octets,
                           uint64_t *all_octets)
{
    *read_octets = *all_octets = 0;
    for (unsigned i = 0; i < p->count; i++) {
        const struct plait_job_input *about = &p->job->inputs[i];
        off_t at = p->of[i]->file && about->can_seek ? lseek(about->descriptor, 0, SEEK_CUR) : 0;
        *all_octets += about->octets;
        *read_octets += p->of[i]->state == ENDED ? about->octets : (uint64_t)(at > 0 ? at : 0);
    }
}
