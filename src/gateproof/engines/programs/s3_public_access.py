# fmt: off
# ruff: noqa
# mypy: ignore-errors
"""The policy s3-public-access, compiled: written by tools/pack.py."""

SOURCES = "sha256:06c7902d837f236ef28738a7b22cd96a72ca5fdb83c65cd289d1e88745f4a928"
PLAN = b'\x8b\xa6format\n\xa9functions\xdc\x00p\x84\xa4name\xaaconstant_0\xa6params\x91\xa3ctx\xa4body\x90\xa5label\xa0\x84\xa4name\xa8rule_0_0\xa6params\x91\xa3ctx\xa4body\x90\xa5label\xa0\x84\xa4name\xaaconstant_1\xa6params\x91\xa3ctx\xa4body\x90\xa5label\xa0\x84\xa4name\xa8rule_1_0\xa6params\x91\xa3ctx\xa4body\x90\xa5label\xa0\x84\xa4name\xaaconstant_2\xa6params\x91\xa3ctx\xa4body\x90\xa5label\xa0\x84\xa4name\xa8rule_2_0\xa6params\x91\xa3ctx\xa4body\x90\xa5label\xa0\x84\xa4name\xaaconstant_3\xa6params\x91\xa3ctx\xa4body\x90\xa5label\xa0\x84\xa4name\xa8rule_3_0\xa6params\x91\xa3ctx\xa4body\x90\xa5label\xa0\x84\xa4name\xaaconstant_4\xa6params\x91\xa3ctx\xa4body\x90\xa5label\xa0\x84\xa4name\xa8rule_4_0\xa6params\x91\xa3ctx\xa4body\x90\xa5label\xa0\x84\xa4name\xaaconstant_5\xa6params\x91\xa3ctx\xa4body\x90\xa5label\xa0\x84\xa4name\xa8rule_5_0\xa6params\x91\xa3ctx\xa4body\x90\xa5label\xa0\x84\xa4name\xaaconstant_6\xa6params\x91\xa3ctx\xa4body\x90\xa5label\xa0\x84\xa4name\xa8rule_6_0\xa6params\x91\xa3ctx\xa4body\x90\xa5label\xa0\x84\xa4name\xaaconstant_7\xa6params\x91\xa3ctx\xa4body\x90\xa5label\xa0\x84\xa4name\xa8rule_7_0\xa6params\x91\xa3ctx\xa4body\x90\xa5label\xa0\x84\xa4name\xa8rule_8_0\xa6params\x92\xa3ctx\xa3out\xa4body\x90\xa5label\xa0\x84\xa4name\xa8rule_9_0\xa6params\x91\xa3ctx\xa4body\x90\xa5label\xa0\x84\xa4name\xaaconstant_8\xa6params\x91\xa3ctx\xa4body\x90\xa5label\xa0\x84\xa4name\xa9rule_10_0\xa6params\x91\xa3ctx\xa4body\x90\xa5label\xa0\x84\xa4name\xa9rule_11_0\xa6params\x91\xa3ctx\xa4body\x90\xa5label\xa0\x84\xa4name\xa9rule_12_0\xa6params\x91\xa3ctx\xa4body\x90\xa5label\xa0\x84\xa4name\xaaconstant_9\xa6params\x91\xa3ctx\xa4body\x90\xa5label\xa0\x84\xa4name\xa9rule_13_0\xa6params\x91\xa3ctx\xa4body\x90\xa5label\xa0\x84\xa4name\xa9rule_14_0\xa6params\x91\xa3ctx\xa4body\x90\xa5label\xa0\x84\xa4name\xa9rule_15_0\xa6params\x91\xa3ctx\xa4body\x90\xa5label\xa0\x84\xa4name\xa9rule_16_0\xa6params\x92\xa3ctx\xa3out\xa4body\x90\xa5label\xa0\x84\xa4name\xabconstant_10\xa6params\x91\xa3ctx\xa4body\x90\xa5label\xa0\x84\xa4name\xabconstant_11\xa6params\x91\xa3ctx\xa4body\x90\xa5label\xa0\x84\xa4name\xabconstant_12\xa6params\x91\xa3ctx\xa4body\x90\xa5label\xa0\x84\xa4name\xabconstant_13\xa6params\x91\xa3ctx\xa4body\x90\xa5label\xa0\x84\xa4name\xabconstant_14\xa6params\x91\xa3ctx\xa4body\x90\xa5label\xa0\x84\xa4name\xabconstant_15\xa6params\x91\xa3ctx\xa4body\x90\xa5label\xa0\x84\xa4name\xabconstant_16\xa6params\x91\xa3ctx\xa4body\x90\xa5label\xa0\x84\xa4name\xa9rule_17_0\xa6params\x91\xa3ctx\xa4body\x90\xa5label\xa0\x84\xa4name\xa9rule_18_0\xa6params\x92\xa3ctx\xa3out\xa4body\x90\xa5label\xa0\x84\xa4name\xabconstant_17\xa6params\x91\xa3ctx\xa4body\x90\xa5label\xa0\x84\xa4name\xabconstant_18\xa6params\x91\xa3ctx\xa4body\x90\xa5label\xa0\x84\xa4name\xabconstant_19\xa6params\x91\xa3ctx\xa4body\x90\xa5label\xa0\x84\xa4name\xabconstant_20\xa6params\x91\xa3ctx\xa4body\x90\xa5label\xa0\x84\xa4name\xabconstant_21\xa6params\x91\xa3ctx\xa4body\x90\xa5label\xa0\x84\xa4name\xabconstant_22\xa6params\x91\xa3ctx\xa4body\x90\xa5label\xa0\x84\xa4name\xabconstant_23\xa6params\x91\xa3ctx\xa4body\x90\xa5label\xa0\x84\xa4name\xa9rule_19_0\xa6params\x91\xa3ctx\xa4body\x90\xa5label\xa0\x84\xa4name\xa9rule_20_0\xa6params\x91\xa3ctx\xa4body\x90\xa5label\xa0\x84\xa4name\xa9rule_21_0\xa6params\x91\xa3ctx\xa4body\x90\xa5label\xa0\x84\xa4name\xabconstant_24\xa6params\x91\xa3ctx\xa4body\x90\xa5label\xa0\x84\xa4name\xa9rule_22_0\xa6params\x91\xa3ctx\xa4body\x90\xa5label\xa0\x84\xa4name\xabconstant_25\xa6params\x91\xa3ctx\xa4body\x90\xa5label\xa0\x84\xa4name\xa9rule_23_0\xa6params\x91\xa3ctx\xa4body\x90\xa5label\xa0\x84\xa4name\xabconstant_26\xa6params\x91\xa3ctx\xa4body\x90\xa5label\xa0\x84\xa4name\xa9rule_24_0\xa6params\x91\xa3ctx\xa4body\x90\xa5label\xa0\x84\xa4name\xa9rule_25_0\xa6params\x91\xa3ctx\xa4body\x90\xa5label\xa0\x84\xa4name\xa9rule_26_0\xa6params\x91\xa3ctx\xa4body\x90\xa5label\xa0\x84\xa4name\xa9rule_27_0\xa6params\x91\xa3ctx\xa4body\x90\xa5label\xa0\x84\xa4name\xa9rule_28_0\xa6params\x91\xa3ctx\xa4body\x90\xa5label\xa0\x84\xa4name\xabconstant_27\xa6params\x91\xa3ctx\xa4body\x90\xa5label\xa0\x84\xa4name\xa9rule_29_0\xa6params\x91\xa3ctx\xa4body\x90\xa5label\xa0\x84\xa4name\xabconstant_28\xa6params\x91\xa3ctx\xa4body\x90\xa5label\xa0\x84\xa4name\xa9rule_30_0\xa6params\x91\xa3ctx\xa4body\x90\xa5label\xa0\x84\xa4name\xaafunction_0\xa6params\x92\xa3ctx\xa2a0\xa4body\x90\xa5label\xa0\x84\xa4name\xaafunction_1\xa6params\x92\xa3ctx\xa2a0\xa4body\x90\xa5label\xa0\x84\xa4name\xabconstant_29\xa6params\x91\xa3ctx\xa4body\x90\xa5label\xa0\x84\xa4name\xabconstant_30\xa6params\x91\xa3ctx\xa4body\x90\xa5label\xa0\x84\xa4name\xaafunction_3\xa6params\x92\xa3ctx\xa2a0\xa4body\x90\xa5label\xa0\x84\xa4name\xabconstant_31\xa6params\x91\xa3ctx\xa4body\x90\xa5label\xa0\x84\xa4name\xaafunction_5\xa6params\x92\xa3ctx\xa2a0\xa4body\x90\xa5label\xa0\x84\xa4name\xaafunction_6\xa6params\x92\xa3ctx\xa2a0\xa4body\x90\xa5label\xa0\x84\xa4name\xaafunction_7\xa6params\x93\xa3ctx\xa2a0\xa2a1\xa4body\x90\xa5label\xa0\x84\xa4name\xaafunction_8\xa6params\x92\xa3ctx\xa2a0\xa4body\x90\xa5label\xa0\x84\xa4name\xaafunction_9\xa6params\x92\xa3ctx\xa2a0\xa4body\x90\xa5label\xa0\x84\xa4name\xabconstant_32\xa6params\x91\xa3ctx\xa4body\x90\xa5label\xa0\x84\xa4name\xabconstant_33\xa6params\x91\xa3ctx\xa4body\x90\xa5label\xa0\x84\xa4name\xabfunction_12\xa6params\x92\xa3ctx\xa2a0\xa4body\x90\xa5label\xa0\x84\xa4name\xabconstant_34\xa6params\x91\xa3ctx\xa4body\x90\xa5label\xa0\x84\xa4name\xabfunction_14\xa6params\x92\xa3ctx\xa2a0\xa4body\x90\xa5label\xa0\x84\xa4name\xabfunction_15\xa6params\x92\xa3ctx\xa2a0\xa4body\x90\xa5label\xa0\x84\xa4name\xabfunction_16\xa6params\x92\xa3ctx\xa2a0\xa4body\x90\xa5label\xa0\x84\xa4name\xabfunction_17\xa6params\x93\xa3ctx\xa2a0\xa2a1\xa4body\x90\xa5label\xa0\x84\xa4name\xabfunction_18\xa6params\x92\xa3ctx\xa2a0\xa4body\x90\xa5label\xa0\x84\xa4name\xabfunction_21\xa6params\x93\xa3ctx\xa2a0\xa2a1\xa4body\x90\xa5label\xa0\x84\xa4name\xabfunction_22\xa6params\x93\xa3ctx\xa2a0\xa2a1\xa4body\x90\xa5label\xa0\x84\xa4name\xabfunction_23\xa6params\x93\xa3ctx\xa2a0\xa2a1\xa4body\x90\xa5label\xa0\x84\xa4name\xabconstant_35\xa6params\x91\xa3ctx\xa4body\x90\xa5label\xa0\x84\xa4name\xabfunction_24\xa6params\x92\xa3ctx\xa2a0\xa4body\x90\xa5label\xa0\x84\xa4name\xabfunction_25\xa6params\x93\xa3ctx\xa2a0\xa2a1\xa4body\x90\xa5label\xa0\x84\xa4name\xabconstant_36\xa6params\x91\xa3ctx\xa4body\x90\xa5label\xa0\x84\xa4name\xabfunction_26\xa6params\x93\xa3ctx\xa2a0\xa2a1\xa4body\x90\xa5label\xa0\x84\xa4name\xabfunction_27\xa6params\x92\xa3ctx\xa2a0\xa4body\x90\xa5label\xa0\x84\xa4name\xabconstant_37\xa6params\x91\xa3ctx\xa4body\x90\xa5label\xa0\x84\xa4name\xabfunction_28\xa6params\x93\xa3ctx\xa2a0\xa2a1\xa4body\x90\xa5label\xa0\x84\xa4name\xabfunction_29\xa6params\x95\xa3ctx\xa2a0\xa2a1\xa2a2\xa2a3\xa4body\x90\xa5label\xa0\x84\xa4name\xabfunction_31\xa6params\x94\xa3ctx\xa2a0\xa2a1\xa2a2\xa4body\x90\xa5label\xa0\x84\xa4name\xabconstant_38\xa6params\x91\xa3ctx\xa4body\x90\xa5label\xa0\x84\xa4name\xabconstant_39\xa6params\x91\xa3ctx\xa4body\x90\xa5label\xa0\x84\xa4name\xabconstant_40\xa6params\x91\xa3ctx\xa4body\x90\xa5label\xa0\x84\xa4name\xabconstant_41\xa6params\x91\xa3ctx\xa4body\x90\xa5label\xa0\x84\xa4name\xabconstant_42\xa6params\x91\xa3ctx\xa4body\x90\xa5label\xa0\x84\xa4name\xabfunction_32\xa6params\x93\xa3ctx\xa2a0\xa2a1\xa4body\x90\xa5label\xa0\x84\xa4name\xabconstant_43\xa6params\x91\xa3ctx\xa4body\x90\xa5label\xa0\x84\xa4name\xabfunction_34\xa6params\x92\xa3ctx\xa2a0\xa4body\x90\xa5label\xa0\x84\xa4name\xabfunction_35\xa6params\x94\xa3ctx\xa2a0\xa2a1\xa2a2\xa4body\x90\xa5label\xa0\x84\xa4name\xabfunction_36\xa6params\x94\xa3ctx\xa2a0\xa2a1\xa2a2\xa4body\x90\xa5label\xa0\x84\xa4name\xabfunction_37\xa6params\x93\xa3ctx\xa2a0\xa2a1\xa4body\x90\xa5label\xa0\x84\xa4name\xabfunction_38\xa6params\x94\xa3ctx\xa2a0\xa2a1\xa2a2\xa4body\x90\xa5label\xa0\x84\xa4name\xabfunction_39\xa6params\x94\xa3ctx\xa2a0\xa2a1\xa2a2\xa4body\x90\xa5label\xa0\x84\xa4name\xabfunction_40\xa6params\x93\xa3ctx\xa2a0\xa2a1\xa4body\x90\xa5label\xa0\x84\xa4name\xaafunction_2\xa6params\x92\xa3ctx\xa2a0\xa4body\x90\xa5label\xa0\x84\xa4name\xaafunction_4\xa6params\x92\xa3ctx\xa2a0\xa4body\x90\xa5label\xa0\x84\xa4name\xabfunction_11\xa6params\x92\xa3ctx\xa2a0\xa4body\x90\xa5label\xa0\x84\xa4name\xabfunction_13\xa6params\x93\xa3ctx\xa2a0\xa2a1\xa4body\x90\xa5label\xa0\x84\xa4name\xabfunction_20\xa6params\x93\xa3ctx\xa2a0\xa2a1\xa4body\x90\xa5label\xa0\xa9constants\xdc\x00,\xaaconstant_0\xaaconstant_1\xaaconstant_2\xaaconstant_3\xaaconstant_4\xaaconstant_5\xaaconstant_6\xaaconstant_7\xaaconstant_8\xaaconstant_9\xabconstant_10\xabconstant_11\xabconstant_12\xabconstant_13\xabconstant_14\xabconstant_15\xabconstant_16\xabconstant_17\xabconstant_18\xabconstant_19\xabconstant_20\xabconstant_21\xabconstant_22\xabconstant_23\xabconstant_24\xabconstant_25\xabconstant_26\xabconstant_27\xabconstant_28\xabconstant_29\xabconstant_30\xabconstant_31\xabconstant_32\xabconstant_33\xabconstant_34\xabconstant_35\xabconstant_36\xabconstant_37\xabconstant_38\xabconstant_39\xabconstant_40\xabconstant_41\xabconstant_42\xabconstant_43\xa5rules\xdc\x00\x1f\x84\xa4path\x94\xa9gateproof\xa8policies\xb0s3_public_access\xa8settings\xa4kind\xa8complete\xa7clauses\x91\xa8rule_0_0\xa2at\xb0policy.rego:41:1\x84\xa4path\x94\xa9gateproof\xa8policies\xb0s3_public_access\xabpublic_acls\xa4kind\xa8complete\xa7clauses\x91\xa8rule_1_0\xa2at\xb0policy.rego:43:1\x84\xa4path\x94\xa9gateproof\xa8policies\xb0s3_public_access\xa7buckets\xa4kind\xa8complete\xa7clauses\x91\xa8rule_2_0\xa2at\xb0policy.rego:47:1\x84\xa4path\x94\xa9gateproof\xa8policies\xb0s3_public_access\xa6blocks\xa4kind\xa8complete\xa7clauses\x91\xa8rule_3_0\xa2at\xb0policy.rego:49:1\x84\xa4path\x94\xa9gateproof\xa8policies\xb0s3_public_access\xafbucket_policies\xa4kind\xa8complete\xa7clauses\x91\xa8rule_4_0\xa2at\xb0policy.rego:51:1\x84\xa4path\x94\xa9gateproof\xa8policies\xb0s3_public_access\xa4acls\xa4kind\xa8complete\xa7clauses\x91\xa8rule_5_0\xa2at\xb0policy.rego:53:1\x84\xa4path\x94\xa9gateproof\xa8policies\xb0s3_public_access\xa7objects\xa4kind\xa8complete\xa7clauses\x91\xa8rule_6_0\xa2at\xb0policy.rego:55:1\x84\xa4path\x94\xa9gateproof\xa8policies\xb0s3_public_access\xaeaccount_blocks\xa4kind\xa8complete\xa7clauses\x91\xa8rule_7_0\xa2at\xb0policy.rego:57:1\x84\xa4path\x94\xa9gateproof\xa8policies\xb0s3_public_access\xa7applies\xa4kind\xa3set\xa7clauses\x91\xa8rule_8_0\xa2at\xb0policy.rego:59:1\x84\xa4path\x94\xa9gateproof\xa8policies\xb0s3_public_access\xb1account_providers\xa4kind\xa8complete\xa7clauses\x91\xa8rule_9_0\xa2at\xb0policy.rego:78:1\x84\xa4path\x94\xa9gateproof\xa8policies\xb0s3_public_access\xa5names\xa4kind\xa8complete\xa7clauses\x91\xa9rule_10_0\xa2at\xb0policy.rego:87:1\x84\xa4path\x94\xa9gateproof\xa8policies\xb0s3_public_access\xa9all_links\xa4kind\xa8complete\xa7clauses\x91\xa9rule_11_0\xa2at\xb0policy.rego:89:1\x84\xa4path\x94\xa9gateproof\xa8policies\xb0s3_public_access\xaafull_links\xa4kind\xa8complete\xa7clauses\x91\xa9rule_12_0\xa2at\xb0policy.rego:91:1\x84\xa4path\x94\xa9gateproof\xa8policies\xb0s3_public_access\xaelinked_buckets\xa4kind\xa8complete\xa7clauses\x91\xa9rule_13_0\xa2at\xb0policy.rego:93:1\x84\xa4path\x94\xa9gateproof\xa8policies\xb0s3_public_access\xb0unlinked_buckets\xa4kind\xa8complete\xa7clauses\x91\xa9rule_14_0\xa2at\xb0policy.rego:95:1\x84\xa4path\x94\xa9gateproof\xa8policies\xb0s3_public_access\xa7unclear\xa4kind\xa8complete\xa7clauses\x91\xa9rule_15_0\xa2at\xb0policy.rego:97:1\x84\xa4path\x94\xa9gateproof\xa8policies\xb0s3_public_access\xa4deny\xa4kind\xa3set\xa7clauses\x91\xa9rule_16_0\xa2at\xb0policy.rego:99:1\x84\xa4path\x94\xa9gateproof\xa8policies\xb0s3_public_access\xbbaccount_protected_addresses\xa4kind\xa8complete\xa7clauses\x91\xa9rule_17_0\xa2at\xb1policy.rego:106:1\x84\xa4path\x94\xa9gateproof\xa8policies\xb0s3_public_access\xa9undecided\xa4kind\xa3set\xa7clauses\x91\xa9rule_18_0\xa2at\xb1policy.rego:108:1\x84\xa4path\x94\xa9gateproof\xa8policies\xb0s3_public_access\xb3protected_addresses\xa4kind\xa8complete\xa7clauses\x91\xa9rule_19_0\xa2at\xb1policy.rego:132:1\x84\xa4path\x94\xa9gateproof\xa8policies\xb0s3_public_access\xafprotected_names\xa4kind\xa8complete\xa7clauses\x91\xa9rule_20_0\xa2at\xb1policy.rego:134:1\x84\xa4path\x94\xa9gateproof\xa8policies\xb0s3_public_access\xb0bucket_addresses\xa4kind\xa8complete\xa7clauses\x91\xa9rule_21_0\xa2at\xb1policy.rego:155:1\x84\xa4path\x94\xa9gateproof\xa8policies\xb0s3_public_access\xaeremoved_blocks\xa4kind\xa8complete\xa7clauses\x91\xa9rule_22_0\xa2at\xb1policy.rego:159:1\x84\xa4path\x94\xa9gateproof\xa8policies\xb0s3_public_access\xb6removed_account_blocks\xa4kind\xa8complete\xa7clauses\x91\xa9rule_23_0\xa2at\xb1policy.rego:161:1\x84\xa4path\x94\xa9gateproof\xa8policies\xb0s3_public_access\xadplanned_names\xa4kind\xa8complete\xa7clauses\x91\xa9rule_24_0\xa2at\xb1policy.rego:163:1\x84\xa4path\x94\xa9gateproof\xa8policies\xb0s3_public_access\xabwith_policy\xa4kind\xa8complete\xa7clauses\x91\xa9rule_25_0\xa2at\xb1policy.rego:273:1\x84\xa4path\x93\xa9gateproof\xa8contract\xa7applies\xa4kind\xa8complete\xa7clauses\x91\xa9rule_26_0\xa2at\xae<contract>:3:1\x84\xa4path\x93\xa9gateproof\xa8contract\xa4deny\xa4kind\xa8complete\xa7clauses\x91\xa9rule_27_0\xa2at\xae<contract>:4:1\x84\xa4path\x93\xa9gateproof\xa8contract\xa9undecided\xa4kind\xa8complete\xa7clauses\x91\xa9rule_28_0\xa2at\xae<contract>:5:1\x84\xa4path\x94\xa9gateproof\xa3lib\xa3iam\xb3narrowing_operators\xa4kind\xa8complete\xa7clauses\x91\xa9rule_29_0\xa2at\xb2lib/iam.rego:105:1\x84\xa4path\x94\xa9gateproof\xa3lib\xa3iam\xaenarrowing_keys\xa4kind\xa8complete\xa7clauses\x91\xa9rule_30_0\xa2at\xb2lib/iam.rego:107:1\xa4tree\x81\xa9gateproof\x83\xa8policies\x81\xb0s3_public_access\xde\x00\x1a\xa8settings\x00\xabpublic_acls\x01\xa7buckets\x02\xa6blocks\x03\xafbucket_policies\x04\xa4acls\x05\xa7objects\x06\xaeaccount_blocks\x07\xa7applies\x08\xb1account_providers\t\xa5names\n\xa9all_links\x0b\xaafull_links\x0c\xaelinked_buckets\r\xb0unlinked_buckets\x0e\xa7unclear\x0f\xa4deny\x10\xbbaccount_protected_addresses\x11\xa9undecided\x12\xb3protected_addresses\x13\xafprotected_names\x14\xb0bucket_addresses\x15\xaeremoved_blocks\x16\xb6removed_account_blocks\x17\xadplanned_names\x18\xabwith_policy\x19\xa8contract\x83\xa7applies\x1a\xa4deny\x1b\xa9undecided\x1c\xa3lib\x82\xa3iam\x82\xb3narrowing_operators\x1d\xaenarrowing_keys\x1e\xa9terraform\x80\xa5nodes\x90\xa8builtins\xdc\x00\x14\xa9is_string\xa7sprintf\xacarray.concat\xaaobject.get\xa5count\xa4walk\xa5split\xa8endswith\xadjson.is_valid\xaejson.unmarshal\xabtrim_prefix\xa5lower\xabregex.match\xaastartswith\xadnumbers.range\xabarray.slice\xa8is_array\xa9is_object\xa6concat\xa9is_number\xa7outputs\x90\xa8standing\x95\x00\x01\n\x1d\x1e\xa5sites\x90\xa7clauses\x90'


