"""OSCAL catalogues and profiles → the controls that they hold. Pure: what a profile imports is read by the caller.

NIST OSCAL 1.1 (https://pages.nist.gov/OSCAL-Reference/models/). Of a catalogue the controls are taken, with ids, titles
and labels, enhancements included; statements, parameters and assessment objectives are for reading and stay where they
are. Of a profile: imports with include-all, include-controls and exclude-controls (ids, patterns, child controls),
merge as flat or as-is with the first of two equal controls, alters and parameters as far as they show in a title, label
or status. Anything else that would change which controls there are is refused by name.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from fnmatch import fnmatchcase
from typing import Any, Literal, TypeVar

import msgspec
from msgspec import field

from gateproof.errors import PolicyError

_MAX_IMPORTS = 20
_HINT = "OSCAL 1.1 in JSON or YAML is read: a catalog or a profile"
_INSERTION = re.compile(r"\{\{\s*insert:\s*param\s*,\s*([^\s}]+)\s*\}\}")
_STATUS, _LABEL, _WITHDRAWN = "status", "label", ("withdrawn", "Withdrawn")


class _Part(msgspec.Struct, frozen=True, rename="kebab"):
    """Anything of OSCAL; what is not named is left alone."""


class _Prop(_Part, frozen=True):
    name: str
    value: str
    class_: str = field(default="", name="class")
    ns: str = ""


class _Parameter(_Part, frozen=True):
    """A parameter, or what a profile sets of one."""

    id: str = ""
    param_id: str = ""
    label: str = ""
    values: tuple[str, ...] = ()


class _Control(_Part, frozen=True):
    id: str
    title: str
    props: tuple[_Prop, ...] = ()
    params: tuple[_Parameter, ...] = ()
    controls: tuple[_Control, ...] = ()


class _Group(_Part, frozen=True):
    params: tuple[_Parameter, ...] = ()
    groups: tuple[_Group, ...] = ()
    controls: tuple[_Control, ...] = ()


class _Metadata(_Part, frozen=True):
    title: str
    version: str


class _Catalog(_Group, frozen=True, kw_only=True):
    metadata: _Metadata


class _Pattern(_Part, frozen=True):
    pattern: str


class _Selection(_Part, frozen=True):
    with_child_controls: Literal["yes", "no"] = "no"
    with_ids: tuple[str, ...] = ()
    matching: tuple[_Pattern, ...] = ()


class _Import(_Part, frozen=True):
    href: str
    include_all: dict[str, Any] | None = None
    include_controls: tuple[_Selection, ...] = ()
    exclude_controls: tuple[_Selection, ...] = ()


class _Combination(_Part, frozen=True):
    method: str = ""


class _Merge(_Part, frozen=True):
    combine: _Combination = _Combination()
    custom: dict[str, Any] | None = None


class _Removal(_Part, frozen=True):
    by_name: str = ""
    by_class: str = ""
    by_ns: str = ""
    by_id: str = ""
    by_item_name: str = ""


class _Addition(_Part, frozen=True):
    by_id: str = ""
    title: str = ""
    props: tuple[_Prop, ...] = ()


class _Alteration(_Part, frozen=True):
    control_id: str
    removes: tuple[_Removal, ...] = ()
    adds: tuple[_Addition, ...] = ()


class _Modification(_Part, frozen=True):
    set_parameters: tuple[_Parameter, ...] = ()
    alters: tuple[_Alteration, ...] = ()


class _Link(_Part, frozen=True):
    href: str
    media_type: str = ""


class _Resource(_Part, frozen=True):
    uuid: str
    rlinks: tuple[_Link, ...] = ()


class _BackMatter(_Part, frozen=True):
    resources: tuple[_Resource, ...] = ()


class _Profile(_Part, frozen=True):
    metadata: _Metadata
    imports: tuple[_Import, ...]
    merge: _Merge = _Merge()
    modify: _Modification = _Modification()
    back_matter: _BackMatter = _BackMatter()


class Found(msgspec.Struct, frozen=True):
    """A control as it was found. ``parent`` is the id of the control that it belongs to, ``below`` that one's title."""

    id: str
    title: str
    props: tuple[_Prop, ...] = ()
    parent: str = ""
    below: str = ""

    @property
    def label(self) -> str:
        """What people call it: the label without a class, which is not padded for sorting; else any; else its id."""
        labels = sorted(((prop.class_, prop.value) for prop in self.props if prop.name == _LABEL), key=lambda it: it[0])
        return labels[0][1] if labels else self.id

    @property
    def is_withdrawn(self) -> bool:
        """Whether it is only still there to say where it went."""
        return any(prop.name == _STATUS and prop.value in _WITHDRAWN for prop in self.props)


