/* report/folder.c: probing, writing aside, renaming. */
#include "report/folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "report/render.h"

static const char partial_name[] = ".partial";
static const char probe_name[] = "probe";
static const char captures_name[] = "captures";

/* ---- small tools -------------------------------------------------------------------------- */

/* Says what failed; errno is the reason. */
static bool fail(char *error, size_t error_octets, const char *path, const char *what)
{
    snprintf(error, error_octets, "%s: %s: %s", path, what, strerror(errno));
    return false;
}

static int open_folder(int at, const char *name)
{
    return openat(at, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

/* Calls EACH for the names in a folder; false as soon as EACH says so. */
static bool for_names(int fd, bool (*each)(int fd, const char *name, void *argument),
                      void *argument)
{
    int own = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *folder = own < 0 ? NULL : fdopendir(own);
    if (!folder) {
        if (own >= 0)
            close(own);
        return false;
    }
    bool good = true;
    struct dirent *entry;
    while (good && (entry = readdir(folder)))
        if (strcmp(entry->d_name, ".") && strcmp(entry->d_name, ".."))
            good = each(fd, entry->d_name, argument);
    closedir(folder);
    return good;
}

static bool unlink_file(int fd, const char *name, void *argument)
{
    (void)argument;
    unlinkat(fd, name, 0);
    return true;
}

/* .partial holds files and captures/, which holds files: nothing deeper. */
static void clear_partial(int partial_fd)
{
    int captures = open_folder(partial_fd, captures_name);
    if (captures >= 0) {
        for_names(captures, unlink_file, NULL);
        close(captures);
        unlinkat(partial_fd, captures_name, AT_REMOVEDIR);
    }
    for_names(partial_fd, unlink_file, NULL);
}

/* ---- opening ------------------------------------------------------------------------------ */

static bool write_probe(int fd, size_t octets)
{
    char block[65536];
    memset(block, 0xa5, sizeof block); /* zeros might cost a clever file system nothing */
    for (size_t left = octets; left > 0;) {
        ssize_t written = write(fd, block, left < sizeof block ? left : sizeof block);
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            return false;
        left -= (size_t)written;
    }
    return fsync(fd) == 0;
}

static bool probe(const struct plait_folder *folder, size_t octets, char *error,
                  size_t error_octets)
{
    int flags = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC;
    int fd = openat(folder->partial_fd, probe_name, flags, 0666);
    bool good = fd >= 0 && write_probe(fd, octets);
    char what[96];
    snprintf(what, sizeof what, "no room for a report (%zu KiB were tried)", octets >> 10);
    if (!good)
        fail(error, error_octets, folder->path, what);
    if (fd >= 0)
        close(fd);
    unlinkat(folder->partial_fd, probe_name, 0);
    return good;
}

/* One run at a time writes to a folder; the lock goes with its process. */
static bool take_partial(struct plait_folder *folder, char *error, size_t error_octets)
{
    if (mkdirat(folder->fd, partial_name, 0777) && errno != EEXIST)
        return fail(error, error_octets, folder->path, "cannot be written");
    folder->partial_fd = open_folder(folder->fd, partial_name);
    if (folder->partial_fd < 0)
        return fail(error, error_octets, folder->path, "cannot be written");
    if (flock(folder->partial_fd, LOCK_EX | LOCK_NB))
        return fail(error, error_octets, folder->path, "another run writes there");
    clear_partial(folder->partial_fd);
    return true;
}

static bool prepare(struct plait_folder *folder, size_t probe_octets, char *error,
                    size_t error_octets)
{
    if (!probe(folder, probe_octets, error, error_octets))
        return false;
    if (mkdirat(folder->partial_fd, captures_name, 0777))
        return fail(error, error_octets, folder->path, "cannot be written");
    return true;
}

static bool set_paths(struct plait_folder *folder, const char *path, char *error,
                      size_t error_octets)
{
    *folder = (struct plait_folder){.fd = -1, .partial_fd = -1};
    size_t length = strlen(path);
    if (length >= sizeof folder->path - sizeof partial_name) {
        errno = ENAMETOOLONG;
        return fail(error, error_octets, "--out", "cannot be written");
    }
    strcpy(folder->path, path);
    snprintf(folder->partial, sizeof folder->partial, "%s/%s", path, partial_name);
    return true;
}

bool plait_folder_open(struct plait_folder *folder, const char *path, size_t probe_octets,
                       char *error, size_t error_octets)
{
    if (!set_paths(folder, path, error, error_octets))
        return false;
    folder->made = mkdir(path, 0777) == 0;
    folder->fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder->fd < 0)
        return fail(error, error_octets, path, "cannot be written");
    if (!take_partial(folder, error, error_octets)) {
        if (folder->partial_fd >= 0) /* another's */
            close(folder->partial_fd);
        folder->partial_fd = -1;
        plait_folder_abandon(folder);
        return false;
    }
    if (prepare(folder, probe_octets, error, error_octets))
        return true;
    plait_folder_abandon(folder);
    return false;
}

/* ---- closing ------------------------------------------------------------------------------ */

static void close_folder(struct plait_folder *folder)
{
    if (folder->partial_fd >= 0) {
        clear_partial(folder->partial_fd);
        unlinkat(folder->fd, partial_name, AT_REMOVEDIR);
        close(folder->partial_fd);
    }
    if (folder->fd >= 0)
        close(folder->fd);
    folder->fd = folder->partial_fd = -1;
}

void plait_folder_abandon(struct plait_folder *folder)
{
    close_folder(folder);
    if (folder->made)
        rmdir(folder->path);
}

static bool write_document(int at, const char *name, const json_t *document)
{
    int fd = openat(at, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    FILE *stream = fd < 0 ? NULL : fdopen(fd, "w");
    if (!stream) {
        if (fd >= 0)
            close(fd);
        return false;
    }
    bool good = plait_json_write(stream, document, PLAIT_JSON_FLAGS) && fflush(stream) == 0 &&
                fsync(fd) == 0;
    int reason = errno;
    good = fclose(stream) == 0 && good;
    if (!good && reason)
        errno = reason;
    return good;
}

struct move {
    int to;
    json_t *named; /* what a record names: the rest belongs to cells that an interrupt cut off */
};

static bool move_capture(int fd, const char *name, void *argument)
{
    const struct move *move = argument;
    if (!json_object_get(move->named, name))
        return unlinkat(fd, name, 0) == 0;
    (void)unlinkat(move->to, name, 0); /* replacing makes some file systems write at once */
    return renameat(fd, name, move->to, name) == 0;
}

/* The file names of all captures that DOCUMENT's cells name; the caller owns the set. */
static json_t *named_captures(const json_t *document)
{
    json_t *named = json_object();
    size_t i;
    json_t *cell;
    json_array_foreach(json_object_get(document, "cells"), i, cell)
    {
        const char *path = json_string_value(json_object_get(cell, "pcapng"));
        const char *slash = path ? strrchr(path, '/') : NULL;
        if (path)
            json_object_set_new(named, slash ? slash + 1 : path, json_true());
    }
    return named;
}

static bool is_empty(int fd, const char *name, void *argument)
{
    (void)fd, (void)name, (void)argument;
    return false;
}

/* Captures of the same cells are replaced, others stay. */
static bool move_captures(const struct plait_folder *folder, const json_t *document)
{
    int from = open_folder(folder->partial_fd, captures_name);
    if (from < 0)
        return false;
    bool good = true;
    if (!for_names(from, is_empty, NULL)) {
        if (mkdirat(folder->fd, captures_name, 0777) && errno != EEXIST)
            good = false;
        struct move move = {good ? open_folder(folder->fd, captures_name) : -1,
                            named_captures(document)};
        good = move.to >= 0 && for_names(from, move_capture, &move);
        if (move.to >= 0)
            close(move.to);
        json_decref(move.named);
    }
    close(from);
    return good;
}

bool plait_folder_commit(struct plait_folder *folder, const char *name, const json_t *document,
                         char *error, size_t error_octets)
{
    bool good = write_document(folder->partial_fd, name, document) &&
                move_captures(folder, document) &&
                renameat(folder->partial_fd, name, folder->fd, name) == 0;
    if (good)
        fsync(folder->fd);
    else
        fail(error, error_octets, folder->path, "the report could not be written");
    if (good)
        close_folder(folder);
    else
        plait_folder_abandon(folder);
    return good;
}
