/* cli/progress.c: how far an analysis is, in words. */
#include "cli/progress.h"

#include "base/text.h"

void plait_progress_show(void *self, const struct plait_progress *progress)
{
    struct plait_progress_line *line = self;
    if (!plait_progress_due(line))
        return;
    char room[200];
    struct plait_text text = plait_text(room, sizeof room);
    plait_text_add(&text, "plait: %u of %u cells, %u runs done, %u running", progress->cells_done,
                   progress->cells_total, progress->runs_done, progress->runs_running);
    if (progress->current)
        plait_text_add(&text, ": %s", progress->current);
    plait_progress_write(line, room);
}
