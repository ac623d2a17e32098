/* cli/commands.h: the table of commands. */
#ifndef PLAIT_CLI_COMMANDS_H
#define PLAIT_CLI_COMMANDS_H

#include "cli/options.h"

extern const struct plait_command plait_command_analyze;
extern const struct plait_command plait_command_explain;
extern const struct plait_command plait_command_diff;
extern const struct plait_command plait_command_doctor;
extern const struct plait_command plait_command_serve;
extern const struct plait_command plait_command_connect;

#endif
