/* agent/command.c: one line in, one answer out; the table of commands.
 * May touch: the table of applications. */
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/agent.h"

const char *plait_agent_error_name(int error)
{
    const char *name = strerrorname_np(error);
    return name != NULL ? name : "EUNKNOWN";
}

static bool parse_u64(const char *text, int base, uint64_t *value)
{
    char *end;
    errno = 0;
    *value = strtoull(text, &end, base);
    return text[0] != '-' && end != text && *end == '\0' && errno == 0;
}

static struct plait_app *named(const struct plait_command *command)
{
    return plait_agent_app(command->arguments[0]);
}

static const char *set_keys(struct plait_command *command)
{
    struct plait_app *app = named(command);
    if (app == NULL)
        return "ENOENT";
    bool good = parse_u64(command->arguments[1], 16, &app->send_key) &&
                parse_u64(command->arguments[2], 16, &app->reader.key);
    return good ? NULL : "EINVAL";
}

static struct plait_app *writable(const struct plait_command *command, const char **why)
{
    struct plait_app *app = named(command);
    *why = app == NULL                         ? "ENOENT"
           : app->kind != PLAIT_APP_CONNECTION ? "EINVAL"
           : app->fd < 0                       ? "EBADF"
           : app->error != 0                   ? plait_agent_error_name(app->error)
           : app->wants_shutdown               ? "EPIPE"
                                               : NULL;
    return *why == NULL ? app : NULL;
}

static const char *send_octets(struct plait_command *command)
{
    const char *why;
    uint64_t octets;
    struct plait_app *app = writable(command, &why);
    if (app == NULL)
        return why;
    if (!parse_u64(command->arguments[1], 10, &octets))
        return "EINVAL";
    app->wanted += octets;
    return NULL;
}

static const char *set_schedule(struct plait_command *command, bool paced)
{
    const char *why;
    uint64_t chunk, interval_us;
    struct plait_app *app = writable(command, &why);
    if (app == NULL)
        return why;
    if (!parse_u64(command->arguments[1], 10, &chunk) ||
        !parse_u64(command->arguments[2], 10, &interval_us) ||
        interval_us > 3600 * UINT64_C(1000000) || (chunk > 0 && interval_us == 0))
        return "EINVAL";
    (void)plait_agent_app_schedule(app, plait_agent_now_ns()); /* what the old one owes */
    app->chunk = chunk;
    app->interval_ns = (int64_t)interval_us * 1000;
    app->next_ns = 0;
    app->paced = paced;
    return NULL;
}

static const char *set_rate(struct plait_command *command)
{
    return set_schedule(command, false);
}

static const char *set_pace(struct plait_command *command)
{
    return set_schedule(command, true);
}

static const char *set_answer(struct plait_command *command)
{
    struct plait_app *app = named(command);
    if (app == NULL)
        return "ENOENT";
    uint64_t request, reply;
    if (!parse_u64(command->arguments[1], 10, &request) ||
        !parse_u64(command->arguments[2], 10, &reply))
        return "EINVAL";
    app->request = request;
    app->reply = reply;
    app->request_read = 0;
    return NULL;
}

static const char *set_echo(struct plait_command *command)
{
    struct plait_app *app = named(command);
    if (app == NULL)
        return "ENOENT";
    if (app->kind == PLAIT_APP_LISTENER)
        app->echo = 1;
    else if (app->fd < 0)
        return "EBADF";
    else if (!plait_agent_echo_start(app))
        return "ENOBUFS";
    return NULL;
}

static const char *shut_down(struct plait_command *command)
{
    const char *why;
    struct plait_app *app = writable(command, &why);
    if (app == NULL)
        return why;
    app->wants_shutdown = true;
    app->chunk = 0;
    if (!app->connecting)
        plait_agent_write(app);
    return NULL;
}

static const char *close_app(struct plait_command *command)
{
    struct plait_app *app = named(command);
    if (app == NULL)
        return "ENOENT";
    plait_agent_app_close(app);
    return NULL;
}

