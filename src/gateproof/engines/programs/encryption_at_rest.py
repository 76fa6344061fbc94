# fmt: off
# ruff: noqa
# mypy: ignore-errors
"""The policy encryption-at-rest, compiled: written by tools/pack.py."""

SOURCES = "sha256:2226c949db7f875bf7e3bd44c4312d271e62548f2429a8354cb0c7c6f170449d"
PLAN = b'\x8b\xa6format\n\xa9functions\xdc\x00~\x84\xa4name\xaaconstant_0\xa6params\x91\xa3ctx\xa4body\x90\xa5label\xa0\x84\xa4name\xaaconstant_1\xa6params\x91\xa3ctx\xa4body\x90\xa5label\xa0\x84\xa4name\xaaconstant_2\xa6params\x91\xa3ctx\xa4body\x90\xa5label\xa0\x84\xa4name\xaaconstant_3\xa6params\x91\xa3ctx\xa4body\x90\xa5label\xa0\x84\xa4name\xaaconstant_4\xa6params\x91\xa3ctx\xa4body\x90\xa5label\xa0\x84\xa4name\xaaconstant_5\xa6params\x91\xa3ctx\xa4body\x90\xa5label\xa0\x84\xa4name\xaaconstant_6\xa6params\x91\xa3ctx\xa4body\x90\xa5label\xa0\x84\xa4name\xaaconstant_7\xa6params\x91\xa3ctx\xa4body\x90\xa5label\xa0\x84\xa4name\xaaconstant_8\xa6params\x91\xa3ctx\xa4body\x90\xa5label\xa0\x84\xa4name\xa8rule_0_0\xa6params\x91\xa3ctx\xa4body\x90\xa5label\xa0\x84\xa4name\xaaconstant_9\xa6params\x91\xa3ctx\xa4body\x90\xa5label\xa0\x84\xa4name\xa8rule_1_0\xa6params\x91\xa3ctx\xa4body\x90\xa5label\xa0\x84\xa4name\xabconstant_10\xa6params\x91\xa3ctx\xa4body\x90\xa5label\xa0\x84\xa4name\xa8rule_2_0\xa6params\x91\xa3ctx\xa4body\x90\xa5label\xa0\x84\xa4name\xabconstant_11\xa6params\x91\xa3ctx\xa4body\x90\xa5label\xa0\x84\xa4name\xabconstant_12\xa6params\x91\xa3ctx\xa4body\x90\xa5label\xa0\x84\xa4name\xabconstant_13\xa6params\x91\xa3ctx\xa4body\x90\xa5label\xa0\x84\xa4name\xabconstant_14\xa6params\x91\xa3ctx\xa4body\x90\xa5label\xa0\x84\xa4name\xabconstant_15\xa6params\x91\xa3ctx\xa4body\x90\xa5label\xa0\x84\xa4name\xabconstant_16\xa6params\x91\xa3ctx\xa4body\x90\xa5label\xa0\x84\xa4name\xabconstant_17\xa6params\x91\xa3ctx\xa4body\x90\xa5label\xa0\x84\xa4name\xabconstant_18\xa6params\x91\xa3ctx\xa4body\x90\xa5label\xa0\x84\xa4name\xabconstant_19\xa6params\x91\xa3ctx\xa4body\x90\xa5label\xa0\x84\xa4name\xa8rule_3_0\xa6params\x91\xa3ctx\xa4body\x90\xa5label\xa0\x84\xa4name\xabconstant_20\xa6params\x91\xa3ctx\xa4body\x90\xa5label\xa0\x84\xa4name\xa8rule_4_0\xa6params\x91\xa3ctx\xa4body\x90\xa5label\xa0\x84\xa4name\xabconstant_21\xa6params\x91\xa3ctx\xa4body\x90\xa5label\xa0\x84\xa4name\xa8rule_5_0\xa6params\x91\xa3ctx\xa4body\x90\xa5label\xa0\x84\xa4name\xabconstant_22\xa6params\x91\xa3ctx\xa4body\x90\xa5label\xa0\x84\xa4name\xa8rule_6_0\xa6params\x91\xa3ctx\xa4body\x90\xa5label\xa0\x84\xa4name\xabconstant_23\xa6params\x91\xa3ctx\xa4body\x90\xa5label\xa0\x84\xa4name\xa8rule_7_0\xa6params\x91\xa3ctx\xa4body\x90\xa5label\xa0\x84\xa4name\xabconstant_24\xa6params\x91\xa3ctx\xa4body\x90\xa5label\xa0\x84\xa4name\xa8rule_8_0\xa6params\x91\xa3ctx\xa4body\x90\xa5label\xa0\x84\xa4name\xa8rule_9_0\xa6params\x92\xa3ctx\xa3out\xa4body\x90\xa5label\xa0\x84\xa4name\xa9rule_10_0\xa6params\x91\xa3ctx\xa4body\x90\xa5label\xa0\x84\xa4name\xa9rule_11_0\xa6params\x92\xa3ctx\xa3out\xa4body\x90\xa5label\xa0\x84\xa4name\xabconstant_25\xa6params\x91\xa3ctx\xa4body\x90\xa5label\xa0\x84\xa4name\xa9rule_12_0\xa6params\x92\xa3ctx\xa3out\xa4body\x90\xa5label\xa0\x84\xa4name\xabconstant_26\xa6params\x91\xa3ctx\xa4body\x90\xa5label\xa0\x84\xa4name\xa9rule_13_0\xa6params\x91\xa3ctx\xa4body\x90\xa5label\xa0\x84\xa4name\xa9rule_14_0\xa6params\x91\xa3ctx\xa4body\x90\xa5label\xa0\x84\xa4name\xa9rule_15_0\xa6params\x91\xa3ctx\xa4body\x90\xa5label\xa0\x84\xa4name\xa9rule_16_0\xa6params\x91\xa3ctx\xa4body\x90\xa5label\xa0\x84\xa4name\xa9rule_17_0\xa6params\x91\xa3ctx\xa4body\x90\xa5label\xa0\x84\xa4name\xa9rule_18_0\xa6params\x91\xa3ctx\xa4body\x90\xa5label\xa0\x84\xa4name\xa9rule_19_0\xa6params\x91\xa3ctx\xa4body\x90\xa5label\xa0\x84\xa4name\xabconstant_27\xa6params\x91\xa3ctx\xa4body\x90\xa5label\xa0\x84\xa4name\xa9rule_20_0\xa6params\x91\xa3ctx\xa4body\x90\xa5label\xa0\x84\xa4name\xabconstant_28\xa6params\x91\xa3ctx\xa4body\x90\xa5label\xa0\x84\xa4name\xabconstant_29\xa6params\x91\xa3ctx\xa4body\x90\xa5label\xa0\x84\xa4name\xabconstant_30\xa6params\x91\xa3ctx\xa4body\x90\xa5label\xa0\x84\xa4name\xa9rule_21_0\xa6params\x91\xa3ctx\xa4body\x90\xa5label\xa0\x84\xa4name\xabconstant_31\xa6params\x91\xa3ctx\xa4body\x90\xa5label\xa0\x84\xa4name\xa9rule_22_0\xa6params\x91\xa3ctx\xa4body\x90\xa5label\xa0\x84\xa4name\xa9rule_23_0\xa6params\x91\xa3ctx\xa4body\x90\xa5label\xa0\x84\xa4name\xa9rule_24_0\xa6params\x91\xa3ctx\xa4body\x90\xa5label\xa0\x84\xa4name\xabconstant_32\xa6params\x91\xa3ctx\xa4body\x90\xa5label\xa0\x84\xa4name\xa9rule_25_0\xa6params\x91\xa3ctx\xa4body\x90\xa5label\xa0\x84\xa4name\xa9rule_26_0\xa6params\x91\xa3ctx\xa4body\x90\xa5label\xa0\x84\xa4name\xabconstant_33\xa6params\x91\xa3ctx\xa4body\x90\xa5label\xa0\x84\xa4name\xabconstant_34\xa6params\x91\xa3ctx\xa4body\x90\xa5label\xa0\x84\xa4name\xa9rule_27_0\xa6params\x91\xa3ctx\xa4body\x90\xa5label\xa0\x84\xa4name\xabconstant_35\xa6params\x91\xa3ctx\xa4body\x90\xa5label\xa0\x84\xa4name\xa9rule_28_0\xa6params\x91\xa3ctx\xa4body\x90\xa5label\xa0\x84\xa4name\xa9rule_29_0\xa6params\x91\xa3ctx\xa4body\x90\xa5label\xa0\x84\xa4name\xa9rule_30_0\xa6params\x91\xa3ctx\xa4body\x90\xa5label\xa0\x84\xa4name\xabconstant_36\xa6params\x91\xa3ctx\xa4body\x90\xa5label\xa0\x84\xa4name\xa9rule_31_0\xa6params\x91\xa3ctx\xa4body\x90\xa5label\xa0\x84\xa4name\xa9rule_32_0\xa6params\x91\xa3ctx\xa4body\x90\xa5label\xa0\x84\xa4name\xa9rule_33_0\xa6params\x91\xa3ctx\xa4body\x90\xa5label\xa0\x84\xa4name\xabconstant_37\xa6params\x91\xa3ctx\xa4body\x90\xa5label\xa0\x84\xa4name\xa9rule_34_0\xa6params\x91\xa3ctx\xa4body\x90\xa5label\xa0\x84\xa4name\xa9rule_35_0\xa6params\x91\xa3ctx\xa4body\x90\xa5label\xa0\x84\xa4name\xabconstant_38\xa6params\x91\xa3ctx\xa4body\x90\xa5label\xa0\x84\xa4name\xa9rule_36_0\xa6params\x91\xa3ctx\xa4body\x90\xa5label\xa0\x84\xa4name\xabconstant_39\xa6params\x91\xa3ctx\xa4body\x90\xa5label\xa0\x84\xa4name\xa9rule_37_0\xa6params\x91\xa3ctx\xa4body\x90\xa5label\xa0\x84\xa4name\xabconstant_40\xa6params\x91\xa3ctx\xa4body\x90\xa5label\xa0\x84\xa4name\xa9rule_38_0\xa6params\x91\xa3ctx\xa4body\x90\xa5label\xa0\x84\xa4name\xa9rule_39_0\xa6params\x91\xa3ctx\xa4body\x90\xa5label\xa0\x84\xa4name\xa9rule_40_0\xa6params\x91\xa3ctx\xa4body\x90\xa5label\xa0\x84\xa4name\xa9rule_41_0\xa6params\x91\xa3ctx\xa4body\x90\xa5label\xa0\x84\xa4name\xaafunction_0\xa6params\x92\xa3ctx\xa2a0\xa4body\x90\xa5label\xa0\x84\xa4name\xaafunction_4\xa6params\x94\xa3ctx\xa2a0\xa2a1\xa2a2\xa4body\x90\xa5label\xa0\x84\xa4name\xaafunction_5\xa6params\x92\xa3ctx\xa2a0\xa4body\x90\xa5label\xa0\x84\xa4name\xabconstant_41\xa6params\x91\xa3ctx\xa4body\x90\xa5label\xa0\x84\xa4name\xaafunction_6\xa6params\x92\xa3ctx\xa2a0\xa4body\x90\xa5label\xa0\x84\xa4name\xaafunction_8\xa6params\x93\xa3ctx\xa2a0\xa2a1\xa4body\x90\xa5label\xa0\x84\xa4name\xabconstant_42\xa6params\x91\xa3ctx\xa4body\x90\xa5label\xa0\x84\xa4name\xabfunction_11\xa6params\x93\xa3ctx\xa2a0\xa2a1\xa4body\x90\xa5label\xa0\x84\xa4name\xabconstant_43\xa6params\x91\xa3ctx\xa4body\x90\xa5label\xa0\x84\xa4name\xabconstant_44\xa6params\x91\xa3ctx\xa4body\x90\xa5label\xa0\x84\xa4name\xabfunction_12\xa6params\x92\xa3ctx\xa2a0\xa4body\x90\xa5label\xa0\x84\xa4name\xabconstant_45\xa6params\x91\xa3ctx\xa4body\x90\xa5label\xa0\x84\xa4name\xabfunction_13\xa6params\x92\xa3ctx\xa2a0\xa4body\x90\xa5label\xa0\x84\xa4name\xabconstant_46\xa6params\x91\xa3ctx\xa4body\x90\xa5label\xa0\x84\xa4name\xabfunction_14\xa6params\x92\xa3ctx\xa2a0\xa4body\x90\xa5label\xa0\x84\xa4name\xabfunction_16\xa6params\x92\xa3ctx\xa2a0\xa4body\x90\xa5label\xa0\x84\xa4name\xabfunction_17\xa6params\x92\xa3ctx\xa2a0\xa4body\x90\xa5label\xa0\x84\xa4name\xabfunction_18\xa6params\x92\xa3ctx\xa2a0\xa4body\x90\xa5label\xa0\x84\xa4name\xabfunction_23\xa6params\x93\xa3ctx\xa2a0\xa2a1\xa4body\x90\xa5label\xa0\x84\xa4name\xabfunction_24\xa6params\x93\xa3ctx\xa2a0\xa2a1\xa4body\x90\xa5label\xa0\x84\xa4name\xabconstant_47\xa6params\x91\xa3ctx\xa4body\x90\xa5label\xa0\x84\xa4name\xabfunction_26\xa6params\x93\xa3ctx\xa2a0\xa2a1\xa4body\x90\xa5label\xa0\x84\xa4name\xabfunction_27\xa6params\x92\xa3ctx\xa2a0\xa4body\x90\xa5label\xa0\x84\xa4name\xabconstant_48\xa6params\x91\xa3ctx\xa4body\x90\xa5label\xa0\x84\xa4name\xabfunction_29\xa6params\x95\xa3ctx\xa2a0\xa2a1\xa2a2\xa2a3\xa4body\x90\xa5label\xa0\x84\xa4name\xabfunction_31\xa6params\x94\xa3ctx\xa2a0\xa2a1\xa2a2\xa4body\x90\xa5label\xa0\x84\xa4name\xabconstant_49\xa6params\x91\xa3ctx\xa4body\x90\xa5label\xa0\x84\xa4name\xabconstant_50\xa6params\x91\xa3ctx\xa4body\x90\xa5label\xa0\x84\xa4name\xabconstant_51\xa6params\x91\xa3ctx\xa4body\x90\xa5label\xa0\x84\xa4name\xabconstant_52\xa6params\x91\xa3ctx\xa4body\x90\xa5label\xa0\x84\xa4name\xabconstant_53\xa6params\x91\xa3ctx\xa4body\x90\xa5label\xa0\x84\xa4name\xabfunction_32\xa6params\x93\xa3ctx\xa2a0\xa2a1\xa4body\x90\xa5label\xa0\x84\xa4name\xabconstant_54\xa6params\x91\xa3ctx\xa4body\x90\xa5label\xa0\x84\xa4name\xabfunction_34\xa6params\x92\xa3ctx\xa2a0\xa4body\x90\xa5label\xa0\x84\xa4name\xabfunction_35\xa6params\x94\xa3ctx\xa2a0\xa2a1\xa2a2\xa4body\x90\xa5label\xa0\x84\xa4name\xabfunction_36\xa6params\x94\xa3ctx\xa2a0\xa2a1\xa2a2\xa4body\x90\xa5label\xa0\x84\xa4name\xabfunction_37\xa6params\x93\xa3ctx\xa2a0\xa2a1\xa4body\x90\xa5label\xa0\x84\xa4name\xabfunction_38\xa6params\x94\xa3ctx\xa2a0\xa2a1\xa2a2\xa4body\x90\xa5label\xa0\x84\xa4name\xabfunction_39\xa6params\x94\xa3ctx\xa2a0\xa2a1\xa2a2\xa4body\x90\xa5label\xa0\x84\xa4name\xabfunction_40\xa6params\x93\xa3ctx\xa2a0\xa2a1\xa4body\x90\xa5label\xa0\x84\xa4name\xaafunction_2\xa6params\x93\xa3ctx\xa2a0\xa2a1\xa4body\x90\xa5label\xa0\x84\xa4name\xaafunction_7\xa6params\x92\xa3ctx\xa2a0\xa4body\x90\xa5label\xa0\x84\xa4name\xabfunction_22\xa6params\x93\xa3ctx\xa2a0\xa2a1\xa4body\x90\xa5label\xa0\xa9constants\xdc\x007\xaaconstant_0\xaaconstant_1\xaaconstant_2\xaaconstant_3\xaaconstant_4\xaaconstant_5\xaaconstant_6\xaaconstant_7\xaaconstant_8\xaaconstant_9\xabconstant_10\xabconstant_11\xabconstant_12\xabconstant_13\xabconstant_14\xabconstant_15\xabconstant_16\xabconstant_17\xabconstant_18\xabconstant_19\xabconstant_20\xabconstant_21\xabconstant_22\xabconstant_23\xabconstant_24\xabconstant_25\xabconstant_26\xabconstant_27\xabconstant_28\xabconstant_29\xabconstant_30\xabconstant_31\xabconstant_32\xabconstant_33\xabconstant_34\xabconstant_35\xabconstant_36\xabconstant_37\xabconstant_38\xabconstant_39\xabconstant_40\xabconstant_41\xabconstant_42\xabconstant_43\xabconstant_44\xabconstant_45\xabconstant_46\xabconstant_47\xabconstant_48\xabconstant_49\xabconstant_50\xabconstant_51\xabconstant_52\xabconstant_53\xabconstant_54\xa5rules\xdc\x00*\x84\xa4path\x94\xa9gateproof\xa8policies\xb2encryption_at_rest\xabplain_types\xa4kind\xa8complete\xa7clauses\x91\xa8rule_0_0\xa2at\xb0policy.rego:56:1\x84\xa4path\x94\xa9gateproof\xa8policies\xb2encryption_at_rest\xa9key_types\xa4kind\xa8complete\xa7clauses\x91\xa8rule_1_0\xa2at\xb0policy.rego:67:1\x84\xa4path\x94\xa9gateproof\xa8policies\xb2encryption_at_rest\xaekms_algorithms\xa4kind\xa8complete\xa7clauses\x91\xa8rule_2_0\xa2at\xb0policy.rego:74:1\x84\xa4path\x94\xa9gateproof\xa8policies\xb2encryption_at_rest\xa5plain\xa4kind\xa8complete\xa7clauses\x91\xa8rule_3_0\xa2at\xb0policy.rego:78:1\x84\xa4path\x94\xa9gateproof\xa8policies\xb2encryption_at_rest\xa6tables\xa4kind\xa8complete\xa7clauses\x91\xa8rule_4_0\xa2at\xb0policy.rego:80:1\x84\xa4path\x94\xa9gateproof\xa8policies\xb2encryption_at_rest\xa7buckets\xa4kind\xa8complete\xa7clauses\x91\xa8rule_5_0\xa2at\xb0policy.rego:82:1\x84\xa4path\x94\xa9gateproof\xa8policies\xb2encryption_at_rest\xacbucket_rules\xa4kind\xa8complete\xa7clauses\x91\xa8rule_6_0\xa2at\xb0policy.rego:84:1\x84\xa4path\x94\xa9gateproof\xa8policies\xb2encryption_at_rest\xa4keys\xa4kind\xa8complete\xa7clauses\x91\xa8rule_7_0\xa2at\xb0policy.rego:86:1\x84\xa4path\x94\xa9gateproof\xa8policies\xb2encryption_at_rest\xa7aliases\xa4kind\xa8complete\xa7clauses\x91\xa8rule_8_0\xa2at\xb0policy.rego:88:1\x84\xa4path\x94\xa9gateproof\xa8policies\xb2encryption_at_rest\xa7applies\xa4kind\xa3set\xa7clauses\x91\xa8rule_9_0\xa2at\xb0policy.rego:90:1\x84\xa4path\x94\xa9gateproof\xa8policies\xb2encryption_at_rest\xa6checks\xa4kind\xa8complete\xa7clauses\x91\xa9rule_10_0\xa2at\xb1policy.rego:100:1\x84\xa4path\x94\xa9gateproof\xa8policies\xb2encryption_at_rest\xa4deny\xa4kind\xa3set\xa7clauses\x91\xa9rule_11_0\xa2at\xb1policy.rego:105:1\x84\xa4path\x94\xa9gateproof\xa8policies\xb2encryption_at_rest\xa9undecided\xa4kind\xa3set\xa7clauses\x91\xa9rule_12_0\xa2at\xb1policy.rego:110:1\x84\xa4path\x94\xa9gateproof\xa8policies\xb2encryption_at_rest\xadkey_addresses\xa4kind\xa8complete\xa7clauses\x91\xa9rule_13_0\xa2at\xb1policy.rego:199:1\x84\xa4path\x94\xa9gateproof\xa8policies\xb2encryption_at_rest\xa9key_names\xa4kind\xa8complete\xa7clauses\x91\xa9rule_14_0\xa2at\xb1policy.rego:201:1\x84\xa4path\x94\xa9gateproof\xa8policies\xb2encryption_at_rest\xacgood_aliases\xa4kind\xa8complete\xa7clauses\x91\xa9rule_15_0\xa2at\xb1policy.rego:203:1\x84\xa4path\x94\xa9gateproof\xa8policies\xb2encryption_at_rest\xb1planned_addresses\xa4kind\xa8complete\xa7clauses\x91\xa9rule_16_0\xa2at\xb1policy.rego:211:1\x84\xa4path\x94\xa9gateproof\xa8policies\xb2encryption_at_rest\xadplanned_names\xa4kind\xa8complete\xa7clauses\x91\xa9rule_17_0\xa2at\xb1policy.rego:213:1\x84\xa4path\x94\xa9gateproof\xa8policies\xb2encryption_at_rest\xaeplain_switches\xa4kind\xa8complete\xa7clauses\x91\xa9rule_18_0\xa2at\xb1policy.rego:224:1\x84\xa4path\x94\xa9gateproof\xa8policies\xb2encryption_at_rest\xaaplain_keys\xa4kind\xa8complete\xa7clauses\x91\xa9rule_19_0\xa2at\xb1policy.rego:230:1\x84\xa4path\x94\xa9gateproof\xa8policies\xb2encryption_at_rest\xactable_blocks\xa4kind\xa8complete\xa7clauses\x91\xa9rule_20_0\xa2at\xb1policy.rego:245:1\x84\xa4path\x94\xa9gateproof\xa8policies\xb2encryption_at_rest\xaetable_switches\xa4kind\xa8complete\xa7clauses\x91\xa9rule_21_0\xa2at\xb1policy.rego:250:1\x84\xa4path\x94\xa9gateproof\xa8policies\xb2encryption_at_rest\xaatable_keys\xa4kind\xa8complete\xa7clauses\x91\xa9rule_22_0\xa2at\xb1policy.rego:264:1\x84\xa4path\x94\xa9gateproof\xa8policies\xb2encryption_at_rest\xa5inner\xa4kind\xa8complete\xa7clauses\x91\xa9rule_23_0\xa2at\xb1policy.rego:274:1\x84\xa4path\x94\xa9gateproof\xa8policies\xb2encryption_at_rest\xa5outer\xa4kind\xa8complete\xa7clauses\x91\xa9rule_24_0\xa2at\xb1policy.rego:281:1\x84\xa4path\x94\xa9gateproof\xa8policies\xb2encryption_at_rest\xadrule_defaults\xa4kind\xa8complete\xa7clauses\x91\xa9rule_25_0\xa2at\xb1policy.rego:288:1\x84\xa4path\x94\xa9gateproof\xa8policies\xb2encryption_at_rest\xafinline_defaults\xa4kind\xa8complete\xa7clauses\x91\xa9rule_26_0\xa2at\xb1policy.rego:293:1\x84\xa4path\x94\xa9gateproof\xa8policies\xb2encryption_at_rest\xafrule_algorithms\xa4kind\xa8complete\xa7clauses\x91\xa9rule_27_0\xa2at\xb1policy.rego:295:1\x84\xa4path\x94\xa9gateproof\xa8policies\xb2encryption_at_rest\xa9rule_keys\xa4kind\xa8complete\xa7clauses\x91\xa9rule_28_0\xa2at\xb1policy.rego:311:1\x84\xa4path\x94\xa9gateproof\xa8policies\xb2encryption_at_rest\xb1bucket_algorithms\xa4kind\xa8complete\xa7clauses\x91\xa9rule_29_0\xa2at\xb1policy.rego:313:1\x84\xa4path\x94\xa9gateproof\xa8policies\xb2encryption_at_rest\xabbucket_keys\xa4kind\xa8complete\xa7clauses\x91\xa9rule_30_0\xa2at\xb1policy.rego:315:1\x84\xa4path\x94\xa9gateproof\xa8policies\xb2encryption_at_rest\xb0names_of_buckets\xa4kind\xa8complete\xa7clauses\x91\xa9rule_31_0\xa2at\xb1policy.rego:341:1\x84\xa4path\x94\xa9gateproof\xa8policies\xb2encryption_at_rest\xa5links\xa4kind\xa8complete\xa7clauses\x91\xa9rule_32_0\xa2at\xb1policy.rego:343:1\x84\xa4path\x94\xa9gateproof\xa8policies\xb2encryption_at_rest\xabwith_inline\xa4kind\xa8complete\xa7clauses\x91\xa9rule_33_0\xa2at\xb1policy.rego:345:1\x84\xa4path\x94\xa9gateproof\xa8policies\xb2encryption_at_rest\xacbare_buckets\xa4kind\xa8complete\xa7clauses\x91\xa9rule_34_0\xa2at\xb1policy.rego:347:1\x84\xa4path\x94\xa9gateproof\xa8policies\xb2encryption_at_rest\xa7unclear\xa4kind\xa8complete\xa7clauses\x91\xa9rule_35_0\xa2at\xb1policy.rego:353:1\x84\xa4path\x94\xa9gateproof\xa8policies\xb2encryption_at_rest\xb0inline_algorithm\xa4kind\xa8complete\xa7clauses\x91\xa9rule_36_0\xa2at\xb1policy.rego:355:1\x84\xa4path\x94\xa9gateproof\xa8policies\xb2encryption_at_rest\xadremoved_rules\xa4kind\xa8complete\xa7clauses\x91\xa9rule_37_0\xa2at\xb1policy.rego:371:1\x84\xa4path\x94\xa9gateproof\xa8policies\xb2encryption_at_rest\xafplanned_buckets\xa4kind\xa8complete\xa7clauses\x91\xa9rule_38_0\xa2at\xb1policy.rego:375:1\x84\xa4path\x93\xa9gateproof\xa8contract\xa7applies\xa4kind\xa8complete\xa7clauses\x91\xa9rule_39_0\xa2at\xae<contract>:3:1\x84\xa4path\x93\xa9gateproof\xa8contract\xa4deny\xa4kind\xa8complete\xa7clauses\x91\xa9rule_40_0\xa2at\xae<contract>:4:1\x84\xa4path\x93\xa9gateproof\xa8contract\xa9undecided\xa4kind\xa8complete\xa7clauses\x91\xa9rule_41_0\xa2at\xae<contract>:5:1\xa4tree\x81\xa9gateproof\x83\xa8policies\x81\xb2encryption_at_rest\xde\x00\'\xabplain_types\x00\xa9key_types\x01\xaekms_algorithms\x02\xa5plain\x03\xa6tables\x04\xa7buckets\x05\xacbucket_rules\x06\xa4keys\x07\xa7aliases\x08\xa7applies\t\xa6checks\n\xa4deny\x0b\xa9undecided\x0c\xadkey_addresses\r\xa9key_names\x0e\xacgood_aliases\x0f\xb1planned_addresses\x10\xadplanned_names\x11\xaeplain_switches\x12\xaaplain_keys\x13\xactable_blocks\x14\xaetable_switches\x15\xaatable_keys\x16\xa5inner\x17\xa5outer\x18\xadrule_defaults\x19\xafinline_defaults\x1a\xafrule_algorithms\x1b\xa9rule_keys\x1c\xb1bucket_algorithms\x1d\xabbucket_keys\x1e\xb0names_of_buckets\x1f\xa5links \xabwith_inline!\xacbare_buckets"\xa7unclear#\xb0inline_algorithm$\xadremoved_rules%\xafplanned_buckets&\xa8contract\x83\xa7applies\'\xa4deny(\xa9undecided)\xa3lib\x81\xa9terraform\x80\xa5nodes\x90\xa8builtins\x9f\xabobject.keys\xacarray.concat\xa7sprintf\xaaobject.get\xa5count\xa6concat\xa9is_string\xaastartswith\xa8contains\xaaglob.match\xadnumbers.range\xabarray.slice\xa8is_array\xa9is_object\xa9is_number\xa7outputs\x90\xa8standing\x97\x00\x01\x02\x17\x18\x1f$\xa5sites\x90\xa7clauses\x90'


