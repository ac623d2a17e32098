/* threats/controls_boxes.c: middleboxes that take options away, cut or join segments, acknowledge,
 * lower windows or edit payload (RFC 8684 §3.7, §6): the stream stays whole, and whoever must fall
 * back does so at both ends. */
#include "threats/controls.h"

/* ---- C-MB-1, C-MB-3: what cannot work ends without loss ----------------------------------- */

static void fall_back(struct plait_attack *a, const char *where)
{
    plait_take_position(a);
    plait_expect_stream(a, PLAIT_GOES_ON_OCTETS, where);
    plait_expect_agreement(a, where);
    plait_expect_stream(a, PLAIT_GOES_ON_OCTETS, where);
}

static void stripped(struct plait_attack *a)
{
    fall_back(a, "behind a box that removes options");
}

static void acknowledged(struct plait_attack *a)
{
    fall_back(a, "behind a proxy that acknowledges");
}

/* The box is on the second path: the first carries on, whatever becomes of the other. */
static void loses_a_path(struct plait_attack *a)
{
    plait_take_position(a);
    plait_expect_stream(a, 2 * PLAIT_GOES_ON_OCTETS, "behind a box on the second path");
    plait_try_second(a);
}

/* ---- C-MB-2, C-MB-4: what must work ------------------------------------------------------- */

static void work(struct plait_attack *a, const char *where)
{
    plait_take_position(a);
    plait_expect_stream(a, PLAIT_GOES_ON_OCTETS, where);
    plait_expect_second(a, where);
}

static void cut(struct plait_attack *a)
{
    work(a, "behind a box that cuts segments");
}

static void joined(struct plait_attack *a)
{
    work(a, "behind a box that joins segments");
}

static void slowed(struct plait_attack *a)
{
    work(a, "behind a box that lowers windows");
}

/* The subflow is reset with MP_FAIL, the stream is sent again on the other (RFC 8684 §3.7). */
static void edited(struct plait_attack *a)
{
    plait_take_position(a);
    plait_expect_effect(a, PLAIT_SERVER, PLAIT_EFFECT_FAILED);
    plait_expect_stream(a, 2 * PLAIT_GOES_ON_OCTETS, "behind a box that edits payload");
}

/* On one path there is nothing else to send it on: as on TCP the altered octets are read, which is
 * what a gateway is for; who has checksums says so first. */
static void edited_alone(struct plait_attack *a)
{
    plait_take_position(a);
    if (plait_maps_data(a))
        plait_expect_effect(a, PLAIT_SERVER, PLAIT_EFFECT_FAILED);
    static const char where[] = "behind a box that edits payload";
    plait_expect_stream(a, PLAIT_GOES_ON_OCTETS, where);
    plait_expect_agreement(a, where);
}

/* ---- records ------------------------------------------------------------------------------ */

#define FALL (HARM & ~PLAIT_GOAL_BIT(DOWNGRADE))

/* A box on the first path. */
#define ON_FIRST(name, play, box)                                                                  \
    GENUINE_BUT(FALL, name, 2, play, .boxes = {box}, .lone_start = true, .tcp_too = true)
#define ON_SECOND(name, play, box)                                                                 \
    GENUINE(name, 2, play, .boxes = {PLAIT_NO_BOX, box}, .lone_start = true)
#define ON_BOTH(name, play, box)                                                                   \
    GENUINE(name, 2, play, .boxes = {box, box}, .lone_start = true, .tcp_too = true)

static const struct plait_case strip_cases[] = {
    ON_FIRST("syn", stripped, PLAIT_BOX_STRIP_SYN),
    ON_FIRST("syn-ack", stripped, PLAIT_BOX_STRIP_SYN_ACK),
    ON_FIRST("third-ack", stripped, PLAIT_BOX_STRIP_THIRD_ACK),
    ON_FIRST("data", stripped, PLAIT_BOX_STRIP_DATA),
    ON_SECOND("second-path", loses_a_path, PLAIT_BOX_STRIP),
    ON_SECOND("second-data", loses_a_path, PLAIT_BOX_STRIP_DATA),
};
static const struct plait_case segment_cases[] = {
    ON_BOTH("split", cut, PLAIT_BOX_SPLIT),
    ON_BOTH("coalesce", joined, PLAIT_BOX_COALESCE),
};
static const struct plait_case proxy_cases[] = {
    ON_FIRST("-", acknowledged, PLAIT_BOX_ACK),
    ON_SECOND("second-path", loses_a_path, PLAIT_BOX_ACK),
};
static const struct plait_case window_cases[] = {
    ON_BOTH("window", slowed, PLAIT_BOX_WINDOW),
    GENUINE("edit", 2, edited, .boxes = {PLAIT_NO_BOX, PLAIT_BOX_EDIT}, .lone_start = true,
            .checksum = true, .needs_volume = true, .only = PLAIT_LIST("v0", "v1", "M1h")),
    GENUINE_BUT(FALL & ~PLAIT_GOAL_BIT(INJECT), "edit-alone", 1, edited_alone,
                .boxes = {PLAIT_BOX_EDIT}, .checksum = true, .needs_volume = true, .tcp_too = true),
};

const struct plait_threat plait_control_mb_1 = {
    CONTROL(FULL_ON_KERNELS, "", "C-MB-1", "Options are removed", "RFC 8684 §3.7, §6", "OFF-NS",
            "A box removes option 30 from SYNs, SYN/ACKs, third ACKs or data: both ends fall back, "
            "or give up that path, and no octet is lost.",
            "kill", EVERY_MECHANISM),
    PLAIT_CASES(strip_cases)};
const struct plait_threat plait_control_mb_2 = {
    CONTROL(FULL_ON_KERNELS, "", "C-MB-2", "Segments are cut or joined", "RFC 8684 §3.1, §3.3, §6",
            "OFF-NS",
            "A box cuts segments and copies their options to each piece, or joins them and keeps "
            "the options of the first: both paths work.",
            "kill", EVERY_MECHANISM),
    PLAIT_CASES(segment_cases)};
const struct plait_threat plait_control_mb_3 = {
    CONTROL(FULL_ON_KERNELS, "", "C-MB-3", "A proxy acknowledges", "RFC 8684 §6", "OFF-NS",
            "A proxy acknowledges data before the receiver does: both ends fall back, or give up "
            "that path, and no octet is lost.",
            "kill", EVERY_MECHANISM),
    PLAIT_CASES(proxy_cases)};
const struct plait_threat plait_control_mb_4 = {
    CONTROL(FULL_ON_KERNELS, "", "C-MB-4", "Windows are lowered, payload is edited",
            "RFC 8684 §3.3.5, §3.7, §6", "OFF-NS",
            "A box lowers windows, or edits payload where checksums are on: the largest window "
            "counts, and MP_FAIL answers the edit.",
            "kill", EVERY_MECHANISM),
    PLAIT_CASES(window_cases)};
