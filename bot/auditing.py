"""Part of the composition root: what keeps the audit log, as the configuration says."""

from bot.audit.anchoring import Anchoring
from bot.audit.anchors import Anchor, FileAnchor, Witness
from bot.audit.channel_anchor import ChannelAnchor
from bot.audit.keeper import Keeper
from bot.audit.keyring import Keyring, public_key
from bot.audit.object_anchor import ObjectAnchor
from bot.audit.remembered import Remembered
from bot.clusters import Clock
from bot.configuration import (
    AnchorSettings,
    Configuration,
    FileAnchorSettings,
    SlackAnchorSettings,
    SlackSettings,
    WitnessSettings,
)
from bot.settings import Settings
from bot.store import Database, Store
from bot.usecases.forgetting import Forgetting
from integrations.s3 import LockedBucket
from integrations.slack_channel import SlackChannel


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
    anchors = [_anchor(each, clock, configuration.slack) for each in audit.anchors]
    return Anchoring(store=store, anchors=anchors, remembered=Remembered(audit.remembered, origin=audit.origin))


def forgetting(configuration: Configuration, store: Store, clock: Clock) -> Forgetting:
    """Erases what people typed when it is as old as `audit.retention.erase_days` says."""
    return Forgetting(store=store, clock=clock, after=configuration.audit.erase_after)


def _anchor(settings: AnchorSettings, clock: Clock, slack: SlackSettings) -> Anchor:
    match settings:
        case FileAnchorSettings():
            return FileAnchor(settings.path)
        case WitnessSettings():
            return Witness(settings.url, public_key(settings.key))
        case SlackAnchorSettings():
            token = slack.bot_token.get_secret_value() if slack.bot_token else ""
            channel = SlackChannel(settings.channel, token=token, api_url=slack.api_url)
            return ChannelAnchor(channel, every=settings.every)
    bucket = LockedBucket(
        settings.bucket,
        mode=settings.mode,
        days=settings.days,
        clock=clock,
        endpoint=settings.endpoint,
        region=settings.region,
    )
    return ObjectAnchor(bucket, prefix=settings.prefix)
