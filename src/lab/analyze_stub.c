/* lab/analyze_stub.c: stands where the lab will be.
 *
 * Only with PLAIT_STUB set does it answer, with a small invented document, so that the commands can
 * be tried.  To be removed with the lab's arrival. */
#include "lab/analyze.h"

#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

volatile sig_atomic_t plait_analysis_interrupted;

static const char *const positions[] = {"OFF",  "OFF-NS", "PART",  "PE-H",  "PE-J", "PA-H",
                                        "PA-J", "ON1-E",  "ON1-A", "ONALL", NULL};
static const char *const from_handshake[] = {"PE-H", NULL};
static const char *const from_off[] = {"OFF", NULL};
static const char *const from_all[] = {"ONALL", NULL};
static const char *const read_goals[] = {"read", "takeover", "inject", NULL};
static const char *const kill_goals[] = {"kill", NULL};
static const char *const v1[] = {"v1", NULL};
static const char *const tcp[] = {"tcp", NULL};

static const struct plait_threat_info infos[] = {
    {"T-TS-2", "Keys overheard at the first handshake, used later", "threat",
     "RFC 6181 §6.2, RFC 7430 §5", "RFC 6181 §6.2 time-shifted",
     "An attacker who saw one packet of the first handshake, and then left the path, joins from "
     "its "
     "own address.",
     from_handshake, read_goals, v1, "none",
     "M4 pre-shared key · M7 external keys · M10 Diffie-Hellman",
     "nothing shorter than the first handshake", "whose address the third one is"},
    {"T-RST-1", "Reset of one subflow", "threat", "RFC 8684 §3.5", "Control options",
     "A blind attacker resets a subflow by guessing its numbers.", from_off, kill_goals, v1, "none",
     "other subflows", "the subflow itself", ""},
    {"T-RES-1", "ADD_ADDR attack", "threat", "", "", "", from_off, kill_goals, v1, "none", "", "",
     ""},
    {"T-FLOOD-5", "Address-list amplification", "threat", "", "", "", from_off, kill_goals, v1,
     "none", "", "", ""},
    {"T-TOK-2", "Blind join SYNs", "threat", "", "", "", from_off, kill_goals, v1, "none", "", "",
     ""},
    {"B-LEFT", "Attacker on path, then away", "baseline", "RFC 6181 §2", "TCP baseline",
     "What overheard numbers still buy on plain TCP.", from_handshake, read_goals, tcp, "none", "",
     "", ""},
    {"C-POS-1", "Attacker on all paths", "control", "RFC 6181 §2", "Control cases",
     "Must succeed: proves that success is seen.", from_all, read_goals, v1, "none", "", "", ""},
};

const struct plait_threat_info *plait_threat_infos(size_t *count)
{
    *count = sizeof infos / sizeof *infos;
    return infos;
}

const char *const *plait_position_names(size_t *count)
{
    *count = sizeof positions / sizeof *positions - 1;
    return positions;
}

static const char cell_form[] =
    "{\"id\": \"%s/-/server/bulk/%s/v1/default/ipv4\", \"threat\": \"%s\", \"title\": \"%s\","
    "\"kind\": \"%s\", \"section\": \"%s\", \"form\": \"-\", \"victim\": \"server\","
    "\"workload\": \"bulk\", \"position\": \"%s\", \"spoofing\": false, \"family\": 4,"
    "\"target\": {\"client\": \"linux 6\", \"server\": \"linux 6\", \"device\": \"tun\"},"
    "\"mechanism\": \"v1\", \"policy\": \"default\", \"outcome\": \"broken\","
    "\"reason\": \"invented\", \"stopped_by\": null, \"goal\": \"%s\", \"versus_tcp\": \"worse\","
    "\"goals\": [], \"cost\": {\"packets\": 5, \"octets\": 400, \"guessed_bits\": 0,"
    "\"price_log2\": 2.322, \"duration_ns\": 1000}, \"tcp\": null,"
    "\"control\": {\"clean\": true, \"note\": \"\"}, \"stripped\": null, \"witness\": null,"
    "\"armed\": true, \"auditor\": null, \"settings\": {}, \"path_manager\": {}, \"counters\": {},"
    "\"invalid_octets\": 0, \"ladder\": [{\"at_ns\": 0, \"from\": \"client\", \"to\": \"server\","
    "\"text\": \"SYN MP_CAPABLE v1\", \"note\": null}, {\"at_ns\": 5000000, \"from\": \"attacker\","
    "\"to\": \"server\", \"text\": \"SYN MP_JOIN\", \"note\": \"step 2: joins\"}],"
    "\"seed\": \"0x1\", \"rerun\": null, \"pcapng\": null, \"repeat\": null}";

static json_t *fake_cell(const struct plait_threat_info *info)
{
    char text[4096];
    snprintf(text, sizeof text, cell_form, info->id, info->positions[0], info->id, info->title,
             info->kind, info->section, info->positions[0], info->goals[0]);
    return json_loads(text, 0, NULL);
}

static bool is_wanted(const struct plait_analysis_request *request,
                      const struct plait_threat_info *info)
{
    return !strcmp(info->mechanisms[0], "v1") &&
           (!request->threat_glob || !fnmatch(request->threat_glob, info->id, 0));
}

json_t *plait_analyze(const struct plait_analysis_request *request,
                      void (*progress)(void *self, const struct plait_progress *progress),
                      void *self, char *error, size_t error_octets)
{
    if (!getenv("PLAIT_STUB")) {
        snprintf(error, error_octets, "this build has no lab");
        return NULL;
    }
    json_t *cells = json_array();
    size_t count = sizeof infos / sizeof *infos;
    for (size_t i = 0; i < count && !plait_analysis_interrupted; i++) {
        struct plait_progress now = {(unsigned)i, (unsigned)count, 4 * (unsigned)i, 1, infos[i].id};
        if (progress)
            progress(self, &now);
        usleep(200000);
        if (is_wanted(request, &infos[i]) && !plait_analysis_interrupted)
            json_array_append_new(cells, fake_cell(&infos[i]));
    }
    return json_pack("{s:i,s:s,s:s,s:s,s:s,s:I,s:b,s:o}", "schema", 1, "plait", PLAIT_VERSION,
                     "target", "linux", "kernel", "6", "seed", "0x1", "duration_ns",
                     (json_int_t)800000000, "complete", !plait_analysis_interrupted, "cells",
                     cells);
}
