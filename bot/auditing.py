"""Part of the composition root: what keeps the audit log, as the configuration says."""

from bot.audit.anchoring import Anchoring
from bot.audit.anchors import Anchor, FileAnchor, Witness
from bot.audit.keeper import Keeper
from bot.audit.keyring import Keyring, public_key
from bot.audit.object_anchor import ObjectAnchor
from bot.audit.remembered import Remembered
from bot.clusters import Clock
from bot.configuration import AnchorSettings, Configuration, FileAnchorSettings, WitnessSettings
from bot.settings import Settings
from bot.store import Database, Store
from integrations.s3 import LockedBucket


def make_keeper(
    configuration: Configuration, settings: Settings, database: Database, store: Store, *, clock: Clock
) -> Keeper:
    """With a key of its own only where nobody else shares the database: others could not trust it."""
    audit = configuration.audit
    own = settings.data if database.url_kind == "sqlite" else None
    return Keeper(
        store=store,
        origin=audit.origin,
        keyring=Keyring(audit, data=own, clock=clock),
        remembered=Remembered(audit.remembered, origin=audit.origin),
    )


def make_anchoring(configuration: Configuration, store: Store, *, clock: Clock) -> Anchoring:
    """Raises `BadInput` for a witness's key that is none."""
    audit = configuration.audit
    anchors = [_anchor(each, clock) for each in audit.anchors]
    return Anchoring(store=store, anchors=anchors, remembered=Remembered(audit.remembered, origin=audit.origin))


def _anchor(settings: AnchorSettings, clock: Clock) -> Anchor:
    match settings:
        case FileAnchorSettings():
            return FileAnchor(settings.path)
        case WitnessSettings():
            return Witness(settings.url, public_key(settings.key))
    bucket = LockedBucket(
        settings.bucket,
        mode=settings.mode,
        days=settings.days,
        clock=clock,
        endpoint=settings.endpoint,
        region=settings.region,
    )
    return ObjectAnchor(bucket, prefix=settings.prefix)