# constant
def constant_0(ctx):
    return {'switch': 'storage_encrypted', 'key': 'kms_key_id'}


# constant
def constant_1(ctx):
    return {'switch': 'storage_encrypted', 'key': 'kms_key_id'}


# constant
def constant_2(ctx):
    return {'switch': 'encrypted', 'key': 'kms_key_id'}


# constant
def constant_3(ctx):
    return {'switch': 'encrypted', 'key': 'kms_key_id'}


# constant
def constant_4(ctx):
    return {'switch': 'storage_encrypted', 'key': 'kms_key_arn'}


# constant
def constant_5(ctx):
    return {'switch': 'storage_encrypted', 'key': 'kms_key_id'}


# constant
def constant_6(ctx):
    return {'key': 'kms_master_key_id'}


# constant
def constant_7(ctx):
    return {'key': 'kms_master_key_id'}


# constant
def constant_8(ctx):
    return {'aws_db_instance': constant_0, 'aws_docdb_cluster': constant_1, 'aws_ebs_volume': constant_2, 'aws_efs_file_system': constant_3, 'aws_neptune_cluster': constant_4, 'aws_rds_cluster': constant_5, 'aws_sns_topic': constant_6, 'aws_sqs_queue': constant_7}


# data.gateproof.policies.encryption_at_rest.plain_types (policy.rego:56:1)
def rule_0_0(ctx):
    return constant_8


# constant
def constant_9(ctx):
    return constant_set({'aws_kms_external_key': 'aws_kms_external_key', 'aws_kms_key': 'aws_kms_key', 'aws_kms_replica_external_key': 'aws_kms_replica_external_key', 'aws_kms_replica_key': 'aws_kms_replica_key'})


# data.gateproof.policies.encryption_at_rest.key_types (policy.rego:67:1)
def rule_1_0(ctx):
    return constant_9


# constant
def constant_10(ctx):
    return constant_set({'aws:kms': 'aws:kms', 'aws:kms:dsse': 'aws:kms:dsse'})


# data.gateproof.policies.encryption_at_rest.kms_algorithms (policy.rego:74:1)
def rule_2_0(ctx):
    return constant_10


# constant
def constant_11(ctx):
    return {'switch': 'storage_encrypted', 'key': 'kms_key_id'}


# constant
def constant_12(ctx):
    return {'switch': 'storage_encrypted', 'key': 'kms_key_id'}


# constant
def constant_13(ctx):
    return {'switch': 'encrypted', 'key': 'kms_key_id'}


# constant
def constant_14(ctx):
    return {'switch': 'encrypted', 'key': 'kms_key_id'}


# constant
def constant_15(ctx):
    return {'switch': 'storage_encrypted', 'key': 'kms_key_arn'}


# constant
def constant_16(ctx):
    return {'switch': 'storage_encrypted', 'key': 'kms_key_id'}


# constant
def constant_17(ctx):
    return {'key': 'kms_master_key_id'}


# constant
def constant_18(ctx):
    return {'key': 'kms_master_key_id'}


# constant
def constant_19(ctx):
    return {'aws_db_instance': constant_11, 'aws_docdb_cluster': constant_12, 'aws_ebs_volume': constant_13, 'aws_efs_file_system': constant_14, 'aws_neptune_cluster': constant_15, 'aws_rds_cluster': constant_16, 'aws_sns_topic': constant_17, 'aws_sqs_queue': constant_18}


# data.gateproof.policies.encryption_at_rest.plain (policy.rego:78:1)
def rule_3_0(ctx):
    v1 = builtin_object_keys(ctx, constant_19)
    if v1 is UNDEFINED:
        return UNDEFINED
    v2 = function_17(ctx, v1)
    if v2 is UNDEFINED:
        return UNDEFINED
    return v2


# constant
def constant_20(ctx):
    return ['aws_dynamodb_table']


# data.gateproof.policies.encryption_at_rest.tables (policy.rego:80:1)
def rule_4_0(ctx):
    v1 = function_17(ctx, constant_20)
    if v1 is UNDEFINED:
        return UNDEFINED
    return v1


# constant
def constant_21(ctx):
    return ['aws_s3_bucket']


# data.gateproof.policies.encryption_at_rest.buckets (policy.rego:82:1)
def rule_5_0(ctx):
    v1 = function_17(ctx, constant_21)
    if v1 is UNDEFINED:
        return UNDEFINED
    return v1


# constant
def constant_22(ctx):
    return ['aws_s3_bucket_server_side_encryption_configuration']