# constant
def constant_0(ctx):
    return ['block_public_acls', 'block_public_policy', 'ignore_public_acls', 'restrict_public_buckets']


# data.gateproof.policies.s3_public_access.settings (policy.rego:41:1)
def rule_0_0(ctx):
    return constant_0


# constant
def constant_1(ctx):
    return constant_set({'public-read': 'public-read', 'public-read-write': 'public-read-write', 'authenticated-read': 'authenticated-read'})


# data.gateproof.policies.s3_public_access.public_acls (policy.rego:43:1)
def rule_1_0(ctx):
    return constant_1


# constant
def constant_2(ctx):
    return ['aws_s3_bucket']


# data.gateproof.policies.s3_public_access.buckets (policy.rego:47:1)
def rule_2_0(ctx):
    v1 = function_15(ctx, constant_2)
    if v1 is UNDEFINED:
        return UNDEFINED
    return v1


# constant
def constant_3(ctx):
    return ['aws_s3_bucket_public_access_block']


# data.gateproof.policies.s3_public_access.blocks (policy.rego:49:1)
def rule_3_0(ctx):
    v1 = function_15(ctx, constant_3)
    if v1 is UNDEFINED:
        return UNDEFINED
    return v1


# constant
def constant_4(ctx):
    return ['aws_s3_bucket_policy']


# data.gateproof.policies.s3_public_access.bucket_policies (policy.rego:51:1)
def rule_4_0(ctx):
    v1 = function_15(ctx, constant_4)
    if v1 is UNDEFINED:
        return UNDEFINED
    return v1


# constant
def constant_5(ctx):
    return ['aws_s3_bucket_acl']


# data.gateproof.policies.s3_public_access.acls (policy.rego:53:1)
def rule_5_0(ctx):
    v1 = function_15(ctx, constant_5)
    if v1 is UNDEFINED:
        return UNDEFINED
    return v1


# constant
def constant_6(ctx):
    return ['aws_s3_object', 'aws_s3_bucket_object', 'aws_s3_object_copy']


# data.gateproof.policies.s3_public_access.objects (policy.rego:55:1)
def rule_6_0(ctx):
    v1 = function_15(ctx, constant_6)
    if v1 is UNDEFINED:
        return UNDEFINED
    return v1


# constant
def constant_7(ctx):
    return ['aws_s3_account_public_access_block']


# data.gateproof.policies.s3_public_access.account_blocks (policy.rego:57:1)
def rule_7_0(ctx):
    v1 = function_15(ctx, constant_7)
    if v1 is UNDEFINED:
        return UNDEFINED
    return v1


# data.gateproof.policies.s3_public_access.applies (policy.rego:59:1), data.gateproof.policies.s3_public_access.applies (policy.rego:61:1), data.gateproof.policies.s3_public_access.applies (policy.rego:63:1), data.gateproof.policies.s3_public_access.applies (policy.rego:65:1), data.gateproof.policies.s3_public_access.applies (policy.rego:67:1), data.gateproof.policies.s3_public_access.applies (policy.rego:69:1), data.gateproof.policies.s3_public_access.applies (policy.rego:71:1)
def rule_8_0(ctx, out):
    v1 = rule_2(ctx)
    for v2 in values(ctx, v1) if v1 is not UNDEFINED else ():
        v3 = v2.get('address', UNDEFINED) if type(v2) is dict else element(v2, 'address')
        if v3 is UNDEFINED:
            continue
        out[v3 if type(v3) is str else key_of(ctx, v3)] = v3
    v1_1 = rule_3(ctx)
    for v2_1 in values(ctx, v1_1) if v1_1 is not UNDEFINED else ():
        v3_1 = v2_1.get('address', UNDEFINED) if type(v2_1) is dict else element(v2_1, 'address')
        if v3_1 is UNDEFINED:
            continue
        out[v3_1 if type(v3_1) is str else key_of(ctx, v3_1)] = v3_1
    v1_2 = rule_4(ctx)
    for v2_2 in values(ctx, v1_2) if v1_2 is not UNDEFINED else ():
        v3_2 = v2_2.get('address', UNDEFINED) if type(v2_2) is dict else element(v2_2, 'address')
        if v3_2 is UNDEFINED:
            continue
        out[v3_2 if type(v3_2) is str else key_of(ctx, v3_2)] = v3_2
    v1_3 = rule_5(ctx)
    ctx.budget.steps -= 3
    if ctx.budget.steps < 0:
        ctx.budget.spend(0)
    for v2_3 in values(ctx, v1_3) if v1_3 is not UNDEFINED else ():
        v3_3 = v2_3.get('address', UNDEFINED) if type(v2_3) is dict else element(v2_3, 'address')
        if v3_3 is UNDEFINED:
            continue
        out[v3_3 if type(v3_3) is str else key_of(ctx, v3_3)] = v3_3
    v1_4 = rule_6(ctx)
    for v2_4 in values(ctx, v1_4) if v1_4 is not UNDEFINED else ():
        v3_4 = v2_4.get('address', UNDEFINED) if type(v2_4) is dict else element(v2_4, 'address')
        if v3_4 is UNDEFINED:
            continue
        out[v3_4 if type(v3_4) is str else key_of(ctx, v3_4)] = v3_4
    v1_5 = rule_22(ctx)
    for v2_5 in values(ctx, v1_5) if v1_5 is not UNDEFINED else ():
        v3_5 = v2_5.get('address', UNDEFINED) if type(v2_5) is dict else element(v2_5, 'address')
        if v3_5 is UNDEFINED:
            continue
        out[v3_5 if type(v3_5) is str else key_of(ctx, v3_5)] = v3_5
    v1_6 = rule_23(ctx)
    for v2_6 in values(ctx, v1_6) if v1_6 is not UNDEFINED else ():
        v3_6 = v2_6.get('address', UNDEFINED) if type(v2_6) is dict else element(v2_6, 'address')
        if v3_6 is UNDEFINED:
            continue
        out[v3_6 if type(v3_6) is str else key_of(ctx, v3_6)] = v3_6
    return UNDEFINED


