/* Starts tcpdump, hears it, and ends it when it has written everything.
 * May touch: the world's hosts, its own processes, the captures that they write. */
#include "tests/interop/tcpdump.h"

#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { WAIT_MS = 10000, ASK_MS = 100 };

static void complain(struct plait_text *why, const char *what, const struct interop_dump *dump)
{
    plait_text_add(why, "%stcpdump %s: %.200s", why->length ? "; " : "", what, dump->said);
}

/* ---- hearing it --------------------------------------------------------------------------------
 */

/* False when it has hung up, or says nothing for LIMIT_MS. */
static bool hear(struct interop_dump *dump, int limit_ms)
{
    struct pollfd fd = {dump->program.fd, POLLIN, 0};
    if (poll(&fd, 1, limit_ms) <= 0)
        return false;
    size_t room = sizeof dump->said - 1 - dump->said_octets;
    ssize_t length = read(dump->program.fd, dump->said + dump->said_octets, room);
    if (length <= 0)
        return false;
    dump->said_octets += (size_t)length;
    dump->said[dump->said_octets] = '\0';
    return true;
}

static void forget(struct interop_dump *dump)
{
    dump->said_octets = 0;
    dump->said[0] = '\0';
}

/* The number in front of WORDS, in "12 packets captured, 12 packets received by filter, ..."; -1 =
 * it is not said. */
static long long number_of(const struct interop_dump *dump, const char *words)
{
    const char *at = strstr(dump->said, words);
    if (!at)
        return -1;
    while (at > dump->said && at[-1] != ',' && at[-1] != '\n' && at[-1] != ':')
        at--;
    return strtoll(at, NULL, 10);
}

/* ---- starting it -------------------------------------------------------------------------------
 */

static bool start_one(struct interop_dumps *dumps, const struct interop_end *end,
                      const char *interface, const char *prefix, struct plait_text *why)
{
    char name[16];
    struct interop_dump *dump = &dumps->dumps[dumps->count++];
    struct plait_text file = plait_text(dump->file, sizeof dump->file);
    plait_text_add(&file, "%s.%s-%s.pcap", prefix,
                   end->which == INTEROP_CLIENT ? "client" : "server", interface);
    strncpy(name, interface, sizeof name - 1);
    name[sizeof name - 1] = '\0';
    /* The buffer holds a whole run, in KB: what a slow machine loses is not what is tested. */
    char *const arguments[] = {"tcpdump", "-i",   name, "-w",    dump->file,
                               "-Z",      "root", "-B", "32768", NULL};
    if (!plait_ok(plait_live_capturer_start(end->host, arguments, &dump->program)))
        return false;
    while (!strstr(dump->said, "listening on"))
        if (!hear(dump, WAIT_MS)) {
            complain(why, "does not listen", dump);
            return false;
        }
    forget(dump);
    return true;
}

bool interop_dumps_start(struct interop_dumps *dumps, const struct interop_world *world,
                         const char *prefix, struct plait_text *why)
{
    const struct interop_end *client = &world->ends[INTEROP_CLIENT];
    const struct interop_end *server = &world->ends[INTEROP_SERVER];
    char interface[16];
    for (unsigned n = 0; server->host && n < server->addr_count; n++) {
        snprintf(interface, sizeof interface, "path%u", n + 1);
        if (!start_one(dumps, server, interface, prefix, why))
            return false;
    }
    return !client->host || start_one(dumps, client, "any", prefix, why);
}

/* ---- ending it ---------------------------------------------------------------------------------
 */

/* Asks until it has written as many packets as its kernel says there were. */
static void await_all(struct interop_dump *dump)
{
    for (unsigned asked = 0; asked < WAIT_MS / ASK_MS; asked++) {
        forget(dump);
        kill(dump->program.pid, SIGUSR1);
        while (number_of(dump, "dropped by kernel") < 0)
            if (!hear(dump, WAIT_MS))
                return;
        if (number_of(dump, "captured") >= number_of(dump, "received by filter"))
            return;
        poll(NULL, 0, ASK_MS);
    }
}

static void end_one(struct interop_dump *dump, struct plait_text *why)
{
    int status = -1;
    if (dump->program.pid <= 0)
        return;
    await_all(dump);
    forget(dump);
    kill(dump->program.pid, SIGTERM);
    while (hear(dump, WAIT_MS))
        ;
    for (unsigned waited = 0; waited < WAIT_MS && dump->program.pid; waited += ASK_MS)
        if (!plait_live_program_ended(&dump->program, &status))
            poll(NULL, 0, ASK_MS);
    plait_live_program_close(&dump->program);
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
        complain(why, "ended badly", dump);
    else if (number_of(dump, "dropped by kernel") != 0 || number_of(dump, "captured") <= 0 ||
             number_of(dump, "captured") < number_of(dump, "received by filter"))
        complain(why, "did not see all", dump);
}

void interop_dumps_end(struct interop_dumps *dumps, struct plait_text *why)
{
    for (unsigned i = 0; i < dumps->count; i++)
        end_one(&dumps->dumps[i], why);
}

json_t *interop_dumps_files(const struct interop_dumps *dumps)
{
    json_t *files = json_array();
    for (unsigned i = 0; i < dumps->count; i++)
        json_array_append_new(files, json_string(dumps->dumps[i].file));
    return files;
}
