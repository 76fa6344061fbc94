"""Kubernetes' named formats: what names, labels and values of custom resources must look like, in its words."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import ClassVar, Final

from gateproof.cel.errors import EvaluationError
from gateproof.cel.library import urls
from gateproof.cel.values import NONE, Opaque, Optional


class Format(Opaque, frozen=True):
    """A format; ``pattern_size`` is what Kubernetes takes the size of its regular expression to be."""

    cel_type: ClassVar[str] = "kubernetes.NamedFormat"

    name: str
    pattern_size: int


_LABEL: Final = "[a-z0-9]([-a-z0-9]*[a-z0-9])?"
_SUBDOMAIN: Final = rf"{_LABEL}(\.{_LABEL})*"
_LABEL_1035: Final = "[a-z]([-a-z0-9]*[a-z0-9])?"
_NAME: Final = "([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]"
_VALUE: Final = f"({_NAME})?"
_LABEL_SAID: Final = (
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with "
    "an alphanumeric character"
)
_SUBDOMAIN_SAID: Final = (
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and "
    "end with an alphanumeric character"
)
_LABEL_1035_SAID: Final = (
    "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, "
    "and end with an alphanumeric character"
)
_NAME_SAID: Final = (
    "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character"
)
_VALUE_SAID: Final = (
    "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and "
    "end with an alphanumeric character"
)


def _matches(pattern: str, text: str) -> bool:
    import re2  # linear in the text, which these patterns are not with backtracking

    return re2.fullmatch(pattern, text) is not None


def _said(message: str, pattern: str, *examples: str) -> str:
    shown = " or ".join(f"'{example}', " for example in examples)
    return f"{message} (e.g. {shown}regex used for validation is '{pattern}')"


def _size(text: str, most: int) -> list[str]:
    return [f"must be no more than {most} characters"] if len(text.encode()) > most else []


def _label(text: str) -> list[str]:
    problems = _size(text, 63)
    if not _matches(_LABEL, text):
        dotted = _matches(_SUBDOMAIN, text)
        problems.append("must not contain dots" if dotted else _said(_LABEL_SAID, _LABEL, "my-name", "123-abc"))
    return problems


def _subdomain(text: str) -> list[str]:
    problems = _size(text, 253)
    return problems if _matches(_SUBDOMAIN, text) else [*problems, _said(_SUBDOMAIN_SAID, _SUBDOMAIN, "example.com")]


def _label_1035(text: str) -> list[str]:
    problems = _size(text, 63)
    if _matches(_LABEL_1035, text):
        return problems
    return [*problems, _said(_LABEL_1035_SAID, _LABEL_1035, "my-name", "abc-123")]


def _prefix(check: Callable[[str], list[str]]) -> Callable[[str], list[str]]:
    """The check of what a name is made from: it may end with a dash."""

    def checked(text: str) -> list[str]:
        return check(text[:-2] + "a" if len(text) > 1 and text.endswith("-") else text)

    return checked


def _qualified_name(text: str) -> list[str]:
    prefix, slash, name = text.rpartition("/")
    wrong = _said(_NAME_SAID, _NAME, "MyName", "my.name", "123-abc")
    if "/" in prefix:
        return [f"a valid label key {wrong} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')"]
    problems: list[str] = []
    if slash:
        problems += [f"prefix part {said}" for said in (_subdomain(prefix) if prefix else ["must be non-empty"])]
    problems += [f"name part {said}" for said in (_size(name, 63) if name else ["must be non-empty"])]
    return problems if _matches(_NAME, name) else [*problems, f"name part {wrong}"]


def _label_value(text: str) -> list[str]:
    problems = _size(text, 63)
    if _matches(_VALUE, text):
        return problems
    return [*problems, _said(_VALUE_SAID, _VALUE, "MyValue", "my_value", "12345")]


def _uri(text: str) -> list[str]:
    if urls.is_url(text):
        return []
    try:
        urls.url(text)
    except EvaluationError as error:
        return [error.message.removeprefix("URL parse error during conversion from string: ")]
    return ["invalid URI for request"]


_UUID = re.compile("[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}", re.IGNORECASE | re.ASCII)
_BASE64 = re.compile("(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=|[A-Za-z0-9+/]{4})")
_DATE = re.compile("([0-9]{4})-([0-9]{2})-([0-9]{2})")
_TIME = re.compile(r"([0-9]{2}):([0-9]{2}):([0-9]{2})(?:.[0-9]+)?(?:z|[+-][0-9]{2}:[0-9]{2})")


def _pattern(pattern: re.Pattern[str], message: str) -> Callable[[str], list[str]]:
    return lambda text: [] if pattern.fullmatch(text) else [message]


def _is_date(text: str) -> bool:
    from datetime import date

    match = _DATE.fullmatch(text)
    if match is None:
        return False
    year, month, day = map(int, match.groups())
    try:
        date(year or 4, month, day)  # the year 0, which Python lacks, is a leap year
    except ValueError:
        return False
    return True


def _date(text: str) -> list[str]:
    return [] if _is_date(text) else ["invalid date"]


def _datetime(text: str) -> list[str]:
    day, _, rest = text.lower().partition("t")
    time = _TIME.fullmatch(rest.partition("t")[0])
    valid = time is not None and _is_date(day) and time[1] <= "23" and time[2] <= "59" and time[3] <= "59"
    return [] if valid else ["invalid datetime"]


_FORMATS: Final[dict[str, tuple[Format, Callable[[str], list[str]]]]] = {
    "dns1123Label": (Format("DNS1123Label", 30), _label),
    "dns1123Subdomain": (Format("DNS1123Subdomain", 60), _subdomain),
    "dns1035Label": (Format("DNS1035Label", 30), _label_1035),
    "qualifiedName": (Format("QualifiedName", 60), _qualified_name),
    "dns1123LabelPrefix": (Format("DNS1123LabelPrefix", 30), _prefix(_label)),
    "dns1123SubdomainPrefix": (Format("DNS1123SubdomainPrefix", 60), _prefix(_subdomain)),
    "dns1035LabelPrefix": (Format("DNS1035LabelPrefix", 30), _prefix(_label_1035)),
    "labelValue": (Format("LabelValue", 40), _label_value),
    "uri": (Format("URI", 1103), _uri),
    "uuid": (Format("uuid", 70), _pattern(_UUID, "does not match the UUID format")),
    "byte": (Format("byte", 84), _pattern(_BASE64, "invalid base64")),
    "date": (Format("date", 71), _date),
    "datetime": (Format("datetime", 71), _datetime),
}
_CHECKS: Final = {format_.name: check for format_, check in _FORMATS.values()}


def named(name: str) -> Optional:
    """``format.named(name)``."""
    return Optional(_FORMATS[name][0]) if name in _FORMATS else NONE


def validate(format_: Format, text: str) -> Optional:
    """``format.validate(text)``: what is wrong, or none."""
    problems = _CHECKS[format_.name](text)
    return Optional(problems) if problems else NONE


def dns1123_label() -> Format:
    """``format.dns1123Label()``."""
    return _FORMATS["dns1123Label"][0]


def dns1123_subdomain() -> Format:
    """``format.dns1123Subdomain()``."""
    return _FORMATS["dns1123Subdomain"][0]


def dns1035_label() -> Format:
    """``format.dns1035Label()``."""
    return _FORMATS["dns1035Label"][0]


def qualified_name() -> Format:
    """``format.qualifiedName()``."""
    return _FORMATS["qualifiedName"][0]


def dns1123_label_prefix() -> Format:
    """``format.dns1123LabelPrefix()``."""
    return _FORMATS["dns1123LabelPrefix"][0]


def dns1123_subdomain_prefix() -> Format:
    """``format.dns1123SubdomainPrefix()``."""
    return _FORMATS["dns1123SubdomainPrefix"][0]


def dns1035_label_prefix() -> Format:
    """``format.dns1035LabelPrefix()``."""
    return _FORMATS["dns1035LabelPrefix"][0]


def label_value() -> Format:
    """``format.labelValue()``."""
    return _FORMATS["labelValue"][0]


def uri() -> Format:
    """``format.uri()``."""
    return _FORMATS["uri"][0]


def uuid() -> Format:
    """``format.uuid()``."""
    return _FORMATS["uuid"][0]


def byte() -> Format:
    """``format.byte()``."""
    return _FORMATS["byte"][0]


def date() -> Format:
    """``format.date()``."""
    return _FORMATS["date"][0]


def datetime() -> Format:
    """``format.datetime()``."""
    return _FORMATS["datetime"][0]