# data.gateproof.policies.encryption_at_rest.bucket_rules (policy.rego:84:1)
def rule_6_0(ctx):
    v1 = function_17(ctx, constant_22)
    if v1 is UNDEFINED:
        return UNDEFINED
    return v1


# constant
def constant_23(ctx):
    return constant_set({'aws_kms_external_key': 'aws_kms_external_key', 'aws_kms_key': 'aws_kms_key', 'aws_kms_replica_external_key': 'aws_kms_replica_external_key', 'aws_kms_replica_key': 'aws_kms_replica_key'})


# data.gateproof.policies.encryption_at_rest.keys (policy.rego:86:1)
def rule_7_0(ctx):
    v1 = function_17(ctx, constant_23)
    if v1 is UNDEFINED:
        return UNDEFINED
    return v1


# constant
def constant_24(ctx):
    return ['aws_kms_alias']


# data.gateproof.policies.encryption_at_rest.aliases (policy.rego:88:1)
def rule_8_0(ctx):
    v1 = function_17(ctx, constant_24)
    if v1 is UNDEFINED:
        return UNDEFINED
    return v1


# data.gateproof.policies.encryption_at_rest.applies (policy.rego:90:1), data.gateproof.policies.encryption_at_rest.applies (policy.rego:92:1), data.gateproof.policies.encryption_at_rest.applies (policy.rego:94:1), data.gateproof.policies.encryption_at_rest.applies (policy.rego:96:1), data.gateproof.policies.encryption_at_rest.applies (policy.rego:373:1)
def rule_9_0(ctx, out):
    v1 = rule_3(ctx)
    for v2 in values(ctx, v1) if v1 is not UNDEFINED else ():
        v3 = v2.get('address', UNDEFINED) if type(v2) is dict else element(v2, 'address')
        if v3 is UNDEFINED:
            continue
        out[v3 if type(v3) is str else key_of(ctx, v3)] = v3
    v1_1 = rule_4(ctx)
    for v2_1 in values(ctx, v1_1) if v1_1 is not UNDEFINED else ():
        v3_1 = v2_1.get('address', UNDEFINED) if type(v2_1) is dict else element(v2_1, 'address')
        if v3_1 is UNDEFINED:
            continue
        out[v3_1 if type(v3_1) is str else key_of(ctx, v3_1)] = v3_1
    v1_2 = rule_5(ctx)
    for v2_2 in values(ctx, v1_2) if v1_2 is not UNDEFINED else ():
        v3_2 = v2_2.get('address', UNDEFINED) if type(v2_2) is dict else element(v2_2, 'address')
        if v3_2 is UNDEFINED:
            continue
        out[v3_2 if type(v3_2) is str else key_of(ctx, v3_2)] = v3_2
    v1_3 = rule_6(ctx)
    ctx.budget.steps -= 3
    if ctx.budget.steps < 0:
        ctx.budget.spend(0)
    for v2_3 in values(ctx, v1_3) if v1_3 is not UNDEFINED else ():
        v3_3 = v2_3.get('address', UNDEFINED) if type(v2_3) is dict else element(v2_3, 'address')
        if v3_3 is UNDEFINED:
            continue
        out[v3_3 if type(v3_3) is str else key_of(ctx, v3_3)] = v3_3
    v1_4 = rule_37(ctx)
    for v2_4 in values(ctx, v1_4) if v1_4 is not UNDEFINED else ():
        v3_4 = v2_4.get('address', UNDEFINED) if type(v2_4) is dict else element(v2_4, 'address')
        if v3_4 is UNDEFINED:
            continue
        out[v3_4 if type(v3_4) is str else key_of(ctx, v3_4)] = v3_4
    return UNDEFINED


# data.gateproof.policies.encryption_at_rest.checks (policy.rego:100:1)
def rule_10_0(ctx):
    v1 = rule_18(ctx)
    if v1 is UNDEFINED:
        return UNDEFINED
    v2 = rule_19(ctx)
    if v2 is UNDEFINED:
        return UNDEFINED
    v3 = chained(ctx, v1, v2, builtin_array_concat)
    if v3 is UNDEFINED:
        return UNDEFINED
    v4 = rule_21(ctx)
    if v4 is UNDEFINED:
        return UNDEFINED
    ctx.budget.steps -= 3
    if ctx.budget.steps < 0:
        ctx.budget.spend(0)
    v5 = rule_22(ctx)
    if v5 is UNDEFINED:
        return UNDEFINED
    v6 = chained(ctx, v4, v5, builtin_array_concat)
    if v6 is UNDEFINED:
        return UNDEFINED
    v7 = chained(ctx, v3, v6, builtin_array_concat)
    if v7 is UNDEFINED:
        return UNDEFINED
    v8 = rule_27(ctx)
    if v8 is UNDEFINED:
        return UNDEFINED
    v9 = rule_28(ctx)
    if v9 is UNDEFINED:
        return UNDEFINED
    v10 = chained(ctx, v8, v9, builtin_array_concat)
    ctx.budget.steps -= 3
    if ctx.budget.steps < 0:
        ctx.budget.spend(0)
    if v10 is UNDEFINED:
        return UNDEFINED
    v11 = rule_29(ctx)
    if v11 is UNDEFINED:
        return UNDEFINED
    v12 = rule_30(ctx)
    if v12 is UNDEFINED:
        return UNDEFINED
    v13 = chained(ctx, v11, v12, builtin_array_concat)
    if v13 is UNDEFINED:
        return UNDEFINED
    v14 = chained(ctx, v10, v13, builtin_array_concat)
    if v14 is UNDEFINED:
        return UNDEFINED
    v15 = chained(ctx, v7, v14, builtin_array_concat)
    ctx.budget.steps -= 3
    if ctx.budget.steps < 0:
        ctx.budget.spend(0)
    if v15 is UNDEFINED:
        return UNDEFINED
    return v15


# data.gateproof.policies.encryption_at_rest.deny (policy.rego:105:1), data.gateproof.policies.encryption_at_rest.deny (policy.rego:361:1), data.gateproof.policies.encryption_at_rest.deny (policy.rego:384:1)
def rule_11_0(ctx, out):
    v1 = rule_10(ctx)
    for v2 in values(ctx, v1) if v1 is not UNDEFINED else ():
        v3 = v2.get('verdict', UNDEFINED) if type(v2) is dict else element(v2, 'verdict')
        if v3 != 'no':
            continue
        v4 = v2.get('resource', UNDEFINED)
        if v4 is UNDEFINED:
            continue
        v5 = function_0(ctx, v2)
        if v5 is UNDEFINED:
            continue
        v6 = v2.get('path', UNDEFINED)
        if v6 is UNDEFINED:
            continue
        ctx.budget.steps -= 3
        if ctx.budget.steps < 0:
            ctx.budget.spend(0)
        v7 = made_of(ctx, {'resource': v4, 'message': v5, 'path': v6}, [v4, v5, v6])
        out[v7 if type(v7) is str else key_of(ctx, v7)] = v7
    v1_1 = rule_34(ctx)
    for v2_1 in values(ctx, v1_1) if v1_1 is not UNDEFINED else ():
        v4_1 = v2_1.get('address', UNDEFINED) if type(v2_1) is dict else element(v2_1, 'address')
        if v4_1 is UNDEFINED:
            continue
        v6_1 = rule_35(ctx)
        v7_1 = v6_1.get(v4_1, UNDEFINED) if type(v6_1) is dict and type(v4_1) is str else get(v6_1, v4_1 if type(v4_1) is str else v4_1 if type(v4_1) is int else paid(ctx, v4_1))
        if v7_1 is not UNDEFINED and v7_1 is not False:
            continue
        ctx.budget.steps -= 3
        if ctx.budget.steps < 0:
            ctx.budget.spend(0)
        v8_1 = made_of_one(ctx, {'resource': v4_1, 'message': 'the bucket has no server-side encryption with a KMS key'}, v4_1)
        out[v8_1 if type(v8_1) is str else key_of(ctx, v8_1)] = v8_1
    v1_2 = rule_37(ctx)
    for v2_2 in values(ctx, v1_2) if v1_2 is not UNDEFINED else ():
        v3_2 = v2_2.get('before', UNDEFINED) if type(v2_2) is dict else element(v2_2, 'before')
        v4_2 = v3_2.get('bucket', UNDEFINED) if type(v3_2) is dict else element(v3_2, 'bucket')
        if v4_2 is UNDEFINED:
            continue
        v1_i2 = type(v4_2) is str
        if not (v1_i2 is not UNDEFINED and v1_i2 is not False):
            continue
        if v4_2 == '':
            continue
        v3_i2 = UNDEFINED
        v1_i1_i2 = type(v4_2) is str
        if v1_i1_i2 is not UNDEFINED and v1_i1_i2 is not False:
            v2_i1_i2 = v4_2.startswith('redacted:sha256:') if type(v4_2) is str else builtin_startswith(ctx, v4_2, 'redacted:sha256:')
            if v2_i1_i2 is not UNDEFINED and v2_i1_i2 is not False:
                v3_i2 = True
        if v3_i2 is not UNDEFINED and v3_i2 is not False:
            continue
        v5_2 = True
        if not (v5_2 is not UNDEFINED and v5_2 is not False):
            continue
        ctx.budget.steps -= 3
        if ctx.budget.steps < 0:
            ctx.budget.spend(0)
        v7_2 = rule_38(ctx)
        if v7_2 is UNDEFINED:
            continue
        v9_2 = v4_2 in v7_2.items if type(v4_2) is str and type(v7_2) is rego_set else contained(ctx, v4_2, v7_2)
        if v9_2 is not False:
            continue
        v10_2 = builtin_sprintf(ctx, 'the encryption configuration of bucket %q is removed, and the bucket stays', [v4_2])
        if v10_2 is UNDEFINED:
            continue
        v11_2 = v2_2.get('address', UNDEFINED) if type(v2_2) is dict else element(v2_2, 'address')
        if v11_2 is UNDEFINED:
            continue
        ctx.budget.steps -= 3
        if ctx.budget.steps < 0:
            ctx.budget.spend(0)
        v12_2 = made_of_one(ctx, {'resource': v11_2, 'message': v10_2}, v11_2)
        out[v12_2 if type(v12_2) is str else key_of(ctx, v12_2)] = v12_2
    return UNDEFINED


# constant
def constant_25(ctx):
    return constant_set({'yes': 'yes', 'no': 'no'})


# data.gateproof.policies.encryption_at_rest.undecided (policy.rego:110:1), data.gateproof.policies.encryption_at_rest.undecided (policy.rego:367:1), data.gateproof.policies.encryption_at_rest.undecided (policy.rego:392:1)
def rule_12_0(ctx, out):
    v1 = rule_10(ctx)
    for v2 in values(ctx, v1) if v1 is not UNDEFINED else ():
        v4 = v2.get('verdict', UNDEFINED) if type(v2) is dict else element(v2, 'verdict')
        if v4 is UNDEFINED:
            continue
        v7 = v4 in constant_25.items if type(v4) is str else contained(ctx, v4, constant_25)
        if v7 is not False:
            continue
        v8 = v2.get('attribute', UNDEFINED) if type(v2) is dict else element(v2, 'attribute')
        if v8 is UNDEFINED:
            continue
        v9 = written(ctx, f'{v8} {v4}') if type(v8) is str and type(v4) is str else builtin_sprintf(ctx, '%s %s', [v8, v4])
        if v9 is UNDEFINED:
            continue
        v10 = v2.get('resource', UNDEFINED) if type(v2) is dict else element(v2, 'resource')
        if v10 is UNDEFINED:
            continue
        ctx.budget.steps -= 4
        if ctx.budget.steps < 0:
            ctx.budget.spend(0)
        v11 = made_of_one(ctx, {'resource': v10, 'reason': v9}, v10)
        out[v11 if type(v11) is str else key_of(ctx, v11)] = v11
    v1_1 = rule_35(ctx)
    for k2_1, v3_1 in items(ctx, v1_1) if v1_1 is not UNDEFINED else ():
        v4_1 = made_of(ctx, {'resource': k2_1, 'reason': v3_1}, [k2_1, v3_1])
        out[v4_1 if type(v4_1) is str else key_of(ctx, v4_1)] = v4_1
    v1_2 = rule_37(ctx)
    for v2_2 in values(ctx, v1_2) if v1_2 is not UNDEFINED else ():
        v4_2 = v2_2.get(constant_26, None) if type(v2_2) is dict and type(constant_26) is str else picked(ctx, v2_2, constant_26, None, builtin_object_get)
        if v4_2 is UNDEFINED:
            continue
        v6_2 = UNDEFINED
        v1_i3 = type(v4_2) is str
        if v1_i3 is not UNDEFINED and v1_i3 is not False:
            if v4_2 != '':
                v3_i3 = UNDEFINED
                v1_i1_i3 = type(v4_2) is str
                if v1_i1_i3 is not UNDEFINED and v1_i1_i3 is not False:
                    v2_i1_i3 = v4_2.startswith('redacted:sha256:') if type(v4_2) is str else builtin_startswith(ctx, v4_2, 'redacted:sha256:')
                    if v2_i1_i3 is not UNDEFINED and v2_i1_i3 is not False:
                        v3_i3 = True
                if not (v3_i3 is not UNDEFINED and v3_i3 is not False):
                    v6_2 = True
                    ctx.budget.steps -= 1
                    if ctx.budget.steps < 0:
                        ctx.budget.spend(0)
        if v6_2 is not UNDEFINED and v6_2 is not False:
            continue
        v7_2 = v2_2.get('address', UNDEFINED) if type(v2_2) is dict else element(v2_2, 'address')
        if v7_2 is UNDEFINED:
            continue
        ctx.budget.steps -= 3
        if ctx.budget.steps < 0:
            ctx.budget.spend(0)
        v8_2 = made_of_one(ctx, {'resource': v7_2, 'reason': 'it is removed, and for which bucket it was cannot be read'}, v7_2)
        out[v8_2 if type(v8_2) is str else key_of(ctx, v8_2)] = v8_2
    return UNDEFINED


# constant
def constant_26(ctx):
    return ['before', 'bucket']


# data.gateproof.policies.encryption_at_rest.key_addresses (policy.rego:199:1)
def rule_13_0(ctx):
    v1 = {}
    v2 = rule_7(ctx)
    for v3 in values(ctx, v2) if v2 is not UNDEFINED else ():
        v4 = v3.get('address', UNDEFINED) if type(v3) is dict else element(v3, 'address')
        if v4 is UNDEFINED:
            continue
        v1[v4 if type(v4) is str else key_of(ctx, v4)] = v4
    v5 = made(ctx, set_of(v1))
    return v5


# data.gateproof.policies.encryption_at_rest.key_names (policy.rego:201:1)
def rule_14_0(ctx):
    v1 = rule_7(ctx)
    if v1 is UNDEFINED:
        return UNDEFINED
    v2 = function_6(ctx, v1)
    if v2 is UNDEFINED:
        return UNDEFINED
    return v2


# data.gateproof.policies.encryption_at_rest.good_aliases (policy.rego:203:1)
def rule_15_0(ctx):
    v1 = []
    v2 = rule_8(ctx)
    for v3 in values(ctx, v2) if v2 is not UNDEFINED else ():
        v4 = function_7(ctx, v3)
        if not (v4 is not UNDEFINED and v4 is not False):
            continue
        v1.append(v3)
    v5 = made(ctx, v1)
    return v5


# data.gateproof.policies.encryption_at_rest.planned_addresses (policy.rego:211:1)
def rule_16_0(ctx):
    v1 = rule_13(ctx)
    if v1 is UNDEFINED:
        return UNDEFINED
    v2 = {}
    v3 = rule_15(ctx)
    for v4 in values(ctx, v3) if v3 is not UNDEFINED else ():
        v5 = v4.get('address', UNDEFINED) if type(v4) is dict else element(v4, 'address')
        if v5 is UNDEFINED:
            continue
        v2[v5 if type(v5) is str else key_of(ctx, v5)] = v5
    v6 = made(ctx, set_of(v2))
    ctx.budget.steps -= 3
    if ctx.budget.steps < 0:
        ctx.budget.spend(0)
    v7 = or_(ctx, v1, v6)
    if v7 is UNDEFINED:
        return UNDEFINED
    return v7


# data.gateproof.policies.encryption_at_rest.planned_names (policy.rego:213:1)
def rule_17_0(ctx):
    v1 = rule_14(ctx)
    if v1 is UNDEFINED:
        return UNDEFINED
    v2 = rule_15(ctx)
    if v2 is UNDEFINED:
        return UNDEFINED
    v3 = function_6(ctx, v2)
    if v3 is UNDEFINED:
        return UNDEFINED
    v4 = or_(ctx, v1, v3)
    if v4 is UNDEFINED:
        return UNDEFINED
    return v4