# data.gateproof.policies.s3_public_access.account_providers (policy.rego:78:1)
def rule_9_0(ctx):
    v1 = {}
    v2 = rule_7(ctx)
    for v3 in values(ctx, v2) if v2 is not UNDEFINED else ():
        v4 = function_0(ctx, v3)
        if not (v4 is not UNDEFINED and v4 is not False):
            continue
        v5 = v3.get('provider_config', UNDEFINED) if type(v3) is dict else element(v3, 'provider_config')
        if v5 is UNDEFINED:
            continue
        v6 = type(v5) is str
        if not (v6 is not UNDEFINED and v6 is not False):
            continue
        v8 = v3.get('configured', UNDEFINED) if type(v3) is dict else element(v3, 'configured')
        if v8 is UNDEFINED:
            continue
        v10 = 'account_id' in v8.items if type(v8) is rego_set else contained(ctx, 'account_id', v8)
        if v10 is not False:
            continue
        ctx.budget.steps -= 3
        if ctx.budget.steps < 0:
            ctx.budget.spend(0)
        v1[v5 if type(v5) is str else key_of(ctx, v5)] = v5
    v11 = made(ctx, set_of(v1))
    return v11


# constant
def constant_8(ctx):
    return ['bucket', 'id']


# data.gateproof.policies.s3_public_access.names (policy.rego:87:1)
def rule_10_0(ctx):
    return constant_8


# data.gateproof.policies.s3_public_access.all_links (policy.rego:89:1)
def rule_11_0(ctx):
    v1 = rule_3(ctx)
    if v1 is UNDEFINED:
        return UNDEFINED
    v2 = rule_2(ctx)
    if v2 is UNDEFINED:
        return UNDEFINED
    v3 = function_35(ctx, v1, 'bucket', v2)
    if v3 is UNDEFINED:
        return UNDEFINED
    return v3


# data.gateproof.policies.s3_public_access.full_links (policy.rego:91:1)
def rule_12_0(ctx):
    v1 = rule_2(ctx)
    if v1 is UNDEFINED:
        return UNDEFINED
    v2 = []
    v3 = rule_3(ctx)
    for v4 in values(ctx, v3) if v3 is not UNDEFINED else ():
        v5 = function_0(ctx, v4)
        if not (v5 is not UNDEFINED and v5 is not False):
            continue
        v2.append(v4)
    v6 = made(ctx, v2)
    v7 = function_35(ctx, v6, 'bucket', v1)
    if v7 is UNDEFINED:
        return UNDEFINED
    ctx.budget.steps -= 3
    if ctx.budget.steps < 0:
        ctx.budget.spend(0)
    return v7


# constant
def constant_9(ctx):
    return ['bucket', 'id']


# data.gateproof.policies.s3_public_access.linked_buckets (policy.rego:93:1)
def rule_13_0(ctx):
    v1 = rule_11(ctx)
    if v1 is UNDEFINED:
        return UNDEFINED
    v2 = rule_2(ctx)
    if v2 is UNDEFINED:
        return UNDEFINED
    v3 = function_39(ctx, v1, v2, constant_9)
    if v3 is UNDEFINED:
        return UNDEFINED
    return v3


# data.gateproof.policies.s3_public_access.unlinked_buckets (policy.rego:95:1)
def rule_14_0(ctx):
    v1 = []
    v2 = rule_2(ctx)
    for v3 in values(ctx, v2) if v2 is not UNDEFINED else ():
        v5 = v3.get('address', UNDEFINED) if type(v3) is dict else element(v3, 'address')
        if v5 is UNDEFINED:
            continue
        v7 = rule_13(ctx)
        if v7 is UNDEFINED:
            continue
        v9 = v5 in v7.items if type(v5) is str and type(v7) is rego_set else contained(ctx, v5, v7)
        if v9 is not False:
            continue
        v1.append(v3)
    v10 = made(ctx, v1)
    return v10


# data.gateproof.policies.s3_public_access.unclear (policy.rego:97:1)
def rule_15_0(ctx):
    v1 = {}
    v2 = rule_14(ctx)
    for v3 in values(ctx, v2) if v2 is not UNDEFINED else ():
        v4 = rule_11(ctx)
        if v4 is UNDEFINED:
            continue
        v5 = function_37(ctx, v4, v3)
        if v5 is UNDEFINED:
            continue
        v6 = v3.get('address', UNDEFINED) if type(v3) is dict else element(v3, 'address')
        if v6 is UNDEFINED:
            continue
        put(ctx, v1, v6, v5)
    v7 = made(ctx, v1)
    return v7


# data.gateproof.policies.s3_public_access.deny (policy.rego:99:1), data.gateproof.policies.s3_public_access.deny (policy.rego:113:1), data.gateproof.policies.s3_public_access.deny (policy.rego:172:1), data.gateproof.policies.s3_public_access.deny (policy.rego:193:1), data.gateproof.policies.s3_public_access.deny (policy.rego:204:1), data.gateproof.policies.s3_public_access.deny (policy.rego:211:1), data.gateproof.policies.s3_public_access.deny (policy.rego:275:1)
def rule_16_0(ctx, out):
    v1 = rule_14(ctx)
    for v2 in values(ctx, v1) if v1 is not UNDEFINED else ():
        v4 = function_1(ctx, v2)
        if v4 is not UNDEFINED and v4 is not False:
            continue
        v6 = v2.get('address', UNDEFINED) if type(v2) is dict else element(v2, 'address')
        if v6 is UNDEFINED:
            continue
        v8 = rule_15(ctx)
        v9 = v8.get(v6, UNDEFINED) if type(v8) is dict and type(v6) is str else get(v8, v6 if type(v6) is str else v6 if type(v6) is int else paid(ctx, v6))
        if v9 is not UNDEFINED and v9 is not False:
            continue
        ctx.budget.steps -= 3
        if ctx.budget.steps < 0:
            ctx.budget.spend(0)
        v10 = function_6(ctx, v2)
        if v10 is UNDEFINED:
            continue
        v11 = written(ctx, f'{v10} has no public access block') if type(v10) is str else builtin_sprintf(ctx, '%s has no public access block', [v10])
        if v11 is UNDEFINED:
            continue
        v12 = made_of_one(ctx, {'resource': v6, 'message': v11}, v6)
        ctx.budget.steps -= 3
        if ctx.budget.steps < 0:
            ctx.budget.spend(0)
        out[v12 if type(v12) is str else key_of(ctx, v12)] = v12
    v1_1 = rule_3(ctx)
    for v2_1 in values(ctx, v1_1) if v1_1 is not UNDEFINED else ():
        v4_1 = function_1(ctx, v2_1)
        if v4_1 is not UNDEFINED and v4_1 is not False:
            continue
        for v5_1 in values(ctx, constant_10) if constant_10 is not UNDEFINED else ():
            v7_1 = v2_1.get('values', UNDEFINED) if type(v2_1) is dict else element(v2_1, 'values')
            v8_1 = v7_1.get(v5_1, UNDEFINED) if type(v7_1) is dict and type(v5_1) is str else get(v7_1, v5_1 if type(v5_1) is str else v5_1 if type(v5_1) is int else paid(ctx, v5_1))
            if v8_1 is True:
                continue
            v10_1 = made_of_one(ctx, [v5_1], v5_1)
            v12_1 = function_22(ctx, v2_1, v10_1)
            if v12_1 is not UNDEFINED and v12_1 is not False:
                continue
            ctx.budget.steps -= 3
            if ctx.budget.steps < 0:
                ctx.budget.spend(0)
            v13_1 = written(ctx, f'the public access block does not set {v5_1} to true') if type(v5_1) is str else builtin_sprintf(ctx, 'the public access block does not set %s to true', [v5_1])
            if v13_1 is UNDEFINED:
                continue
            v14_1 = v2_1.get('address', UNDEFINED) if type(v2_1) is dict else element(v2_1, 'address')
            if v14_1 is UNDEFINED:
                continue
            v15_1 = made_of_one(ctx, [v5_1], v5_1)
            ctx.budget.steps -= 3
            if ctx.budget.steps < 0:
                ctx.budget.spend(0)
            v16_1 = made_of(ctx, {'resource': v14_1, 'message': v13_1, 'path': v15_1}, [v14_1, v15_1])
            out[v16_1 if type(v16_1) is str else key_of(ctx, v16_1)] = v16_1
    v1_2 = rule_22(ctx)
    for v2_2 in values(ctx, v1_2) if v1_2 is not UNDEFINED else ():
        v4_2 = function_1(ctx, v2_2)
        if v4_2 is not UNDEFINED and v4_2 is not False:
            continue
        v5_2 = v2_2.get('before', UNDEFINED) if type(v2_2) is dict else element(v2_2, 'before')
        v6_2 = v5_2.get('bucket', UNDEFINED) if type(v5_2) is dict else element(v5_2, 'bucket')
        if v6_2 is UNDEFINED:
            continue
        v7_2 = function_18(ctx, v6_2)
        if not (v7_2 is not UNDEFINED and v7_2 is not False):
            continue
        v9_2 = rule_24(ctx)
        if v9_2 is UNDEFINED:
            continue
        ctx.budget.steps -= 3
        if ctx.budget.steps < 0:
            ctx.budget.spend(0)
        v11_2 = v6_2 in v9_2.items if type(v6_2) is str and type(v9_2) is rego_set else contained(ctx, v6_2, v9_2)
        if v11_2 is not False:
            continue
        v12_2 = builtin_sprintf(ctx, 'the public access block of bucket %q is removed, and the bucket stays', [v6_2])
        if v12_2 is UNDEFINED:
            continue
        v13_2 = v2_2.get('address', UNDEFINED) if type(v2_2) is dict else element(v2_2, 'address')
        if v13_2 is UNDEFINED:
            continue
        ctx.budget.steps -= 3
        if ctx.budget.steps < 0:
            ctx.budget.spend(0)
        v14_2 = made_of_one(ctx, {'resource': v13_2, 'message': v12_2}, v13_2)
        out[v14_2 if type(v14_2) is str else key_of(ctx, v14_2)] = v14_2
    v1_3 = rule_2(ctx)
    ctx.budget.steps -= 3
    if ctx.budget.steps < 0:
        ctx.budget.spend(0)
    if v1_3 is not UNDEFINED:
        v2_3 = rule_5(ctx)
        if v2_3 is not UNDEFINED:
            v3_3 = rule_6(ctx)
            if v3_3 is not UNDEFINED:
                v4_3 = chained(ctx, v2_3, v3_3, builtin_array_concat)
                if v4_3 is not UNDEFINED:
                    v5_3 = chained(ctx, v1_3, v4_3, builtin_array_concat)
                    for v6_3 in values(ctx, v5_3) if v5_3 is not UNDEFINED else ():
                        v7_3 = v6_3.get('values', UNDEFINED) if type(v6_3) is dict else element(v6_3, 'values')
                        v8_3 = v7_3.get('acl', UNDEFINED) if type(v7_3) is dict else element(v7_3, 'acl')
                        if v8_3 is UNDEFINED:
                            continue
                        v9_3 = v8_3 in constant_11.items if type(v8_3) is str else contained(ctx, v8_3, constant_11)
                        if v9_3 is False:
                            continue
                        v10_3 = function_6(ctx, v6_3)
                        if v10_3 is UNDEFINED:
                            continue
                        v11_3 = builtin_sprintf(ctx, '%s has the public ACL %q', [v10_3, v8_3])
                        if v11_3 is UNDEFINED:
                            continue
                        ctx.budget.steps -= 3
                        if ctx.budget.steps < 0:
                            ctx.budget.spend(0)
                        v12_3 = v6_3.get('address', UNDEFINED) if type(v6_3) is dict else element(v6_3, 'address')
                        if v12_3 is UNDEFINED:
                            continue
                        v13_3 = made_of(ctx, {'resource': v12_3, 'message': v11_3, 'path': constant_12}, [v12_3, constant_12])
                        out[v13_3 if type(v13_3) is str else key_of(ctx, v13_3)] = v13_3
                    ctx.budget.steps -= 2
                    if ctx.budget.steps < 0:
                        ctx.budget.spend(0)
    v1_4 = rule_2(ctx)
    if v1_4 is not UNDEFINED:
        v2_4 = rule_6(ctx)
        if v2_4 is not UNDEFINED:
            v3_4 = chained(ctx, v1_4, v2_4, builtin_array_concat)
            for v4_4 in values(ctx, v3_4) if v3_4 is not UNDEFINED else ():
                v5_4 = v4_4.get('values', UNDEFINED) if type(v4_4) is dict else element(v4_4, 'values')
                v6_4 = v5_4.get('grant', UNDEFINED) if type(v5_4) is dict else element(v5_4, 'grant')
                if v6_4 is UNDEFINED:
                    continue
                v7_4 = function_24(ctx, v6_4)
                for v8_4 in values(ctx, v7_4) if v7_4 is not UNDEFINED else ():
                    v9_4 = function_3(ctx, v8_4)
                    if not (v9_4 is not UNDEFINED and v9_4 is not False):
                        continue
                    v10_4 = function_6(ctx, v4_4)
                    if v10_4 is UNDEFINED:
                        continue
                    v11_4 = v8_4.get('uri', UNDEFINED) if type(v8_4) is dict else element(v8_4, 'uri')
                    if v11_4 is UNDEFINED:
                        continue
                    v12_4 = written(ctx, f'{v10_4} grants access to {v11_4}') if type(v10_4) is str and type(v11_4) is str else builtin_sprintf(ctx, '%s grants access to %s', [v10_4, v11_4])
                    ctx.budget.steps -= 3
                    if ctx.budget.steps < 0:
                        ctx.budget.spend(0)
                    if v12_4 is UNDEFINED:
                        continue
                    v13_4 = v4_4.get('address', UNDEFINED) if type(v4_4) is dict else element(v4_4, 'address')
                    if v13_4 is UNDEFINED:
                        continue
                    v14_4 = made_of(ctx, {'resource': v13_4, 'message': v12_4, 'path': constant_13}, [v13_4, constant_13])
                    out[v14_4 if type(v14_4) is str else key_of(ctx, v14_4)] = v14_4
            ctx.budget.steps -= 1
            if ctx.budget.steps < 0:
                ctx.budget.spend(0)
    v1_5 = rule_5(ctx)
    for v2_5 in values(ctx, v1_5) if v1_5 is not UNDEFINED else ():
        v3_5 = v2_5.get('values', UNDEFINED) if type(v2_5) is dict else element(v2_5, 'values')
        v4_5 = v3_5.get('access_control_policy', UNDEFINED) if type(v3_5) is dict else element(v3_5, 'access_control_policy')
        if v4_5 is UNDEFINED:
            continue
        v5_5 = function_24(ctx, v4_5)
        for v6_5 in values(ctx, v5_5) if v5_5 is not UNDEFINED else ():
            v7_5 = v6_5.get('grant', UNDEFINED) if type(v6_5) is dict else element(v6_5, 'grant')
            if v7_5 is UNDEFINED:
                continue
            v8_5 = function_24(ctx, v7_5)
            for v9_5 in values(ctx, v8_5) if v8_5 is not UNDEFINED else ():
                v10_5 = v9_5.get('grantee', UNDEFINED) if type(v9_5) is dict else element(v9_5, 'grantee')
                if v10_5 is UNDEFINED:
                    continue
                v11_5 = function_24(ctx, v10_5)
                for v12_5 in values(ctx, v11_5) if v11_5 is not UNDEFINED else ():
                    v13_5 = function_3(ctx, v12_5)
                    if not (v13_5 is not UNDEFINED and v13_5 is not False):
                        continue
                    v14_5 = v12_5.get('uri', UNDEFINED) if type(v12_5) is dict else element(v12_5, 'uri')
                    if v14_5 is UNDEFINED:
                        continue
                    v15_5 = written(ctx, f'the ACL grants access to {v14_5}') if type(v14_5) is str else builtin_sprintf(ctx, 'the ACL grants access to %s', [v14_5])
                    if v15_5 is UNDEFINED:
                        continue
                    v16_5 = v2_5.get('address', UNDEFINED) if type(v2_5) is dict else element(v2_5, 'address')
                    if v16_5 is UNDEFINED:
                        continue
                    ctx.budget.steps -= 4
                    if ctx.budget.steps < 0:
                        ctx.budget.spend(0)
                    v17_5 = made_of(ctx, {'resource': v16_5, 'message': v15_5, 'path': constant_14}, [v16_5, constant_14])
                    out[v17_5 if type(v17_5) is str else key_of(ctx, v17_5)] = v17_5
    v1_6 = rule_25(ctx)
    for v2_6 in values(ctx, v1_6) if v1_6 is not UNDEFINED else ():
        v3_6 = function_17(ctx, v2_6, constant_15)
        if v3_6 is UNDEFINED:
            continue
        v4_6 = function_8(ctx, v3_6)
        for v5_6 in values(ctx, v4_6) if v4_6 is not UNDEFINED else ():
            v6_6 = function_14(ctx, v5_6)
            if not (v6_6 is not UNDEFINED and v6_6 is not False):
                continue
            v7_6 = v5_6.get('Sid', '') if type(v5_6) is dict else builtin_object_get(ctx, v5_6, 'Sid', '')
            if v7_6 is UNDEFINED:
                continue
            v8_6 = builtin_sprintf(ctx, 'the bucket policy lets everybody in (statement %q)', [v7_6])
            if v8_6 is UNDEFINED:
                continue
            v9_6 = v2_6.get('address', UNDEFINED) if type(v2_6) is dict else element(v2_6, 'address')
            if v9_6 is UNDEFINED:
                continue
            ctx.budget.steps -= 4
            if ctx.budget.steps < 0:
                ctx.budget.spend(0)
            v10_6 = made_of(ctx, {'resource': v9_6, 'message': v8_6, 'path': constant_16}, [v9_6, constant_16])
            out[v10_6 if type(v10_6) is str else key_of(ctx, v10_6)] = v10_6
    return UNDEFINED


