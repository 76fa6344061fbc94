"""What generated policies do to requests, by a small evaluator of IAM: denials, conditions and exemptions.

The evaluator follows "Policy evaluation logic" and "IAM JSON policy elements: Condition operators" of the IAM User
Guide: conditions hold together; of several values one is enough, and none where the operator is negated; a key that is
not in the request fails a condition, but meets a negated one and ``Null: true``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pytest

from gateproof.guardrails import Kind, Parameters, guardrails
from gateproof.guardrails.iam import permission_boundary, service_control_policies

Request = Mapping[str, Any]

ROLE = "arn:aws:iam::123456789012:role/deploy"
GLASS = "arn:aws:iam::123456789012:role/break-glass"
BOUNDARY = "arn:aws:iam::123456789012:policy/boundary"
PARAMETERS = Parameters(
    regions=("eu-central-1", "eu-west-1"),
    tags=("owner", "tier"),
    boundary=("arn:aws:iam::*:policy/boundary",),
    except_roles=("arn:aws:iam::*:role/break-glass", "arn:aws:iam::*:role/pipeline/*-deployer"),
)


def like(pattern: str, text: str) -> bool:
    return re.fullmatch(re.escape(pattern).replace(r"\*", ".*").replace(r"\?", "."), text) is not None


def arn_like(pattern: str, text: str) -> bool:
    patterns, parts = pattern.split(":", 5), text.split(":", 5)
    return len(patterns) == len(parts) == 6 and all(map(like, patterns, parts))


OPERATORS: dict[str, Callable[[str, str], bool]] = {
    "StringEquals": lambda wanted, found: wanted == found,
    "StringEqualsIgnoreCase": lambda wanted, found: wanted.lower() == found.lower(),
    "StringLike": like,
    "ArnLike": arn_like,
    "Bool": lambda wanted, found: wanted.lower() == found.lower(),
    "NumericLessThan": lambda wanted, found: float(found) < float(wanted),
    "NumericGreaterThan": lambda wanted, found: float(found) > float(wanted),
}


def listed(value: Any) -> list[str]:
    return [str(each) for each in value] if isinstance(value, list) else [str(value)]


def holds(operator: str, key: str, wanted: list[str], context: Mapping[str, Any]) -> bool:
    found = {name.lower(): value for name, value in context.items()}.get(key.lower())
    if operator == "Null":
        return (found is None) == (wanted == ["true"])
    if operator.startswith("ForAnyValue:"):
        test = OPERATORS[operator.removeprefix("ForAnyValue:")]
        return any(test(one, each) for one in wanted for each in listed(found)) if found is not None else False
    if "Not" in operator:
        test = OPERATORS[operator.replace("Not", "")]
        return found is None or not any(test(one, str(found)) for one in wanted)
    return found is not None and any(OPERATORS[operator](one, str(found)) for one in wanted)


def meets(statement: Mapping[str, Any], request: Request) -> bool:
    action = request["action"].lower()
    if "Action" in statement:
        named = any(like(each.lower(), action) for each in listed(statement["Action"]))
    else:
        named = not any(like(each.lower(), action) for each in listed(statement["NotAction"]))
    return (
        named
        and any(each == "*" or arn_like(each, request["resource"]) for each in listed(statement["Resource"]))
        and all(
            holds(operator, key, listed(wanted), request["context"])
            for operator, keys in statement.get("Condition", {}).items()
            for key, wanted in keys.items()
        )
    )


def refusing(documents: Sequence[Mapping[str, Any]], request: Request) -> list[str]:
    """Sids of the statements that deny the request."""
    return [
        statement["Sid"]
        for document in documents
        for statement in document["Statement"]
        if statement["Effect"] == "Deny" and meets(statement, request)
    ]


def request(action: str, resource: str = "arn:aws:x:eu-west-1:123456789012:y/z", /, **context: Any) -> Request:
    """A request by a role, in an allowed region, over TLS 1.3; ``context`` has ``__`` for a colon."""
    said = {name.replace("__", ":").replace("_of_", "/"): value for name, value in context.items()}
    given = {
        "aws:PrincipalArn": ROLE,
        "aws:RequestedRegion": "eu-west-1",
        "aws:SecureTransport": "true",
        "s3:TlsVersion": "1.3",
        "aws:RequestTag/owner": "cards",
        "aws:RequestTag/tier": "1",
    }
    return {
        "action": action,
        "resource": resource,
        "context": {key: value for key, value in (given | said).items() if value is not None},
    }


VOLUME = "arn:aws:ec2:eu-west-1:123456789012:volume/vol-1"
INSTANCE = "arn:aws:ec2:eu-west-1:123456789012:instance/i-1"
DATABASE = "arn:aws:rds:eu-west-1:123456789012:db:cards"
CLUSTER = "arn:aws:rds:eu-west-1:123456789012:cluster:cards"

REFUSED = {
    "ProtectCloudtrail": request("cloudtrail:StopLogging"),
    "ProtectConfig": request("config:StopConfigurationRecorder"),
    "ProtectGuardduty": request("guardduty:DeleteDetector"),
    "ProtectLogs": request("ec2:DeleteFlowLogs"),
    "S3AccountPublicAccess": request("s3:PutAccountPublicAccessBlock"),
    "S3BucketPublicAccess1": request("s3:PutBucketPublicAccessBlock", "arn:aws:s3:::cards"),
    "S3BucketPublicAccess2": request("s3:PutBucketAcl", "arn:aws:s3:::cards", **{"s3__x-amz-acl": "public-read"}),
    "PublicImagesAndSnapshots1": request("ec2:ModifySnapshotAttribute", **{"ec2:Add/group": ["all"]}),
    "PublicImagesAndSnapshots2": request("rds:ModifyDBSnapshotAttribute"),
    "DatabasePublicAccess": request("rds:CreateDBInstance", DATABASE, rds__PubliclyAccessible="true"),
    "EbsEncryption": request("ec2:CreateVolume", VOLUME, ec2__Encrypted="false"),
    "EbsEncryptionDefault": request("ec2:DisableEbsEncryptionByDefault"),
    "RdsEncryption1": request("rds:CreateDBCluster", CLUSTER, rds__StorageEncrypted="false"),
    "RdsEncryption2": request(
        "rds:CreateDBInstance", DATABASE, rds__StorageEncrypted="false", rds__DatabaseEngine="postgres"
    ),
    "EfsEncryption": request("elasticfilesystem:CreateFileSystem", elasticfilesystem__Encrypted="false"),
    "TlsOnly1": request("sqs:SendMessage", aws__SecureTransport="false"),
    "TlsOnly2": request("s3:GetObject", "arn:aws:s3:::cards/1", s3__TlsVersion="1.1"),
    "ListenersNotPlain": request(
        "elasticloadbalancing:CreateListener", **{"elasticloadbalancing:ListenerProtocol": "HTTP"}
    ),
    "KmsKeyLifetime1": request("kms:ScheduleKeyDeletion", kms__ScheduleKeyDeletionPendingWindowInDays="7"),
    "KmsKeyLifetime2": request("kms:EnableKeyRotation", kms__RotationPeriodInDays="2560"),
    "KmsKeyLifetime3": request("kms:DisableKeyRotation"),
    "NoIamUsers": request("iam:CreateAccessKey", "arn:aws:iam::123456789012:user/joe"),
    "BoundaryRequired": request("iam:CreateRole", "arn:aws:iam::123456789012:role/new"),
    "BoundaryStays1": request("iam:DeleteRolePermissionsBoundary", ROLE, iam__PermissionsBoundary=BOUNDARY),
    "BoundaryStays2": request("iam:CreatePolicyVersion", BOUNDARY),
    "RootUser": request("s3:ListBucket", aws__PrincipalArn="arn:aws:iam::123456789012:root"),
    "LeaveOrganization": request("organizations:LeaveOrganization"),
    "InstanceMetadata1": request("ec2:RunInstances", INSTANCE, ec2__MetadataHttpTokens="optional"),
    "InstanceMetadata2": request(
        "ec2:ModifyInstanceMetadataOptions", INSTANCE, ec2__Attribute_of_HttpTokens="optional"
    ),
    "BackupsStay": request("backup:DeleteRecoveryPoint"),
    "Regions": request("ec2:DescribeInstances", aws__RequestedRegion="us-east-1"),
    "RequiredTags1": request("ec2:CreateVolume", VOLUME, **{"aws:RequestTag/owner": None}),
    "RequiredTags2": request("ec2:CreateVolume", VOLUME, **{"aws:RequestTag/tier": None}),
    "RequiredTags3": request("sqs:CreateQueue", **{"aws:RequestTag/owner": None}),
    "RequiredTags4": request("sqs:CreateQueue", **{"aws:RequestTag/tier": None}),
}

MORE_REFUSED = [
    request("ec2:RunInstances", INSTANCE),  # nothing said of tokens
    request("ec2:ModifyInstanceMetadataDefaults", ec2__Attribute_of_HttpTokens="no-preference"),
    request("iam:CreateRole", ROLE, iam__PermissionsBoundary="arn:aws:iam::aws:policy/AdministratorAccess"),
    request("iam:PutRolePermissionsBoundary", ROLE, iam__PermissionsBoundary="arn:aws:iam::123456789012:policy/wide"),
    request("iam:CreateUser", "arn:aws:iam::123456789012:user/joe", iam__PermissionsBoundary=BOUNDARY),
    request("ec2:RunInstances", VOLUME, ec2__Encrypted="false"),
    request("s3:PutObject", "arn:aws:s3:::cards/1", **{"s3:x-amz-acl": "authenticated-read"}),
    request("dynamodb:CreateTable", aws__RequestedRegion="ap-south-1"),
    request("CloudTrail:DELETETRAIL"),
    request("iam:CreateAccessKey", aws__PrincipalArn="arn:aws:iam::123456789012:role/other/break-glass"),
    request("iam:CreateAccessKey", aws__PrincipalArn="arn:aws:iam::123456789012:user/break-glass"),
    request("iam:CreateAccessKey", aws__PrincipalArn="arn:aws:iam::123456789012:role/pipeline/x-deployer-2"),
    request(
        "elasticloadbalancing:CreateLoadBalancerListeners",
        **{"elasticloadbalancing:ListenerProtocol": ["https", "http"]},
    ),
    request("rds:CreateDBInstance", DATABASE, rds__StorageEncrypted="false", rds__DatabaseEngine="mysql"),
]

ALLOWED = [
    request("cloudtrail:LookupEvents"),
    request("cloudtrail:CreateTrail"),
    request("s3:PutObject", "arn:aws:s3:::cards/1"),
    request("s3:PutObject", "arn:aws:s3:::cards/1", **{"s3:x-amz-acl": "bucket-owner-full-control"}),
    request("ec2:ModifySnapshotAttribute", **{"ec2:Add/userId": "210987654321"}),
    request("ec2:CreateVolume", VOLUME, ec2__Encrypted="true"),
    request("ec2:RunInstances", INSTANCE, ec2__MetadataHttpTokens="required"),
    # of a launch, each resource is asked about: those without the keys are not held to them
    request("ec2:RunInstances", "arn:aws:ec2:eu-west-1:123456789012:subnet/s", **{"aws:RequestTag/owner": None}),
    request("ec2:RunInstances", VOLUME, ec2__Encrypted="true"),
    request("ec2:ModifyInstanceMetadataOptions", INSTANCE, ec2__Attribute_of_HttpTokens="required"),
    request("ec2:ModifyInstanceMetadataOptions", INSTANCE),  # only the hop limit
    request("rds:CreateDBCluster", CLUSTER, rds__StorageEncrypted="true"),
    request("rds:CreateDBInstance", DATABASE, rds__StorageEncrypted="true", rds__PubliclyAccessible="false"),
    request("rds:CreateDBInstance", DATABASE, rds__StorageEncrypted="false", rds__DatabaseEngine="aurora-postgresql"),
    request("elasticfilesystem:CreateFileSystem", elasticfilesystem__Encrypted="true"),
    request("sqs:SendMessage"),
    request("sqs:SendMessage", aws__SecureTransport=None),
    request("elasticloadbalancing:CreateListener", **{"elasticloadbalancing:ListenerProtocol": "HTTPS"}),
    request("elasticloadbalancing:ModifyListener"),
    request("kms:ScheduleKeyDeletion"),  # 30 days, where nothing is said
    request("kms:ScheduleKeyDeletion", kms__ScheduleKeyDeletionPendingWindowInDays="30"),
    request("kms:EnableKeyRotation"),
    request("kms:EnableKeyRotation", kms__RotationPeriodInDays="365"),
    request("iam:CreateRole", ROLE, iam__PermissionsBoundary=BOUNDARY),
    request("iam:CreatePolicyVersion", "arn:aws:iam::123456789012:policy/cards"),
    request("iam:GetRole", ROLE, aws__RequestedRegion="us-east-1"),
    request("sts:AssumeRole", ROLE, aws__RequestedRegion="us-east-1"),
    request("sqs:CreateQueue"),
    request("sqs:DeleteQueue", **{"aws:RequestTag/owner": None}),
    request("backup:StartBackupJob"),
]


def everything(parameters: Parameters = PARAMETERS) -> Sequence[Mapping[str, Any]]:
    return service_control_policies(guardrails(Kind.SCP), parameters)


@pytest.mark.parametrize("sid", REFUSED)
def test_every_statement_refuses_what_it_is_for(sid: str) -> None:
    assert sid in refusing(everything(), REFUSED[sid])


def test_every_statement_is_tried() -> None:
    assert {statement["Sid"] for each in everything() for statement in each["Statement"]} == set(REFUSED)


@pytest.mark.parametrize("number", range(len(MORE_REFUSED)))
def test_what_comes_near_is_refused(number: int) -> None:
    assert refusing(everything(), MORE_REFUSED[number]) != []


@pytest.mark.parametrize("number", range(len(ALLOWED)))
def test_work_goes_on(number: int) -> None:
    assert refusing(everything(), ALLOWED[number]) == []


@pytest.mark.parametrize("sid", [sid for sid in REFUSED if sid != "RootUser"])
@pytest.mark.parametrize("role", [GLASS, "arn:aws:iam::210987654321:role/pipeline/cards-deployer"])
def test_exempt_roles_are_left_alone(sid: str, role: str) -> None:
    asked = REFUSED[sid]
    by_role = {**asked, "context": {**asked["context"], "aws:PrincipalArn": role}}
    assert refusing(everything(), by_role) == []
    without = Parameters(regions=PARAMETERS.regions, tags=PARAMETERS.tags, boundary=PARAMETERS.boundary)
    assert sid in refusing(everything(without), by_role)


def test_a_wrong_operator_is_noticed() -> None:
    """The evaluator tells the operators that are easily confused apart, so that the tables above mean something."""
    tagged = request("sqs:CreateQueue")
    untagged = REFUSED["RequiredTags3"]
    statement = next(s for d in everything() for s in d["Statement"] if s["Sid"] == "RequiredTags3")
    turned = json.loads(json.dumps(statement).replace('"true"', '"false"'))
    assert meets(statement, untagged)
    assert not meets(statement, tagged)
    assert meets(turned, tagged)
    assert not meets(turned, untagged)
    tokens = next(s for d in everything() for s in d["Statement"] if s["Sid"] == "InstanceMetadata1")
    equal = json.loads(json.dumps(tokens).replace("StringNotEquals", "StringEquals"))
    assert meets(tokens, REFUSED["InstanceMetadata1"])
    assert not meets(equal, REFUSED["InstanceMetadata1"])


BOUNDED = [sid for sid in REFUSED if sid != "RootUser"]


@pytest.mark.parametrize("sid", BOUNDED)
def test_a_boundary_refuses_the_same(sid: str) -> None:
    parameters = Parameters(regions=PARAMETERS.regions, tags=PARAMETERS.tags, boundary=PARAMETERS.boundary)
    meant = [each for each in guardrails(Kind.BOUNDARY) if sid.lower().startswith(each.id.replace("-", ""))]
    document = permission_boundary(meant, parameters)
    assert sid in refusing([document], REFUSED[sid])
    allow = document["Statement"][0]
    assert (allow["Effect"], allow["Action"], allow["Resource"]) == ("Allow", "*", "*")