# data.gateproof.policies.encryption_at_rest.plain_switches (policy.rego:224:1)
def rule_18_0(ctx):
    v1 = []
    v2 = rule_3(ctx)
    for v3 in values(ctx, v2) if v2 is not UNDEFINED else ():
        v4 = v3.get('type', UNDEFINED) if type(v3) is dict else element(v3, 'type')
        if v4 is UNDEFINED:
            continue
        v5 = constant_19.get(v4, UNDEFINED) if type(constant_19) is dict and type(v4) is str else get(constant_19, v4 if type(v4) is str else v4 if type(v4) is int else paid(ctx, v4))
        v6 = v5.get('switch', UNDEFINED) if type(v5) is dict else element(v5, 'switch')
        if v6 is UNDEFINED:
            continue
        v7 = made_of_one(ctx, [v6], v6)
        v8 = v3.get('values', UNDEFINED) if type(v3) is dict else element(v3, 'values')
        if v8 is UNDEFINED:
            continue
        ctx.budget.steps -= 3
        if ctx.budget.steps < 0:
            ctx.budget.spend(0)
        v9 = v8.get(v6, None) if type(v8) is dict and type(v6) is str else picked(ctx, v8, v6, None, builtin_object_get)
        if v9 is UNDEFINED:
            continue
        v1_i5 = v3.get('address', UNDEFINED) if type(v3) is dict else element(v3, 'address')
        if v1_i5 is UNDEFINED:
            continue
        v1_i4_i5 = v3.get('unknown', UNDEFINED) if type(v3) is dict else element(v3, 'unknown')
        if v1_i4_i5 is UNDEFINED:
            continue
        v2_i4_i5 = v1_i4_i5.get(v7, False) if type(v1_i4_i5) is dict and type(v7) is str else picked(ctx, v1_i4_i5, v7, False, builtin_object_get)
        if v2_i4_i5 is UNDEFINED:
            continue
        v3_i4_i5 = v2_i4_i5 is True
        v2_i5 = v3_i4_i5
        if v2_i5 is UNDEFINED:
            continue
        v3_i5 = function_2(ctx, v9, v2_i5)
        if v3_i5 is UNDEFINED:
            continue
        ctx.budget.steps -= 5
        if ctx.budget.steps < 0:
            ctx.budget.spend(0)
        v4_i5 = made_of(ctx, {'resource': v1_i5, 'path': v7, 'kind': 'switch', 'attribute': v6, 'verdict': v3_i5}, [v1_i5, v7, v6, v3_i5])
        v10 = v4_i5
        if v10 is UNDEFINED:
            continue
        v1.append(v10)
    v11 = made(ctx, v1)
    return v11


# data.gateproof.policies.encryption_at_rest.plain_keys (policy.rego:230:1)
def rule_19_0(ctx):
    v1 = []
    v2 = rule_3(ctx)
    for v3 in values(ctx, v2) if v2 is not UNDEFINED else ():
        v5 = UNDEFINED
        v1_i6 = v3.get('type', UNDEFINED) if type(v3) is dict else element(v3, 'type')
        if v1_i6 is not UNDEFINED:
            v2_i6 = constant_19.get(v1_i6, UNDEFINED) if type(v1_i6) is str else get(constant_19, v1_i6 if type(v1_i6) is str else v1_i6 if type(v1_i6) is int else paid(ctx, v1_i6))
            v3_i6 = v2_i6.get('switch', UNDEFINED) if type(v2_i6) is dict else element(v2_i6, 'switch')
            if v3_i6 is not UNDEFINED:
                v5_i6 = v3.get('values', UNDEFINED) if type(v3) is dict else element(v3, 'values')
                v6_i6 = v5_i6.get(v3_i6, UNDEFINED) if type(v5_i6) is dict and type(v3_i6) is str else get(v5_i6, v3_i6 if type(v3_i6) is str else v3_i6 if type(v3_i6) is int else paid(ctx, v3_i6))
                if v6_i6 is not True:
                    v5 = True
                    ctx.budget.steps -= 2
                    if ctx.budget.steps < 0:
                        ctx.budget.spend(0)
        if v5 is not UNDEFINED and v5 is not False:
            continue
        v6 = v3.get('type', UNDEFINED) if type(v3) is dict else element(v3, 'type')
        if v6 is UNDEFINED:
            continue
        v7 = constant_19.get(v6, UNDEFINED) if type(constant_19) is dict and type(v6) is str else get(constant_19, v6 if type(v6) is str else v6 if type(v6) is int else paid(ctx, v6))
        v8 = v7.get('key', UNDEFINED) if type(v7) is dict else element(v7, 'key')
        if v8 is UNDEFINED:
            continue
        ctx.budget.steps -= 3
        if ctx.budget.steps < 0:
            ctx.budget.spend(0)
        v9 = made_of_one(ctx, [v8], v8)
        v10 = v3.get('values', UNDEFINED) if type(v3) is dict else element(v3, 'values')
        if v10 is UNDEFINED:
            continue
        v11 = v10.get(v8, None) if type(v10) is dict and type(v8) is str else picked(ctx, v10, v8, None, builtin_object_get)
        if v11 is UNDEFINED:
            continue
        v1_i9 = v3.get('address', UNDEFINED) if type(v3) is dict else element(v3, 'address')
        if v1_i9 is UNDEFINED:
            continue
        v1_i7_i9 = v3.get('unknown', UNDEFINED) if type(v3) is dict else element(v3, 'unknown')
        if v1_i7_i9 is UNDEFINED:
            continue
        v2_i7_i9 = v1_i7_i9.get(v9, False) if type(v1_i7_i9) is dict and type(v9) is str else picked(ctx, v1_i7_i9, v9, False, builtin_object_get)
        if v2_i7_i9 is UNDEFINED:
            continue
        v3_i7_i9 = v2_i7_i9 is True
        v2_i9 = v3_i7_i9
        if v2_i9 is UNDEFINED:
            continue
        ctx.budget.steps -= 3
        if ctx.budget.steps < 0:
            ctx.budget.spend(0)
        v1_i8_i9 = v3.get('references', UNDEFINED) if type(v3) is dict else element(v3, 'references')
        if v1_i8_i9 is UNDEFINED:
            continue
        v2_i8_i9 = function_27(ctx, v9)
        if v2_i8_i9 is UNDEFINED:
            continue
        v3_i8_i9 = v1_i8_i9.get(v2_i8_i9, constant_48) if type(v1_i8_i9) is dict and type(v2_i8_i9) is str else picked(ctx, v1_i8_i9, v2_i8_i9, constant_48, builtin_object_get)
        if v3_i8_i9 is UNDEFINED:
            continue
        v3_i9 = v3_i8_i9
        if v3_i9 is UNDEFINED:
            continue
        v4_i9 = function_4(ctx, v11, v2_i9, v3_i9)
        if v4_i9 is UNDEFINED:
            continue
        ctx.budget.steps -= 5
        if ctx.budget.steps < 0:
            ctx.budget.spend(0)
        v5_i9 = made_of(ctx, {'resource': v1_i9, 'path': v9, 'kind': 'key', 'attribute': v8, 'value': v11, 'verdict': v4_i9}, [v1_i9, v9, v8, v11, v4_i9])
        v12 = v5_i9
        if v12 is UNDEFINED:
            continue
        v1.append(v12)
    v13 = made(ctx, v1)
    return v13


# constant
def constant_27(ctx):
    return ['server_side_encryption']


# data.gateproof.policies.encryption_at_rest.table_blocks (policy.rego:245:1)
def rule_20_0(ctx):
    v1 = []
    v2 = rule_4(ctx)
    for v3 in values(ctx, v2) if v2 is not UNDEFINED else ():
        v4 = UNDEFINED
        v1_i10_i11 = v3.get('values', UNDEFINED) if type(v3) is dict else element(v3, 'values')
        if v1_i10_i11 is not UNDEFINED:
            v2_i10_i11 = v1_i10_i11.get('server_side_encryption', None) if type(v1_i10_i11) is dict else builtin_object_get(ctx, v1_i10_i11, constant_27, None)
            if v2_i10_i11 is not UNDEFINED:
                v1_i11 = v2_i10_i11
                if v1_i11 is not UNDEFINED:
                    v2_i11 = function_26(ctx, v1_i11, constant_27)
                    if v2_i11 is not UNDEFINED:
                        v4 = v2_i11
                        ctx.budget.steps -= 1
                        if ctx.budget.steps < 0:
                            ctx.budget.spend(0)
        for v5 in values(ctx, v4) if v4 is not UNDEFINED else ():
            v6 = made_of(ctx, {'r': v3, 'block': v5}, [v3, v5])
            v1.append(v6)
    v7 = made(ctx, v1)
    return v7


# constant
def constant_28(ctx):
    return ['server_side_encryption']


# constant
def constant_29(ctx):
    return ['server_side_encryption']


# constant
def constant_30(ctx):
    return ['enabled']


# data.gateproof.policies.encryption_at_rest.table_switches (policy.rego:250:1)
def rule_21_0(ctx):
    v1 = []
    v2 = rule_4(ctx)
    for v3 in values(ctx, v2) if v2 is not UNDEFINED else ():
        v1_i12_i13 = v3.get('values', UNDEFINED) if type(v3) is dict else element(v3, 'values')
        if v1_i12_i13 is UNDEFINED:
            continue
        v2_i12_i13 = v1_i12_i13.get('server_side_encryption', None) if type(v1_i12_i13) is dict else builtin_object_get(ctx, v1_i12_i13, constant_28, None)
        if v2_i12_i13 is UNDEFINED:
            continue
        v1_i13 = v2_i12_i13
        if v1_i13 is UNDEFINED:
            continue
        v2_i13 = function_26(ctx, v1_i13, constant_28)
        if v2_i13 is UNDEFINED:
            continue
        v4 = v2_i13
        if v4 is UNDEFINED:
            continue
        v5 = len(v4) if type(v4) is list else builtin_count(ctx, v4)
        if v5 is UNDEFINED:
            continue
        ctx.budget.steps -= 3
        if ctx.budget.steps < 0:
            ctx.budget.spend(0)
        if not (v5 == 0 if type(v5) is int else same(ctx, v5, 0)):
            continue
        v1_i15 = v3.get('address', UNDEFINED) if type(v3) is dict else element(v3, 'address')
        if v1_i15 is UNDEFINED:
            continue
        v1_i14_i15 = v3.get('unknown', UNDEFINED) if type(v3) is dict else element(v3, 'unknown')
        if v1_i14_i15 is UNDEFINED:
            continue
        v2_i14_i15 = v1_i14_i15.get('server_side_encryption', False) if type(v1_i14_i15) is dict else builtin_object_get(ctx, v1_i14_i15, constant_29, False)
        if v2_i14_i15 is UNDEFINED:
            continue
        v3_i14_i15 = v2_i14_i15 is True
        v2_i15 = v3_i14_i15
        if v2_i15 is UNDEFINED:
            continue
        v3_i15 = function_2(ctx, None, v2_i15)
        if v3_i15 is UNDEFINED:
            continue
        ctx.budget.steps -= 5
        if ctx.budget.steps < 0:
            ctx.budget.spend(0)
        v4_i15 = made_of(ctx, {'resource': v1_i15, 'path': constant_29, 'kind': 'switch', 'attribute': 'server_side_encryption.enabled', 'verdict': v3_i15}, [v1_i15, constant_29, 'server_side_encryption.enabled', v3_i15])
        v6 = v4_i15
        if v6 is UNDEFINED:
            continue
        v1.append(v6)
    v7 = made(ctx, v1)
    v8 = []
    v9 = rule_20(ctx)
    for v10 in values(ctx, v9) if v9 is not UNDEFINED else ():
        v11 = v10.get('block', UNDEFINED) if type(v10) is dict else element(v10, 'block')
        v12 = v11.get('path', UNDEFINED) if type(v11) is dict else element(v11, 'path')
        if v12 is UNDEFINED:
            continue
        v13 = chained(ctx, v12, constant_30, builtin_array_concat)
        if v13 is UNDEFINED:
            continue
        v14 = v11.get('value', UNDEFINED) if type(v11) is dict else element(v11, 'value')
        if v14 is UNDEFINED:
            continue
        v15 = v14.get('enabled', None) if type(v14) is dict else builtin_object_get(ctx, v14, 'enabled', None)
        if v15 is UNDEFINED:
            continue
        v16 = v10.get('r', UNDEFINED) if type(v10) is dict else element(v10, 'r')
        if v16 is UNDEFINED:
            continue
        v1_i17 = v16.get('address', UNDEFINED) if type(v16) is dict else element(v16, 'address')
        if v1_i17 is UNDEFINED:
            continue
        ctx.budget.steps -= 3
        if ctx.budget.steps < 0:
            ctx.budget.spend(0)
        v1_i16_i17 = v16.get('unknown', UNDEFINED) if type(v16) is dict else element(v16, 'unknown')
        if v1_i16_i17 is UNDEFINED:
            continue
        v2_i16_i17 = v1_i16_i17.get(v13, False) if type(v1_i16_i17) is dict and type(v13) is str else picked(ctx, v1_i16_i17, v13, False, builtin_object_get)
        if v2_i16_i17 is UNDEFINED:
            continue
        v3_i16_i17 = v2_i16_i17 is True
        v2_i17 = v3_i16_i17
        if v2_i17 is UNDEFINED:
            continue
        v3_i17 = function_2(ctx, v15, v2_i17)
        if v3_i17 is UNDEFINED:
            continue
        ctx.budget.steps -= 4
        if ctx.budget.steps < 0:
            ctx.budget.spend(0)
        v4_i17 = made_of(ctx, {'resource': v1_i17, 'path': v13, 'kind': 'switch', 'attribute': 'server_side_encryption.enabled', 'verdict': v3_i17}, [v1_i17, v13, 'server_side_encryption.enabled', v3_i17])
        v17 = v4_i17
        if v17 is UNDEFINED:
            continue
        v8.append(v17)
    ctx.budget.steps -= 3
    if ctx.budget.steps < 0:
        ctx.budget.spend(0)
    v18 = made(ctx, v8)
    v19 = chained(ctx, v7, v18, builtin_array_concat)
    if v19 is UNDEFINED:
        return UNDEFINED
    return v19


# constant
def constant_31(ctx):
    return ['kms_key_arn']


# data.gateproof.policies.encryption_at_rest.table_keys (policy.rego:264:1)
def rule_22_0(ctx):
    v1 = []
    v2 = rule_20(ctx)
    for v3 in values(ctx, v2) if v2 is not UNDEFINED else ():
        v4 = v3.get('block', UNDEFINED) if type(v3) is dict else element(v3, 'block')
        v5 = v4.get('value', UNDEFINED) if type(v4) is dict else element(v4, 'value')
        v6 = v5.get('enabled', UNDEFINED) if type(v5) is dict else element(v5, 'enabled')
        if v6 is not True:
            continue
        v7 = v4.get('path', UNDEFINED) if type(v4) is dict else element(v4, 'path')
        if v7 is UNDEFINED:
            continue
        v8 = chained(ctx, v7, constant_31, builtin_array_concat)
        if v8 is UNDEFINED:
            continue
        if v5 is UNDEFINED:
            continue
        v9 = v5.get('kms_key_arn', None) if type(v5) is dict else builtin_object_get(ctx, v5, 'kms_key_arn', None)
        if v9 is UNDEFINED:
            continue
        v10 = v3.get('r', UNDEFINED) if type(v3) is dict else element(v3, 'r')
        if v10 is UNDEFINED:
            continue
        ctx.budget.steps -= 3
        if ctx.budget.steps < 0:
            ctx.budget.spend(0)
        v1_i20 = v10.get('address', UNDEFINED) if type(v10) is dict else element(v10, 'address')
        if v1_i20 is UNDEFINED:
            continue
        v1_i18_i20 = v10.get('unknown', UNDEFINED) if type(v10) is dict else element(v10, 'unknown')
        if v1_i18_i20 is UNDEFINED:
            continue
        v2_i18_i20 = v1_i18_i20.get(v8, False) if type(v1_i18_i20) is dict and type(v8) is str else picked(ctx, v1_i18_i20, v8, False, builtin_object_get)
        if v2_i18_i20 is UNDEFINED:
            continue
        v3_i18_i20 = v2_i18_i20 is True
        v2_i20 = v3_i18_i20
        if v2_i20 is UNDEFINED:
            continue
        v1_i19_i20 = v10.get('references', UNDEFINED) if type(v10) is dict else element(v10, 'references')
        if v1_i19_i20 is UNDEFINED:
            continue
        v2_i19_i20 = function_27(ctx, v8)
        if v2_i19_i20 is UNDEFINED:
            continue
        ctx.budget.steps -= 3
        if ctx.budget.steps < 0:
            ctx.budget.spend(0)
        v3_i19_i20 = v1_i19_i20.get(v2_i19_i20, constant_48) if type(v1_i19_i20) is dict and type(v2_i19_i20) is str else picked(ctx, v1_i19_i20, v2_i19_i20, constant_48, builtin_object_get)
        if v3_i19_i20 is UNDEFINED:
            continue
        v3_i20 = v3_i19_i20
        if v3_i20 is UNDEFINED:
            continue
        v4_i20 = function_4(ctx, v9, v2_i20, v3_i20)
        if v4_i20 is UNDEFINED:
            continue
        ctx.budget.steps -= 3
        if ctx.budget.steps < 0:
            ctx.budget.spend(0)
        v5_i20 = made_of(ctx, {'resource': v1_i20, 'path': v8, 'kind': 'key', 'attribute': 'server_side_encryption.kms_key_arn', 'value': v9, 'verdict': v4_i20}, [v1_i20, v8, 'server_side_encryption.kms_key_arn', v9, v4_i20])
        v11 = v5_i20
        if v11 is UNDEFINED:
            continue
        v1.append(v11)
    v12 = made(ctx, v1)
    return v12


