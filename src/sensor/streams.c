/* sensor/streams.c: the writer's side and the parser's. */
#include "sensor/streams.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sensor/process.h"
#include "terminal/console.h"

enum {
    OPEN_MAX_FILES = 64,
    HOLE_MAX_OCTETS = 1 << 30 /* a longer gap is not left as a hole in the file */
};

/* ---- the parser's side -------------------------------------------------------------------- */

static plait_result write_all(int pipe, const void *octets, size_t length_octets)
{
    const uint8_t *at = octets;
    while (length_octets) {
        ssize_t written = write(pipe, at, length_octets);
        if (written < 0 && errno != EINTR)
            return PLAIT_FAIL(SYSTEM);
        at += written > 0 ? written : 0;
        length_octets -= written > 0 ? (size_t)written : 0;
    }
    return PLAIT_OK;
}

plait_result plait_streams_put(int pipe, const struct plait_stream_piece *piece,
                               const uint8_t *octets)
{
    PLAIT_TRY(write_all(pipe, piece, sizeof *piece));
    return piece->is_gap ? PLAIT_OK : write_all(pipe, octets, piece->length_octets);
}

/* ---- the writer's side -------------------------------------------------------------------- */

struct file {
    uint64_t key; /* connection and direction, plus 1; 0: none */
    int descriptor;
};

struct writer {
    int pipe, directory, gaps;
    struct file files[OPEN_MAX_FILES];
    uint8_t octets[PLAIT_STREAM_PIECE_MAX];
};

/* False at the end, and if a record breaks off. */
static bool read_all(int pipe, void *octets, size_t length_octets)
{
    uint8_t *at = octets;
    while (length_octets) {
        ssize_t got = read(pipe, at, length_octets);
        if (got == 0 || (got < 0 && errno != EINTR))
            return false;
        at += got > 0 ? got : 0;
        length_octets -= got > 0 ? (size_t)got : 0;
    }
    return true;
}

static void name_of(const struct plait_stream_piece *piece, char *name, size_t room)
{
    snprintf(name, room, "connection-%u.%s", piece->connection,
             piece->direction ? "listener" : "opener");
}

/* Open already, or opened in the place of another, which can be opened again. */
static int file_of(struct writer *w, const struct plait_stream_piece *piece)
{
    uint64_t key = 2 * (uint64_t)piece->connection + piece->direction + 1;
    struct file *file = &w->files[key % OPEN_MAX_FILES];
    if (file->key == key)
        return file->descriptor;
    if (file->key)
        close(file->descriptor);
    char name[64];
    name_of(piece, name, sizeof name);
    file->descriptor =
        openat(w->directory, name, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, S_IRUSR | S_IWUSR);
    file->key = file->descriptor < 0 ? 0 : key;
    if (file->descriptor >= 0)
        lseek(file->descriptor, 0, SEEK_END);
    return file->descriptor;
}

/* A hole reads as zeros; the list of gaps says where they are. */
static bool leave_gap(struct writer *w, int file, const struct plait_stream_piece *piece)
{
    char line[160];
    int length = snprintf(line, sizeof line, "connection-%u.%s: %u octets are missing at %llu%s\n",
                          piece->connection, piece->direction ? "listener" : "opener",
                          piece->length_octets, (unsigned long long)piece->offset_octets,
                          piece->length_octets > HOLE_MAX_OCTETS ? ", not left as a hole" : "");
    if (w->gaps < 0)
        w->gaps = openat(w->directory, "gaps", O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW,
                         S_IRUSR | S_IWUSR);
    bool listed = w->gaps >= 0 && write(w->gaps, line, (size_t)length) == length;
    return listed && (piece->length_octets > HOLE_MAX_OCTETS ||
                      lseek(file, piece->length_octets, SEEK_CUR) >= 0);
}

static bool write_piece(struct writer *w, const struct plait_stream_piece *piece)
{
    int file = file_of(w, piece);
    if (file < 0)
        return false;
    if (piece->is_gap)
        return leave_gap(w, file, piece);
    return plait_ok(write_all(file, w->octets, piece->length_octets));
}

static int write_streams(void *self)
{
    struct writer *w = self;
    struct plait_stream_piece piece;
    signal(SIGINT, SIG_IGN); /* what was read is written */
    while (read_all(w->pipe, &piece, sizeof piece)) {
        bool sane =
            piece.direction <= 1 && (piece.is_gap || piece.length_octets <= PLAIT_STREAM_PIECE_MAX);
        if (!sane || (!piece.is_gap && !read_all(w->pipe, w->octets, piece.length_octets)))
            return 3;
        if (write_piece(w, &piece))
            continue;
        plait_complain("audit", "--write-streams: %s", strerror(errno));
        return 2;
    }
    return 0;
}

static pid_t writer_pid = -1;

int plait_streams_start(int directory)
{
    static struct writer w; /* the child's copy */
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0)
        return -1;
    w.pipe = ends[0];
    w.directory = directory;
    w.gaps = -1;
    const int descriptors[] = {ends[0], directory};
    const struct plait_child child = {.role = PLAIT_ROLE_WRITER,
                                      .descriptors = descriptors,
                                      .descriptor_count = 2,
                                      .directory = directory,
                                      .body = write_streams,
                                      .self = &w};
    writer_pid = plait_child_start(&child);
    close(ends[0]);
    close(directory);
    return writer_pid > 0 ? ends[1] : -1;
}

bool plait_streams_wait(void)
{
    return writer_pid < 0 || plait_child_wait(writer_pid) == 0;
}
