/* report/folder.h: the folder a report is written to, whole or not at all.
 *
 * Everything is written below FOLDER/.partial, which is locked, and renamed into place at the end:
 * captures first, the report last.  What a killed run left there is cleared by the next.  Files
 * of the user's are never removed.  May touch: that folder. */
#ifndef PLAIT_REPORT_FOLDER_H
#define PLAIT_REPORT_FOLDER_H

#include <jansson.h>
#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

/* What a report may need, tried before a run. */
#define PLAIT_FOLDER_PROBE_OCTETS ((size_t)32 << 20)

struct plait_folder {
    char path[PATH_MAX - 16];
    char partial[PATH_MAX]; /* where the lab writes captures/ */
    int fd, partial_fd;
    bool made; /* by us: removed again if nothing is written */
};

/* Makes PATH if need be, and tries that PROBE_OCTETS can be written and reach the disk.  False
 * with one line in ERROR, and nothing left. */
bool plait_folder_open(struct plait_folder *folder, const char *path, size_t probe_octets,
                       char *error, size_t error_octets);
/* Writes DOCUMENT as NAME and puts it and the captures in place.  The folder is closed, also on
 * failure, which leaves what was there before. */
bool plait_folder_commit(struct plait_folder *folder, const char *name, const json_t *document,
                         char *error, size_t error_octets);
/* Closes the folder as if nothing had been. */
void plait_folder_abandon(struct plait_folder *folder);

#endif
