/* threats/registry.c: every record, in the order of the catalogue. */
#include "threats/registry.h"

const struct plait_threat *const plait_threats[] = {
    &plait_threat_flood_1, &plait_threat_flood_2, &plait_threat_flood_3,  &plait_threat_flood_4,
    &plait_threat_flood_5, &plait_threat_flood_6, &plait_threat_flood_7,  &plait_threat_flood_8,
    &plait_threat_camp_1,  &plait_threat_reuse_1, &plait_threat_hij_1,    &plait_threat_hij_2,
    &plait_threat_hij_3,   &plait_threat_hij_4,   &plait_threat_hij_5,    &plait_threat_hij_6,
    &plait_threat_hij_7,   &plait_threat_hij_8,   &plait_threat_ts_1,     &plait_threat_ts_2,
    &plait_threat_ts_3,    &plait_threat_ts_4,    &plait_threat_ts_5,     &plait_threat_ts_6,
    &plait_threat_ts_7,    &plait_threat_unk_1,   &plait_threat_res_1,    &plait_threat_fc_1,
    &plait_threat_rm_1,    &plait_threat_prio_2,  &plait_threat_rst_1,    &plait_threat_dfin_1,
    &plait_threat_dss_5,   &plait_threat_csum_1,  &plait_threat_bid_1,    &plait_threat_tok_1,
    &plait_threat_tok_2,   &plait_baseline_rst,   &plait_baseline_syn,    &plait_baseline_fin,
    &plait_baseline_data,  &plait_baseline_left,  &plait_baseline_mitm,   &plait_baseline_proxy,
    &plait_baseline_lease, &plait_baseline_refl,  &plait_baseline_optack, &plait_baseline_isn,
    &plait_baseline_synf,  &plait_baseline_scan,  &plait_baseline_icmp,   &plait_baseline_acks,
    &plait_baseline_chack, &plait_baseline_port,  &plait_control_nat_1,   &plait_control_nat_2,
    &plait_control_nat_3,  &plait_control_nat_4,  &plait_control_mb_1,    &plait_control_mb_2,
    &plait_control_mb_3,   &plait_control_mb_4,   &plait_control_ok_1,    &plait_control_ok_2,
    &plait_control_pos_1,
};
const size_t plait_threat_count = sizeof plait_threats / sizeof plait_threats[0];
