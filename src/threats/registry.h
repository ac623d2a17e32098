/* threats/registry.h: the records that the files of this folder define. */
#ifndef PLAIT_THREATS_REGISTRY_H
#define PLAIT_THREATS_REGISTRY_H

#include "lab/threat.h"

extern const struct plait_threat plait_threat_flood_1;
extern const struct plait_threat plait_threat_flood_2;
extern const struct plait_threat plait_threat_flood_3;
extern const struct plait_threat plait_threat_flood_4;
extern const struct plait_threat plait_threat_flood_5;
extern const struct plait_threat plait_threat_flood_6;
extern const struct plait_threat plait_threat_flood_7;
extern const struct plait_threat plait_threat_flood_8;
extern const struct plait_threat plait_threat_camp_1;
extern const struct plait_threat plait_threat_reuse_1;
extern const struct plait_threat plait_threat_ts_2;
extern const struct plait_threat plait_threat_ts_3;
extern const struct plait_threat plait_threat_ts_6;
extern const struct plait_threat plait_threat_unk_1;
extern const struct plait_threat plait_threat_res_1;
extern const struct plait_threat plait_threat_fc_1;
extern const struct plait_threat plait_threat_rm_1;
extern const struct plait_threat plait_threat_prio_2;
extern const struct plait_threat plait_threat_rst_1;
extern const struct plait_threat plait_threat_dfin_1;
extern const struct plait_threat plait_threat_dss_5;
extern const struct plait_threat plait_threat_csum_1;
extern const struct plait_threat plait_threat_bid_1;
extern const struct plait_threat plait_threat_hij_1, plait_threat_hij_2, plait_threat_hij_3,
    plait_threat_hij_4, plait_threat_hij_5, plait_threat_hij_6, plait_threat_hij_7,
    plait_threat_hij_8;
extern const struct plait_threat plait_threat_ts_1, plait_threat_ts_4, plait_threat_ts_5,
    plait_threat_ts_7;
extern const struct plait_threat plait_threat_tok_1;
extern const struct plait_threat plait_threat_tok_2;
extern const struct plait_threat plait_baseline_rst;
extern const struct plait_threat plait_baseline_syn;
extern const struct plait_threat plait_baseline_fin;
extern const struct plait_threat plait_baseline_data;
extern const struct plait_threat plait_baseline_left;
extern const struct plait_threat plait_baseline_mitm;
extern const struct plait_threat plait_baseline_proxy;
extern const struct plait_threat plait_baseline_lease;
extern const struct plait_threat plait_baseline_refl;
extern const struct plait_threat plait_baseline_optack;
extern const struct plait_threat plait_baseline_isn;
extern const struct plait_threat plait_baseline_synf;
extern const struct plait_threat plait_baseline_scan;
extern const struct plait_threat plait_baseline_icmp, plait_baseline_acks, plait_baseline_chack,
    plait_baseline_port;
extern const struct plait_threat plait_control_nat_1, plait_control_nat_2, plait_control_nat_3,
    plait_control_nat_4;
extern const struct plait_threat plait_control_mb_1, plait_control_mb_2, plait_control_mb_3,
    plait_control_mb_4;
extern const struct plait_threat plait_control_ok_1;
extern const struct plait_threat plait_control_ok_2;
extern const struct plait_threat plait_control_pos_1;

#endif
