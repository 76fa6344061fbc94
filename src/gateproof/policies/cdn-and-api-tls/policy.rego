# METADATA
# scope: package
# title: CloudFront and API Gateway speak TLS 1.2 or newer
# description: >-
#   CloudFront distributions serve nothing over plain HTTP, accept TLS 1.2 or newer only, and fetch from their origins
#   the same way; domain names of API Gateway have a security policy with TLS 1.2 or newer.
# custom:
#   id: cdn-and-api-tls
#   version: 1.0.1
#   severity: high
#   controls:
#     - soc2@2017:CC6.1
#     - soc2@2017:CC6.7
#     - nist-800-53@5:SC-8
#     - nist-800-53@5:SC-8(1)
#     - nist-800-53@5:SC-13
#     - pci-dss@4.0.1:2.2.7
#     - pci-dss@4.0.1:4.2.1
#     - hipaa:164.312(e)(1)
#     - hipaa:164.312(e)(2)(ii)
#   kinds: [terraform-plan]
#   resources:
#     - aws_api_gateway_domain_name
#     - aws_apigatewayv2_domain_name
#     - aws_cloudfront_distribution
#   layers: [pre-commit, ci, cd]
#   parameters:
#     approved_viewer_policies: ["TLSv1.2_*", "TLSv1.3_*"]
#     approved_domain_policies: [TLS_1_2, "SecurityPolicy_TLS12_*", "SecurityPolicy_TLS13_*"]
#   remediation: >-
#     Set viewer_protocol_policy "redirect-to-https" on every cache behavior, minimum_protocol_version "TLSv1.2_2021"
#     with a certificate of your own, origin_protocol_policy "https-only" with origin_ssl_protocols ["TLSv1.2"], and
#     security_policy "TLS_1_2" on domain names.
package gateproof.policies.cdn_and_api_tls

import data.gateproof.lib.terraform as tf
import rego.v1

distributions := tf.planned(["aws_cloudfront_distribution"])

domains := tf.planned(["aws_api_gateway_domain_name", "aws_apigatewayv2_domain_name"])

applies contains r.address if some r in distributions

applies contains r.address if some r in domains

deny contains finding if some finding in tf.denied(checks)

undecided contains finding if some finding in tf.undecided(checks)

checks := array.concat(array.concat(viewer_checks, certificate_checks), array.concat(origin_checks, domain_checks))

# What viewers may use: every behavior, and at least the default one.

viewer_checks := array.concat(
	[check |
		some r in distributions
		some path in array.concat(tf.block_paths(r, ["default_cache_behavior"]), ordered_paths(r))
		message := "viewers are served over plain HTTP"
		check := tf.check(r, array.concat(path, ["viewer_protocol_policy"]), {"https-only", "redirect-to-https"}, message)
	],
	unreadable("ordered_cache_behavior"),
)

ordered_paths(r) := [behavior.path | some behavior in tf.blocks(r, ["ordered_cache_behavior"])]

certificate_checks := [check |
	some r in distributions
	path := ["viewer_certificate", 0, "minimum_protocol_version"]
	check := tf.result(r, path, certificate_verdict(r, path), certificate_message(r))
]

default_certificate := ["viewer_certificate", 0, "cloudfront_default_certificate"]

certificate_verdict(r, path) := reason if {
	reason := tf.why_unreadable(r, path)
} else := "no" if {
	tf.value(r, default_certificate) in {true, "true"}
} else := tf.why_unreadable(r, default_certificate) if {
	tf.why_unreadable(r, default_certificate)
} else := "yes" if {
	approved(tf.value(r, path), data.parameters.approved_viewer_policies)
} else := "no"

certificate_message(r) := "with CloudFront's own certificate viewers may use TLS 1.0" if {
	tf.value(r, default_certificate) in {true, "true"}
} else := "viewers may use what is older than TLS 1.2"

approved(name, patterns) if {
	some pattern in patterns
	glob.match(pattern, null, name)
}

# What the distribution itself uses to reach its origins, but for S3, with which it speaks HTTPS. To match the viewer is
# to use HTTPS, since viewers must.

origins := [{"r": r, "path": array.concat(origin.path, ["custom_origin_config"])} |
	some r in distributions
	some origin in tf.blocks(r, ["origin"])
]

custom_origins := [{"r": one.r, "path": found.path} | some one in origins; some found in tf.blocks(one.r, one.path)]

origin_checks := array.concat(
	array.concat(
		[check |
			some one in custom_origins
			path := array.concat(one.path, ["origin_protocol_policy"])
			check := tf.check(one.r, path, {"https-only", "match-viewer"}, "an origin is reached over plain HTTP")
		],
		[check |
			some one in custom_origins
			path := array.concat(one.path, ["origin_ssl_protocols"])
			message := "an origin may be reached with what is older than TLS 1.2"
			check := tf.result(one.r, path, versions_verdict(one.r, path), message)
		],
	),
	array.concat(
		unreadable("origin"),
		[tf.result(one.r, one.path, reason, "") | some one in origins; reason := tf.why_blocks_unreadable(one.r, one.path)],
	),
)

versions_verdict(r, path) := reason if {
	reason := tf.why_part_unreadable(r, path)
} else := "yes" if {
	versions := {version | some version in tf.value(r, path)}
	count(versions) > 0
	count(versions - {"TLSv1.2", "TLSv1.3"}) == 0
} else := "no"

# Blocks of which nothing can be read.
unreadable(name) := [tf.result(r, [name], reason, "") |
	some r in distributions
	reason := tf.why_blocks_unreadable(r, [name])
]

# Domain names.

domain_checks := [check |
	some r in domains
	some path in policy_paths(r)
	check := tf.result(r, path, domain_verdict(r, path), domain_message(tf.value(r, path)))
]

policy_paths(r) := [["security_policy"]] if {
	r.type == "aws_api_gateway_domain_name"
} else := [array.concat(path, ["security_policy"]) | some path in tf.block_paths(r, ["domain_name_configuration"])]

domain_verdict(r, path) := reason if {
	reason := tf.why_unreadable(r, path)
} else := "yes" if {
	approved(tf.value(r, path), data.parameters.approved_domain_policies)
} else := "no"

domain_message(name) := sprintf("security policy %q is not approved", [name]) if {
	tf.readable(name)
} else := "no security policy is named"
