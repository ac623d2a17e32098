/* examples/mechanism/short.c: version 1 that saves room: it compares only 8 bits of each proof.  To
 * be condemned, and by an attacker who is not told: he guesses, and one guess in 256 is right.
 *
 *     make && plait analyze --load ./short.so --threat 'T-TOK-*' */
#include <plait/mechanism.h>

static const struct plait_mechanism *table(void)
{
    static struct plait_mechanism cut;
    cut = *plait_mechanism_named(PLAIT_MECHANISM_V1);
    cut.name = "short";
    cut.proof_bits = 8;
    return &cut;
}

PLAIT_OFFER_MECHANISM(table, NULL);