class Controls(msgspec.Struct, frozen=True):
    """What a document holds: its title and version, its controls in their order, and its parameters as text."""

    title: str
    version: str
    found: tuple[Found, ...]
    parameters: dict[str, str]

    def shown(self, title: str) -> str:
        """``title`` with the parameters that it inserts."""
        return _INSERTION.sub(lambda match: self.parameters.get(match[1], f"[{match[1]}]"), title)


Load = Callable[[str], tuple[Any, "Load"]]
"""Reads the document that a profile names by a relative path: its value, and what reads the paths in it."""


def controls(document: dict[str, Any], load: Load) -> Controls:
    """The controls of the catalogue or profile ``document``, withdrawn ones left out.

    Raises PolicyError for what is no such document, names what is not there, or asks for what is not supported; what
    ``load`` raises passes.
    """
    resolved = _Resolver().controls(document, load)
    kept = tuple(each for each in resolved.found if not each.is_withdrawn)
    return msgspec.structs.replace(resolved, found=kept)


class _Resolver:
    """Resolves a document and what it imports, at most so many: a profile could import itself."""

    def __init__(self) -> None:
        self._left = _MAX_IMPORTS

    def controls(self, document: dict[str, Any], load: Load) -> Controls:
        if "catalog" in document:
            return _catalog(_converted(document["catalog"], _Catalog, "catalog"))
        if "profile" in document:
            return self._profile(_converted(document["profile"], _Profile, "profile"), load)
        kinds = ", ".join(sorted(map(str, document))[:5]) or "nothing"
        raise PolicyError(f"neither an OSCAL catalog nor a profile, but {kinds[:80]}", hint=_HINT)

    def _profile(self, profile: _Profile, load: Load) -> Controls:
        _check_merge(profile.merge)
        found: dict[str, Found] = {}
        parameters: dict[str, str] = {}
        for each in profile.imports:
            imported = self._imported(each, profile, load)
            for control in _selected(imported.found, each):
                found.setdefault(control.id, control)
            parameters = {**imported.parameters, **parameters}
        parameters |= _texts(profile.modify.set_parameters)
        altered = _altered(found, profile.modify.alters)
        return Controls(profile.metadata.title, profile.metadata.version, tuple(altered), parameters)

    def _imported(self, asked: _Import, profile: _Profile, load: Load) -> Controls:
        self._left -= 1
        if self._left < 0:
            raise PolicyError(
                f"more than {_MAX_IMPORTS} imports, or a profile that imports itself", hint="resolve the profile first"
            )
        value, within = load(_local(asked.href, profile.back_matter))
        if not isinstance(value, dict):
            raise PolicyError(f"what the profile imports as {asked.href[:80]!r} is no OSCAL document", hint=_HINT)
        return self.controls(value, within)


_T = TypeVar("_T")


def _converted(value: Any, kind: type[_T], name: str) -> _T:
    try:
        return msgspec.convert(value, kind)
    except msgspec.ValidationError as error:
        said = str(error).replace("`$", f"`{name}")
        raise PolicyError(f"not as OSCAL has it: {said}", hint=_HINT) from None


def _catalog(catalog: _Catalog) -> Controls:
    parameters: dict[str, str] = {}
    found = tuple(_within(catalog, parameters))
    return Controls(catalog.metadata.title, catalog.metadata.version, found, parameters)


def _within(group: _Group, parameters: dict[str, str]) -> Iterator[Found]:
    """Every control of a group, those of its groups first, as in the document; notes the parameters on the way."""
    parameters |= _texts(group.params)
    for inner in group.groups:
        yield from _within(inner, parameters)
    for control in group.controls:
        yield from _with_enhancements(control, parameters)


def _with_enhancements(
    control: _Control, parameters: dict[str, str], parent: _Control | None = None
) -> Iterator[Found]:
    parameters |= _texts(control.params)
    above = (parent.id, parent.title) if parent else ("", "")
    yield Found(control.id, control.title, control.props, *above)
    for enhancement in control.controls:
        yield from _with_enhancements(enhancement, parameters, control)