# data.gateproof.policies.encryption_at_rest.inner (policy.rego:274:1)
def rule_23_0(ctx):
    return 'apply_server_side_encryption_by_default'


# data.gateproof.policies.encryption_at_rest.outer (policy.rego:281:1)
def rule_24_0(ctx):
    return 'server_side_encryption_configuration'


# constant
def constant_32(ctx):
    return ['rule']


# data.gateproof.policies.encryption_at_rest.rule_defaults (policy.rego:288:1)
def rule_25_0(ctx):
    v1 = []
    v2 = rule_6(ctx)
    for v3 in values(ctx, v2) if v2 is not UNDEFINED else ():
        v1_i21_i22 = v3.get('values', UNDEFINED) if type(v3) is dict else element(v3, 'values')
        if v1_i21_i22 is UNDEFINED:
            continue
        v2_i21_i22 = v1_i21_i22.get('rule', None) if type(v1_i21_i22) is dict else builtin_object_get(ctx, v1_i21_i22, constant_32, None)
        if v2_i21_i22 is UNDEFINED:
            continue
        v1_i22 = v2_i21_i22
        if v1_i22 is UNDEFINED:
            continue
        v2_i22 = function_26(ctx, v1_i22, constant_32)
        if v2_i22 is UNDEFINED:
            continue
        v4 = v2_i22
        if v4 is UNDEFINED:
            continue
        v5 = function_11(ctx, v3, v4)
        ctx.budget.steps -= 3
        if ctx.budget.steps < 0:
            ctx.budget.spend(0)
        for v6 in values(ctx, v5) if v5 is not UNDEFINED else ():
            v1.append(v6)
    v7 = made(ctx, v1)
    return v7


# data.gateproof.policies.encryption_at_rest.inline_defaults (policy.rego:293:1)
def rule_26_0(ctx):
    v1 = []
    v2 = rule_5(ctx)
    for v3 in values(ctx, v2) if v2 is not UNDEFINED else ():
        v4 = function_12(ctx, v3)
        if v4 is UNDEFINED:
            continue
        v5 = function_11(ctx, v3, v4)
        for v6 in values(ctx, v5) if v5 is not UNDEFINED else ():
            v1.append(v6)
    v7 = made(ctx, v1)
    return v7


# constant
def constant_33(ctx):
    return ['rule']


# constant
def constant_34(ctx):
    return ['rule']


# data.gateproof.policies.encryption_at_rest.rule_algorithms (policy.rego:295:1)
def rule_27_0(ctx):
    v1 = []
    v2 = rule_25(ctx)
    for v3 in values(ctx, v2) if v2 is not UNDEFINED else ():
        v4 = function_14(ctx, v3)
        if v4 is UNDEFINED:
            continue
        v1.append(v4)
    v5 = made(ctx, v1)
    v6 = []
    v7 = {}
    ctx.budget.steps -= 3
    if ctx.budget.steps < 0:
        ctx.budget.spend(0)
    v8 = rule_25(ctx)
    for v9 in values(ctx, v8) if v8 is not UNDEFINED else ():
        v10 = v9.get('r', UNDEFINED) if type(v9) is dict else element(v9, 'r')
        v11 = v10.get('address', UNDEFINED) if type(v10) is dict else element(v10, 'address')
        if v11 is UNDEFINED:
            continue
        v7[v11 if type(v11) is str else key_of(ctx, v11)] = v11
    v12 = made(ctx, set_of(v7))
    v13 = rule_6(ctx)
    for v14 in values(ctx, v13) if v13 is not UNDEFINED else ():
        v16 = v14.get('address', UNDEFINED) if type(v14) is dict else element(v14, 'address')
        if v16 is UNDEFINED:
            continue
        v18 = v16 in v12.items if type(v16) is str and type(v12) is rego_set else contained(ctx, v16, v12)
        if v18 is not False:
            continue
        v1_i23 = v14.get('unknown', UNDEFINED) if type(v14) is dict else element(v14, 'unknown')
        if v1_i23 is UNDEFINED:
            continue
        v2_i23 = v1_i23.get('rule', False) if type(v1_i23) is dict else builtin_object_get(ctx, v1_i23, constant_34, False)
        if v2_i23 is UNDEFINED:
            continue
        v3_i23 = v2_i23 is True
        v19 = v3_i23
        if v19 is UNDEFINED:
            continue
        v20 = function_2(ctx, False, v19)
        ctx.budget.steps -= 3
        if ctx.budget.steps < 0:
            ctx.budget.spend(0)
        if v20 is UNDEFINED:
            continue
        v21 = made_of(ctx, {'resource': v16, 'path': constant_33, 'kind': 'rule', 'attribute': 'rule', 'verdict': v20}, [v16, constant_33, v20])
        v6.append(v21)
    v22 = made(ctx, v6)
    v23 = chained(ctx, v5, v22, builtin_array_concat)
    if v23 is UNDEFINED:
        return UNDEFINED
    return v23


# constant
def constant_35(ctx):
    return constant_set({'aws:kms': 'aws:kms', 'aws:kms:dsse': 'aws:kms:dsse'})


# data.gateproof.policies.encryption_at_rest.rule_keys (policy.rego:311:1)
def rule_28_0(ctx):
    v1 = []
    v2 = rule_25(ctx)
    for v3 in values(ctx, v2) if v2 is not UNDEFINED else ():
        v4 = v3.get('value', UNDEFINED) if type(v3) is dict else element(v3, 'value')
        v5 = v4.get('sse_algorithm', UNDEFINED) if type(v4) is dict else element(v4, 'sse_algorithm')
        if v5 is UNDEFINED:
            continue
        v6 = v5 in constant_35.items if type(v5) is str else contained(ctx, v5, constant_35)
        if v6 is False:
            continue
        v7 = function_13(ctx, v3)
        if v7 is UNDEFINED:
            continue
        v1.append(v7)
    v8 = made(ctx, v1)
    return v8


# data.gateproof.policies.encryption_at_rest.bucket_algorithms (policy.rego:313:1)
def rule_29_0(ctx):
    v1 = []
    v2 = rule_26(ctx)
    for v3 in values(ctx, v2) if v2 is not UNDEFINED else ():
        v4 = function_14(ctx, v3)
        if v4 is UNDEFINED:
            continue
        v1.append(v4)
    v5 = made(ctx, v1)
    return v5


# data.gateproof.policies.encryption_at_rest.bucket_keys (policy.rego:315:1)
def rule_30_0(ctx):
    v1 = []
    v2 = rule_26(ctx)
    for v3 in values(ctx, v2) if v2 is not UNDEFINED else ():
        v4 = v3.get('value', UNDEFINED) if type(v3) is dict else element(v3, 'value')
        v5 = v4.get('sse_algorithm', UNDEFINED) if type(v4) is dict else element(v4, 'sse_algorithm')
        if v5 is UNDEFINED:
            continue
        v6 = v5 in constant_35.items if type(v5) is str else contained(ctx, v5, constant_35)
        if v6 is False:
            continue
        v7 = function_13(ctx, v3)
        if v7 is UNDEFINED:
            continue
        v1.append(v7)
    v8 = made(ctx, v1)
    return v8


# constant
def constant_36(ctx):
    return ['bucket', 'id']


# data.gateproof.policies.encryption_at_rest.names_of_buckets (policy.rego:341:1)
def rule_31_0(ctx):
    return constant_36


# data.gateproof.policies.encryption_at_rest.links (policy.rego:343:1)
def rule_32_0(ctx):
    v1 = rule_6(ctx)
    if v1 is UNDEFINED:
        return UNDEFINED
    v2 = rule_5(ctx)
    if v2 is UNDEFINED:
        return UNDEFINED
    v3 = function_35(ctx, v1, 'bucket', v2)
    if v3 is UNDEFINED:
        return UNDEFINED
    return v3


# data.gateproof.policies.encryption_at_rest.with_inline (policy.rego:345:1)
def rule_33_0(ctx):
    v1 = {}
    v2 = rule_26(ctx)
    for v3 in values(ctx, v2) if v2 is not UNDEFINED else ():
        v4 = v3.get('r', UNDEFINED) if type(v3) is dict else element(v3, 'r')
        v5 = v4.get('address', UNDEFINED) if type(v4) is dict else element(v4, 'address')
        if v5 is UNDEFINED:
            continue
        v1[v5 if type(v5) is str else key_of(ctx, v5)] = v5
    v6 = made(ctx, set_of(v1))
    return v6


# constant
def constant_37(ctx):
    return ['bucket', 'id']


# data.gateproof.policies.encryption_at_rest.bare_buckets (policy.rego:347:1)
def rule_34_0(ctx):
    v1 = []
    v2 = rule_33(ctx)
    if v2 is not UNDEFINED:
        v3 = rule_32(ctx)
        if v3 is not UNDEFINED:
            v4 = rule_5(ctx)
            if v4 is not UNDEFINED:
                ctx.budget.steps -= 3
                if ctx.budget.steps < 0:
                    ctx.budget.spend(0)
                v5 = function_39(ctx, v3, v4, constant_37)
                if v5 is not UNDEFINED:
                    v6 = or_(ctx, v2, v5)
                    if v6 is not UNDEFINED:
                        for v7 in values(ctx, v4) if v4 is not UNDEFINED else ():
                            v9 = v7.get('address', UNDEFINED) if type(v7) is dict else element(v7, 'address')
                            if v9 is UNDEFINED:
                                continue
                            v11 = v9 in v6.items if type(v9) is str and type(v6) is rego_set else contained(ctx, v9, v6)
                            if v11 is not False:
                                continue
                            v1.append(v7)
    v12 = made(ctx, v1)
    return v12


# data.gateproof.policies.encryption_at_rest.unclear (policy.rego:353:1)
def rule_35_0(ctx):
    v1 = {}
    v2 = rule_34(ctx)
    for v3 in values(ctx, v2) if v2 is not UNDEFINED else ():
        v4 = function_16(ctx, v3)
        if v4 is UNDEFINED:
            continue
        v5 = v3.get('address', UNDEFINED) if type(v3) is dict else element(v3, 'address')
        if v5 is UNDEFINED:
            continue
        put(ctx, v1, v5, v4)
    v6 = made(ctx, v1)
    return v6


# constant
def constant_38(ctx):
    return ['server_side_encryption_configuration', 'rule', 'apply_server_side_encryption_by_default', 'sse_algorithm']


# data.gateproof.policies.encryption_at_rest.inline_algorithm (policy.rego:355:1)
def rule_36_0(ctx):
    v1 = builtin_concat(ctx, '.', constant_38)
    if v1 is UNDEFINED:
        return UNDEFINED
    return v1


# constant
def constant_39(ctx):
    return ['aws_s3_bucket_server_side_encryption_configuration']


# data.gateproof.policies.encryption_at_rest.removed_rules (policy.rego:371:1)
def rule_37_0(ctx):
    v1 = function_18(ctx, constant_39)
    if v1 is UNDEFINED:
        return UNDEFINED
    return v1


# constant
def constant_40(ctx):
    return ['bucket', 'id']


# data.gateproof.policies.encryption_at_rest.planned_buckets (policy.rego:375:1)
def rule_38_0(ctx):
    v2 = ctx.input
    v3 = v2.get('resources', UNDEFINED) if type(v2) is dict else element(v2, 'resources')
    v1 = {}
    for v4 in values(ctx, v3) if v3 is not UNDEFINED else ():
        v5 = v4.get('type', UNDEFINED) if type(v4) is dict else element(v4, 'type')
        if v5 != 'aws_s3_bucket':
            continue
        v6 = v4.get('before', UNDEFINED)
        if v6 is UNDEFINED:
            continue
        v7 = v4.get('values', UNDEFINED)
        if v7 is UNDEFINED:
            continue
        v8 = made_of(ctx, [v6, v7], [v6, v7])
        for v9 in values(ctx, v8) if v8 is not UNDEFINED else ():
            for v10 in values(ctx, constant_40) if constant_40 is not UNDEFINED else ():
                v11 = v9.get(v10, UNDEFINED) if type(v9) is dict and type(v10) is str else get(v9, v10 if type(v10) is str else v10 if type(v10) is int else paid(ctx, v10))
                if v11 is UNDEFINED:
                    continue
                v1_i24 = type(v11) is str
                if not (v1_i24 is not UNDEFINED and v1_i24 is not False):
                    continue
                if v11 == '':
                    continue
                v3_i24 = UNDEFINED
                v1_i1_i24 = type(v11) is str
                if v1_i1_i24 is not UNDEFINED and v1_i1_i24 is not False:
                    v2_i1_i24 = v11.startswith('redacted:sha256:') if type(v11) is str else builtin_startswith(ctx, v11, 'redacted:sha256:')
                    if v2_i1_i24 is not UNDEFINED and v2_i1_i24 is not False:
                        ctx.budget.steps -= 3
                        if ctx.budget.steps < 0:
                            ctx.budget.spend(0)
                        v3_i24 = True
                if v3_i24 is not UNDEFINED and v3_i24 is not False:
                    continue
                v12 = True
                if not (v12 is not UNDEFINED and v12 is not False):
                    continue
                ctx.budget.steps -= 3
                if ctx.budget.steps < 0:
                    ctx.budget.spend(0)
                v1[v11 if type(v11) is str else key_of(ctx, v11)] = v11
    v13 = made(ctx, set_of(v1))
    return v13


# data.gateproof.contract.applies (<contract>:3:1)
def rule_39_0(ctx):
    v1 = rule_9(ctx)
    if v1 is UNDEFINED:
        return UNDEFINED
    return v1


# data.gateproof.contract.deny (<contract>:4:1)
def rule_40_0(ctx):
    v1 = rule_11(ctx)
    if v1 is UNDEFINED:
        return UNDEFINED
    return v1


# data.gateproof.contract.undecided (<contract>:5:1)
def rule_41_0(ctx):
    v1 = rule_12(ctx)
    if v1 is UNDEFINED:
        return UNDEFINED
    return v1


# data.gateproof.policies.encryption_at_rest.message (policy.rego:116:1)
def function_0(ctx, a0):
    v1 = a0.get('kind', UNDEFINED) if type(a0) is dict else element(a0, 'kind')
    if v1 == 'switch':
        v2 = a0.get('attribute', UNDEFINED)
        if v2 is not UNDEFINED:
            v3 = written(ctx, f'{v2} is not true: what is stored is not encrypted with a KMS key') if type(v2) is str else builtin_sprintf(ctx, '%s is not true: what is stored is not encrypted with a KMS key', [v2])
            if v3 is not UNDEFINED:
                ctx.budget.steps -= 1
                if ctx.budget.steps < 0:
                    ctx.budget.spend(0)
                return v3
    v4 = a0.get('kind', UNDEFINED) if type(a0) is dict else element(a0, 'kind')
    if v4 == 'key':
        v5 = a0.get('value', UNDEFINED)
        if v5 is not UNDEFINED:
            v6 = type(v5) is str
            if v6 is not UNDEFINED and v6 is not False:
                if v5 != '':
                    v7 = a0.get('attribute', UNDEFINED)
                    if v7 is not UNDEFINED:
                        ctx.budget.steps -= 3
                        if ctx.budget.steps < 0:
                            ctx.budget.spend(0)
                        v8 = builtin_sprintf(ctx, '%s is %q, which is not an approved key', [v7, v5])
                        if v8 is not UNDEFINED:
                            return v8
    v9 = a0.get('kind', UNDEFINED) if type(a0) is dict else element(a0, 'kind')
    if v9 == 'key':
        v10 = a0.get('attribute', UNDEFINED)
        if v10 is not UNDEFINED:
            v11 = written(ctx, f'{v10} names no key, so a key that AWS manages is used') if type(v10) is str else builtin_sprintf(ctx, '%s names no key, so a key that AWS manages is used', [v10])
            if v11 is not UNDEFINED:
                ctx.budget.steps -= 1
                if ctx.budget.steps < 0:
                    ctx.budget.spend(0)
                return v11
    v12 = a0.get('kind', UNDEFINED) if type(a0) is dict else element(a0, 'kind')
    if v12 == 'algorithm':
        v13 = a0.get('value', UNDEFINED)
        if v13 is not UNDEFINED:
            v14 = written(ctx, f'sse_algorithm is {(v13 if type(v13) is str else shown(ctx, v13))}; aws:kms or aws:kms:dsse is required')
            ctx.budget.steps -= 1
            if ctx.budget.steps < 0:
                ctx.budget.spend(0)
            return v14
    return 'no rule applies server-side encryption by default'