# constant
def constant_10(ctx):
    return ['block_public_acls', 'block_public_policy', 'ignore_public_acls', 'restrict_public_buckets']


# constant
def constant_11(ctx):
    return constant_set({'public-read': 'public-read', 'public-read-write': 'public-read-write', 'authenticated-read': 'authenticated-read'})


# constant
def constant_12(ctx):
    return ['acl']


# constant
def constant_13(ctx):
    return ['grant']


# constant
def constant_14(ctx):
    return ['access_control_policy']


# constant
def constant_15(ctx):
    return ['policy']


# constant
def constant_16(ctx):
    return ['policy']


# data.gateproof.policies.s3_public_access.account_protected_addresses (policy.rego:106:1)
def rule_17_0(ctx):
    v1 = {}
    v2 = rule_2(ctx)
    for v3 in values(ctx, v2) if v2 is not UNDEFINED else ():
        v1_i1 = v3.get('provider_config', UNDEFINED) if type(v3) is dict else element(v3, 'provider_config')
        if v1_i1 is UNDEFINED:
            continue
        v2_i1 = rule_9(ctx)
        if v2_i1 is UNDEFINED:
            continue
        v3_i1 = v1_i1 in v2_i1.items if type(v1_i1) is str and type(v2_i1) is rego_set else contained(ctx, v1_i1, v2_i1)
        if v3_i1 is False:
            continue
        v4 = True
        if not (v4 is not UNDEFINED and v4 is not False):
            continue
        v5 = v3.get('address', UNDEFINED) if type(v3) is dict else element(v3, 'address')
        if v5 is UNDEFINED:
            continue
        v1[v5 if type(v5) is str else key_of(ctx, v5)] = v5
    v6 = made(ctx, set_of(v1))
    return v6


