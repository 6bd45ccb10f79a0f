"""Signed heads in an S3 bucket with object lock: moto's server is the peer."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto.server import ThreadedMotoServer

from bot.audit.anchoring import Anchoring
from bot.audit.object_anchor import ObjectAnchor
from bot.audit.remembered import Remembered
from bot.audit.verify_audit import read_checkpoint
from bot.store import Database, SafeMode, Store
from integrations.s3 import LockedBucket
from tests.integration.audit.test_anchors import go_another_way, sign
from tests.support.audit import ORIGIN, note

HEADS = "heads/"
DAYS = 400


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    """A server that speaks S3."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def s3(endpoint: str, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A client of the bucket's owner, with one bucket that locks and one that does not."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    client = boto3.client("s3", endpoint_url=endpoint, region_name="us-east-1")
    client.meta.service_model  # noqa: B018 - loaded here, and not in the test's time
    import urllib.request

    urllib.request.urlopen(urllib.request.Request(f"{endpoint}/moto-api/reset", method="POST")).close()
    client.create_bucket(Bucket="locked", ObjectLockEnabledForBucket=True)
    client.create_bucket(Bucket="open")
    yield client
    client.close()


def anchoring(store: Store, folder: Path, endpoint: str, bucket: str = "locked", mode: Any = "compliance") -> Anchoring:
    objects = LockedBucket(
        bucket, mode=mode, days=DAYS, clock=lambda: datetime.now(UTC), endpoint=endpoint, region="us-east-1"
    )
    anchor = ObjectAnchor(objects, prefix=HEADS)
    return Anchoring(store=store, anchors=[anchor], remembered=Remembered(folder / "head.json", origin=ORIGIN))


def kept(s3: Any) -> list[tuple[int, str]]:
    """Size and mode of what is kept, the newest head first."""
    listed = s3.list_objects_v2(Bucket="locked").get("Contents", [])
    found = []
    for each in listed:
        got = s3.get_object(Bucket="locked", Key=each["Key"])
        assert got["ObjectLockRetainUntilDate"] > datetime.now(UTC) + timedelta(days=DAYS - 1)
        found.append((read_checkpoint(got["Body"].read().decode()).size, got["ObjectLockMode"]))
    return found


async def test_a_bucket_gets_every_signed_head_once_and_locked(
    store: Store, tmp_path: Path, s3: Any, endpoint: str
) -> None:
    anchors = anchoring(store, tmp_path, endpoint)
    for first in (1, 3):
        await sign(store, tmp_path, 2, first=first)
        await anchors.publish()
        await anchors.publish()
    await anchoring(store, tmp_path, endpoint).publish()
    assert anchors.trouble == {}
    assert kept(s3) == [(4, "COMPLIANCE"), (2, "COMPLIANCE")]


async def test_a_bucket_without_object_lock_is_refused(store: Store, tmp_path: Path, s3: Any, endpoint: str) -> None:
    await sign(store, tmp_path, 1)
    anchors = anchoring(store, tmp_path, endpoint, "open")
    await anchors.publish()
    assert anchors.trouble == {
        "S3 bucket open": "The S3 bucket open has no object lock, so nothing is kept there: it could be removed. Name a bucket that was made with object lock."
    }
    assert "Contents" not in s3.list_objects_v2(Bucket="open")


async def test_a_bucket_that_is_not_there_or_does_not_answer_is_told(
    store: Store, tmp_path: Path, s3: Any, endpoint: str
) -> None:
    await sign(store, tmp_path, 1)
    anchors = anchoring(store, tmp_path, endpoint, "nowhere")
    await anchors.publish()
    assert anchors.trouble["S3 bucket nowhere"].startswith("The S3 bucket nowhere cannot be read: NoSuchBucket.")
    anchors = anchoring(store, tmp_path, "http://127.0.0.1:9")
    await anchors.publish()
    assert anchors.trouble["S3 bucket locked"].startswith("The S3 bucket locked did not answer.")


async def test_another_history_in_the_bucket_means_safe_mode_and_deletion_hides_nothing(
    store: Store, database: Database, tmp_path: Path, s3: Any, endpoint: str
) -> None:
    await sign(store, tmp_path, 3)
    await anchoring(store, tmp_path, endpoint).publish()
    key = s3.list_objects_v2(Bucket="locked")["Contents"][0]["Key"]
    s3.delete_object(Bucket="locked", Key=key)
    assert "Contents" not in s3.list_objects_v2(Bucket="locked")
    await go_another_way(store, database, tmp_path, 5)
    anchors = anchoring(store, tmp_path, endpoint)
    await anchors.publish()
    assert "holds another history of 3 entries" in anchors.trouble["S3 bucket locked"]
    with pytest.raises(SafeMode):
        await note(store)