# data.gateproof.policies.encryption_at_rest.key_verdict (policy.rego:161:1)
def function_4(ctx, a0, a1, a2):
    ctx.budget.steps -= 1
    if ctx.budget.steps < 0:
        ctx.budget.spend(0)
    if a0 is not None:
        v2 = type(a0) is str
        if not (v2 is not UNDEFINED and v2 is not False):
            return 'no'
    v3 = a0.startswith('redacted:sha256:') if type(a0) is str else builtin_startswith(ctx, a0, 'redacted:sha256:')
    if v3 is not UNDEFINED and v3 is not False:
        return 'is sensitive'
    v4 = builtin_contains(ctx, a0, 'alias/aws/')
    if v4 is not UNDEFINED and v4 is not False:
        return 'no'
    v5 = function_5(ctx, a0)
    if v5 is not UNDEFINED and v5 is not False:
        return 'yes'
    v6 = ctx.data
    v7 = v6.get('parameters', UNDEFINED) if type(v6) is dict else element(v6, 'parameters')
    v8 = v7.get('approve_planned_keys', UNDEFINED) if type(v7) is dict else element(v7, 'approve_planned_keys')
    ctx.budget.steps -= 3
    if ctx.budget.steps < 0:
        ctx.budget.spend(0)
    if v8 is not UNDEFINED and v8 is not False:
        v9 = rule_17(ctx)
        if v9 is not UNDEFINED:
            v10 = a0 in v9.items if type(a0) is str and type(v9) is rego_set else contained(ctx, a0, v9)
            if v10 is not False:
                ctx.budget.steps -= 1
                if ctx.budget.steps < 0:
                    ctx.budget.spend(0)
                return 'yes'
    v11 = type(a0) is str
    if v11 is not UNDEFINED and v11 is not False:
        if a0 != '':
            return 'no'
    if a1 is not False:
        v12 = ctx.data
        v13 = v12.get('parameters', UNDEFINED) if type(v12) is dict else element(v12, 'parameters')
        v14 = v13.get('approve_planned_keys', UNDEFINED) if type(v13) is dict else element(v13, 'approve_planned_keys')
        if v14 is not UNDEFINED and v14 is not False:
            v15 = rule_16(ctx)
            if v15 is not UNDEFINED:
                v16 = function_8(ctx, a2, v15)
                ctx.budget.steps -= 3
                if ctx.budget.steps < 0:
                    ctx.budget.spend(0)
                if v16 is not UNDEFINED and v16 is not False:
                    return 'yes'
    if a1 is not False:
        return 'is known only after apply'
    return 'no'


# data.gateproof.policies.encryption_at_rest.listed_key (policy.rego:184:1)
def function_5(ctx, a0):
    v1 = ctx.data
    v2 = v1.get('parameters', UNDEFINED) if type(v1) is dict else element(v1, 'parameters')
    v3 = v2.get('approved_kms_keys', UNDEFINED) if type(v2) is dict else element(v2, 'approved_kms_keys')
    for v4 in values(ctx, v3) if v3 is not UNDEFINED else ():
        v5 = builtin_glob_match(ctx, v4, None, a0)
        if not (v5 is not UNDEFINED and v5 is not False):
            continue
        return True
    return UNDEFINED


# constant
def constant_41(ctx):
    return ['arn', 'id', 'key_id', 'name']


# data.gateproof.policies.encryption_at_rest.names (policy.rego:191:1)
def function_6(ctx, a0):
    v1 = {}
    for v2 in values(ctx, a0) if a0 is not UNDEFINED else ():
        for v3 in values(ctx, constant_41) if constant_41 is not UNDEFINED else ():
            v4 = v2.get('values', UNDEFINED) if type(v2) is dict else element(v2, 'values')
            v5 = v4.get(v3, UNDEFINED) if type(v4) is dict and type(v3) is str else get(v4, v3 if type(v3) is str else v3 if type(v3) is int else paid(ctx, v3))
            if v5 is UNDEFINED:
                continue
            v6 = type(v5) is str
            if not (v6 is not UNDEFINED and v6 is not False):
                continue
            if v5 == '':
                continue
            v1[v5 if type(v5) is str else key_of(ctx, v5)] = v5
    v7 = made(ctx, set_of(v1))
    return v7


# data.gateproof.policies.encryption_at_rest.only (policy.rego:215:1)
def function_8(ctx, a0, a1):
    v1 = len(a0) if type(a0) is list else builtin_count(ctx, a0)
    if v1 is UNDEFINED:
        return UNDEFINED
    v2 = v1 > 0 if type(v1) is int else greater(ctx, v1, 0)
    if v2 is False:
        return UNDEFINED
    if not iterable(a0):
        return UNDEFINED
    f3 = False
    for v6 in values(ctx, a0) if a0 is not UNDEFINED else ():
        f4 = False
        v7 = v6 in a1.items if type(v6) is str and type(a1) is rego_set else contained(ctx, v6, a1)
        if v7 is not False:
            f4 = True
        if f4:
            continue
        f3 = True
        break
    if f3:
        return UNDEFINED
    return True


# constant
def constant_42(ctx):
    return ['apply_server_side_encryption_by_default']


# data.gateproof.policies.encryption_at_rest.defaults (policy.rego:276:1)
def function_11(ctx, a0, a1):
    ctx.budget.steps -= 1
    if ctx.budget.steps < 0:
        ctx.budget.spend(0)
    v1 = []
    for v2 in values(ctx, a1) if a1 is not UNDEFINED else ():
        v3 = v2.get('value', UNDEFINED) if type(v2) is dict else element(v2, 'value')
        if v3 is UNDEFINED:
            continue
        v4 = v3.get('apply_server_side_encryption_by_default', None) if type(v3) is dict else builtin_object_get(ctx, v3, 'apply_server_side_encryption_by_default', None)
        if v4 is UNDEFINED:
            continue
        v5 = v2.get('path', UNDEFINED) if type(v2) is dict else element(v2, 'path')
        if v5 is UNDEFINED:
            continue
        v6 = chained(ctx, v5, constant_42, builtin_array_concat)
        if v6 is UNDEFINED:
            continue
        v7 = function_26(ctx, v4, v6)
        for v8 in values(ctx, v7) if v7 is not UNDEFINED else ():
            v9 = v8.get('value', UNDEFINED) if type(v8) is dict else element(v8, 'value')
            if v9 is UNDEFINED:
                continue
            v10 = v8.get('path', UNDEFINED) if type(v8) is dict else element(v8, 'path')
            if v10 is UNDEFINED:
                continue
            v11 = made_of(ctx, {'r': a0, 'value': v9, 'path': v10}, [a0, v9, v10])
            v1.append(v11)
    v12 = made(ctx, v1)
    return v12


# constant
def constant_43(ctx):
    return ['server_side_encryption_configuration']


# constant
def constant_44(ctx):
    return ['rule']


# data.gateproof.policies.encryption_at_rest.inline_rules (policy.rego:283:1)
def function_12(ctx, a0):
    ctx.budget.steps -= 1
    if ctx.budget.steps < 0:
        ctx.budget.spend(0)
    v1 = []
    v2 = UNDEFINED
    v1_i28_i29 = a0.get('values', UNDEFINED) if type(a0) is dict else element(a0, 'values')
    if v1_i28_i29 is not UNDEFINED:
        v2_i28_i29 = v1_i28_i29.get('server_side_encryption_configuration', None) if type(v1_i28_i29) is dict else builtin_object_get(ctx, v1_i28_i29, constant_43, None)
        if v2_i28_i29 is not UNDEFINED:
            v1_i29 = v2_i28_i29
            if v1_i29 is not UNDEFINED:
                v2_i29 = function_26(ctx, v1_i29, constant_43)
                if v2_i29 is not UNDEFINED:
                    v2 = v2_i29
                    ctx.budget.steps -= 1
                    if ctx.budget.steps < 0:
                        ctx.budget.spend(0)
    for v3 in values(ctx, v2) if v2 is not UNDEFINED else ():
        v4 = v3.get('value', UNDEFINED) if type(v3) is dict else element(v3, 'value')
        if v4 is UNDEFINED:
            continue
        v5 = v4.get('rule', None) if type(v4) is dict else builtin_object_get(ctx, v4, 'rule', None)
        if v5 is UNDEFINED:
            continue
        v6 = v3.get('path', UNDEFINED) if type(v3) is dict else element(v3, 'path')
        if v6 is UNDEFINED:
            continue
        v7 = chained(ctx, v6, constant_44, builtin_array_concat)
        if v7 is UNDEFINED:
            continue
        v8 = function_26(ctx, v5, v7)
        for v9 in values(ctx, v8) if v8 is not UNDEFINED else ():
            v1.append(v9)
    v10 = made(ctx, v1)
    return v10


# constant
def constant_45(ctx):
    return ['kms_master_key_id']


# data.gateproof.policies.encryption_at_rest.s3_key_check (policy.rego:317:1)
def function_13(ctx, a0):
    ctx.budget.steps -= 1
    if ctx.budget.steps < 0:
        ctx.budget.spend(0)
    v1 = a0.get('path', UNDEFINED) if type(a0) is dict else element(a0, 'path')
    if v1 is UNDEFINED:
        return UNDEFINED
    v2 = chained(ctx, v1, constant_45, builtin_array_concat)
    if v2 is UNDEFINED:
        return UNDEFINED
    v3 = a0.get('r', UNDEFINED) if type(a0) is dict else element(a0, 'r')
    if v3 is UNDEFINED:
        return UNDEFINED
    v4 = a0.get('value', UNDEFINED) if type(a0) is dict else element(a0, 'value')
    if v4 is UNDEFINED:
        return UNDEFINED
    v5 = v4.get('kms_master_key_id', None) if type(v4) is dict else builtin_object_get(ctx, v4, 'kms_master_key_id', None)
    if v5 is UNDEFINED:
        return UNDEFINED
    v1_i32 = v3.get('address', UNDEFINED) if type(v3) is dict else element(v3, 'address')
    if v1_i32 is UNDEFINED:
        return UNDEFINED
    v1_i30_i32 = v3.get('unknown', UNDEFINED) if type(v3) is dict else element(v3, 'unknown')
    ctx.budget.steps -= 3
    if ctx.budget.steps < 0:
        ctx.budget.spend(0)
    if v1_i30_i32 is UNDEFINED:
        return UNDEFINED
    v2_i30_i32 = v1_i30_i32.get(v2, False) if type(v1_i30_i32) is dict and type(v2) is str else picked(ctx, v1_i30_i32, v2, False, builtin_object_get)
    if v2_i30_i32 is UNDEFINED:
        return UNDEFINED
    v3_i30_i32 = v2_i30_i32 is True
    v2_i32 = v3_i30_i32
    if v2_i32 is UNDEFINED:
        return UNDEFINED
    v1_i31_i32 = v3.get('references', UNDEFINED) if type(v3) is dict else element(v3, 'references')
    if v1_i31_i32 is UNDEFINED:
        return UNDEFINED
    v2_i31_i32 = function_27(ctx, v2)
    if v2_i31_i32 is UNDEFINED:
        return UNDEFINED
    v3_i31_i32 = v1_i31_i32.get(v2_i31_i32, constant_48) if type(v1_i31_i32) is dict and type(v2_i31_i32) is str else picked(ctx, v1_i31_i32, v2_i31_i32, constant_48, builtin_object_get)
    if v3_i31_i32 is UNDEFINED:
        return UNDEFINED
    v3_i32 = v3_i31_i32
    ctx.budget.steps -= 3
    if ctx.budget.steps < 0:
        ctx.budget.spend(0)
    if v3_i32 is UNDEFINED:
        return UNDEFINED
    v4_i32 = function_4(ctx, v5, v2_i32, v3_i32)
    if v4_i32 is UNDEFINED:
        return UNDEFINED
    ctx.budget.steps -= 3
    if ctx.budget.steps < 0:
        ctx.budget.spend(0)
    v5_i32 = made_of(ctx, {'resource': v1_i32, 'path': v2, 'kind': 'key', 'attribute': 'kms_master_key_id', 'value': v5, 'verdict': v4_i32}, [v1_i32, v2, 'kms_master_key_id', v5, v4_i32])
    v6 = v5_i32
    if v6 is UNDEFINED:
        return UNDEFINED
    return v6


# constant
def constant_46(ctx):
    return ['sse_algorithm']


# data.gateproof.policies.encryption_at_rest.algorithm_check (policy.rego:321:1)
def function_14(ctx, a0):
    v1 = a0.get('path', UNDEFINED) if type(a0) is dict else element(a0, 'path')
    if v1 is UNDEFINED:
        return UNDEFINED
    v2 = chained(ctx, v1, constant_46, builtin_array_concat)
    if v2 is UNDEFINED:
        return UNDEFINED
    v3 = a0.get('value', UNDEFINED) if type(a0) is dict else element(a0, 'value')
    if v3 is UNDEFINED:
        return UNDEFINED
    v4 = v3.get('sse_algorithm', 'not set') if type(v3) is dict else builtin_object_get(ctx, v3, 'sse_algorithm', 'not set')
    if v4 is UNDEFINED:
        return UNDEFINED
    v5 = a0.get('r', UNDEFINED) if type(a0) is dict else element(a0, 'r')
    v6 = v5.get('address', UNDEFINED) if type(v5) is dict else element(v5, 'address')
    if v6 is UNDEFINED:
        return UNDEFINED
    if v5 is UNDEFINED:
        return UNDEFINED
    v1_i33 = v5.get('unknown', UNDEFINED) if type(v5) is dict else element(v5, 'unknown')
    ctx.budget.steps -= 3
    if ctx.budget.steps < 0:
        ctx.budget.spend(0)
    if v1_i33 is UNDEFINED:
        return UNDEFINED
    v2_i33 = v1_i33.get(v2, False) if type(v1_i33) is dict and type(v2) is str else picked(ctx, v1_i33, v2, False, builtin_object_get)
    if v2_i33 is UNDEFINED:
        return UNDEFINED
    v3_i33 = v2_i33 is True
    v7 = v3_i33
    if v7 is UNDEFINED:
        return UNDEFINED
    v8 = UNDEFINED
    v1_i34 = v4 in constant_35.items if type(v4) is str else contained(ctx, v4, constant_35)
    if v1_i34 is not False:
        v8 = 'yes'
    if v8 is UNDEFINED:
        if v7 is not False:
            v8 = 'is known only after apply'
        if v8 is UNDEFINED:
            v8 = 'no'
    if v8 is UNDEFINED:
        return UNDEFINED
    ctx.budget.steps -= 4
    if ctx.budget.steps < 0:
        ctx.budget.spend(0)
    v9 = made_of(ctx, {'resource': v6, 'path': v2, 'kind': 'algorithm', 'attribute': 'sse_algorithm', 'value': v4, 'verdict': v8}, [v6, v2, v4, v8])
    return v9


# data.gateproof.policies.encryption_at_rest.why_unclear (policy.rego:357:1)
def function_16(ctx, a0):
    ctx.budget.steps -= 1
    if ctx.budget.steps < 0:
        ctx.budget.spend(0)
    v1 = a0.get('references', UNDEFINED) if type(a0) is dict else element(a0, 'references')
    v2 = rule_36(ctx)
    if v2 is not UNDEFINED:
        v3 = v1.get(v2, UNDEFINED) if type(v1) is dict and type(v2) is str else get(v1, v2 if type(v2) is str else v2 if type(v2) is int else paid(ctx, v2))
        if v3 is not UNDEFINED:
            v4 = len(v3) if type(v3) is list else builtin_count(ctx, v3)
            if v4 is not UNDEFINED:
                v5 = v4 > 0 if type(v4) is int else greater(ctx, v4, 0)
                ctx.budget.steps -= 3
                if ctx.budget.steps < 0:
                    ctx.budget.spend(0)
                if v5 is not False:
                    v6 = written(ctx, f'server_side_encryption_configuration is known only after apply')
                    return v6
    v7 = rule_32(ctx)
    if v7 is UNDEFINED:
        return UNDEFINED
    v8 = function_37(ctx, v7, a0)
    if v8 is UNDEFINED:
        return UNDEFINED
    return v8