# data.gateproof.policies.s3_public_access.undecided (policy.rego:108:1), data.gateproof.policies.s3_public_access.undecided (policy.rego:122:1), data.gateproof.policies.s3_public_access.undecided (policy.rego:181:1), data.gateproof.policies.s3_public_access.undecided (policy.rego:187:1), data.gateproof.policies.s3_public_access.undecided (policy.rego:224:1), data.gateproof.policies.s3_public_access.undecided (policy.rego:230:1), data.gateproof.policies.s3_public_access.undecided (policy.rego:239:1), data.gateproof.policies.s3_public_access.undecided (policy.rego:249:1), data.gateproof.policies.s3_public_access.undecided (policy.rego:260:1), data.gateproof.policies.s3_public_access.undecided (policy.rego:282:1)
def rule_18_0(ctx, out):
    v1 = rule_15(ctx)
    for k2, v3 in items(ctx, v1) if v1 is not UNDEFINED else ():
        v5 = rule_17(ctx)
        if v5 is UNDEFINED:
            continue
        v7 = k2 in v5.items if type(k2) is str and type(v5) is rego_set else contained(ctx, k2, v5)
        if v7 is not False:
            continue
        ctx.budget.steps -= 3
        if ctx.budget.steps < 0:
            ctx.budget.spend(0)
        v8 = made_of(ctx, {'resource': k2, 'reason': v3}, [k2, v3])
        out[v8 if type(v8) is str else key_of(ctx, v8)] = v8
    v1_1 = rule_3(ctx)
    for v2_1 in values(ctx, v1_1) if v1_1 is not UNDEFINED else ():
        v4_1 = function_1(ctx, v2_1)
        if v4_1 is not UNDEFINED and v4_1 is not False:
            continue
        for v5_1 in values(ctx, constant_10) if constant_10 is not UNDEFINED else ():
            v7_1 = v2_1.get('values', UNDEFINED) if type(v2_1) is dict else element(v2_1, 'values')
            v8_1 = v7_1.get(v5_1, UNDEFINED) if type(v7_1) is dict and type(v5_1) is str else get(v7_1, v5_1 if type(v5_1) is str else v5_1 if type(v5_1) is int else paid(ctx, v5_1))
            if v8_1 is True:
                continue
            v9_1 = made_of_one(ctx, [v5_1], v5_1)
            v10_1 = function_22(ctx, v2_1, v9_1)
            if v10_1 is UNDEFINED:
                continue
            ctx.budget.steps -= 3
            if ctx.budget.steps < 0:
                ctx.budget.spend(0)
            v11_1 = written(ctx, f'{v5_1} {v10_1}') if type(v5_1) is str and type(v10_1) is str else builtin_sprintf(ctx, '%s %s', [v5_1, v10_1])
            if v11_1 is UNDEFINED:
                continue
            v12_1 = v2_1.get('address', UNDEFINED) if type(v2_1) is dict else element(v2_1, 'address')
            if v12_1 is UNDEFINED:
                continue
            v13_1 = made_of_one(ctx, {'resource': v12_1, 'reason': v11_1}, v12_1)
            out[v13_1 if type(v13_1) is str else key_of(ctx, v13_1)] = v13_1
    v1_2 = rule_22(ctx)
    for v2_2 in values(ctx, v1_2) if v1_2 is not UNDEFINED else ():
        v4_2 = function_1(ctx, v2_2)
        if v4_2 is not UNDEFINED and v4_2 is not False:
            continue
        v6_2 = v2_2.get(constant_17, None) if type(v2_2) is dict and type(constant_17) is str else picked(ctx, v2_2, constant_17, None, builtin_object_get)
        if v6_2 is UNDEFINED:
            continue
        v8_2 = function_18(ctx, v6_2)
        if v8_2 is not UNDEFINED and v8_2 is not False:
            continue
        v9_2 = v2_2.get('address', UNDEFINED) if type(v2_2) is dict else element(v2_2, 'address')
        if v9_2 is UNDEFINED:
            continue
        ctx.budget.steps -= 3
        if ctx.budget.steps < 0:
            ctx.budget.spend(0)
        v10_2 = made_of_one(ctx, {'resource': v9_2, 'reason': 'it is removed, and for which bucket it was cannot be read'}, v9_2)
        out[v10_2 if type(v10_2) is str else key_of(ctx, v10_2)] = v10_2
    v1_3 = rule_23(ctx)
    ctx.budget.steps -= 3
    if ctx.budget.steps < 0:
        ctx.budget.spend(0)
    for v2_3 in values(ctx, v1_3) if v1_3 is not UNDEFINED else ():
        v3_3 = v2_3.get('address', UNDEFINED) if type(v2_3) is dict else element(v2_3, 'address')
        if v3_3 is UNDEFINED:
            continue
        v4_3 = made_of_one(ctx, {'resource': v3_3, 'reason': 'it is removed, and which buckets rely on it is not in the plan'}, v3_3)
        out[v4_3 if type(v4_3) is str else key_of(ctx, v4_3)] = v4_3
    v1_4 = rule_5(ctx)
    for v2_4 in values(ctx, v1_4) if v1_4 is not UNDEFINED else ():
        v4_4 = function_4(ctx, v2_4)
        if v4_4 is not UNDEFINED and v4_4 is not False:
            continue
        v6_4 = function_2(ctx, v2_4)
        if v6_4 is not UNDEFINED and v6_4 is not False:
            continue
        v7_4 = v2_4.get('address', UNDEFINED) if type(v2_4) is dict else element(v2_4, 'address')
        if v7_4 is UNDEFINED:
            continue
        ctx.budget.steps -= 3
        if ctx.budget.steps < 0:
            ctx.budget.spend(0)
        v8_4 = made_of_one(ctx, {'resource': v7_4, 'reason': 'neither acl nor access_control_policy can be read'}, v7_4)
        out[v8_4 if type(v8_4) is str else key_of(ctx, v8_4)] = v8_4
    v1_5 = rule_6(ctx)
    for v2_5 in values(ctx, v1_5) if v1_5 is not UNDEFINED else ():
        v4_5 = function_2(ctx, v2_5)
        if v4_5 is not UNDEFINED and v4_5 is not False:
            continue
        v6_5 = function_17(ctx, v2_5, constant_18)
        if v6_5 is UNDEFINED:
            continue
        v8_5 = function_18(ctx, v6_5)
        if v8_5 is not UNDEFINED and v8_5 is not False:
            continue
        v9_5 = v2_5.get('references', UNDEFINED) if type(v2_5) is dict else element(v2_5, 'references')
        v10_5 = v9_5.get('acl', UNDEFINED) if type(v9_5) is dict else element(v9_5, 'acl')
        if v10_5 is UNDEFINED:
            continue
        ctx.budget.steps -= 3
        if ctx.budget.steps < 0:
            ctx.budget.spend(0)
        v11_5 = len(v10_5) if type(v10_5) is list else builtin_count(ctx, v10_5)
        if v11_5 is UNDEFINED:
            continue
        v12_5 = v11_5 > 0 if type(v11_5) is int else greater(ctx, v11_5, 0)
        if v12_5 is False:
            continue
        v13_5 = function_22(ctx, v2_5, constant_19)
        if v13_5 is UNDEFINED:
            continue
        v14_5 = written(ctx, f'acl {v13_5}') if type(v13_5) is str else builtin_sprintf(ctx, 'acl %s', [v13_5])
        if v14_5 is UNDEFINED:
            continue
        ctx.budget.steps -= 3
        if ctx.budget.steps < 0:
            ctx.budget.spend(0)
        v15_5 = v2_5.get('address', UNDEFINED) if type(v2_5) is dict else element(v2_5, 'address')
        if v15_5 is UNDEFINED:
            continue
        v16_5 = made_of_one(ctx, {'resource': v15_5, 'reason': v14_5}, v15_5)
        out[v16_5 if type(v16_5) is str else key_of(ctx, v16_5)] = v16_5
    v1_6 = rule_2(ctx)
    if v1_6 is not UNDEFINED:
        v2_6 = rule_6(ctx)
        ctx.budget.steps -= 3
        if ctx.budget.steps < 0:
            ctx.budget.spend(0)
        if v2_6 is not UNDEFINED:
            v3_6 = chained(ctx, v1_6, v2_6, builtin_array_concat)
            for v4_6 in values(ctx, v3_6) if v3_6 is not UNDEFINED else ():
                v6_6 = function_2(ctx, v4_6)
                if v6_6 is not UNDEFINED and v6_6 is not False:
                    continue
                v7_6 = v4_6.get('values', UNDEFINED) if type(v4_6) is dict else element(v4_6, 'values')
                v8_6 = v7_6.get('acl', UNDEFINED) if type(v7_6) is dict else element(v7_6, 'acl')
                if v8_6 is UNDEFINED:
                    continue
                v11_6 = v8_6 in constant_20.items if type(v8_6) is str else contained(ctx, v8_6, constant_20)
                if v11_6 is not False:
                    continue
                v13_6 = function_18(ctx, v8_6)
                if v13_6 is not UNDEFINED and v13_6 is not False:
                    continue
                v14_6 = v4_6.get('address', UNDEFINED) if type(v4_6) is dict else element(v4_6, 'address')
                ctx.budget.steps -= 3
                if ctx.budget.steps < 0:
                    ctx.budget.spend(0)
                if v14_6 is UNDEFINED:
                    continue
                v15_6 = made_of_one(ctx, {'resource': v14_6, 'reason': 'acl cannot be read'}, v14_6)
                out[v15_6 if type(v15_6) is str else key_of(ctx, v15_6)] = v15_6
    v1_7 = rule_2(ctx)
    ctx.budget.steps -= 3
    if ctx.budget.steps < 0:
        ctx.budget.spend(0)
    if v1_7 is not UNDEFINED:
        v2_7 = rule_5(ctx)
        if v2_7 is not UNDEFINED:
            v3_7 = rule_6(ctx)
            if v3_7 is not UNDEFINED:
                v4_7 = chained(ctx, v2_7, v3_7, builtin_array_concat)
                if v4_7 is not UNDEFINED:
                    v5_7 = chained(ctx, v1_7, v4_7, builtin_array_concat)
                    for v6_7 in values(ctx, v5_7) if v5_7 is not UNDEFINED else ():
                        v8_7 = function_2(ctx, v6_7)
                        if v8_7 is not UNDEFINED and v8_7 is not False:
                            continue
                        for v9_7 in values(ctx, constant_21) if constant_21 is not UNDEFINED else ():
                            v10_7 = v6_7.get('values', UNDEFINED) if type(v6_7) is dict else element(v6_7, 'values')
                            v11_7 = v10_7.get(v9_7, UNDEFINED) if type(v10_7) is dict and type(v9_7) is str else get(v10_7, v9_7 if type(v9_7) is str else v9_7 if type(v9_7) is int else paid(ctx, v9_7))
                            if v11_7 is UNDEFINED:
                                continue
                            for v12_7 in related(ctx, builtin_walk, v11_7):
                                if not (type(v12_7) is list and len(v12_7) == 2):
                                    continue
                                v13_7 = v12_7[0]
                                v14_7 = v12_7[1]
                                v15_7 = len(v13_7) if type(v13_7) is list else builtin_count(ctx, v13_7)
                                if v15_7 is UNDEFINED:
                                    continue
                                v16_7 = v15_7 - 1 if type(v15_7) is int else minus_(ctx, v15_7, 1)
                                if v16_7 is UNDEFINED:
                                    continue
                                v17_7 = v13_7.get(v16_7, UNDEFINED) if type(v13_7) is dict and type(v16_7) is str else get(v13_7, v16_7 if type(v16_7) is str else v16_7 if type(v16_7) is int else paid(ctx, v16_7))
                                if v17_7 != 'uri':
                                    continue
                                ctx.budget.steps -= 3
                                if ctx.budget.steps < 0:
                                    ctx.budget.spend(0)
                                v18_7 = type(v14_7) is str
                                if not (v18_7 is not UNDEFINED and v18_7 is not False):
                                    continue
                                if v14_7 == '':
                                    continue
                                v20_7 = function_18(ctx, v14_7)
                                if v20_7 is not UNDEFINED and v20_7 is not False:
                                    continue
                                v21_7 = v6_7.get('address', UNDEFINED) if type(v6_7) is dict else element(v6_7, 'address')
                                if v21_7 is UNDEFINED:
                                    continue
                                ctx.budget.steps -= 3
                                if ctx.budget.steps < 0:
                                    ctx.budget.spend(0)
                                v22_7 = made_of_one(ctx, {'resource': v21_7, 'reason': 'a grant is for somebody who cannot be read'}, v21_7)
                                out[v22_7 if type(v22_7) is str else key_of(ctx, v22_7)] = v22_7
                    ctx.budget.steps -= 2
                    if ctx.budget.steps < 0:
                        ctx.budget.spend(0)
    v1_8 = rule_2(ctx)
    if v1_8 is not UNDEFINED:
        v2_8 = rule_5(ctx)
        if v2_8 is not UNDEFINED:
            v3_8 = rule_6(ctx)
            if v3_8 is not UNDEFINED:
                v4_8 = chained(ctx, v2_8, v3_8, builtin_array_concat)
                if v4_8 is not UNDEFINED:
                    ctx.budget.steps -= 3
                    if ctx.budget.steps < 0:
                        ctx.budget.spend(0)
                    v5_8 = chained(ctx, v1_8, v4_8, builtin_array_concat)
                    for v6_8 in values(ctx, v5_8) if v5_8 is not UNDEFINED else ():
                        v8_8 = function_2(ctx, v6_8)
                        if v8_8 is not UNDEFINED and v8_8 is not False:
                            continue
                        v9_8 = v6_8.get('references', UNDEFINED) if type(v6_8) is dict else element(v6_8, 'references')
                        for k10_8, v11_8 in items(ctx, v9_8) if v9_8 is not UNDEFINED else ():
                            v12_8 = k10_8 in constant_22.items if type(k10_8) is str else contained(ctx, k10_8, constant_22)
                            if v12_8 is False:
                                continue
                            v13_8 = len(v11_8) if type(v11_8) is list else builtin_count(ctx, v11_8)
                            if v13_8 is UNDEFINED:
                                continue
                            v14_8 = v13_8 > 0 if type(v13_8) is int else greater(ctx, v13_8, 0)
                            if v14_8 is False:
                                continue
                            v15_8 = builtin_split(ctx, k10_8, '.')
                            if v15_8 is UNDEFINED:
                                continue
                            v16_8 = v15_8[0] if type(v15_8) is list and len(v15_8) > 0 else get(v15_8, 0)
                            if v16_8 is UNDEFINED:
                                continue
                            ctx.budget.steps -= 3
                            if ctx.budget.steps < 0:
                                ctx.budget.spend(0)
                            v17_8 = v6_8.get('unknown', UNDEFINED) if type(v6_8) is dict else element(v6_8, 'unknown')
                            if v17_8 is UNDEFINED:
                                continue
                            v18_8 = v17_8.get(v16_8, False) if type(v17_8) is dict and type(v16_8) is str else picked(ctx, v17_8, v16_8, False, builtin_object_get)
                            if v18_8 is UNDEFINED:
                                continue
                            for v19_8 in related(ctx, builtin_walk, v18_8):
                                if not (type(v19_8) is list and len(v19_8) == 2):
                                    continue
                                v20_8 = v19_8[1]
                                if v20_8 is not True:
                                    continue
                                v21_8 = written(ctx, f'{k10_8} is known only after apply') if type(k10_8) is str else builtin_sprintf(ctx, '%s is known only after apply', [k10_8])
                                if v21_8 is UNDEFINED:
                                    continue
                                v22_8 = v6_8.get('address', UNDEFINED) if type(v6_8) is dict else element(v6_8, 'address')
                                if v22_8 is UNDEFINED:
                                    continue
                                ctx.budget.steps -= 3
                                if ctx.budget.steps < 0:
                                    ctx.budget.spend(0)
                                v23_8 = made_of_one(ctx, {'resource': v22_8, 'reason': v21_8}, v22_8)
                                out[v23_8 if type(v23_8) is str else key_of(ctx, v23_8)] = v23_8
    v1_9 = rule_25(ctx)
    for v2_9 in values(ctx, v1_9) if v1_9 is not UNDEFINED else ():
        v4_9 = function_17(ctx, v2_9, constant_23)
        if v4_9 is UNDEFINED:
            continue
        v6_9 = function_8(ctx, v4_9)
        if v6_9 is not UNDEFINED and v6_9 is not False:
            continue
        v8_9 = function_2(ctx, v2_9)
        if v8_9 is not UNDEFINED and v8_9 is not False:
            continue
        v9_9 = function_5(ctx, v2_9)
        if v9_9 is UNDEFINED:
            continue
        ctx.budget.steps -= 3
        if ctx.budget.steps < 0:
            ctx.budget.spend(0)
        v10_9 = v2_9.get('address', UNDEFINED) if type(v2_9) is dict else element(v2_9, 'address')
        if v10_9 is UNDEFINED:
            continue
        v11_9 = made_of(ctx, {'resource': v10_9, 'reason': v9_9}, [v10_9, v9_9])
        out[v11_9 if type(v11_9) is str else key_of(ctx, v11_9)] = v11_9
    return UNDEFINED


# constant
def constant_17(ctx):
    return ['before', 'bucket']


# constant
def constant_18(ctx):
    return ['acl']


# constant
def constant_19(ctx):
    return ['acl']


# constant
def constant_20(ctx):
    return constant_set({None if type(None) is str else key_of(ctx, None): None, '': ''})


# constant
def constant_21(ctx):
    return ['grant', 'access_control_policy']


# constant
def constant_22(ctx):
    return constant_set({'grant.uri': 'grant.uri', 'access_control_policy.grant.grantee.uri': 'access_control_policy.grant.grantee.uri'})


# constant
def constant_23(ctx):
    return ['policy']


# data.gateproof.policies.s3_public_access.protected_addresses (policy.rego:132:1)
def rule_19_0(ctx):
    v1 = rule_12(ctx)
    if v1 is UNDEFINED:
        return UNDEFINED
    v2 = rule_2(ctx)
    if v2 is UNDEFINED:
        return UNDEFINED
    v3 = function_39(ctx, v1, v2, constant_9)
    if v3 is UNDEFINED:
        return UNDEFINED
    return v3


# data.gateproof.policies.s3_public_access.protected_names (policy.rego:134:1)
def rule_20_0(ctx):
    v1 = rule_12(ctx)
    v2 = v1.get('names', UNDEFINED) if type(v1) is dict else element(v1, 'names')
    if v2 is UNDEFINED:
        return UNDEFINED
    v3 = {}
    v4 = rule_2(ctx)
    for v5 in values(ctx, v4) if v4 is not UNDEFINED else ():
        v6 = v5.get('address', UNDEFINED) if type(v5) is dict else element(v5, 'address')
        if v6 is UNDEFINED:
            continue
        v7 = rule_19(ctx)
        if v7 is UNDEFINED:
            continue
        v8 = v6 in v7.items if type(v6) is str and type(v7) is rego_set else contained(ctx, v6, v7)
        if v8 is False:
            continue
        v9 = v5.get('values', UNDEFINED) if type(v5) is dict else element(v5, 'values')
        v10 = v9.get('bucket', UNDEFINED) if type(v9) is dict else element(v9, 'bucket')
        if v10 is UNDEFINED:
            continue
        v1_i3 = type(v10) is str
        if not (v1_i3 is not UNDEFINED and v1_i3 is not False):
            continue
        if v10 == '':
            continue
        ctx.budget.steps -= 3
        if ctx.budget.steps < 0:
            ctx.budget.spend(0)
        v3_i3 = UNDEFINED
        v1_i2_i3 = type(v10) is str
        if v1_i2_i3 is not UNDEFINED and v1_i2_i3 is not False:
            v2_i2_i3 = v10.startswith('redacted:sha256:') if type(v10) is str else builtin_startswith(ctx, v10, 'redacted:sha256:')
            if v2_i2_i3 is not UNDEFINED and v2_i2_i3 is not False:
                v3_i3 = True
        if v3_i3 is not UNDEFINED and v3_i3 is not False:
            continue
        v11 = True
        if not (v11 is not UNDEFINED and v11 is not False):
            continue
        v3[v10 if type(v10) is str else key_of(ctx, v10)] = v10
    ctx.budget.steps -= 3
    if ctx.budget.steps < 0:
        ctx.budget.spend(0)
    v12 = made(ctx, set_of(v3))
    v13 = or_(ctx, v2, v12)
    if v13 is UNDEFINED:
        return UNDEFINED
    return v13


# data.gateproof.policies.s3_public_access.bucket_addresses (policy.rego:155:1)
def rule_21_0(ctx):
    v1 = {}
    v2 = rule_2(ctx)
    for v3 in values(ctx, v2) if v2 is not UNDEFINED else ():
        v4 = v3.get('address', UNDEFINED) if type(v3) is dict else element(v3, 'address')
        if v4 is UNDEFINED:
            continue
        v1[v4 if type(v4) is str else key_of(ctx, v4)] = v4
    v5 = made(ctx, set_of(v1))
    return v5


# constant
def constant_24(ctx):
    return ['aws_s3_bucket_public_access_block']


# data.gateproof.policies.s3_public_access.removed_blocks (policy.rego:159:1)
def rule_22_0(ctx):
    v1 = function_16(ctx, constant_24)
    if v1 is UNDEFINED:
        return UNDEFINED
    return v1


# constant
def constant_25(ctx):
    return ['aws_s3_account_public_access_block']


# data.gateproof.policies.s3_public_access.removed_account_blocks (policy.rego:161:1)
def rule_23_0(ctx):
    v1 = function_16(ctx, constant_25)
    if v1 is UNDEFINED:
        return UNDEFINED
    return v1


# constant
def constant_26(ctx):
    return ['bucket', 'id']


# data.gateproof.policies.s3_public_access.planned_names (policy.rego:163:1)
def rule_24_0(ctx):
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
            for v10 in values(ctx, constant_26) if constant_26 is not UNDEFINED else ():
                v11 = v9.get(v10, UNDEFINED) if type(v9) is dict and type(v10) is str else get(v9, v10 if type(v10) is str else v10 if type(v10) is int else paid(ctx, v10))
                if v11 is UNDEFINED:
                    continue
                v1_i4 = type(v11) is str
                if not (v1_i4 is not UNDEFINED and v1_i4 is not False):
                    continue
                if v11 == '':
                    continue
                v3_i4 = UNDEFINED
                v1_i2_i4 = type(v11) is str
                if v1_i2_i4 is not UNDEFINED and v1_i2_i4 is not False:
                    v2_i2_i4 = v11.startswith('redacted:sha256:') if type(v11) is str else builtin_startswith(ctx, v11, 'redacted:sha256:')
                    if v2_i2_i4 is not UNDEFINED and v2_i2_i4 is not False:
                        ctx.budget.steps -= 3
                        if ctx.budget.steps < 0:
                            ctx.budget.spend(0)
                        v3_i4 = True
                if v3_i4 is not UNDEFINED and v3_i4 is not False:
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