def _texts(parameters: Iterable[_Parameter]) -> dict[str, str]:
    """What a title shows for each parameter: its values, else its label in brackets."""
    texts = {}
    for each in parameters:
        shown = ", ".join(each.values) or (f"[{each.label}]" if each.label else "")
        if shown:
            texts[each.id or each.param_id] = shown
    return texts


def _check_merge(merge: _Merge) -> None:
    if merge.custom is not None:
        raise PolicyError("merge: custom is not supported", hint="merge as flat or as-is, or resolve the profile first")
    if merge.combine.method not in ("", "use-first"):
        raise PolicyError(
            f"merge: combine with the method {merge.combine.method[:20]!r} is not supported",
            hint="use-first is, or resolve the profile first",
        )


def _local(href: str, back_matter: _BackMatter) -> str:
    """The relative path that ``href`` means, itself or through the resource that it names."""
    if href.startswith("#"):
        resource = next((each for each in back_matter.resources if each.uuid == href[1:]), None)
        if resource is None:
            raise PolicyError(f"import: there is no resource {href[:60]!r} in the back matter", hint="correct the href")
        readable = [link.href for link in resource.rlinks if link.href.endswith((".json", ".yaml", ".yml"))]
        if not readable:
            raise PolicyError(
                f"import: the resource {href[:60]!r} has no rlink to a .json or .yaml file", hint="add one, or name it"
            )
        local = [link for link in readable if not _is_remote(link)]
        href = (local or readable)[0]
    if _is_remote(href):
        raise PolicyError(
            f"import: {href[:100]!r} is not a relative path to a file, and nothing is fetched",
            hint="put a copy beside the profile, and name it by its relative path",
        )
    return href


def _is_remote(href: str) -> bool:
    return bool(re.match(r"[A-Za-z][A-Za-z0-9+.-]*:|/|\\|$", href))


def _selected(among: tuple[Found, ...], asked: _Import) -> list[Found]:
    """What an import takes of ``among``. Ids that are not there are an error: they would silently be missing."""
    excluded = _chosen(among, asked.exclude_controls, "exclude-controls")
    included = {each.id for each in among}
    if asked.include_controls:
        if asked.include_all is not None:
            raise PolicyError("import: include-all and include-controls exclude each other", hint="keep one of them")
        included = _chosen(among, asked.include_controls, "include-controls")
    return [each for each in among if each.id in included and each.id not in excluded]


def _chosen(among: tuple[Found, ...], selections: Iterable[_Selection], where: str) -> set[str]:
    known = {each.id for each in among}
    chosen: set[str] = set()
    for selection in selections:
        if unknown := [each for each in selection.with_ids if each not in known]:
            raise PolicyError(
                f"{where}: there is no control {', '.join(unknown[:10])[:200]} in what is imported",
                hint="ids are those of OSCAL, such as ac-2.1",
            )
        taken = set(selection.with_ids)
        for each in selection.matching:
            taken |= {control for control in known if fnmatchcase(control, each.pattern)}
        if selection.with_child_controls == "yes":
            for control in among:  # parents come before their children
                if control.parent in taken:
                    taken.add(control.id)
        chosen |= taken
    return chosen


def _altered(found: dict[str, Found], alterations: Iterable[_Alteration]) -> Iterable[Found]:
    altered = dict(found)
    for each in alterations:
        control = altered.get(each.control_id)
        if control is None:
            raise PolicyError(
                f"alter: the control {each.control_id[:60]!r} is not among those that are imported",
                hint="import it, or leave the alteration out",
            )
        for removal in each.removes:
            control = _without(control, removal)
        for addition in each.adds:
            if addition.by_id in ("", control.id):  # else it is about a part of the control's text
                props, title = (*control.props, *addition.props), addition.title or control.title
                control = msgspec.structs.replace(control, props=props, title=title)
        altered[each.control_id] = control
    return altered.values()


def _without(control: Found, removal: _Removal) -> Found:
    """``control`` without the properties that a removal means; parts and parameters do not show here."""
    criteria = (removal.by_name, removal.by_class, removal.by_ns)
    if removal.by_item_name not in ("", "prop") or removal.by_id or not any((*criteria, removal.by_item_name)):
        return control
    kept = tuple(
        prop
        for prop in control.props
        if not all(
            not asked or asked == has for asked, has in zip(criteria, (prop.name, prop.class_, prop.ns), strict=True)
        )
    )
    return msgspec.structs.replace(control, props=kept)