# data.gateproof.lib.terraform.planned (lib/terraform.rego:12:1)
def function_17(ctx, a0):
    v3 = ctx.input
    v4 = v3.get('planned', UNDEFINED) if type(v3) is dict else element(v3, 'planned')
    v1 = []
    for v2 in values(ctx, a0) if a0 is not UNDEFINED else ():
        v5 = v4.get(v2, UNDEFINED) if type(v4) is dict and type(v2) is str else get(v4, v2 if type(v2) is str else v2 if type(v2) is int else paid(ctx, v2))
        for v6 in values(ctx, v5) if v5 is not UNDEFINED else ():
            v1.append(v6)
    v7 = made(ctx, v1)
    return v7


# data.gateproof.lib.terraform.removed (lib/terraform.rego:14:1)
def function_18(ctx, a0):
    v3 = ctx.input
    v4 = v3.get('removed', UNDEFINED) if type(v3) is dict else element(v3, 'removed')
    v1 = []
    for v2 in values(ctx, a0) if a0 is not UNDEFINED else ():
        v5 = v4.get(v2, UNDEFINED) if type(v4) is dict and type(v2) is str else get(v4, v2 if type(v2) is str else v2 if type(v2) is int else paid(ctx, v2))
        for v6 in values(ctx, v5) if v5 is not UNDEFINED else ():
            v1.append(v6)
    v7 = made(ctx, v1)
    return v7


# data.gateproof.lib.terraform.defaulted (lib/terraform.rego:44:1)
def function_23(ctx, a0, a1):
    v1 = a0.get('unknown', UNDEFINED) if type(a0) is dict else element(a0, 'unknown')
    v2 = a1[0] if type(a1) is list and len(a1) > 0 else get(a1, 0)
    if v2 is UNDEFINED:
        return UNDEFINED
    v3 = v1.get(v2, UNDEFINED) if type(v1) is dict and type(v2) is str else get(v1, v2 if type(v2) is str else v2 if type(v2) is int else paid(ctx, v2))
    if v3 is not True:
        return UNDEFINED
    v4 = a0.get('configured', UNDEFINED) if type(a0) is dict else element(a0, 'configured')
    if v4 is UNDEFINED:
        return UNDEFINED
    v5 = type(v4) is list
    if not (v5 is not UNDEFINED and v5 is not False):
        return UNDEFINED
    ctx.budget.steps -= 3
    if ctx.budget.steps < 0:
        ctx.budget.spend(0)
    v9 = v2 in v4.items if type(v2) is str and type(v4) is rego_set else contained(ctx, v2, v4)
    if v9 is not False:
        return UNDEFINED
    return True


# data.gateproof.lib.terraform.why_unreadable (lib/terraform.rego:61:1)
def function_24(ctx, a0, a1):
    ctx.budget.steps -= 1
    if ctx.budget.steps < 0:
        ctx.budget.spend(0)
    v1_i36 = a0.get('values', UNDEFINED) if type(a0) is dict else element(a0, 'values')
    if v1_i36 is not UNDEFINED:
        v2_i36 = v1_i36.get(a1, None) if type(v1_i36) is dict and type(a1) is str else picked(ctx, v1_i36, a1, None, builtin_object_get)
        if v2_i36 is not UNDEFINED:
            v1 = v2_i36
            if v1 is not UNDEFINED:
                v1_i37 = type(v1) is str
                if v1_i37 is not UNDEFINED and v1_i37 is not False:
                    v2_i37 = v1.startswith('redacted:sha256:') if type(v1) is str else builtin_startswith(ctx, v1, 'redacted:sha256:')
                    if v2_i37 is not UNDEFINED and v2_i37 is not False:
                        v2 = True
                        if v2 is not UNDEFINED and v2 is not False:
                            ctx.budget.steps -= 2
                            if ctx.budget.steps < 0:
                                ctx.budget.spend(0)
                            return 'is sensitive'
    v3 = function_22(ctx, a0, a1)
    if not (v3 is not UNDEFINED and v3 is not False):
        return UNDEFINED
    v5 = function_23(ctx, a0, a1)
    if v5 is not UNDEFINED and v5 is not False:
        return UNDEFINED
    return 'is known only after apply'


# constant
def constant_47(ctx):
    return []


# data.gateproof.lib.terraform.within (lib/terraform.rego:109:1)
def function_26(ctx, a0, a1):
    v1 = type(a0) is list
    if v1 is not UNDEFINED and v1 is not False:
        v2 = []
        for k3, v4 in items(ctx, a0) if a0 is not UNDEFINED else ():
            v5 = type(v4) is dict
            if not (v5 is not UNDEFINED and v5 is not False):
                continue
            v6 = made_of_one(ctx, [k3], k3)
            v7 = chained(ctx, a1, v6, builtin_array_concat)
            if v7 is UNDEFINED:
                continue
            ctx.budget.steps -= 3
            if ctx.budget.steps < 0:
                ctx.budget.spend(0)
            v8 = made_of(ctx, {'value': v4, 'path': v7}, [v4, v7])
            v2.append(v8)
        v9 = made(ctx, v2)
        ctx.budget.steps -= 1
        if ctx.budget.steps < 0:
            ctx.budget.spend(0)
        return v9
    v10 = type(a0) is dict
    if v10 is not UNDEFINED and v10 is not False:
        v11 = made_of(ctx, {'value': a0, 'path': a1}, [a0, a1])
        ctx.budget.steps -= 3
        if ctx.budget.steps < 0:
            ctx.budget.spend(0)
        v12 = made_of_one(ctx, [v11], v11)
        return v12
    return constant_47


# data.gateproof.lib.terraform.name (lib/terraform.rego:116:1)
def function_27(ctx, a0):
    v1 = []
    for v2 in values(ctx, a0) if a0 is not UNDEFINED else ():
        v3 = type(v2) is str
        if not (v3 is not UNDEFINED and v3 is not False):
            continue
        v1.append(v2)
    v4 = made(ctx, v1)
    v5 = builtin_concat(ctx, '.', v4)
    if v5 is UNDEFINED:
        return UNDEFINED
    return v5


# constant
def constant_48(ctx):
    return []


# data.gateproof.lib.terraform.check (lib/terraform.rego:122:1)
def function_29(ctx, a0, a1, a2, a3):
    ctx.budget.steps -= 1
    if ctx.budget.steps < 0:
        ctx.budget.spend(0)
    v1 = function_31(ctx, a0, a1, a2)
    if v1 is UNDEFINED:
        return UNDEFINED
    v1_i39 = a0.get('address', UNDEFINED) if type(a0) is dict else element(a0, 'address')
    if v1_i39 is UNDEFINED:
        return UNDEFINED
    ctx.budget.steps -= 3
    if ctx.budget.steps < 0:
        ctx.budget.spend(0)
    v2_i39 = made_of(ctx, {'resource': v1_i39, 'path': a1, 'verdict': v1, 'message': a3}, [v1_i39, a1, v1, a3])
    v2 = v2_i39
    if v2 is UNDEFINED:
        return UNDEFINED
    return v2


# data.gateproof.lib.terraform.verdict (lib/terraform.rego:126:1)
def function_31(ctx, a0, a1, a2):
    ctx.budget.steps -= 1
    if ctx.budget.steps < 0:
        ctx.budget.spend(0)
    v1 = function_24(ctx, a0, a1)
    if v1 is not UNDEFINED:
        return v1
    v1_i40 = a0.get('values', UNDEFINED) if type(a0) is dict else element(a0, 'values')
    if v1_i40 is not UNDEFINED:
        v2_i40 = v1_i40.get(a1, None) if type(v1_i40) is dict and type(a1) is str else picked(ctx, v1_i40, a1, None, builtin_object_get)
        if v2_i40 is not UNDEFINED:
            v2 = v2_i40
            if v2 is not UNDEFINED:
                v3 = v2 in a2.items if type(v2) is str and type(a2) is rego_set else contained(ctx, v2, a2)
                if v3 is not False:
                    ctx.budget.steps -= 3
                    if ctx.budget.steps < 0:
                        ctx.budget.spend(0)
                    v5 = function_32(ctx, a0, a1)
                    if not (v5 is not UNDEFINED and v5 is not False):
                        return 'yes'
    return 'no'


# constant
def constant_49(ctx):
    return []


# constant
def constant_50(ctx):
    return {}


# constant
def constant_51(ctx):
    return constant_49 if type(constant_49) is str else key_of(ctx, constant_49)


# constant
def constant_52(ctx):
    return constant_50 if type(constant_50) is str else key_of(ctx, constant_50)


# constant
def constant_53(ctx):
    return constant_set({None if type(None) is str else key_of(ctx, None): None, constant_51: constant_49, constant_52: constant_50})


# data.gateproof.lib.terraform.misplaced (lib/terraform.rego:134:1)
def function_32(ctx, a0, a1):
    v1 = len(a1) if type(a1) is list else builtin_count(ctx, a1)
    if v1 is UNDEFINED:
        return UNDEFINED
    v2 = v1 > 1 if type(v1) is int else greater(ctx, v1, 1)
    if v2 is False:
        return UNDEFINED
    v3 = UNDEFINED
    v1_i41 = a0.get('values', UNDEFINED) if type(a0) is dict else element(a0, 'values')
    if v1_i41 is not UNDEFINED:
        v2_i41 = v1_i41.get(a1, None) if type(v1_i41) is dict and type(a1) is str else picked(ctx, v1_i41, a1, None, builtin_object_get)
        if v2_i41 is not UNDEFINED:
            v3 = v2_i41
    if v3 is not None:
        return UNDEFINED
    v4 = len(a1) if type(a1) is list else builtin_count(ctx, a1)
    if v4 is UNDEFINED:
        return UNDEFINED
    v5 = v4 - 1 if type(v4) is int else minus_(ctx, v4, 1)
    ctx.budget.steps -= 3
    if ctx.budget.steps < 0:
        ctx.budget.spend(0)
    if v5 is UNDEFINED:
        return UNDEFINED
    v6 = builtin_numbers_range(ctx, 1, v5)
    for v7 in values(ctx, v6) if v6 is not UNDEFINED else ():
        v8 = builtin_array_slice(ctx, a1, 0, v7)
        if v8 is UNDEFINED:
            continue
        v1_i42 = a0.get('values', UNDEFINED) if type(a0) is dict else element(a0, 'values')
        if v1_i42 is UNDEFINED:
            continue
        v2_i42 = v1_i42.get(v8, None) if type(v1_i42) is dict and type(v8) is str else picked(ctx, v1_i42, v8, None, builtin_object_get)
        if v2_i42 is UNDEFINED:
            continue
        v9 = v2_i42
        if v9 is UNDEFINED:
            continue
        v12 = v9 in constant_53.items if type(v9) is str else contained(ctx, v9, constant_53)
        if v12 is not False:
            continue
        ctx.budget.steps -= 3
        if ctx.budget.steps < 0:
            ctx.budget.spend(0)
        v14 = a1.get(v7, UNDEFINED) if type(a1) is dict and type(v7) is str else get(a1, v7 if type(v7) is str else v7 if type(v7) is int else paid(ctx, v7))
        if v14 is UNDEFINED:
            continue
        v16 = UNDEFINED
        v1_i43 = type(v9) is list
        if v1_i43 is not UNDEFINED and v1_i43 is not False:
            v2_i43 = builtin_is_number(ctx, v14)
            if v2_i43 is not UNDEFINED and v2_i43 is not False:
                v16 = True
        if v16 is UNDEFINED:
            v1_1_i43 = type(v9) is dict
            if v1_1_i43 is not UNDEFINED and v1_1_i43 is not False:
                v2_1_i43 = type(v14) is str
                if v2_1_i43 is not UNDEFINED and v2_1_i43 is not False:
                    v16 = True
        if v16 is not UNDEFINED and v16 is not False:
            continue
        return True
    return UNDEFINED


# constant
def constant_54(ctx):
    return constant_set({'yes': 'yes', 'no': 'no'})


# data.gateproof.lib.terraform.undecided (lib/terraform.rego:200:1)
def function_34(ctx, a0):
    ctx.budget.steps -= 1
    if ctx.budget.steps < 0:
        ctx.budget.spend(0)
    v1 = []
    for v2 in values(ctx, a0) if a0 is not UNDEFINED else ():
        v4 = v2.get('verdict', UNDEFINED) if type(v2) is dict else element(v2, 'verdict')
        if v4 is UNDEFINED:
            continue
        v7 = v4 in constant_54.items if type(v4) is str else contained(ctx, v4, constant_54)
        if v7 is not False:
            continue
        v8 = v2.get('resource', UNDEFINED) if type(v2) is dict else element(v2, 'resource')
        if v8 is UNDEFINED:
            continue
        v9 = v2.get('path', UNDEFINED) if type(v2) is dict else element(v2, 'path')
        if v9 is UNDEFINED:
            continue
        v10 = function_27(ctx, v9)
        if v10 is UNDEFINED:
            continue
        ctx.budget.steps -= 3
        if ctx.budget.steps < 0:
            ctx.budget.spend(0)
        v11 = written(ctx, f'{v10} {v4}') if type(v10) is str and type(v4) is str else builtin_sprintf(ctx, '%s %s', [v10, v4])
        if v11 is UNDEFINED:
            continue
        v12 = made_of_one(ctx, {'resource': v8, 'reason': v11}, v8)
        v1.append(v12)
    v13 = made(ctx, v1)
    return v13


