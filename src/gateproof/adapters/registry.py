"""A registry: manifests, blobs and referrers of one repository (OCI Distribution Specification 1.1).

Whatever has a digest is checked against it. Credentials are given where the registry asks for them, as Basic or, with
the token that its token service gives for them, as Bearer (the protocol of the CNCF's distribution); nobody else is
shown them, and no error has them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from urllib.parse import urlencode

import msgspec

from gateproof.adapters.registry_credentials import Credentials
from gateproof.adapters.registry_http import Answer, Http, is_loopback, joined, same_origin, shown
from gateproof.catalog import oci
from gateproof.catalog.oci import Descriptor, Reference
from gateproof.documents import canonical
from gateproof.errors import PolicyError

MAX_MANIFEST = 4 * 1024 * 1024
_MAX_TOKEN = 256 * 1024
_MAX_PAGES = 10
_MAX_REFERRERS = 100

_PARAMETER = re.compile(r'([A-Za-z]+)="([^"]*)"')
_SUCCESS = range(200, 300)
_NEXT = re.compile(r'<([^>]*)>\s*;[^,]*\brel="?next"?')
_HINTS = {
    401: "log in: docker login or oras login",
    403: "ask who runs the registry for access",
    404: "check the reference, and that you are logged in where the repository is private",
    429: "the registry is asked too often: try again later",
}

Find = Callable[[str], Credentials | None]
"""Gives the credentials for a host."""


class _Token(msgspec.Struct, frozen=True):
    token: str = ""
    access_token: str = ""


class Registry:
    """The repository of ``reference``. ``find`` gives credentials; ``plain_http`` allows HTTP beyond loopback."""

    def __init__(self, reference: Reference, find: Find, *, plain_http: bool = False) -> None:
        host = "registry-1.docker.io" if reference.host == "docker.io" else reference.host
        scheme = "http" if plain_http or is_loopback(f"http://{host}") else "https"
        self._origin = f"{scheme}://{host}"
        self._base = f"{self._origin}/v2/{reference.repository}"
        self._reference = reference
        self._find = find
        self._http = Http(plain=plain_http)
        self._authorization = ""

    def manifest(self, name: str) -> bytes | None:
        """The manifest of a tag or digest, None where there is none. Raises PolicyError."""
        accepted = f"{oci.MANIFEST_TYPE}, {oci.INDEX_TYPE}"
        answer = self._send("GET", f"{self._base}/manifests/{name}", {"Accept": accepted}, limit=MAX_MANIFEST)
        if answer.status == 404:
            return None
        raw = self._succeeded(answer).body
        if canonical.is_digest(name):
            self._check(raw, name, answer.url)
        return raw

    def blob(self, wanted: Descriptor, limit: int) -> bytes:
        """The blob that is ``wanted``, at most ``limit`` bytes. Raises PolicyError."""
        url = f"{self._base}/blobs/{wanted.digest}"
        if wanted.size > limit:
            raise PolicyError(
                f"it has {wanted.size:,} bytes, more than {limit:,}", where=shown(url), hint="this is no policy bundle"
            )
        answer = self._succeeded(self._send("GET", url, {}, limit=wanted.size))
        self._check(answer.body, wanted.digest, answer.url)
        if len(answer.body) != wanted.size:
            hint = "the manifest is wrong about it: push the bundle again"
            raise PolicyError(f"it has {len(answer.body):,} bytes, not {wanted.size:,}", where=shown(url), hint=hint)
        return answer.body

    def referrers(self, digest: str, artifact_type: str) -> Iterator[Descriptor]:
        """Manifests with the subject ``digest`` that may be of ``artifact_type``, from the API or the tag in its place.

        Some registries tell the type of the empty config in place of the artifact's: only the manifest itself is sure.
        """
        possible, count = {artifact_type, oci.EMPTY_TYPE, ""}, 0
        for raw, where in self._indexes(digest):
            for each in oci.read_index(raw, where).manifests:
                if each.artifact_type in possible and canonical.is_digest(each.digest) and count < _MAX_REFERRERS:
                    count += 1
                    yield each

    def put_blob(self, content: bytes) -> None:
        """Store ``content``, unless it is there. Raises PolicyError."""
        digest = canonical.digest(content)
        if self._send("HEAD", f"{self._base}/blobs/{digest}", {}, limit=0).status in _SUCCESS:
            return
        begun = self._succeeded(self._send("POST", f"{self._base}/blobs/uploads/", {}, limit=_MAX_TOKEN, body=b""))
        location = joined(begun.url, begun.headers.get("location", ""))
        joint = "&" if "?" in location else "?"
        headers = {"Content-Type": "application/octet-stream"}
        url = f"{location}{joint}{urlencode({'digest': digest})}"
        self._succeeded(self._send("PUT", url, headers, limit=_MAX_TOKEN, body=content))

    def put_manifest(self, raw: bytes, tag: str = "") -> None:
        """Store a manifest, under ``tag`` if one is given, and list it with its subject. Raises PolicyError."""
        digest = canonical.digest(raw)
        answer = self._put_manifest(raw, tag or digest, oci.MANIFEST_TYPE)
        manifest = msgspec.json.decode(raw, type=oci.Manifest)
        if manifest.subject is not None and answer.headers.get("oci-subject") != manifest.subject.digest:
            name = oci.referrers_tag(manifest.subject.digest)
            index = oci.with_referrer(self.manifest(name), raw, f"{self._base}/manifests/{name}")
            if index is not None:
                self._put_manifest(index, name, oci.INDEX_TYPE)

    def _put_manifest(self, raw: bytes, name: str, media_type: str) -> Answer:
        url = f"{self._base}/manifests/{name}"
        return self._succeeded(self._send("PUT", url, {"Content-Type": media_type}, limit=_MAX_TOKEN, body=raw))

    def _indexes(self, digest: str) -> Iterator[tuple[bytes, str]]:
        url = f"{self._base}/referrers/{digest}"
        for page in range(_MAX_PAGES):
            answer = self._send("GET", url, {"Accept": oci.INDEX_TYPE}, limit=MAX_MANIFEST)
            if answer.status == 404 and page == 0:
                listed = self.manifest(oci.referrers_tag(digest))
                if listed is not None:
                    yield listed, shown(f"{self._base}/manifests/{oci.referrers_tag(digest)}")
                return
            yield self._succeeded(answer).body, shown(url)
            following = _NEXT.search(answer.headers.get("link", ""))
            if following is None:
                return
            url = joined(url, following[1])
            if not same_origin(url, self._origin):
                return

    def _send(
        self, method: str, url: str, headers: Mapping[str, str], *, limit: int, body: bytes | None = None
    ) -> Answer:
        """The answer; where the registry asks who this is, the one after that was said."""
        ours = same_origin(url, self._origin)
        sent = {**headers, "Authorization": self._authorization} if ours and self._authorization else headers
        answer = self._http.send(method, url, sent, limit=limit, body=body)
        if answer.status == 401 and ours and same_origin(answer.url, self._origin):
            self._authorization = self._authorized(answer)
            if self._authorization:
                sent = {**headers, "Authorization": self._authorization}
                answer = self._http.send(method, url, sent, limit=limit, body=body)
        return answer

    def _authorized(self, refusal: Answer) -> str:
        """What to say in ``Authorization``, empty where there is nothing to say. Raises PolicyError."""
        challenge = refusal.headers.get("www-authenticate", "")
        scheme, _, rest = challenge.partition(" ")
        credentials = self._find(self._reference.host)
        if scheme.lower() == "basic":
            return credentials.basic if credentials and credentials.username else ""
        asked = {name.lower(): value for name, value in _PARAMETER.findall(rest)}
        if scheme.lower() != "bearer" or "realm" not in asked:
            return ""
        return f"Bearer {self._token(asked, credentials)}"

    def _token(self, asked: Mapping[str, str], credentials: Credentials | None) -> str:
        url = asked["realm"]
        if not url.startswith("https://") and not self._origin.startswith("http://"):
            raise PolicyError("its token service has no HTTPS", where=shown(url), hint="tell who runs the registry")
        query = {name: asked[name] for name in ("service", "scope") if name in asked}
        if credentials and credentials.identity_token:
            token = credentials.identity_token
            form = {**query, "grant_type": "refresh_token", "refresh_token": token, "client_id": "gateproof"}
            headers = {"Content-Type": "application/x-www-form-urlencoded"}
            answer = self._http.send("POST", url, headers, limit=_MAX_TOKEN, body=urlencode(form).encode())
        else:
            headers = {"Authorization": credentials.basic} if credentials and credentials.username else {}
            joint = "&" if "?" in url else "?"
            answer = self._http.send("GET", f"{url}{joint}{urlencode(query)}", headers, limit=_MAX_TOKEN)
        try:
            given = msgspec.json.decode(self._succeeded(answer).body, type=_Token)
        except (msgspec.MsgspecError, UnicodeError):
            given = _Token()
        token = given.token or given.access_token
        if not re.fullmatch(r"[A-Za-z0-9._~+/=-]+", token):
            raise PolicyError("its token service gives no token", where=shown(url), hint=_HINTS[401])
        return token

    def _succeeded(self, answer: Answer) -> Answer:
        if answer.status in _SUCCESS:
            return answer
        hint = _HINTS.get(answer.status, "try again later, or ask who runs the registry")
        raise PolicyError(f"the registry answers {answer.status}", where=shown(answer.url), hint=hint)

    def _check(self, raw: bytes, digest: str, url: str) -> None:
        if canonical.digest(raw) != digest:
            raise PolicyError(
                f"the registry gives something else than was asked for: {canonical.digest(raw)}",
                where=shown(url),
                hint="something between here and the registry alters it, or the registry does; nothing of it is used",
            )