# data.gateproof.policies.s3_public_access.with_policy (policy.rego:273:1)
def rule_25_0(ctx):
    v1 = rule_4(ctx)
    if v1 is UNDEFINED:
        return UNDEFINED
    v2 = []
    v3 = rule_2(ctx)
    for v4 in values(ctx, v3) if v3 is not UNDEFINED else ():
        v5 = v4.get('values', UNDEFINED) if type(v4) is dict else element(v4, 'values')
        v6 = v5.get('policy', UNDEFINED) if type(v5) is dict else element(v5, 'policy')
        if v6 is UNDEFINED:
            continue
        v1_i5 = type(v6) is str
        if not (v1_i5 is not UNDEFINED and v1_i5 is not False):
            continue
        if v6 == '':
            continue
        v3_i5 = UNDEFINED
        v1_i2_i5 = type(v6) is str
        if v1_i2_i5 is not UNDEFINED and v1_i2_i5 is not False:
            v2_i2_i5 = v6.startswith('redacted:sha256:') if type(v6) is str else builtin_startswith(ctx, v6, 'redacted:sha256:')
            if v2_i2_i5 is not UNDEFINED and v2_i2_i5 is not False:
                v3_i5 = True
        if v3_i5 is not UNDEFINED and v3_i5 is not False:
            continue
        v7 = True
        if not (v7 is not UNDEFINED and v7 is not False):
            continue
        v2.append(v4)
    v8 = made(ctx, v2)
    v9 = chained(ctx, v1, v8, builtin_array_concat)
    if v9 is UNDEFINED:
        return UNDEFINED
    return v9


# data.gateproof.contract.applies (<contract>:3:1)
def rule_26_0(ctx):
    v1 = rule_8(ctx)
    if v1 is UNDEFINED:
        return UNDEFINED
    return v1


# data.gateproof.contract.deny (<contract>:4:1)
def rule_27_0(ctx):
    v1 = rule_16(ctx)
    if v1 is UNDEFINED:
        return UNDEFINED
    return v1


# data.gateproof.contract.undecided (<contract>:5:1)
def rule_28_0(ctx):
    v1 = rule_18(ctx)
    if v1 is UNDEFINED:
        return UNDEFINED
    return v1


# constant
def constant_27(ctx):
    return constant_set({'StringEquals': 'StringEquals', 'StringEqualsIgnoreCase': 'StringEqualsIgnoreCase', 'StringLike': 'StringLike', 'ArnEquals': 'ArnEquals', 'ArnLike': 'ArnLike', 'IpAddress': 'IpAddress'})


# data.gateproof.lib.iam.narrowing_operators (lib/iam.rego:105:1)
def rule_29_0(ctx):
    return constant_27


# constant
def constant_28(ctx):
    return constant_set({'aws:principalaccount': 'aws:principalaccount', 'aws:principalarn': 'aws:principalarn', 'aws:principalorgid': 'aws:principalorgid', 'aws:principalorgpaths': 'aws:principalorgpaths', 'aws:sourceaccount': 'aws:sourceaccount', 'aws:sourcearn': 'aws:sourcearn', 'aws:sourceip': 'aws:sourceip', 'aws:sourceorgid': 'aws:sourceorgid', 'aws:sourceowner': 'aws:sourceowner', 'aws:sourcevpc': 'aws:sourcevpc', 'aws:sourcevpce': 'aws:sourcevpce', 'aws:userid': 'aws:userid', 'aws:vpcsourceip': 'aws:vpcsourceip', 'kms:calleraccount': 'kms:calleraccount', 's3:dataaccesspointaccount': 's3:dataaccesspointaccount', 's3:dataaccesspointarn': 's3:dataaccesspointarn'})


# data.gateproof.lib.iam.narrowing_keys (lib/iam.rego:107:1)
def rule_30_0(ctx):
    return constant_28


# data.gateproof.policies.s3_public_access.full (policy.rego:75:1)
def function_0(ctx, a0):
    if not iterable(constant_10):
        return UNDEFINED
    f1 = False
    for v4 in values(ctx, constant_10) if constant_10 is not UNDEFINED else ():
        f2 = False
        v5 = a0.get('values', UNDEFINED) if type(a0) is dict else element(a0, 'values')
        v6 = v5.get(v4, UNDEFINED) if type(v5) is dict and type(v4) is str else get(v5, v4 if type(v4) is str else v4 if type(v4) is int else paid(ctx, v4))
        if v6 is True:
            f2 = True
        if f2:
            continue
        f1 = True
        break
    if f1:
        return UNDEFINED
    return True


# data.gateproof.policies.s3_public_access.account_protected (policy.rego:85:1)
def function_1(ctx, a0):
    v1 = a0.get('provider_config', UNDEFINED) if type(a0) is dict else element(a0, 'provider_config')
    if v1 is UNDEFINED:
        return UNDEFINED
    v2 = rule_9(ctx)
    if v2 is UNDEFINED:
        return UNDEFINED
    v3 = v1 in v2.items if type(v1) is str and type(v2) is rego_set else contained(ctx, v1, v2)
    if v3 is False:
        return UNDEFINED
    return True


# constant
def constant_29(ctx):
    return ['bucket']


# constant
def constant_30(ctx):
    return ['/global/AllUsers', '/global/AuthenticatedUsers']


# data.gateproof.policies.s3_public_access.everybody (policy.rego:199:1)
def function_3(ctx, a0):
    for v1 in values(ctx, constant_30) if constant_30 is not UNDEFINED else ():
        v2 = a0.get('uri', UNDEFINED) if type(a0) is dict else element(a0, 'uri')
        if v2 is UNDEFINED:
            continue
        v3 = v2.endswith(v1) if type(v2) is str and (type(v1) is str and len(v1) < 1024) else builtin_endswith(ctx, v2, v1)
        if not (v3 is not UNDEFINED and v3 is not False):
            continue
        return True
    return UNDEFINED


# constant
def constant_31(ctx):
    return ['policy']


# data.gateproof.policies.s3_public_access.policy_reason (policy.rego:289:1)
def function_5(ctx, a0):
    ctx.budget.steps -= 1
    if ctx.budget.steps < 0:
        ctx.budget.spend(0)
    v1 = UNDEFINED
    v1_i6_i9 = a0.get('values', UNDEFINED) if type(a0) is dict else element(a0, 'values')
    if v1_i6_i9 is not UNDEFINED:
        v2_i6_i9 = v1_i6_i9.get('policy', None) if type(v1_i6_i9) is dict else builtin_object_get(ctx, v1_i6_i9, constant_31, None)
        if v2_i6_i9 is not UNDEFINED:
            v1_i9 = v2_i6_i9
            if v1_i9 is not UNDEFINED:
                v1_i7_i9 = type(v1_i9) is str
                if v1_i7_i9 is not UNDEFINED and v1_i7_i9 is not False:
                    v2_i7_i9 = v1_i9.startswith('redacted:sha256:') if type(v1_i9) is str else builtin_startswith(ctx, v1_i9, 'redacted:sha256:')
                    if v2_i7_i9 is not UNDEFINED and v2_i7_i9 is not False:
                        v1 = 'is sensitive'
                        ctx.budget.steps -= 2
                        if ctx.budget.steps < 0:
                            ctx.budget.spend(0)
    if v1 is UNDEFINED:
        v3_i9 = UNDEFINED
        v1_i8_i9 = a0.get('unknown', UNDEFINED) if type(a0) is dict else element(a0, 'unknown')
        v3_i8_i9 = v1_i8_i9.get('policy', UNDEFINED) if type(v1_i8_i9) is dict else get(v1_i8_i9, 'policy')
        if v3_i8_i9 is True:
            v3_i9 = True
        if v3_i9 is not UNDEFINED and v3_i9 is not False:
            v5_i9 = function_21(ctx, a0, constant_31)
            if not (v5_i9 is not UNDEFINED and v5_i9 is not False):
                v1 = 'is known only after apply'
                ctx.budget.steps -= 2
                if ctx.budget.steps < 0:
                    ctx.budget.spend(0)
    if v1 is not UNDEFINED:
        v2 = written(ctx, f'policy {v1}') if type(v1) is str else builtin_sprintf(ctx, 'policy %s', [v1])
        if v2 is not UNDEFINED:
            ctx.budget.steps -= 1
            if ctx.budget.steps < 0:
                ctx.budget.spend(0)
            return v2
    return 'policy is not a policy document'


# data.gateproof.policies.s3_public_access.named (policy.rego:293:1)
def function_6(ctx, a0):
    v1 = a0.get('type', UNDEFINED) if type(a0) is dict else element(a0, 'type')
    if v1 == 'aws_s3_bucket':
        v2 = a0.get('values', UNDEFINED)
        v3 = v2.get('bucket', UNDEFINED) if type(v2) is dict else element(v2, 'bucket')
        if v3 is not UNDEFINED:
            v1_i10 = type(v3) is str
            if v1_i10 is not UNDEFINED and v1_i10 is not False:
                if v3 != '':
                    v3_i10 = UNDEFINED
                    v1_i2_i10 = type(v3) is str
                    if v1_i2_i10 is not UNDEFINED and v1_i2_i10 is not False:
                        v2_i2_i10 = v3.startswith('redacted:sha256:') if type(v3) is str else builtin_startswith(ctx, v3, 'redacted:sha256:')
                        if v2_i2_i10 is not UNDEFINED and v2_i2_i10 is not False:
                            ctx.budget.steps -= 3
                            if ctx.budget.steps < 0:
                                ctx.budget.spend(0)
                            v3_i10 = True
                    if not (v3_i10 is not UNDEFINED and v3_i10 is not False):
                        v4 = True
                        if v4 is not UNDEFINED and v4 is not False:
                            ctx.budget.steps -= 3
                            if ctx.budget.steps < 0:
                                ctx.budget.spend(0)
                            v5 = builtin_sprintf(ctx, 'bucket %q', [v3])
                            if v5 is not UNDEFINED:
                                return v5
    v6 = a0.get('type', UNDEFINED) if type(a0) is dict else element(a0, 'type')
    if v6 == 'aws_s3_bucket':
        v7 = a0.get('address', UNDEFINED)
        if v7 is not UNDEFINED:
            v8 = written(ctx, f'bucket {v7}') if type(v7) is str else builtin_sprintf(ctx, 'bucket %s', [v7])
            if v8 is not UNDEFINED:
                ctx.budget.steps -= 1
                if ctx.budget.steps < 0:
                    ctx.budget.spend(0)
                return v8
    v9 = a0.get('address', UNDEFINED) if type(a0) is dict else element(a0, 'address')
    if v9 is UNDEFINED:
        return UNDEFINED
    return v9


# data.gateproof.lib.iam.why_unreadable (lib/iam.rego:39:1)
def function_7(ctx, a0, a1):
    ctx.budget.steps -= 1
    if ctx.budget.steps < 0:
        ctx.budget.spend(0)
    v1 = function_22(ctx, a0, a1)
    if v1 is not UNDEFINED:
        return v1
    v2 = function_23(ctx, a0, a1)
    if v2 is UNDEFINED:
        return UNDEFINED
    return v2


# data.gateproof.lib.iam.statements (lib/iam.rego:53:1)
def function_8(ctx, a0):
    v1_i11 = type(a0) is str
    if not (v1_i11 is not UNDEFINED and v1_i11 is not False):
        return UNDEFINED
    if a0 == '':
        return UNDEFINED
    v3_i11 = UNDEFINED
    v1_i2_i11 = type(a0) is str
    if v1_i2_i11 is not UNDEFINED and v1_i2_i11 is not False:
        v2_i2_i11 = a0.startswith('redacted:sha256:') if type(a0) is str else builtin_startswith(ctx, a0, 'redacted:sha256:')
        if v2_i2_i11 is not UNDEFINED and v2_i2_i11 is not False:
            v3_i11 = True
    if v3_i11 is not UNDEFINED and v3_i11 is not False:
        return UNDEFINED
    v1 = True
    if not (v1 is not UNDEFINED and v1 is not False):
        return UNDEFINED
    v2 = builtin_json_is_valid(ctx, a0)
    if not (v2 is not UNDEFINED and v2 is not False):
        return UNDEFINED
    v3 = builtin_json_unmarshal(ctx, a0)
    ctx.budget.steps -= 3
    if ctx.budget.steps < 0:
        ctx.budget.spend(0)
    if v3 is UNDEFINED:
        return UNDEFINED
    v4 = v3.get('Statement', UNDEFINED) if type(v3) is dict else element(v3, 'Statement')
    if v4 is UNDEFINED:
        return UNDEFINED
    v5 = UNDEFINED
    v1_i12 = type(v4) is list
    if v1_i12 is not UNDEFINED and v1_i12 is not False:
        v5 = v4
    if v5 is UNDEFINED:
        if v4 is None:
            v5 = constant_35
        if v5 is UNDEFINED:
            v2_i12 = made_of_one(ctx, [v4], v4)
            v5 = v2_i12
            ctx.budget.steps -= 1
            if ctx.budget.steps < 0:
                ctx.budget.spend(0)
    if v5 is UNDEFINED:
        return UNDEFINED
    if not iterable(v5):
        return UNDEFINED
    f6 = False
    for v9 in values(ctx, v5) if v5 is not UNDEFINED else ():
        f7 = False
        v10 = v9.get('Effect', UNDEFINED) if type(v9) is dict else element(v9, 'Effect')
        if v10 is not UNDEFINED:
            v11 = type(v10) is str
            if v11 is not UNDEFINED and v11 is not False:
                f7 = True
        if f7:
            continue
        f6 = True
        break
    if f6:
        return UNDEFINED
    return v5


# data.gateproof.lib.iam.named (lib/iam.rego:86:1)
def function_9(ctx, a0):
    v1 = a0.get('Sid', UNDEFINED) if type(a0) is dict else element(a0, 'Sid')
    if v1 is not UNDEFINED:
        v2 = type(v1) is str
        if v2 is not UNDEFINED and v2 is not False:
            if v1 != '':
                v3 = builtin_sprintf(ctx, 'statement %q', [v1])
                if v3 is not UNDEFINED:
                    ctx.budget.steps -= 1
                    if ctx.budget.steps < 0:
                        ctx.budget.spend(0)
                    return v3
    return 'a statement'


# constant
def constant_32(ctx):
    return constant_set({'StringEquals': 'StringEquals', 'StringEqualsIgnoreCase': 'StringEqualsIgnoreCase', 'StringLike': 'StringLike', 'ArnEquals': 'ArnEquals', 'ArnLike': 'ArnLike', 'IpAddress': 'IpAddress'})