# data.gateproof.lib.terraform.links (lib/terraform.rego:208:1)
def function_35(ctx, a0, a1, a2):
    ctx.budget.steps -= 1
    if ctx.budget.steps < 0:
        ctx.budget.spend(0)
    v1 = {}
    for v2 in values(ctx, a2) if a2 is not UNDEFINED else ():
        v3 = v2.get('address', UNDEFINED) if type(v2) is dict else element(v2, 'address')
        if v3 is UNDEFINED:
            continue
        v1[v3 if type(v3) is str else key_of(ctx, v3)] = v3
    v4 = made(ctx, set_of(v1))
    v5 = []
    for v6 in values(ctx, a0) if a0 is not UNDEFINED else ():
        v8 = made_of_one(ctx, [a1], a1)
        v1_i44 = v6.get('values', UNDEFINED) if type(v6) is dict else element(v6, 'values')
        if v1_i44 is UNDEFINED:
            continue
        v2_i44 = v1_i44.get(v8, None) if type(v1_i44) is dict and type(v8) is str else picked(ctx, v1_i44, v8, None, builtin_object_get)
        if v2_i44 is UNDEFINED:
            continue
        v9 = v2_i44
        if v9 is UNDEFINED:
            continue
        v11 = UNDEFINED
        v1_i45 = type(v9) is str
        if v1_i45 is not UNDEFINED and v1_i45 is not False:
            if v9 != '':
                v3_i45 = UNDEFINED
                ctx.budget.steps -= 3
                if ctx.budget.steps < 0:
                    ctx.budget.spend(0)
                v1_i1_i45 = type(v9) is str
                if v1_i1_i45 is not UNDEFINED and v1_i1_i45 is not False:
                    v2_i1_i45 = v9.startswith('redacted:sha256:') if type(v9) is str else builtin_startswith(ctx, v9, 'redacted:sha256:')
                    if v2_i1_i45 is not UNDEFINED and v2_i1_i45 is not False:
                        v3_i45 = True
                if not (v3_i45 is not UNDEFINED and v3_i45 is not False):
                    v11 = True
        if v11 is not UNDEFINED and v11 is not False:
            continue
        ctx.budget.steps -= 3
        if ctx.budget.steps < 0:
            ctx.budget.spend(0)
        v12 = function_36(ctx, v6, a1, v4)
        if v12 is UNDEFINED:
            continue
        v13 = v6.get('address', UNDEFINED) if type(v6) is dict else element(v6, 'address')
        if v13 is UNDEFINED:
            continue
        v14 = made_of(ctx, {'child': v13, 'targets': v12}, [v13, v12])
        v5.append(v14)
    v15 = made(ctx, v5)
    ctx.budget.steps -= 3
    if ctx.budget.steps < 0:
        ctx.budget.spend(0)
    v16 = {}
    for v17 in values(ctx, v15) if v15 is not UNDEFINED else ():
        v18 = v17.get('targets', UNDEFINED) if type(v17) is dict else element(v17, 'targets')
        if v18 is UNDEFINED:
            continue
        v19 = len(v18) if type(v18) is list else builtin_count(ctx, v18)
        if v19 is UNDEFINED:
            continue
        if not (v19 == 1 if type(v19) is int else same(ctx, v19, 1)):
            continue
        for v20 in values(ctx, v18) if v18 is not UNDEFINED else ():
            v16[v20 if type(v20) is str else key_of(ctx, v20)] = v20
    v21 = made(ctx, set_of(v16))
    v22 = {}
    for v23 in values(ctx, a0) if a0 is not UNDEFINED else ():
        v24 = v23.get('values', UNDEFINED) if type(v23) is dict else element(v23, 'values')
        v25 = v24.get(a1, UNDEFINED) if type(v24) is dict and type(a1) is str else get(v24, a1 if type(a1) is str else a1 if type(a1) is int else paid(ctx, a1))
        if v25 is UNDEFINED:
            continue
        v1_i46 = type(v25) is str
        if not (v1_i46 is not UNDEFINED and v1_i46 is not False):
            continue
        if v25 == '':
            continue
        v3_i46 = UNDEFINED
        v1_i1_i46 = type(v25) is str
        if v1_i1_i46 is not UNDEFINED and v1_i1_i46 is not False:
            v2_i1_i46 = v25.startswith('redacted:sha256:') if type(v25) is str else builtin_startswith(ctx, v25, 'redacted:sha256:')
            ctx.budget.steps -= 3
            if ctx.budget.steps < 0:
                ctx.budget.spend(0)
            if v2_i1_i46 is not UNDEFINED and v2_i1_i46 is not False:
                v3_i46 = True
        if v3_i46 is not UNDEFINED and v3_i46 is not False:
            continue
        v26 = True
        ctx.budget.steps -= 3
        if ctx.budget.steps < 0:
            ctx.budget.spend(0)
        if not (v26 is not UNDEFINED and v26 is not False):
            continue
        v22[v25 if type(v25) is str else key_of(ctx, v25)] = v25
    ctx.budget.steps -= 3
    if ctx.budget.steps < 0:
        ctx.budget.spend(0)
    v27 = made(ctx, set_of(v22))
    v28 = []
    for v29 in values(ctx, v15) if v15 is not UNDEFINED else ():
        v30 = v29.get('targets', UNDEFINED) if type(v29) is dict else element(v29, 'targets')
        if v30 is UNDEFINED:
            continue
        v31 = len(v30) if type(v30) is list else builtin_count(ctx, v30)
        if v31 is UNDEFINED:
            continue
        if not (v31 == 0 if type(v31) is int else same(ctx, v31, 0)):
            continue
        v32 = v29.get('child', UNDEFINED) if type(v29) is dict else element(v29, 'child')
        if v32 is UNDEFINED:
            continue
        v28.append(v32)
    v33 = made(ctx, v28)
    v34 = {}
    for v35 in values(ctx, v15) if v15 is not UNDEFINED else ():
        v36 = v35.get('targets', UNDEFINED) if type(v35) is dict else element(v35, 'targets')
        if v36 is UNDEFINED:
            continue
        v37 = len(v36) if type(v36) is list else builtin_count(ctx, v36)
        if v37 is UNDEFINED:
            continue
        v38 = v37 > 1 if type(v37) is int else greater(ctx, v37, 1)
        if v38 is False:
            continue
        for v39 in values(ctx, v36) if v36 is not UNDEFINED else ():
            v34[v39 if type(v39) is str else key_of(ctx, v39)] = v39
    v40 = made(ctx, set_of(v34))
    ctx.budget.steps -= 5
    if ctx.budget.steps < 0:
        ctx.budget.spend(0)
    v41 = made_of(ctx, {'addresses': v21, 'names': v27, 'loose': v33, 'ambiguous': v40}, [v21, v27, v33, v40])
    return v41


# data.gateproof.lib.terraform.referred (lib/terraform.rego:223:1)
def function_36(ctx, a0, a1, a2):
    v1 = {}
    v2 = a0.get('references', UNDEFINED) if type(a0) is dict else element(a0, 'references')
    v3 = v2.get(a1, UNDEFINED) if type(v2) is dict and type(a1) is str else get(v2, a1 if type(a1) is str else a1 if type(a1) is int else paid(ctx, a1))
    for v4 in values(ctx, v3) if v3 is not UNDEFINED else ():
        v5 = v4 in a2.items if type(v4) is str and type(a2) is rego_set else contained(ctx, v4, a2)
        if v5 is False:
            continue
        v1[v4 if type(v4) is str else key_of(ctx, v4)] = v4
    v6 = made(ctx, set_of(v1))
    return v6


# data.gateproof.lib.terraform.why_unclear (lib/terraform.rego:234:1)
def function_37(ctx, a0, a1):
    v1 = a0.get('loose', UNDEFINED) if type(a0) is dict else element(a0, 'loose')
    v2 = v1[0] if type(v1) is list and len(v1) > 0 else get(v1, 0)
    if v2 is not UNDEFINED:
        v3 = written(ctx, f'{v2} may or may not be for this one: that is known only after apply') if type(v2) is str else builtin_sprintf(ctx, '%s may or may not be for this one: that is known only after apply', [v2])
        if v3 is not UNDEFINED:
            ctx.budget.steps -= 1
            if ctx.budget.steps < 0:
                ctx.budget.spend(0)
            return v3
    v4 = a1.get('address', UNDEFINED) if type(a1) is dict else element(a1, 'address')
    if v4 is UNDEFINED:
        return UNDEFINED
    v5 = a0.get('ambiguous', UNDEFINED) if type(a0) is dict else element(a0, 'ambiguous')
    if v5 is UNDEFINED:
        return UNDEFINED
    v6 = v4 in v5.items if type(v4) is str and type(v5) is rego_set else contained(ctx, v4, v5)
    if v6 is False:
        return UNDEFINED
    return 'the plan does not say whether a separate resource is for this one or for another'


# data.gateproof.lib.terraform.unclear (lib/terraform.rego:251:1)
def function_38(ctx, a0, a1, a2):
    ctx.budget.steps -= 1
    if ctx.budget.steps < 0:
        ctx.budget.spend(0)
    v1 = []
    v2 = a0.get('loose', UNDEFINED) if type(a0) is dict else element(a0, 'loose')
    if v2 is not UNDEFINED:
        v3 = len(v2) if type(v2) is list else builtin_count(ctx, v2)
        if v3 is not UNDEFINED:
            v4 = a0.get('ambiguous', UNDEFINED) if type(a0) is dict else element(a0, 'ambiguous')
            if v4 is not UNDEFINED:
                v5 = len(v4) if type(v4) is list else builtin_count(ctx, v4)
                if v5 is not UNDEFINED:
                    v6 = v3 + v5 if type(v3) is int and type(v5) is int else plus_(ctx, v3, v5)
                    ctx.budget.steps -= 3
                    if ctx.budget.steps < 0:
                        ctx.budget.spend(0)
                    if v6 is not UNDEFINED:
                        v7 = v6 > 0 if type(v6) is int else greater(ctx, v6, 0)
                        if v7 is not False:
                            v8 = function_39(ctx, a0, a1, a2)
                            if v8 is not UNDEFINED:
                                for v9 in values(ctx, a1) if a1 is not UNDEFINED else ():
                                    v11 = v9.get('address', UNDEFINED) if type(v9) is dict else element(v9, 'address')
                                    if v11 is UNDEFINED:
                                        continue
                                    v13 = v11 in v8.items if type(v11) is str and type(v8) is rego_set else contained(ctx, v11, v8)
                                    if v13 is not False:
                                        continue
                                    v14 = function_37(ctx, a0, v9)
                                    if v14 is UNDEFINED:
                                        continue
                                    ctx.budget.steps -= 3
                                    if ctx.budget.steps < 0:
                                        ctx.budget.spend(0)
                                    v15 = made_of(ctx, {'resource': v11, 'reason': v14}, [v11, v14])
                                    v1.append(v15)
    v16 = made(ctx, v1)
    return v16


# data.gateproof.lib.terraform.linked_addresses (lib/terraform.rego:259:1)
def function_39(ctx, a0, a1, a2):
    v1 = a0.get('addresses', UNDEFINED) if type(a0) is dict else element(a0, 'addresses')
    if v1 is UNDEFINED:
        return UNDEFINED
    v2 = {}
    v3 = a0.get('names', UNDEFINED) if type(a0) is dict else element(a0, 'names')
    if v3 is not UNDEFINED:
        v4 = len(v3) if type(v3) is list else builtin_count(ctx, v3)
        if v4 is not UNDEFINED:
            v5 = v4 > 0 if type(v4) is int else greater(ctx, v4, 0)
            if v5 is not False:
                ctx.budget.steps -= 3
                if ctx.budget.steps < 0:
                    ctx.budget.spend(0)
                for v6 in values(ctx, a1) if a1 is not UNDEFINED else ():
                    for v7 in values(ctx, a2) if a2 is not UNDEFINED else ():
                        v8 = v6.get('values', UNDEFINED) if type(v6) is dict else element(v6, 'values')
                        v9 = v8.get(v7, UNDEFINED) if type(v8) is dict and type(v7) is str else get(v8, v7 if type(v7) is str else v7 if type(v7) is int else paid(ctx, v7))
                        if v9 is UNDEFINED:
                            continue
                        v10 = v9 in v3.items if type(v9) is str and type(v3) is rego_set else contained(ctx, v9, v3)
                        if v10 is False:
                            continue
                        v11 = v6.get('address', UNDEFINED) if type(v6) is dict else element(v6, 'address')
                        if v11 is UNDEFINED:
                            continue
                        v2[v11 if type(v11) is str else key_of(ctx, v11)] = v11
    v12 = made(ctx, set_of(v2))
    v13 = or_(ctx, v1, v12)
    if v13 is UNDEFINED:
        return UNDEFINED
    return v13


# data.gateproof.lib.terraform.names (lib/terraform.rego:285:1)
def function_40(ctx, a0, a1):
    v1 = {}
    v2 = a0.get('before', UNDEFINED) if type(a0) is dict else element(a0, 'before')
    if v2 is not UNDEFINED:
        v3 = a0.get('values', UNDEFINED) if type(a0) is dict else element(a0, 'values')
        if v3 is not UNDEFINED:
            v4 = made_of(ctx, [v2, v3], [v2, v3])
            ctx.budget.steps -= 3
            if ctx.budget.steps < 0:
                ctx.budget.spend(0)
            for v5 in values(ctx, v4) if v4 is not UNDEFINED else ():
                for v6 in values(ctx, a1) if a1 is not UNDEFINED else ():
                    v7 = v5.get(v6, UNDEFINED) if type(v5) is dict and type(v6) is str else get(v5, v6 if type(v6) is str else v6 if type(v6) is int else paid(ctx, v6))
                    if v7 is UNDEFINED:
                        continue
                    v1_i47 = type(v7) is str
                    if not (v1_i47 is not UNDEFINED and v1_i47 is not False):
                        continue
                    if v7 == '':
                        continue
                    v3_i47 = UNDEFINED
                    v1_i1_i47 = type(v7) is str
                    if v1_i1_i47 is not UNDEFINED and v1_i1_i47 is not False:
                        v2_i1_i47 = v7.startswith('redacted:sha256:') if type(v7) is str else builtin_startswith(ctx, v7, 'redacted:sha256:')
                        if v2_i1_i47 is not UNDEFINED and v2_i1_i47 is not False:
                            ctx.budget.steps -= 3
                            if ctx.budget.steps < 0:
                                ctx.budget.spend(0)
                            v3_i47 = True
                    if v3_i47 is not UNDEFINED and v3_i47 is not False:
                        continue
                    v8 = True
                    if not (v8 is not UNDEFINED and v8 is not False):
                        continue
                    ctx.budget.steps -= 3
                    if ctx.budget.steps < 0:
                        ctx.budget.spend(0)
                    v1[v7 if type(v7) is str else key_of(ctx, v7)] = v7
    v9 = made(ctx, set_of(v1))
    return v9


# data.gateproof.policies.encryption_at_rest.switch_verdict (policy.rego:138:1), data.gateproof.policies.encryption_at_rest.switch_verdict (policy.rego:140:1), data.gateproof.policies.encryption_at_rest.switch_verdict (policy.rego:145:1)
def function_2(ctx, a0, a1):
    answer = UNDEFINED
    if a0 is True:
        answer = 'yes'
    if a0 is not True:
        if a1 is not False:
            answer = agree(ctx, answer, 'is known only after apply')
    if a0 is not True:
        if a1 is False:
            answer = agree(ctx, answer, 'no')
    return answer


# data.gateproof.policies.encryption_at_rest.good_target (policy.rego:205:1), data.gateproof.policies.encryption_at_rest.good_target (policy.rego:207:1), data.gateproof.policies.encryption_at_rest.good_target (policy.rego:209:1)
def function_7(ctx, a0):
    ctx.budget.steps -= 1
    if ctx.budget.steps < 0:
        ctx.budget.spend(0)
    v1 = a0.get('references', UNDEFINED) if type(a0) is dict else element(a0, 'references')
    v2 = v1.get('target_key_id', UNDEFINED) if type(v1) is dict else element(v1, 'target_key_id')
    if v2 is not UNDEFINED:
        v3 = rule_13(ctx)
        if v3 is not UNDEFINED:
            v4 = function_8(ctx, v2, v3)
            if v4 is not UNDEFINED and v4 is not False:
                ctx.budget.steps -= 1
                if ctx.budget.steps < 0:
                    ctx.budget.spend(0)
                return True
    v1_1 = a0.get('values', UNDEFINED) if type(a0) is dict else element(a0, 'values')
    v2_1 = v1_1.get('target_key_id', UNDEFINED) if type(v1_1) is dict else element(v1_1, 'target_key_id')
    if v2_1 is not UNDEFINED:
        v3_1 = rule_14(ctx)
        if v3_1 is not UNDEFINED:
            v4_1 = v2_1 in v3_1.items if type(v2_1) is str and type(v3_1) is rego_set else contained(ctx, v2_1, v3_1)
            if v4_1 is not False:
                ctx.budget.steps -= 1
                if ctx.budget.steps < 0:
                    ctx.budget.spend(0)
                return True
    if v2_1 is not UNDEFINED:
        v3_2 = function_5(ctx, v2_1)
        if v3_2 is not UNDEFINED and v3_2 is not False:
            return True
    return UNDEFINED


# data.gateproof.lib.terraform.unknown (lib/terraform.rego:33:1), data.gateproof.lib.terraform.unknown (lib/terraform.rego:35:1)
def function_22(ctx, a0, a1):
    v1 = a0.get('unknown', UNDEFINED) if type(a0) is dict else element(a0, 'unknown')
    v2 = a1[0] if type(a1) is list and len(a1) > 0 else get(a1, 0)
    if v2 is not UNDEFINED:
        v3 = v1.get(v2, UNDEFINED) if type(v1) is dict and type(v2) is str else get(v1, v2 if type(v2) is str else v2 if type(v2) is int else paid(ctx, v2))
        if v3 is True:
            ctx.budget.steps -= 1
            if ctx.budget.steps < 0:
                ctx.budget.spend(0)
            return True
    v1_1 = len(a1) if type(a1) is list else builtin_count(ctx, a1)
    if v1_1 is not UNDEFINED:
        v2_1 = v1_1 > 1 if type(v1_1) is int else greater(ctx, v1_1, 1)
        if v2_1 is not False:
            v3_1 = a0.get('unknown', UNDEFINED) if type(a0) is dict else element(a0, 'unknown')
            v4_1 = a1[0] if type(a1) is list and len(a1) > 0 else get(a1, 0)
            if v4_1 is not UNDEFINED:
                ctx.budget.steps -= 3
                if ctx.budget.steps < 0:
                    ctx.budget.spend(0)
                v5_1 = v3_1.get(v4_1, UNDEFINED) if type(v3_1) is dict and type(v4_1) is str else get(v3_1, v4_1 if type(v4_1) is str else v4_1 if type(v4_1) is int else paid(ctx, v4_1))
                if v5_1 is not UNDEFINED and v5_1 is not False:
                    v6_1 = len(a1) if type(a1) is list else builtin_count(ctx, a1)
                    if v6_1 is not UNDEFINED:
                        v7_1 = builtin_numbers_range(ctx, 2, v6_1)
                        for v8_1 in values(ctx, v7_1) if v7_1 is not UNDEFINED else ():
                            if v3_1 is UNDEFINED:
                                continue
                            v9_1 = builtin_array_slice(ctx, a1, 0, v8_1)
                            if v9_1 is UNDEFINED:
                                continue
                            v10_1 = v3_1.get(v9_1, False) if type(v3_1) is dict and type(v9_1) is str else picked(ctx, v3_1, v9_1, False, builtin_object_get)
                            if v10_1 is not True:
                                continue
                            return True
    return UNDEFINED
