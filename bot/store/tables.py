"""Where things lie. Private to the store; everyone else sees domain types.

Every table but `leases` has the organization as the first column of its primary key. A change here needs a migration beside it, and a test
compares the two.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    false,
)

from bot.store.columns import Instant, JsonText, Words

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(referred_table_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    }
)


_SORTED_BY_BYTE = Text().with_variant(Text(collation="C"), "postgresql")
"""So that the keys with one prefix lie together whatever language the database sorts in."""


def _organization() -> Column[str]:
    return Column("organization", Text, primary_key=True)


def _of_proposal() -> ForeignKeyConstraint:
    return ForeignKeyConstraint(["organization", "proposal"], ["proposals.organization", "proposals.id"])


proposals = Table(
    "proposals",
    metadata,
    _organization(),
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("handle", Text, nullable=False),
    Column("request_key", Text),
    Column("requester", Text, nullable=False),
    Column("requester_name", Words, nullable=False),
    Column("reason", Words, nullable=False),
    Column("origin", JsonText, nullable=False),
    Column("plan", JsonText, nullable=False),
    Column("digest", String(64), nullable=False),
    Column("verdict", JsonText, nullable=False),
    Column("status", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("start_by", Instant),
    Column("started_at", Instant),
    Column("settled_at", Instant),
    Column("outcome", Words, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("change", BigInteger, nullable=False),
    Column("cost", JsonText),
    Column("told", JsonText),
    Index("ux_proposals_handle", "organization", "handle", unique=True),
    Index("ux_proposals_request_key", "organization", "request_key", unique=True),
    Index("ix_proposals_status", "organization", "status", "id"),
    Index("ix_proposals_change", "organization", "change"),
    Index("ix_proposals_requester", "organization", "requester", "id"),
)

targets = Table(
    "targets",
    metadata,
    _organization(),
    Column("service", Text, primary_key=True),
    Column("environment", Text, primary_key=True),
    Column("proposal", BigInteger, primary_key=True, autoincrement=False),
    _of_proposal(),
    comment="Which services and environments a proposal touches, for looking it up by them",
)

decisions = Table(
    "decisions",
    metadata,
    _organization(),
    Column("proposal", BigInteger, primary_key=True, autoincrement=False),
    Column("subject", Text, primary_key=True),
    Column("choice", Text, primary_key=True),
    Column("name", Words, nullable=False),
    Column("digest", String(64), nullable=False),
    Column("at", Instant, nullable=False),
    Column("reason", Words, nullable=False),
    Column("stepped_up", Boolean, nullable=False, server_default=false()),
    _of_proposal(),
)

runs = Table(
    "runs",
    metadata,
    _organization(),
    Column("proposal", BigInteger, primary_key=True, autoincrement=False),
    Column("epoch", BigInteger, nullable=False),
    Column("executor", Text, nullable=False),
    Column("claimed_at", Instant, nullable=False),
    _of_proposal(),
)

effects = Table(
    "effects",
    metadata,
    _organization(),
    Column("proposal", BigInteger, primary_key=True, autoincrement=False),
    Column("ordinal", Integer, primary_key=True, autoincrement=False),
    Column("compensating", Boolean, nullable=False),
    Column("index", Integer, nullable=False),
    Column("state", Text, nullable=False),
    Column("intent_at", Instant, nullable=False),
    Column("outcome_at", Instant),
    Column("detail", Words, nullable=False),
    Column("progress", JsonText, nullable=False),
    _of_proposal(),
)

checkups = Table(
    "checkups",
    metadata,
    _organization(),
    Column("proposal", BigInteger, primary_key=True, autoincrement=False),
    Column("due_at", Instant, nullable=False),
    Column("done_at", Instant),
    Column("found", JsonText, nullable=False),
    _of_proposal(),
    Index("ix_checkups_due", "organization", "done_at", "due_at"),
    comment="Looks at services some time after a run",
)

glasses = Table(
    "glasses",
    metadata,
    _organization(),
    Column("proposal", BigInteger, primary_key=True, autoincrement=False),
    Column("subject", Text, nullable=False),
    Column("name", Words, nullable=False),
    Column("digest", String(64), nullable=False),
    Column("reason", Words, nullable=False),
    Column("incident", BigInteger, nullable=False),
    Column("confidential", Boolean, nullable=False),
    Column("at", Instant, nullable=False),
    Column("until", Instant, nullable=False),
    Column("stands_for", JsonText, nullable=False),
    Column("review_due", Instant, nullable=False),
    Column("reminded_at", Instant),
    Column("reviewed_at", Instant),
    Column("reviewer", Text),
    Column("reviewer_name", Words),
    Column("note", Words, nullable=False),
    _of_proposal(),
    Index("ix_glasses_review", "organization", "reviewed_at", "review_due"),
    comment="Who broke the glass for which proposal, and who looked at it afterwards",
)

incidents = Table(
    "incidents",
    metadata,
    _organization(),
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("request_key", Text, nullable=False),
    Column("open_of", Words),
    Column("service", Text, nullable=False),
    Column("confidential", Boolean, nullable=False),
    Column("declared_at", Instant, nullable=False),
    Column("over", Boolean, nullable=False),
    Column("room", Text),
    Column("entries", BigInteger, nullable=False),
    Column("followed", BigInteger, nullable=False),
    Column("due_at", Instant),
    Column("executor", Text),
    Column("claimed_until", Instant),
    Index("ux_incidents_request_key", "organization", "request_key", unique=True),
    Index("ux_incidents_open_of", "organization", "open_of", unique=True),
    Index("ix_incidents_over", "organization", "over", "id"),
    Index("ix_incidents_declared_at", "organization", "declared_at"),
    Index("ix_incidents_room", "organization", "room"),
    comment="Which incidents there are. What happened in them stands in their entries; the rest is for finding them",
)

incident_entries = Table(
    "incident_entries",
    metadata,
    _organization(),
    Column("incident", BigInteger, primary_key=True, autoincrement=False),
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("key", Words, nullable=False),
    Column("at", Instant, nullable=False),
    Column("verb", Text, nullable=False),
    Column("text", Words, nullable=False),
    Column("by", Text, nullable=False),
    Column("by_name", Words, nullable=False),
    Column("source", Words, nullable=False),
    Column("link", Words, nullable=False),
    Column("facts", JsonText, nullable=False),
    ForeignKeyConstraint(["organization", "incident"], ["incidents.organization", "incidents.id"]),
    Index("ux_incident_entries_key", "organization", "incident", "key", unique=True),
    Index("ix_incident_entries_verb", "organization", "incident", "verb", "seq"),
    comment="What happened in incidents; only ever added to",
)

incident_effects = Table(
    "incident_effects",
    metadata,
    _organization(),
    Column("incident", BigInteger, primary_key=True, autoincrement=False),
    Column("name", Words, primary_key=True),
    Column("state", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("intent_at", Instant, nullable=False),
    Column("due_at", Instant, nullable=False),
    Column("detail", Words, nullable=False),
    ForeignKeyConstraint(["organization", "incident"], ["incidents.organization", "incidents.id"]),
    comment="What has to happen outside because of an incident: meant, done, or refused",
)

counters = Table(
    "counters",
    metadata,
    _organization(),
    Column("name", Text, primary_key=True),
    Column("value", BigInteger, nullable=False),
    comment="Numbers handed out without gaps: a database sequence leaves some out and commits them out of order",
)

cursors = Table(
    "cursors",
    metadata,
    _organization(),
    Column("name", Text, primary_key=True),
    Column("value", BigInteger, nullable=False),
)

audit_entries = Table(
    "audit_entries",
    metadata,
    _organization(),
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("at", String(27), nullable=False),
    Column("actor", Text, nullable=False),
    Column("verb", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("link", String(64), nullable=False),
    Index("ix_audit_entries_subject", "organization", "subject", "seq"),
    Index("ix_audit_entries_actor", "organization", "actor", "seq"),
)

audit_people = Table(
    "audit_people",
    metadata,
    _organization(),
    Column("pseudonym", String(71), primary_key=True),
    Column("salt", String(32)),
    Column("name", Text),
    Column("erasure", String(32)),
    Index("ix_audit_people_name", "organization", "name"),
    comment="Whom the pseudonyms in audit entries stand for; erasing is emptying the row",
)

audit_texts = Table(
    "audit_texts",
    metadata,
    _organization(),
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("field", Text, primary_key=True),
    Column("person", String(71)),
    Column("salt", String(32)),
    Column("text", Text),
    Column("erasure", String(32)),
    Index("ix_audit_texts_person", "organization", "person"),
    comment="What people typed, of which audit entries hold salted hashes; erasing is emptying the row",
)

audit_heads = Table(
    "audit_heads",
    metadata,
    _organization(),
    Column("size", BigInteger, nullable=False),
    Column("root", String(64), nullable=False),
    Column("frontier", Text, nullable=False),
    Column("link", String(64), nullable=False),
)

audit_nodes = Table(
    "audit_nodes",
    metadata,
    _organization(),
    Column("position", BigInteger, primary_key=True, autoincrement=False),
    Column("hash", String(64), nullable=False),
    comment="The perfect subtrees of the Merkle tree in the order in which they were completed, for quick proofs",
)

audit_checkpoints = Table(
    "audit_checkpoints",
    metadata,
    _organization(),
    Column("size", BigInteger, primary_key=True, autoincrement=False),
    Column("at", Instant, nullable=False),
    Column("note", Text, nullable=False),
    comment="Signed heads of the audit log",
)

audit_alarms = Table(
    "audit_alarms",
    metadata,
    _organization(),
    Column("size", BigInteger, primary_key=True, autoincrement=False),
    Column("root", String(64), primary_key=True),
    Column("problem", Words, nullable=False),
    Column("at", Instant, nullable=False),
    Column("acknowledged_at", Instant),
    comment="Remembered heads that the audit log does not continue; safe mode until each is acknowledged",
)

deliveries = Table(
    "deliveries",
    metadata,
    _organization(),
    Column("key", Words, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("body", JsonText, nullable=False),
    Column("state", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("received_at", Instant, nullable=False),
    Column("due_at", Instant, nullable=False),
    Column("executor", Text),
    Column("error", Words, nullable=False),
    Index("ix_deliveries_state", "organization", "state", "due_at"),
)

messages = Table(
    "messages",
    metadata,
    _organization(),
    Column("key", _SORTED_BY_BYTE, primary_key=True),
    Column("state", Text, nullable=False),
    Column("place", JsonText, nullable=False),
    Column("channel", Text),
    Column("ts", Text),
    Column("digest", Text),
    Column("error", Words, nullable=False),
    Column("at", Instant, nullable=False),
)

memories = Table(
    "memories",
    metadata,
    _organization(),
    Column("key", Words, primary_key=True),
    Column("value", JsonText, nullable=False),
    Column("until", Instant, nullable=False),
    Index("ix_memories_until", "organization", "until"),
)

votes = Table(
    "votes",
    metadata,
    _organization(),
    Column("key", Text, primary_key=True),
    Column("subject", Text, primary_key=True),
    Column("vote", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Column("text", Words, nullable=False),
    Column("skill", Text),
    Index("ix_votes_at", "organization", "at"),
    comment="What people thought of answers",
)

locks = Table(
    "locks",
    metadata,
    _organization(),
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("service", Text, nullable=False),
    Column("environment", Text, nullable=False),
    Column("owner", Text, nullable=False),
    Column("owner_name", Words, nullable=False),
    Column("reason", Words, nullable=False),
    Column("since", Instant, nullable=False),
    Column("until", Instant, nullable=False),
    Column("ended_at", Instant),
    Index("ix_locks_until", "organization", "until"),
    comment="Who keeps others from changing what. An empty service or environment stands for all of them",
)

grants = Table(
    "grants",
    metadata,
    _organization(),
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("grantee", Text, nullable=False),
    Column("granter", Text, nullable=False),
    Column("given", JsonText, nullable=False),
    Column("until", Instant, nullable=False),
    Column("uses", Integer, nullable=False),
    Column("most", Integer, nullable=False),
    Column("revoked_at", Instant),
    Index("ix_grants_until", "organization", "until"),
    comment="What was approved in advance, and how often that was used",
)

stand_ins = Table(
    "stand_ins",
    metadata,
    _organization(),
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("request_key", Text, nullable=False),
    Column("rotation", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("name", Words, nullable=False),
    Column("start", Instant, nullable=False),
    Column("end", Instant, nullable=False),
    Column("by", Text, nullable=False),
    Column("by_name", Words, nullable=False),
    Column("ended_at", Instant),
    Index("ux_stand_ins_request_key", "organization", "request_key", unique=True),
    Index("ix_stand_ins_end", "organization", "end"),
    comment="Who is on call instead of whom a rotation says",
)

pages = Table(
    "pages",
    metadata,
    _organization(),
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("key", Text, nullable=False),
    Column("opened_at", Instant, nullable=False),
    Column("state", Text, nullable=False),
    Column("due_at", Instant),
    Column("body", JsonText, nullable=False),
    Index("ux_pages_key", "organization", "key", unique=True),
    Index("ix_pages_state", "organization", "state", "number"),
    Index("ix_pages_due_at", "organization", "due_at"),
    comment="Who was called for what, how far that got, and when the next is called",
)

access_campaigns = Table(
    "access_campaigns",
    metadata,
    _organization(),
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("opened_by", Text, nullable=False),
    Column("reason", Words, nullable=False),
    Column("opened_at", Instant, nullable=False),
    Column("due_at", Instant, nullable=False),
    Column("unanswered", Text, nullable=False),
    Column("escalated_at", Instant),
    Column("closed_at", Instant),
    comment="When it was looked through who has which roles and teams",
)

access_questions = Table(
    "access_questions",
    metadata,
    _organization(),
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("campaign", BigInteger, nullable=False),
    Column("person", Text, nullable=False),
    Column("person_name", Words, nullable=False),
    Column("membership", Text, nullable=False),
    Column("gives", JsonText, nullable=False),
    Column("word", Text),
    Column("by", Text, nullable=False),
    Column("by_name", Words, nullable=False),
    Column("reason", Words, nullable=False),
    Column("at", Instant),
    ForeignKeyConstraint(["organization", "campaign"], ["access_campaigns.organization", "access_campaigns.number"]),
    Index("ix_access_questions_campaign", "organization", "campaign", "number"),
    Index("ix_access_questions_word", "organization", "word", "person"),
    comment="May this person keep this role or team? What was revoked does not count until the configuration confirms it again",
)

notices = Table(
    "notices",
    metadata,
    _organization(),
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("key", Text, nullable=False),
    Column("recipient", JsonText, nullable=False),
    Column("report", JsonText, nullable=False),
    Column("at", Instant, nullable=False),
    Index("ux_notices_key", "organization", "key", unique=True),
    comment="What is said unasked, to a person or in a place, once for each key",
)

requests = Table(
    "requests",
    metadata,
    _organization(),
    Column("key", Words, primary_key=True),
    Column("at", Instant, nullable=False),
    comment="Requests that were written down as records, so that one delivered twice is one",
)

leases = Table(
    "leases",
    metadata,
    Column("executor", Text, primary_key=True),
    Column("until", Instant, nullable=False),
    comment="Which processes are alive. A process serves every organization, so these rows belong to none",
)