# constant
def constant_33(ctx):
    return constant_set({'aws:principalaccount': 'aws:principalaccount', 'aws:principalarn': 'aws:principalarn', 'aws:principalorgid': 'aws:principalorgid', 'aws:principalorgpaths': 'aws:principalorgpaths', 'aws:sourceaccount': 'aws:sourceaccount', 'aws:sourcearn': 'aws:sourcearn', 'aws:sourceip': 'aws:sourceip', 'aws:sourceorgid': 'aws:sourceorgid', 'aws:sourceowner': 'aws:sourceowner', 'aws:sourcevpc': 'aws:sourcevpc', 'aws:sourcevpce': 'aws:sourcevpce', 'aws:userid': 'aws:userid', 'aws:vpcsourceip': 'aws:vpcsourceip', 'kms:calleraccount': 'kms:calleraccount', 's3:dataaccesspointaccount': 's3:dataaccesspointaccount', 's3:dataaccesspointarn': 's3:dataaccesspointarn'})


# data.gateproof.lib.iam.narrowed (lib/iam.rego:127:1)
def function_12(ctx, a0):
    ctx.budget.steps -= 1
    if ctx.budget.steps < 0:
        ctx.budget.spend(0)
    v1 = a0.get('Condition', UNDEFINED) if type(a0) is dict else element(a0, 'Condition')
    for k2, v3 in items(ctx, v1) if v1 is not UNDEFINED else ():
        v4 = builtin_trim_prefix(ctx, k2, 'ForAnyValue:')
        if v4 is UNDEFINED:
            continue
        v5 = v4 in constant_32.items if type(v4) is str else contained(ctx, v4, constant_32)
        if v5 is False:
            continue
        for k6, v7 in items(ctx, v3) if v3 is not UNDEFINED else ():
            v8 = builtin_lower(ctx, k6)
            if v8 is UNDEFINED:
                continue
            v9 = v8 in constant_33.items if type(v8) is str else contained(ctx, v8, constant_33)
            if v9 is False:
                continue
            v10 = UNDEFINED
            v1_i13 = type(v7) is list
            if v1_i13 is not UNDEFINED and v1_i13 is not False:
                v10 = v7
            if v10 is UNDEFINED:
                if v7 is None:
                    v10 = constant_35
                if v10 is UNDEFINED:
                    v2_i13 = made_of_one(ctx, [v7], v7)
                    ctx.budget.steps -= 3
                    if ctx.budget.steps < 0:
                        ctx.budget.spend(0)
                    v10 = v2_i13
            if v10 is UNDEFINED:
                continue
            v11 = len(v10) if type(v10) is list else builtin_count(ctx, v10)
            if v11 is UNDEFINED:
                continue
            ctx.budget.steps -= 3
            if ctx.budget.steps < 0:
                ctx.budget.spend(0)
            v12 = v11 > 0 if type(v11) is int else greater(ctx, v11, 0)
            if v12 is False:
                continue
            if not iterable(v10):
                continue
            f13 = False
            for v16 in values(ctx, v10) if v10 is not UNDEFINED else ():
                f14 = False
                v17 = function_13(ctx, v4, v16)
                if v17 is not UNDEFINED and v17 is not False:
                    f14 = True
                if f14:
                    continue
                f13 = True
                break
            if f13:
                continue
            return True
    return UNDEFINED


# constant
def constant_34(ctx):
    return constant_set({'ArnEquals': 'ArnEquals', 'ArnLike': 'ArnLike', 'StringLike': 'StringLike'})


# data.gateproof.lib.iam.lets_everybody_in (lib/iam.rego:159:1)
def function_14(ctx, a0):
    ctx.budget.steps -= 1
    if ctx.budget.steps < 0:
        ctx.budget.spend(0)
    v1 = a0.get('Effect', UNDEFINED) if type(a0) is dict else element(a0, 'Effect')
    if v1 != 'Allow':
        return UNDEFINED
    v2 = UNDEFINED
    v1_i14 = a0.get('Principal', UNDEFINED) if type(a0) is dict else element(a0, 'Principal')
    if v1_i14 is not UNDEFINED:
        v2_i14 = function_11(ctx, v1_i14)
        if v2_i14 is not UNDEFINED and v2_i14 is not False:
            v2 = True
    if v2 is UNDEFINED:
        v1_1_i14 = a0.get('NotPrincipal', UNDEFINED) if type(a0) is dict else element(a0, 'NotPrincipal')
        if v1_1_i14 is not UNDEFINED and v1_1_i14 is not False:
            v2 = True
    if not (v2 is not UNDEFINED and v2 is not False):
        return UNDEFINED
    v4 = function_12(ctx, a0)
    if v4 is not UNDEFINED and v4 is not False:
        return UNDEFINED
    return True


# data.gateproof.lib.terraform.planned (lib/terraform.rego:12:1)
def function_15(ctx, a0):
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
def function_16(ctx, a0):
    v3 = ctx.input
    v4 = v3.get('removed', UNDEFINED) if type(v3) is dict else element(v3, 'removed')
    v1 = []
    for v2 in values(ctx, a0) if a0 is not UNDEFINED else ():
        v5 = v4.get(v2, UNDEFINED) if type(v4) is dict and type(v2) is str else get(v4, v2 if type(v2) is str else v2 if type(v2) is int else paid(ctx, v2))
        for v6 in values(ctx, v5) if v5 is not UNDEFINED else ():
            v1.append(v6)
    v7 = made(ctx, v1)
    return v7


# data.gateproof.lib.terraform.value (lib/terraform.rego:19:1)
def function_17(ctx, a0, a1):
    v1 = a0.get('values', UNDEFINED) if type(a0) is dict else element(a0, 'values')
    if v1 is UNDEFINED:
        return UNDEFINED
    v2 = v1.get(a1, None) if type(v1) is dict and type(a1) is str else picked(ctx, v1, a1, None, builtin_object_get)
    if v2 is UNDEFINED:
        return UNDEFINED
    return v2


# data.gateproof.lib.terraform.readable (lib/terraform.rego:21:1)
def function_18(ctx, a0):
    v1 = type(a0) is str
    if not (v1 is not UNDEFINED and v1 is not False):
        return UNDEFINED
    if a0 == '':
        return UNDEFINED
    v3 = UNDEFINED
    v1_i15 = type(a0) is str
    if v1_i15 is not UNDEFINED and v1_i15 is not False:
        v2_i15 = a0.startswith('redacted:sha256:') if type(a0) is str else builtin_startswith(ctx, a0, 'redacted:sha256:')
        if v2_i15 is not UNDEFINED and v2_i15 is not False:
            v3 = True
    if v3 is not UNDEFINED and v3 is not False:
        return UNDEFINED
    return True


# data.gateproof.lib.terraform.defaulted (lib/terraform.rego:44:1)
def function_21(ctx, a0, a1):
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
def function_22(ctx, a0, a1):
    ctx.budget.steps -= 1
    if ctx.budget.steps < 0:
        ctx.budget.spend(0)
    v1_i16 = a0.get('values', UNDEFINED) if type(a0) is dict else element(a0, 'values')
    if v1_i16 is not UNDEFINED:
        v2_i16 = v1_i16.get(a1, None) if type(v1_i16) is dict and type(a1) is str else picked(ctx, v1_i16, a1, None, builtin_object_get)
        if v2_i16 is not UNDEFINED:
            v1 = v2_i16
            if v1 is not UNDEFINED:
                v1_i17 = type(v1) is str
                if v1_i17 is not UNDEFINED and v1_i17 is not False:
                    v2_i17 = v1.startswith('redacted:sha256:') if type(v1) is str else builtin_startswith(ctx, v1, 'redacted:sha256:')
                    if v2_i17 is not UNDEFINED and v2_i17 is not False:
                        v2 = True
                        if v2 is not UNDEFINED and v2 is not False:
                            ctx.budget.steps -= 2
                            if ctx.budget.steps < 0:
                                ctx.budget.spend(0)
                            return 'is sensitive'
    v3 = function_20(ctx, a0, a1)
    if not (v3 is not UNDEFINED and v3 is not False):
        return UNDEFINED
    v5 = function_21(ctx, a0, a1)
    if v5 is not UNDEFINED and v5 is not False:
        return UNDEFINED
    return 'is known only after apply'


# data.gateproof.lib.terraform.why_no_blocks (lib/terraform.rego:95:1)
def function_23(ctx, a0, a1):
    v1_i18 = a0.get('values', UNDEFINED) if type(a0) is dict else element(a0, 'values')
    if v1_i18 is UNDEFINED:
        return UNDEFINED
    v2_i18 = v1_i18.get(a1, None) if type(v1_i18) is dict and type(a1) is str else picked(ctx, v1_i18, a1, None, builtin_object_get)
    if v2_i18 is UNDEFINED:
        return UNDEFINED
    v1 = v2_i18
    if v1 is UNDEFINED:
        return UNDEFINED
    v2 = UNDEFINED
    v1_i19 = type(v1) is list
    if v1_i19 is not UNDEFINED and v1_i19 is not False:
        v2 = v1
    if v2 is UNDEFINED:
        if v1 is None:
            v2 = constant_35
        if v2 is UNDEFINED:
            ctx.budget.steps -= 3
            if ctx.budget.steps < 0:
                ctx.budget.spend(0)
            v2_i19 = made_of_one(ctx, [v1], v1)
            v2 = v2_i19
    for v3 in values(ctx, v2) if v2 is not UNDEFINED else ():
        v5 = type(v3) is dict
        if v5 is not UNDEFINED and v5 is not False:
            continue
        return 'is no block'
    return UNDEFINED


# constant
def constant_35(ctx):
    return []


# data.gateproof.lib.terraform.as_list (lib/terraform.rego:100:1)
def function_24(ctx, a0):
    v1 = type(a0) is list
    if v1 is not UNDEFINED and v1 is not False:
        return a0
    if a0 is None:
        return constant_35
    v2 = made_of_one(ctx, [a0], a0)
    return v2


# data.gateproof.lib.terraform.blocks (lib/terraform.rego:107:1)
def function_25(ctx, a0, a1):
    ctx.budget.steps -= 1
    if ctx.budget.steps < 0:
        ctx.budget.spend(0)
    v1_i20 = a0.get('values', UNDEFINED) if type(a0) is dict else element(a0, 'values')
    if v1_i20 is UNDEFINED:
        return UNDEFINED
    v2_i20 = v1_i20.get(a1, None) if type(v1_i20) is dict and type(a1) is str else picked(ctx, v1_i20, a1, None, builtin_object_get)
    if v2_i20 is UNDEFINED:
        return UNDEFINED
    v1 = v2_i20
    if v1 is UNDEFINED:
        return UNDEFINED
    v2 = function_26(ctx, v1, a1)
    if v2 is UNDEFINED:
        return UNDEFINED
    return v2


# constant
def constant_36(ctx):
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
    return constant_36


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
def constant_37(ctx):
    return []


# data.gateproof.lib.terraform.references (lib/terraform.rego:118:1)
def function_28(ctx, a0, a1):
    ctx.budget.steps -= 1
    if ctx.budget.steps < 0:
        ctx.budget.spend(0)
    v1 = a0.get('references', UNDEFINED) if type(a0) is dict else element(a0, 'references')
    if v1 is UNDEFINED:
        return UNDEFINED
    v2 = function_27(ctx, a1)
    if v2 is UNDEFINED:
        return UNDEFINED
    v3 = v1.get(v2, constant_37) if type(v1) is dict and type(v2) is str else picked(ctx, v1, v2, constant_37, builtin_object_get)
    if v3 is UNDEFINED:
        return UNDEFINED
    return v3


# data.gateproof.lib.terraform.check (lib/terraform.rego:122:1)
def function_29(ctx, a0, a1, a2, a3):
    ctx.budget.steps -= 1
    if ctx.budget.steps < 0:
        ctx.budget.spend(0)
    v1 = function_31(ctx, a0, a1, a2)
    if v1 is UNDEFINED:
        return UNDEFINED
    v1_i21 = a0.get('address', UNDEFINED) if type(a0) is dict else element(a0, 'address')
    if v1_i21 is UNDEFINED:
        return UNDEFINED
    ctx.budget.steps -= 3
    if ctx.budget.steps < 0:
        ctx.budget.spend(0)
    v2_i21 = made_of(ctx, {'resource': v1_i21, 'path': a1, 'verdict': v1, 'message': a3}, [v1_i21, a1, v1, a3])
    v2 = v2_i21
    if v2 is UNDEFINED:
        return UNDEFINED
    return v2


# data.gateproof.lib.terraform.verdict (lib/terraform.rego:126:1)
def function_31(ctx, a0, a1, a2):
    ctx.budget.steps -= 1
    if ctx.budget.steps < 0:
        ctx.budget.spend(0)
    v1 = function_22(ctx, a0, a1)
    if v1 is not UNDEFINED:
        return v1
    v1_i22 = a0.get('values', UNDEFINED) if type(a0) is dict else element(a0, 'values')
    if v1_i22 is not UNDEFINED:
        v2_i22 = v1_i22.get(a1, None) if type(v1_i22) is dict and type(a1) is str else picked(ctx, v1_i22, a1, None, builtin_object_get)
        if v2_i22 is not UNDEFINED:
            v2 = v2_i22
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
def constant_38(ctx):
    return []


# constant
def constant_39(ctx):
    return {}


# constant
def constant_40(ctx):
    return constant_38 if type(constant_38) is str else key_of(ctx, constant_38)


# constant
def constant_41(ctx):
    return constant_39 if type(constant_39) is str else key_of(ctx, constant_39)


# constant
def constant_42(ctx):
    return constant_set({None if type(None) is str else key_of(ctx, None): None, constant_40: constant_38, constant_41: constant_39})


