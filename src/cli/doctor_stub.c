/* cli/doctor_stub.c: stands in for the live room's doctor where a build has no live room. */
#include <stdio.h>

#include "live/live.h"

unsigned plait_live_doctor(struct plait_need *needs, unsigned room)
{
    if (room == 0)
        return 0;
    needs[0] = (struct plait_need){.name = "live targets", .required = true};
    snprintf(needs[0].detail, sizeof needs[0].detail, "this build has none");
    return 1;
}