static const char *abort_app(struct plait_command *command)
{
    struct plait_app *app = named(command);
    if (app == NULL)
        return "ENOENT";
    const struct linger at_once = {.l_onoff = 1, .l_linger = 0};
    if (app->fd >= 0)
        setsockopt(app->fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    plait_agent_app_close(app);
    return NULL;
}

static void foreign_hex(const struct plait_pattern_reader *reader,
                        char hex[2 * PLAIT_PATTERN_FOREIGN_KEPT + 2])
{
    unsigned count = plait_pattern_foreign_span(reader);
    strcpy(hex, "-");
    for (unsigned i = 0; i < count; i++)
        sprintf(hex + 2 * i, "%02x", reader->kept[i]);
}

static const char *tell_state(struct plait_command *command)
{
    const struct plait_app *app = named(command);
    if (app == NULL)
        return "ENOENT";
    const struct plait_pattern_reader *reader = &app->reader;
    char hex[2 * PLAIT_PATTERN_FOREIGN_KEPT + 2], first[24] = "-";
    foreign_hex(reader, hex);
    if (reader->foreign > 0)
        snprintf(first, sizeof first, "%llu", (unsigned long long)reader->first_foreign);
    snprintf(command->answer, sizeof command->answer,
             "sent=%llu received=%llu foreign=%llu first_foreign=%s foreign_hex=%s eof=%d error=%s "
             "closed=%d queued=%llu last_receive_ns=%lld longest_stall_ns=%lld unacked=%d "
             "now_ns=%lld",
             (unsigned long long)app->sent, (unsigned long long)reader->received,
             (unsigned long long)reader->foreign, first, hex, app->eof,
             app->error != 0 ? plait_agent_error_name(app->error) : "-", app->fd < 0,
             (unsigned long long)(app->wanted - app->sent), (long long)app->last_receive_ns,
             (long long)app->longest_stall_ns, plait_agent_app_unacknowledged(app),
             (long long)plait_agent_now_ns());
    return NULL;
}

static const struct {
    const char *name;
    int level, option;
} options[] = {
    {"rcvbuf", SOL_SOCKET, SO_RCVBUF},
    {"sndbuf", SOL_SOCKET, SO_SNDBUF},
    {"nodelay", IPPROTO_TCP, TCP_NODELAY},
    {"keepalive", SOL_SOCKET, SO_KEEPALIVE},
    {"user_timeout_ms", IPPROTO_TCP, TCP_USER_TIMEOUT},
};

static const char *set_option(struct plait_command *command)
{
    const struct plait_app *app = named(command);
    uint64_t value;
    if (app == NULL)
        return "ENOENT";
    if (!parse_u64(command->arguments[2], 10, &value) || value > INT32_MAX)
        return "EINVAL";
    for (size_t i = 0; i < sizeof options / sizeof options[0]; i++) {
        if (strcmp(options[i].name, command->arguments[1]) != 0)
            continue;
        int number = (int)value;
        return setsockopt(app->fd, options[i].level, options[i].option, &number, sizeof number) == 0
                   ? NULL
                   : plait_agent_error_name(errno);
    }
    return "ENOPROTOOPT";
}

static const struct {
    const char *name;
    unsigned arguments;
    plait_command_fn run;
} commands[] = {
    {"listen", 6, plait_agent_listen},
    {"connect", 7, plait_agent_connect},
    {"keys", 3, set_keys},
    {"send", 2, send_octets},
    {"rate", 3, set_rate},
    {"pace", 3, set_pace},
    {"answer", 3, set_answer},
    {"echo", 1, set_echo},
    {"shutdown", 1, shut_down},
    {"close", 1, close_app},
    {"abort", 1, abort_app},
    {"stat", 1, tell_state},
    {"info", 1, plait_agent_info},
    {"set", 3, set_option},
    {"counters", 0, plait_agent_counters},
    {"read", 1, plait_agent_proc},
};

static unsigned split(char *line, char **words, unsigned room)
{
    unsigned count = 0;
    char *at;
    for (char *word = strtok_r(line, " ", &at); word != NULL; word = strtok_r(NULL, " ", &at)) {
        if (count == room)
            return room + 1;
        words[count++] = word;
    }
    return count;
}

static const char *run(struct plait_command *command, const char *word)
{
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++)
        if (strcmp(commands[i].name, word) == 0)
            return commands[i].arguments == command->count ? commands[i].run(command)
                                                           : "wrong number of arguments";
    return "no such command";
}

bool plait_agent_command(char *line)
{
    static struct plait_command command;
    char *words[PLAIT_AGENT_WORDS_MAX];
    unsigned count = split(line, words, PLAIT_AGENT_WORDS_MAX);
    if (count == 0)
        return true;
    if (count < 2 || count > PLAIT_AGENT_WORDS_MAX) {
        plait_agent_say("%s error wrong number of words", words[0]);
        return true;
    }
    command.serial = words[0];
    command.count = count - 2;
    command.answer[0] = '\0';
    memcpy(command.arguments, words + 2, command.count * sizeof words[0]);
    bool quits = strcmp(words[1], "quit") == 0;
    const char *why = quits ? NULL : run(&command, words[1]);
    if (why != NULL)
        plait_agent_say("%s error %s", command.serial, why);
    else
        plait_agent_say("%s ok%s%s", command.serial, command.answer[0] != '\0' ? " " : "",
                        command.answer);
    return !quits;
}