# data.gateproof.lib.terraform.misplaced (lib/terraform.rego:134:1)
def function_32(ctx, a0, a1):
    v1 = len(a1) if type(a1) is list else builtin_count(ctx, a1)
    if v1 is UNDEFINED:
        return UNDEFINED
    v2 = v1 > 1 if type(v1) is int else greater(ctx, v1, 1)
    if v2 is False:
        return UNDEFINED
    v3 = UNDEFINED
    v1_i23 = a0.get('values', UNDEFINED) if type(a0) is dict else element(a0, 'values')
    if v1_i23 is not UNDEFINED:
        v2_i23 = v1_i23.get(a1, None) if type(v1_i23) is dict and type(a1) is str else picked(ctx, v1_i23, a1, None, builtin_object_get)
        if v2_i23 is not UNDEFINED:
            v3 = v2_i23
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
        v1_i24 = a0.get('values', UNDEFINED) if type(a0) is dict else element(a0, 'values')
        if v1_i24 is UNDEFINED:
            continue
        v2_i24 = v1_i24.get(v8, None) if type(v1_i24) is dict and type(v8) is str else picked(ctx, v1_i24, v8, None, builtin_object_get)
        if v2_i24 is UNDEFINED:
            continue
        v9 = v2_i24
        if v9 is UNDEFINED:
            continue
        v12 = v9 in constant_42.items if type(v9) is str else contained(ctx, v9, constant_42)
        if v12 is not False:
            continue
        ctx.budget.steps -= 3
        if ctx.budget.steps < 0:
            ctx.budget.spend(0)
        v14 = a1.get(v7, UNDEFINED) if type(a1) is dict and type(v7) is str else get(a1, v7 if type(v7) is str else v7 if type(v7) is int else paid(ctx, v7))
        if v14 is UNDEFINED:
            continue
        v16 = UNDEFINED
        v1_i25 = type(v9) is list
        if v1_i25 is not UNDEFINED and v1_i25 is not False:
            v2_i25 = builtin_is_number(ctx, v14)
            if v2_i25 is not UNDEFINED and v2_i25 is not False:
                v16 = True
        if v16 is UNDEFINED:
            v1_1_i25 = type(v9) is dict
            if v1_1_i25 is not UNDEFINED and v1_1_i25 is not False:
                v2_1_i25 = type(v14) is str
                if v2_1_i25 is not UNDEFINED and v2_1_i25 is not False:
                    v16 = True
        if v16 is not UNDEFINED and v16 is not False:
            continue
        return True
    return UNDEFINED


# constant
def constant_43(ctx):
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
        v7 = v4 in constant_43.items if type(v4) is str else contained(ctx, v4, constant_43)
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
        v1_i26 = v6.get('values', UNDEFINED) if type(v6) is dict else element(v6, 'values')
        if v1_i26 is UNDEFINED:
            continue
        v2_i26 = v1_i26.get(v8, None) if type(v1_i26) is dict and type(v8) is str else picked(ctx, v1_i26, v8, None, builtin_object_get)
        if v2_i26 is UNDEFINED:
            continue
        v9 = v2_i26
        if v9 is UNDEFINED:
            continue
        v11 = UNDEFINED
        v1_i27 = type(v9) is str
        if v1_i27 is not UNDEFINED and v1_i27 is not False:
            if v9 != '':
                v3_i27 = UNDEFINED
                ctx.budget.steps -= 3
                if ctx.budget.steps < 0:
                    ctx.budget.spend(0)
                v1_i2_i27 = type(v9) is str
                if v1_i2_i27 is not UNDEFINED and v1_i2_i27 is not False:
                    v2_i2_i27 = v9.startswith('redacted:sha256:') if type(v9) is str else builtin_startswith(ctx, v9, 'redacted:sha256:')
                    if v2_i2_i27 is not UNDEFINED and v2_i2_i27 is not False:
                        v3_i27 = True
                if not (v3_i27 is not UNDEFINED and v3_i27 is not False):
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
        v1_i28 = type(v25) is str
        if not (v1_i28 is not UNDEFINED and v1_i28 is not False):
            continue
        if v25 == '':
            continue
        v3_i28 = UNDEFINED
        v1_i2_i28 = type(v25) is str
        if v1_i2_i28 is not UNDEFINED and v1_i2_i28 is not False:
            v2_i2_i28 = v25.startswith('redacted:sha256:') if type(v25) is str else builtin_startswith(ctx, v25, 'redacted:sha256:')
            ctx.budget.steps -= 3
            if ctx.budget.steps < 0:
                ctx.budget.spend(0)
            if v2_i2_i28 is not UNDEFINED and v2_i2_i28 is not False:
                v3_i28 = True
        if v3_i28 is not UNDEFINED and v3_i28 is not False:
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
                    v1_i29 = type(v7) is str
                    if not (v1_i29 is not UNDEFINED and v1_i29 is not False):
                        continue
                    if v7 == '':
                        continue
                    v3_i29 = UNDEFINED
                    v1_i2_i29 = type(v7) is str
                    if v1_i2_i29 is not UNDEFINED and v1_i2_i29 is not False:
                        v2_i2_i29 = v7.startswith('redacted:sha256:') if type(v7) is str else builtin_startswith(ctx, v7, 'redacted:sha256:')
                        if v2_i2_i29 is not UNDEFINED and v2_i2_i29 is not False:
                            ctx.budget.steps -= 3
                            if ctx.budget.steps < 0:
                                ctx.budget.spend(0)
                            v3_i29 = True
                    if v3_i29 is not UNDEFINED and v3_i29 is not False:
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


# data.gateproof.policies.s3_public_access.protected (policy.rego:141:1), data.gateproof.policies.s3_public_access.protected (policy.rego:143:1), data.gateproof.policies.s3_public_access.protected (policy.rego:145:1), data.gateproof.policies.s3_public_access.protected (policy.rego:147:1)
def function_2(ctx, a0):
    ctx.budget.steps -= 1
    if ctx.budget.steps < 0:
        ctx.budget.spend(0)
    v1_i30 = a0.get('provider_config', UNDEFINED) if type(a0) is dict else element(a0, 'provider_config')
    if v1_i30 is not UNDEFINED:
        v2_i30 = rule_9(ctx)
        if v2_i30 is not UNDEFINED:
            v3_i30 = v1_i30 in v2_i30.items if type(v1_i30) is str and type(v2_i30) is rego_set else contained(ctx, v1_i30, v2_i30)
            if v3_i30 is not False:
                v1 = True
                if v1 is not UNDEFINED and v1 is not False:
                    ctx.budget.steps -= 1
                    if ctx.budget.steps < 0:
                        ctx.budget.spend(0)
                    return True
    v1_1 = a0.get('address', UNDEFINED) if type(a0) is dict else element(a0, 'address')
    if v1_1 is not UNDEFINED:
        v2_1 = rule_19(ctx)
        if v2_1 is not UNDEFINED:
            v3_1 = v1_1 in v2_1.items if type(v1_1) is str and type(v2_1) is rego_set else contained(ctx, v1_1, v2_1)
            if v3_1 is not False:
                ctx.budget.steps -= 1
                if ctx.budget.steps < 0:
                    ctx.budget.spend(0)
                return True
    v1_2 = a0.get('values', UNDEFINED) if type(a0) is dict else element(a0, 'values')
    v2_2 = v1_2.get('bucket', UNDEFINED) if type(v1_2) is dict else element(v1_2, 'bucket')
    if v2_2 is not UNDEFINED:
        v3_2 = rule_20(ctx)
        if v3_2 is not UNDEFINED:
            v4_2 = v2_2 in v3_2.items if type(v2_2) is str and type(v3_2) is rego_set else contained(ctx, v2_2, v3_2)
            if v4_2 is not False:
                ctx.budget.steps -= 1
                if ctx.budget.steps < 0:
                    ctx.budget.spend(0)
                return True
    v1_i31 = a0.get('values', UNDEFINED) if type(a0) is dict else element(a0, 'values')
    if v1_i31 is not UNDEFINED:
        v2_i31 = v1_i31.get('bucket', None) if type(v1_i31) is dict else builtin_object_get(ctx, v1_i31, constant_29, None)
        if v2_i31 is not UNDEFINED:
            v2_3 = v2_i31
            if v2_3 is not UNDEFINED:
                v4_3 = UNDEFINED
                v1_i32 = type(v2_3) is str
                ctx.budget.steps -= 3
                if ctx.budget.steps < 0:
                    ctx.budget.spend(0)
                if v1_i32 is not UNDEFINED and v1_i32 is not False:
                    if v2_3 != '':
                        v3_i32 = UNDEFINED
                        v1_i2_i32 = type(v2_3) is str
                        if v1_i2_i32 is not UNDEFINED and v1_i2_i32 is not False:
                            v2_i2_i32 = v2_3.startswith('redacted:sha256:') if type(v2_3) is str else builtin_startswith(ctx, v2_3, 'redacted:sha256:')
                            if v2_i2_i32 is not UNDEFINED and v2_i2_i32 is not False:
                                v3_i32 = True
                        if not (v3_i32 is not UNDEFINED and v3_i32 is not False):
                            v4_3 = True
                            ctx.budget.steps -= 1
                            if ctx.budget.steps < 0:
                                ctx.budget.spend(0)
                if not (v4_3 is not UNDEFINED and v4_3 is not False):
                    v5_3 = rule_21(ctx)
                    if v5_3 is not UNDEFINED:
                        v6_3 = function_36(ctx, a0, 'bucket', v5_3)
                        if v6_3 is not UNDEFINED:
                            v7_3 = len(v6_3) if type(v6_3) is list else builtin_count(ctx, v6_3)
                            if v7_3 is not UNDEFINED:
                                if v7_3 == 1 if type(v7_3) is int else same(ctx, v7_3, 1):
                                    ctx.budget.steps -= 3
                                    if ctx.budget.steps < 0:
                                        ctx.budget.spend(0)
                                    for v8_3 in values(ctx, v6_3) if v6_3 is not UNDEFINED else ():
                                        v9_3 = rule_19(ctx)
                                        if v9_3 is UNDEFINED:
                                            continue
                                        v10_3 = v8_3 in v9_3.items if type(v8_3) is str and type(v9_3) is rego_set else contained(ctx, v8_3, v9_3)
                                        if v10_3 is False:
                                            continue
                                        return True
    return UNDEFINED


# data.gateproof.policies.s3_public_access.readable_acl (policy.rego:220:1), data.gateproof.policies.s3_public_access.readable_acl (policy.rego:222:1)
def function_4(ctx, a0):
    v1 = a0.get('values', UNDEFINED) if type(a0) is dict else element(a0, 'values')
    v2 = v1.get('acl', UNDEFINED) if type(v1) is dict else element(v1, 'acl')
    if v2 is not UNDEFINED:
        v1_i33 = type(v2) is str
        if v1_i33 is not UNDEFINED and v1_i33 is not False:
            if v2 != '':
                v3_i33 = UNDEFINED
                v1_i2_i33 = type(v2) is str
                if v1_i2_i33 is not UNDEFINED and v1_i2_i33 is not False:
                    v2_i2_i33 = v2.startswith('redacted:sha256:') if type(v2) is str else builtin_startswith(ctx, v2, 'redacted:sha256:')
                    if v2_i2_i33 is not UNDEFINED and v2_i2_i33 is not False:
                        v3_i33 = True
                if not (v3_i33 is not UNDEFINED and v3_i33 is not False):
                    v3 = True
                    if v3 is not UNDEFINED and v3 is not False:
                        ctx.budget.steps -= 2
                        if ctx.budget.steps < 0:
                            ctx.budget.spend(0)
                        return True
    v2_1 = v1.get('access_control_policy', UNDEFINED) if type(v1) is dict else element(v1, 'access_control_policy')
    if v2_1 is not UNDEFINED:
        v3_1 = len(v2_1) if type(v2_1) is list else builtin_count(ctx, v2_1)
        if v3_1 is not UNDEFINED:
            v4_1 = v3_1 > 0 if type(v3_1) is int else greater(ctx, v3_1, 0)
            if v4_1 is not False:
                ctx.budget.steps -= 1
                if ctx.budget.steps < 0:
                    ctx.budget.spend(0)
                return True
    return UNDEFINED


# data.gateproof.lib.iam.anyone (lib/iam.rego:96:1), data.gateproof.lib.iam.anyone (lib/iam.rego:98:1)
def function_11(ctx, a0):
    v1 = UNDEFINED
    v1_i34 = type(a0) is list
    if v1_i34 is not UNDEFINED and v1_i34 is not False:
        v1 = a0
    if v1 is UNDEFINED:
        if a0 is None:
            v1 = constant_35
        if v1 is UNDEFINED:
            v2_i34 = made_of_one(ctx, [a0], a0)
            v1 = v2_i34
            ctx.budget.steps -= 1
            if ctx.budget.steps < 0:
                ctx.budget.spend(0)
    if v1 is not UNDEFINED:
        v2 = '*' in v1.items if type(v1) is rego_set else contained(ctx, '*', v1)
        if v2 is not False:
            return True
    for v1_1 in values(ctx, a0) if a0 is not UNDEFINED else ():
        v2_1 = UNDEFINED
        v1_i35 = type(v1_1) is list
        if v1_i35 is not UNDEFINED and v1_i35 is not False:
            v2_1 = v1_1
        if v2_1 is UNDEFINED:
            if v1_1 is None:
                v2_1 = constant_35
            if v2_1 is UNDEFINED:
                v2_i35 = made_of_one(ctx, [v1_1], v1_1)
                v2_1 = v2_i35
                ctx.budget.steps -= 1
                if ctx.budget.steps < 0:
                    ctx.budget.spend(0)
        if v2_1 is UNDEFINED:
            continue
        v3_1 = '*' in v2_1.items if type(v2_1) is rego_set else contained(ctx, '*', v2_1)
        if v3_1 is False:
            continue
        return True
    return UNDEFINED


# data.gateproof.lib.iam.narrow (lib/iam.rego:139:1), data.gateproof.lib.iam.narrow (lib/iam.rego:144:1), data.gateproof.lib.iam.narrow (lib/iam.rego:150:1), data.gateproof.lib.iam.narrow (lib/iam.rego:156:1)
def function_13(ctx, a0, a1):
    if a0 == 'IpAddress':
        v1 = type(a1) is str
        if v1 is not UNDEFINED and v1 is not False:
            v3 = builtin_regex_match(ctx, '/0*[0-7]$', a1)
            if not (v3 is not UNDEFINED and v3 is not False):
                ctx.budget.steps -= 1
                if ctx.budget.steps < 0:
                    ctx.budget.spend(0)
                return True
    if a0 != 'IpAddress':
        v1_1 = type(a1) is str
        if v1_1 is not UNDEFINED and v1_1 is not False:
            v3_1 = builtin_regex_match(ctx, '[*?]|\\$\\{', a1)
            if not (v3_1 is not UNDEFINED and v3_1 is not False):
                ctx.budget.steps -= 1
                if ctx.budget.steps < 0:
                    ctx.budget.spend(0)
                return True
    v1_2 = a0 in constant_34.items if type(a0) is str else contained(ctx, a0, constant_34)
    if v1_2 is not False:
        v2_2 = builtin_regex_match(ctx, '^arn:aws[a-z-]*:[a-z0-9-]+:[a-z0-9-]*:[0-9]{12}:', a1)
        if v2_2 is not UNDEFINED and v2_2 is not False:
            return True
    if a0 == 'StringLike':
        v1_3 = builtin_regex_match(ctx, '^o-[a-z0-9]{10,32}/', a1)
        if v1_3 is not UNDEFINED and v1_3 is not False:
            return True
    return UNDEFINED


# data.gateproof.lib.terraform.unknown (lib/terraform.rego:33:1), data.gateproof.lib.terraform.unknown (lib/terraform.rego:35:1)
def function_20(ctx, a0, a1):
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
