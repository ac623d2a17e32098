/* cli/net_files.c: reads a file whole, up to its limit, and hands it to its parser. */
#include "cli/net_files.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <string.h>
#include <unistd.h>

#include "lab/analyze.h"

/* Up to one octet past the limit, which the parser then refuses; -1 with errno. */
static ssize_t read_file(const char *name, char *octets, size_t room_octets)
{
    int fd = open(name, O_RDONLY | O_CLOEXEC);
    ssize_t got = fd < 0 ? -1 : 1;
    size_t length = 0;
    while (got > 0 && length < room_octets) {
        got = read(fd, octets + length, room_octets - length);
        if (got < 0 && errno == EINTR)
            got = 1;
        else if (got > 0)
            length += (size_t)got;
    }
    int why = errno;
    if (fd >= 0)
        close(fd);
    errno = why;
    return got < 0 ? -1 : (ssize_t)length;
}

/* Records carry the name. */
static const char *refuse_name(const char *name)
{
    if (strlen(name) > PLAIT_FILE_NAME_OCTETS)
        return "a name of more than 400 octets";
    for (const char *at = name; *at; at++)
        if ((unsigned char)*at < ' ' || *at == 0x7f)
            return "a name with a control character";
    json_t *text = json_string(name);
    bool is_utf8 = text != NULL;
    json_decref(text);
    return is_utf8 ? NULL : "a name that is no UTF-8";
}

/* The octets of the file NAME, or -1 with ERROR. */
static ssize_t load(const char *option, const char *name, char *octets, size_t room_octets,
                    struct plait_text *error)
{
    const char *why = refuse_name(name);
    ssize_t length = why ? -1 : read_file(name, octets, room_octets);
    if (why)
        plait_text_add(error, "--%s: %s", option, why);
    else if (length < 0)
        plait_text_add(error, "%s: %s", name, strerror(errno));
    return length;
}

static void say(struct plait_text *text, const char *name, const struct plait_line_error *error)
{
    plait_text_add(text, "%s:%u: %s", name, error->line, error->text);
}

bool plait_net_files_load(struct plait_net_files *files, const struct plait_options *options,
                          char *error, size_t error_octets)
{
    static char octets[PLAIT_FILE_OCTETS_MAX + 1];
    struct plait_text text = plait_text(error, error_octets);
    struct plait_line_error at;
    ssize_t length;
    if (options->from && (options->topology || options->workload)) {
        plait_text_add(&text, "--%s: --from runs nothing",
                       options->topology ? "topology" : "workload");
        return false;
    }
    if (options->topology) {
        length = load("topology", options->topology, octets, sizeof octets, &text);
        if (length < 0)
            return false;
        if (!plait_topology_parse(octets, (size_t)length, &files->topology, &at)) {
            say(&text, options->topology, &at);
            return false;
        }
    }
    if (options->workload) {
        length = load("workload", options->workload, octets, sizeof octets, &text);
        if (length < 0)
            return false;
        if (!plait_workload_parse(octets, (size_t)length, &files->traffic, &at)) {
            say(&text, options->workload, &at);
            return false;
        }
    }
    return true;
}
