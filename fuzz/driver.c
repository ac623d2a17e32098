/* Runs a target over a corpus, and over copies of it that are changed by keyed draws: the same ones
 * every time, so that what fails, fails again.
 *
 * Usage: fuzz-NAME CORPUS-FOLDER FIRST COUNT
 *
 * Each copy's number is printed before it is tried, so the last line names the one that ended the
 * program. */
#include <dirent.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/draw.h"
#include "fuzz/target.h"

enum { FILES_MAX = 256, FILE_MAX_OCTETS = 8192, ROOM_OCTETS = 2 * FILE_MAX_OCTETS };

struct input {
    uint8_t octets[ROOM_OCTETS];
    size_t length;
};

static struct input corpus[FILES_MAX];
static unsigned file_count;

/* ---- draws: a function of the copy's number and how many it has drawn ---- */

struct dice {
    struct plait_draw_key key;
    uint64_t thrown;
};

static size_t below(struct dice *dice, size_t bound)
{
    uint64_t n = dice->thrown++;
    return bound ? plait_siphash(&dice->key, &n, sizeof n) % bound : 0;
}

/* ---- the corpus ---- */

static void load(const char *folder, const char *name)
{
    char path[1024];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "rb");
    PLAIT_CHECK(file && file_count < FILES_MAX);
    struct input *input = &corpus[file_count++];
    input->length = fread(input->octets, 1, FILE_MAX_OCTETS, file);
    PLAIT_CHECK(fgetc(file) == EOF); /* small files only */
    fclose(file);
}

/* In the order of their names, whatever the file system's is. */
static void load_all(const char *folder)
{
    struct dirent **entries;
    int count = scandir(folder, &entries, NULL, alphasort);
    PLAIT_CHECK(count > 0);
    for (int i = 0; i < count; i++) {
        if (entries[i]->d_name[0] != '.')
            load(folder, entries[i]->d_name);
        free(entries[i]);
    }
    free(entries);
    PLAIT_CHECK(file_count > 0);
}

/* ---- changes ---- */

static void flip_bit(struct input *in, struct dice *dice)
{
    if (in->length)
        in->octets[below(dice, in->length)] ^= (uint8_t)(1u << below(dice, 8));
}

static void set_octet(struct input *in, struct dice *dice)
{
    if (in->length)
        in->octets[below(dice, in->length)] = (uint8_t)below(dice, 256);
}

/* A field of one to four octets gets a value at an edge, in either byte order. */
static void set_edge(struct input *in, struct dice *dice)
{
    static const uint32_t edges[] = {0,      1,      4,          7,          8,         0x7f,
                                     0x80,   0xff,   0x7fff,     0x8000,     0xffff,    0x10000,
                                     0xfffc, 0xfff8, 0x7fffffff, 0x80000000, 0xffffffff};
    size_t octets = 1 + below(dice, 4);
    uint32_t value = edges[below(dice, sizeof edges / sizeof edges[0])];
    bool is_little = below(dice, 2);
    if (in->length < octets)
        return;
    uint8_t *at = in->octets + below(dice, in->length - octets + 1);
    for (size_t i = 0; i < octets; i++)
        at[i] = (uint8_t)(value >> 8 * (is_little ? i : octets - 1 - i));
}

static void cut(struct input *in, struct dice *dice)
{
    in->length = below(dice, in->length + 1);
}

static void remove_part(struct input *in, struct dice *dice)
{
    size_t from = below(dice, in->length + 1), octets = below(dice, in->length - from + 1) / 2;
    memmove(in->octets + from, in->octets + from + octets, in->length - from - octets);
    in->length -= octets;
}

static void insert(struct input *in, size_t at, const uint8_t *octets, size_t length)
{
    length = length < ROOM_OCTETS - in->length ? length : ROOM_OCTETS - in->length;
    memmove(in->octets + at + length, in->octets + at, in->length - at);
    memcpy(in->octets + at, octets, length);
    in->length += length;
}

/* A part of the same file, or of another one, is put somewhere. */
static void splice(struct input *in, struct dice *dice)
{
    static uint8_t part[ROOM_OCTETS];
    const struct input *from = below(dice, 2) ? in : &corpus[below(dice, file_count)];
    size_t at = below(dice, from->length + 1), octets = below(dice, from->length - at + 1);
    memcpy(part, from->octets + at, octets);
    insert(in, below(dice, in->length + 1), part, octets);
}

static void (*const changes[])(struct input *in, struct dice *dice) = {
    flip_bit, flip_bit, set_octet, set_octet,   set_edge,
    set_edge, set_edge, cut,       remove_part, splice,
};

/* ---- running ---- */

/* In a block of exactly its length, so that a sanitizer knows the end. */
static void run(const struct input *in)
{
    uint8_t *exact = malloc(in->length ? in->length : 1);
    PLAIT_CHECK(exact);
    memcpy(exact, in->octets, in->length);
    PLAIT_CHECK(LLVMFuzzerTestOneInput(exact, in->length) == 0);
    free(exact);
}

static void run_changed(uint64_t number)
{
    static struct input in;
    struct dice dice = {.key = plait_draw_key(number)};
    in = corpus[below(&dice, file_count)];
    for (size_t left = 1 + below(&dice, 6); left > 0; left--)
        changes[below(&dice, sizeof changes / sizeof changes[0])](&in, &dice);
    run(&in);
}

int main(int argc, char **argv)
{
    if (argc != 4) {
        fprintf(stderr, "usage: %s CORPUS-FOLDER FIRST COUNT\n", argv[0]);
        return 2;
    }
    uint64_t first = strtoull(argv[2], NULL, 10), count = strtoull(argv[3], NULL, 10);
    load_all(argv[1]);
    for (unsigned i = 0; i < file_count; i++)
        run(&corpus[i]);
    for (uint64_t n = first; n < first + count; n++) {
        printf("%llu\n", (unsigned long long)n);
        fflush(stdout);
        run_changed(n);
    }
    printf("%u files, %llu changed copies\n", file_count, (unsigned long long)count);
    return 0;
}
