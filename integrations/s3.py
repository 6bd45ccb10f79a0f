"""Objects in an S3 bucket with object lock, or in what speaks its protocol: nobody can change or remove them before their time."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Literal

from skills.core.errors import BadInput, Unavailable

PATIENCE = 5
"""Seconds for a connection, and twice that for an answer."""

_HINTS = {
    "AccessDenied": "It needs s3:PutObject, s3:PutObjectRetention, s3:GetObject, s3:ListBucketVersions and s3:GetBucketObjectLockConfiguration.",
    "NoSuchBucket": "Create it with object lock; a bucket gets that when it is made.",
}


class LockedBucket:
    """Keeps small objects for a number of days. Blocking calls run in threads. Credentials are found as boto3 finds them."""

    def __init__(
        self,
        bucket: str,
        *,
        mode: Literal["governance", "compliance"],
        days: int,
        clock: Callable[[], datetime],
        endpoint: str = "",
        region: str = "",
    ) -> None:
        self.name = f"S3 bucket {bucket}"
        self._bucket = bucket
        self._mode = mode
        self._days = days
        self._clock = clock
        self._options = {"endpoint_url": endpoint or None, "region_name": region or None}
        self._connected: Any = None

    async def first(self, prefix: str) -> bytes | None:
        """What was first kept under the first key that begins with `prefix`, also where somebody put something over it or a mark of deletion."""
        return await asyncio.to_thread(self._asked, "read", lambda client: self._first(client, prefix))

    async def keep(self, key: str, content: bytes) -> None:
        """Keep it, locked. Raises `Unavailable`, also for a bucket that does not lock."""
        await asyncio.to_thread(self._asked, "written", lambda client: self._keep(client, key, content))

    def _first(self, client: Any, prefix: str) -> bytes | None:
        # Versions and not objects: a mark of deletion hides an object, and removes nothing.
        marks: dict[str, str] = {}
        while True:
            page = client.list_object_versions(Bucket=self._bucket, Prefix=prefix, MaxKeys=100, **marks)
            if versions := page.get("Versions"):
                key = versions[0]["Key"]
                oldest = [each for each in versions if each["Key"] == key][-1]
                found = client.get_object(Bucket=self._bucket, Key=key, VersionId=oldest["VersionId"])
                content: bytes = found["Body"].read()
                return content
            if not page.get("IsTruncated"):
                return None
            marks = {"KeyMarker": page["NextKeyMarker"], "VersionIdMarker": page["NextVersionIdMarker"]}

    def _keep(self, client: Any, key: str, content: bytes) -> None:
        client.put_object(
            Bucket=self._bucket,
            Key=key,
            Body=content,
            ContentType="text/plain; charset=utf-8",
            ChecksumAlgorithm="SHA256",
            ObjectLockMode=self._mode.upper(),
            ObjectLockRetainUntilDate=self._clock() + timedelta(days=self._days),
        )

    def _asked(self, what: str, call: Callable[[Any], Any]) -> Any:
        client, botocore = self._client()
        try:
            self._check_lock(client, botocore)
            return call(client)
        except botocore.ClientError as error:
            code = error.response.get("Error", {}).get("Code", "")
            raise Unavailable(f"The {self.name} cannot be {what}: {code}.", hint=_HINTS.get(code, "")) from error
        except botocore.BotoCoreError as error:
            raise Unavailable(
                f"The {self.name} did not answer.", hint="Check its name, its region, the credentials and the network."
            ) from error

    def _check_lock(self, client: Any, botocore: Any) -> None:
        """Each time: what was locked when we looked last need not be."""
        try:
            said = client.get_object_lock_configuration(Bucket=self._bucket)
        except botocore.ClientError as error:
            if error.response.get("Error", {}).get("Code") != "ObjectLockConfigurationNotFoundError":
                raise
            said = {}
        if said.get("ObjectLockConfiguration", {}).get("ObjectLockEnabled") != "Enabled":
            raise Unavailable(
                f"The {self.name} has no object lock, so nothing is kept there: it could be removed.",
                hint="Name a bucket that was made with object lock.",
            )

    def _client(self) -> tuple[Any, Any]:
        try:
            import boto3  # noqa: PLC0415 - an extra, and a fifth of a second that only a world with such a bucket pays
            from botocore import config, exceptions  # noqa: PLC0415
        except ImportError:
            raise BadInput(f"The {self.name} needs boto3.", hint="pip install countersign[aws]") from None
        if self._connected is None:
            patience = config.Config(
                connect_timeout=PATIENCE, read_timeout=2 * PATIENCE, retries={"max_attempts": 2, "mode": "standard"}
            )
            try:
                self._connected = boto3.client("s3", config=patience, **self._options)
            except (exceptions.BotoCoreError, ValueError) as error:
                raise Unavailable(
                    f"The {self.name} cannot be reached: no region or no such endpoint.", hint="Set `region` beside it."
                ) from error
        return self._connected, exceptions
