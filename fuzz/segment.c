/* TCP segments with all their options: parsed, printed, and where they are understood built again.
 */
#include "fuzz/target.h"

#include "base/text.h"
#include "wire/tcp.h"

static void print(const struct plait_segment *s)
{
    char line[1024];
    struct plait_text t = plait_text(line, sizeof line);
    plait_segment_print(&t, s);
    PLAIT_CHECK(t.length < sizeof line);
}

/* Options that are not kept, and those that are raw, may need more room than there is. */
static void build_again(const struct plait_segment *s)
{
    static uint8_t packet[1 << 17];
    struct plait_segment back;
    size_t length;
    if (!plait_ok(plait_segment_build(s, packet, sizeof packet, &length)))
        return;
    if (plait_ok(plait_segment_parse(packet, length, &back)))
        PLAIT_CHECK(back.seq == s->seq && back.payload_octets == s->payload_octets);
}

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t length)
{
    struct plait_segment summed, unsummed;
    plait_result is_right = plait_segment_parse(octets, length, &summed);
    if (!plait_ok(plait_segment_parse_unsummed(octets, length, &unsummed))) {
        PLAIT_CHECK(!plait_ok(is_right));
        return 0;
    }
    fuzz_touch(unsummed.payload, unsummed.payload_octets);
    print(&unsummed);
    build_again(&unsummed);
    return 0;
}
