"""What is remembered: proposals, decisions, runs and the audit log, each organization apart, in SQLite or PostgreSQL."""

from bot.store.alarms import Alarm
from bot.store.audit import AuditLog, Entry
from bot.store.checkpoints import Checkpoints, Signed
from bot.store.database import Database
from bot.store.errors import AlreadyAsked, AlreadyIntended, LostOwnership, SafeMode, Unaudited
from bot.store.inbox import Delivery, Inbox
from bot.store.messages import Message, Messages
from bot.store.store import Store
from bot.store.transaction import Transaction
from bot.store.tree import Edges, Tree
from bot.store.verification import Verification
from bot.store.votes import Vote, Votes

__all__ = [
    "Alarm",
    "AlreadyAsked",
    "AlreadyIntended",
    "AuditLog",
    "Checkpoints",
    "Database",
    "Delivery",
    "Edges",
    "Entry",
    "Inbox",
    "LostOwnership",
    "Message",
    "Messages",
    "SafeMode",
    "Signed",
    "Store",
    "Transaction",
    "Tree",
    "Unaudited",
    "Verification",
    "Vote",
    "Votes",
]
