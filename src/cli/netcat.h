/* cli/netcat.h: what connect and serve share: options to request to summary to status.
 * May touch: the files that the options name, and what lab/netcat.h may. */
#ifndef PLAIT_CLI_NETCAT_H
#define PLAIT_CLI_NETCAT_H

#include "cli/options.h"

int plait_netcat_command(const struct plait_options *options, const char *command, bool listens);

extern const char *const plait_netcat_peer_words[], *const plait_netcat_mechanism_words[];
extern const char *const plait_scheduler_words[], *const plait_congestion_words[];
extern const char *const plait_coupling_words[], *const plait_family_words[];

#define PLAIT_NETCAT_WORD(option_name, member, shown, text, list)                                  \
    {                                                                                              \
        .name = option_name, .kind = PLAIT_OPTION_WORD, .argument = shown, .help = text,           \
        .offset = PLAIT_OPTION_AT(member), .words = list                                           \
    }
#define PLAIT_NETCAT_FILE(option_name, member, text)                                               \
    {                                                                                              \
        .name = option_name, .kind = PLAIT_OPTION_TEXT, .argument = "FILE", .help = text,          \
        .offset = PLAIT_OPTION_AT(member)                                                          \
    }
#define PLAIT_NETCAT_VALUES(option_name, member, shown, text, most, factor)                        \
    {                                                                                              \
        .name = option_name, .kind = PLAIT_OPTION_READ, .argument = shown, .help = text,           \
        .offset = PLAIT_OPTION_AT(netcat.member), .max = most, .scale = factor,                    \
        .read = plait_read_values                                                                  \
    }

/* The options of both, to be their tables. */
#define PLAIT_NETCAT_OPTIONS(in_help)                                                              \
    {.name = "in",                                                                                 \
     .kind = PLAIT_OPTION_TEXT,                                                                    \
     .argument = "FILE|-",                                                                         \
     .help = in_help,                                                                              \
     .offset = PLAIT_OPTION_AT(in)},                                                               \
        {.name = "out",                                                                            \
         .kind = PLAIT_OPTION_TEXT,                                                                \
         .argument = "FILE|-",                                                                     \
         .help = "where what comes is written (-, standard output)",                               \
         .offset = PLAIT_OPTION_AT(out)},                                                          \
        {.name = "socket",                                                                         \
         .kind = PLAIT_OPTION_TEXT,                                                                \
         .argument = "PATH",                                                                       \
         .help = "the other end is another plait, met at this Unix socket",                        \
         .offset = PLAIT_OPTION_AT(netcat.socket)},                                                \
        PLAIT_NETCAT_WORD("peer", netcat.peer, "plait|linux",                                      \
                          "the other end sends everything back: our own endpoint in virtual "      \
                          "time, or this machine's kernel (plait)",                                \
                          plait_netcat_peer_words),                                                \
        {.name = "paths",                                                                          \
         .kind = PLAIT_OPTION_COUNT,                                                               \
         .argument = "N",                                                                          \
         .help = "paths of the end that dials (2)",                                                \
         .offset = PLAIT_OPTION_AT(netcat.paths),                                                  \
         .min = 1,                                                                                 \
         .max = PLAIT_NETCAT_PATHS_MAX},                                                           \
        PLAIT_NETCAT_VALUES("delay", delay_ns, "MS[,MS...]",                                       \
                            "of each path, one way; the last one holds for all that follow (5 in " \
                            "virtual time, else 0)",                                               \
                            10000, 1000000),                                                       \
        PLAIT_NETCAT_VALUES("rate", rate_bits_per_s, "MBIT[,...]",                                 \
                            "of each path, Mbit/s each way (0 = no limit)", 1000000, 1000000),     \
        PLAIT_NETCAT_VALUES("loss", loss_per_million, "PERCENT[,...]",                             \
                            "of each path, drawn, each way", 100, 10000),                          \
        {.name = "mtu",                                                                            \
         .kind = PLAIT_OPTION_COUNT,                                                               \
         .argument = "OCTETS",                                                                     \
         .help = "of all paths (1500)",                                                            \
         .offset = PLAIT_OPTION_AT(netcat.mtu_octets),                                             \
         .min = 1280,                                                                              \
         .max = 9000},                                                                             \
        PLAIT_NETCAT_WORD("family", family, "4|6", "IP version of all paths (4)",                  \
                          plait_family_words),                                                     \
        PLAIT_NETCAT_WORD("mechanism", netcat.mechanism, "any|v1|v0|tcp",                          \
                          "what is spoken (any: dialling v1, listening whatever comes)",           \
                          plait_netcat_mechanism_words),                                           \
        {.name = "checksum",                                                                       \
         .help = "ask for checksums of the data (RFC 8684 §3.3.1)",                                \
         .offset = PLAIT_OPTION_AT(netcat.checksum)},                                              \
        PLAIT_NETCAT_WORD("scheduler", netcat.scheduler, "lowest-rtt|round-robin|redundant",       \
                          "which path sends next (lowest-rtt)", plait_scheduler_words),            \
        PLAIT_NETCAT_WORD("congestion", netcat.congestion, "cubic|newreno",                        \
                          "control of each path (cubic)", plait_congestion_words),                 \
        PLAIT_NETCAT_WORD("coupling", netcat.coupling, "lia|olia|balia|none",                      \
                          "of the paths' windows (lia)", plait_coupling_words),                    \
        {.name = "seed",                                                                           \
         .kind = PLAIT_OPTION_SEED,                                                                \
         .argument = "N",                                                                          \
         .help = "fixes our draws and the losses (1)",                                             \
         .offset = PLAIT_OPTION_AT(seed)},                                                         \
        PLAIT_NETCAT_FILE("pcap", netcat.pcap, "capture, one interface for each path"),            \
        PLAIT_NETCAT_FILE("trace", netcat.trace, "what our endpoint did, as JSON lines")

#endif
