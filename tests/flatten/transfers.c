/* Random transfers as captures, and what the applications wrote: what flatten is measured by.
 *
 * Usage: transfers FOLDER SEED COUNT
 *
 * Plays random scenarios (tests/scenario) from SEED on until COUNT of them came to a good end over
 * at least two paths: everything arrived and both ends closed.  Of each, and of those that ended so
 * over one path or as plain TCP, FOLDER has a folder SEED with a capture of each path, path-N.pcap,
 * as it is seen where packets enter it; and client, server: what each application wrote.  One line
 * for each: its seed, and over how many paths data went. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "capture/link.h"
#include "tests/scenario/scenario.h"
#include "wire/tcp.h"

struct record {
    const struct scenario *scenario;
    FILE *files[PATHS_MAX];
    bool has_data[PATHS_MAX];
};

static void put_u32(FILE *file, uint32_t value)
{
    uint8_t octets[4];
    plait_store_u32(octets, value);
    fwrite(octets, sizeof octets, 1, file);
}

/* FOLDER/SEED, or a file in it. */
static const char *path_of(const char *folder, uint64_t seed, const char *name)
{
    static char path[1024];
    int length = snprintf(path, sizeof path, "%s/%" PRIu64 "/%s", folder, seed, name);
    if (length < 0 || (size_t)length >= sizeof path)
        exit(2);
    return path;
}

static const char *capture_name(unsigned path)
{
    static char name[32];
    snprintf(name, sizeof name, "path-%u.pcap", path);
    return name;
}

static FILE *open_in(const char *folder, uint64_t seed, const char *name)
{
    const char *path = path_of(folder, seed, name);
    FILE *file = fopen(path, "w");
    if (!file) {
        perror(path);
        exit(2);
    }
    return file;
}

static void open_captures(struct record *r, const char *folder)
{
    const struct scenario *s = r->scenario;
    mkdir(path_of(folder, s->seed, ""), 0700);
    for (unsigned path = 0; path < s->path_count; path++) {
        FILE *file = r->files[path] = open_in(folder, s->seed, capture_name(path));
        put_u32(file, 0xa1b23c4d); /* nanoseconds */
        put_u32(file, 2u << 16 | 4);
        put_u32(file, 0);
        put_u32(file, 0);
        put_u32(file, 262144);
        put_u32(file, PLAIT_LINK_RAW);
    }
}

static void see(void *self, const struct plait_sight *sight)
{
    struct record *r = self;
    unsigned path = 0;
    while (path < r->scenario->path_count && r->scenario->links[path] != sight->link)
        path++;
    if (path == r->scenario->path_count || sight->fate != PLAIT_ENTERED)
        return;
    const struct plait_packet *p = sight->packet;
    plait_time_ns at_ns = sight->at_ns + 1000000 * PLAIT_S;
    struct plait_segment segment;
    put_u32(r->files[path], (uint32_t)(at_ns / PLAIT_S));
    put_u32(r->files[path], (uint32_t)(at_ns % PLAIT_S));
    put_u32(r->files[path], (uint32_t)p->length_octets);
    put_u32(r->files[path], (uint32_t)p->length_octets);
    fwrite(p->octets, p->length_octets, 1, r->files[path]);
    if (plait_ok(plait_segment_parse_unsummed(p->octets, p->length_octets, &segment)))
        r->has_data[path] |= segment.payload_octets != 0;
}

/* Both closed, nothing was lost. */
static bool is_good(const struct scenario *s)
{
    for (unsigned end = 0; end < 2; end++) {
        const struct app *a = &s->apps[end];
        if (!a->c || a->sent != a->to_send || a->read != s->apps[!end].to_send ||
            plait_connection_status(a->c).stage != PLAIT_STAGE_CLOSED)
            return false;
    }
    return true;
}

static void write_octets(const struct scenario *s, const char *folder)
{
    static const char *const names[] = {"client", "server"};
    for (unsigned end = 0; end < 2; end++) {
        FILE *file = open_in(folder, s->seed, names[end]);
        for (uint64_t i = 0; i < s->apps[end].sent; i++)
            fputc(app_pattern(s->apps[end].salt, i), file);
        fclose(file);
    }
}

static void forget(const struct record *r, const char *folder)
{
    const struct scenario *s = r->scenario;
    for (unsigned path = 0; path < s->path_count; path++)
        remove(path_of(folder, s->seed, capture_name(path)));
    remove(path_of(folder, s->seed, ""));
}

/* True if it went over several paths, and is kept. */
static bool play(const char *folder, uint64_t seed)
{
    static struct scenario s;
    struct record r = {.scenario = &s};
    scenario_draw(&s, seed, false, false);
    open_captures(&r, folder);
    plait_net_observe(s.net, see, &r);
    bool is_kept = scenario_play(&s) && is_good(&s);
    unsigned paths = 0;
    for (unsigned path = 0; path < s.path_count; path++) {
        paths += r.has_data[path];
        fclose(r.files[path]);
    }
    if (is_kept) {
        write_octets(&s, folder);
        printf("%" PRIu64 " %u\n", seed, paths);
    } else {
        forget(&r, folder);
    }
    scenario_free(&s);
    return is_kept && paths > 1;
}

int main(int count, char **arguments)
{
    if (count != 4) {
        fputs("usage: transfers FOLDER SEED COUNT\n", stderr);
        return 2;
    }
    uint64_t seed = strtoull(arguments[2], NULL, 10), wanted = strtoull(arguments[3], NULL, 10);
    while (wanted)
        wanted -= play(arguments[1], seed++);
    return 0;
}
