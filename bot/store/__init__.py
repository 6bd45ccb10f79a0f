"""What is remembered: proposals, decisions, runs and the audit log, each organization apart, in SQLite or PostgreSQL."""

from bot.store.audit import AuditLog, Entry
from bot.store.database import Database
from bot.store.errors import AlreadyAsked, AlreadyIntended, LostOwnership, Unaudited
from bot.store.inbox import Delivery, Inbox
from bot.store.messages import Message, Messages
from bot.store.store import Store
from bot.store.transaction import Transaction
from bot.store.verification import Verification
from bot.store.votes import Vote, Votes

__all__ = [
    "AlreadyAsked",
    "AlreadyIntended",
    "AuditLog",
    "Database",
    "Delivery",
    "Entry",
    "Inbox",
    "LostOwnership",
    "Message",
    "Messages",
    "Store",
    "Transaction",
    "Unaudited",
    "Verification",
    "Vote",
    "Votes",
]
