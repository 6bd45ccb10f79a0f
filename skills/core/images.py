"""References to container images, read as the OCI distribution grammar has it: `[host[:port]/]path[:tag][@digest]`.

Nothing is filled in: `nginx` stays `nginx` and does not become `docker.io/library/nginx:latest`, because what runs has to be what a
person read and approved.
"""

import re
from dataclasses import dataclass

from skills.core.catalog import shown
from skills.core.errors import BadInput

LONGEST_REPOSITORY = 255
LONGEST_TAG = 128
MUTABLE_TAG = "latest"

_HOST_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?"
_HOST = re.compile(rf"(?:{_HOST_LABEL}(?:\.{_HOST_LABEL})*|\[[0-9a-fA-F:]+\])(?::[0-9]{{1,5}})?")
_PATH_PART = re.compile(r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*")
_TAG = re.compile(rf"[A-Za-z0-9_][A-Za-z0-9_.-]{{0,{LONGEST_TAG - 1}}}")
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128}")
_FORM = "Write it as registry.example/name:tag or registry.example/name@sha256:…"


@dataclass(frozen=True, kw_only=True)
class ImageReference:
    """One image. `tag` and `digest` are "" where the reference has none; where it has both, the digest decides what runs."""

    repository: str
    tag: str = ""
    digest: str = ""

    def __str__(self) -> str:
        return self.repository + (f":{self.tag}" if self.tag else "") + (f"@{self.digest}" if self.digest else "")

    @property
    def mutable(self) -> bool:
        """Is it plain that this will name another image tomorrow: `latest`, or neither tag nor digest?"""
        return not self.digest and self.tag in {"", MUTABLE_TAG}

    @property
    def version(self) -> str:
        """What a person calls it: the tag, or else the digest shortened to twelve digits."""
        return self.tag or self.digest[: self.digest.find(":") + 13]

    @classmethod
    def parse(cls, text: str) -> "ImageReference":
        """The reference that `text` spells. Raises `BadInput` saying what is wrong with it."""
        rest, at, digest = text.partition("@")
        if at and not _DIGEST.fullmatch(digest):
            raise _malformed(text, "its digest is not sha256: and 64 hexadecimal digits in lower case")
        head, slash, last = rest.rpartition("/")
        name, colon, tag = last.partition(":")
        if colon and not _TAG.fullmatch(tag):
            raise _malformed(text, f"a tag is 1 to {LONGEST_TAG} letters, digits, dots, hyphens and underscores")
        repository = f"{head}{slash}{name}"
        _check_repository(text, repository)
        return cls(repository=repository, tag=tag, digest=digest)


def version_of(image: str) -> str:
    """What a person calls an image that runs somewhere, whatever its spelling; the whole of it where it cannot be read."""
    try:
        return ImageReference.parse(image).version or "untagged"
    except BadInput:
        return image


def repository_of(image: str) -> str:
    """The repository of an image that runs somewhere; the whole of it where it cannot be read."""
    try:
        return ImageReference.parse(image).repository
    except BadInput:
        return image


def is_tag(word: str) -> bool:
    """Could `word` be a tag?"""
    return bool(_TAG.fullmatch(word))


def reference_of(wanted: str, *, repository: str, service: str) -> ImageReference:
    """The image that `wanted` names for a service whose images live in `repository` ("" if that is not known).

    `wanted` is a tag, a digest, or a whole reference. Raises `BadInput` for one that is malformed, mutable, of another repository,
    or a bare version where no repository is known.
    """
    if not set(wanted) & set("/:@"):
        return _tagged(wanted, repository, service)
    if _DIGEST.fullmatch(wanted) and repository:
        return ImageReference(repository=repository, digest=wanted)
    reference = ImageReference.parse(wanted)
    if repository and reference.repository != repository:
        raise BadInput(
            f"{shown(reference.repository)} is not where the images of {service} come from.",
            hint=f"Its images are in {repository}.",
        )
    if reference.mutable:
        raise _moving(wanted)
    return reference


def _tagged(tag: str, repository: str, service: str) -> ImageReference:
    if tag == MUTABLE_TAG:
        raise _moving(tag)
    if not is_tag(tag):
        raise BadInput(
            f"“{shown(tag)}” is not a valid version.",
            hint=f"A version is 1 to {LONGEST_TAG} letters, digits, dots, hyphens and underscores.",
        )
    if not repository:
        raise BadInput(
            f"I do not know where the images of {service} come from, so “{tag}” alone does not say what to run.",
            hint="Give a whole image reference, or set the annotation countersign.dev/image on the service.",
        )
    return ImageReference(repository=repository, tag=tag)


def _check_repository(text: str, repository: str) -> None:
    if len(repository) > LONGEST_REPOSITORY:
        raise _malformed(text, f"its repository is longer than {LONGEST_REPOSITORY} characters")
    first, slash, rest = repository.partition("/")
    has_host = bool(slash) and (any(mark in first for mark in ".:[") or first == "localhost" or first != first.lower())
    if has_host and not _HOST.fullmatch(first):
        raise _malformed(text, "its registry is not a host name with an optional port")
    path = rest if has_host else repository
    if not all(_PATH_PART.fullmatch(part) for part in path.split("/")):
        raise _malformed(
            text, "a repository is lower-case letters and digits with single dots, hyphens or underscores between"
        )


def _malformed(text: str, why: str) -> BadInput:
    return BadInput(f"“{shown(text)}” is not an image reference: {why}.", hint=_FORM)


def _moving(wanted: str) -> BadInput:
    return BadInput(
        f"“{shown(wanted)}” does not name one image for good: what was approved might not be what runs.",
        hint="Name a version or a digest.",
    )
