"""All that proves one proposal: its entries, how each leads to a signed root, and what they say in plain sight."""

from collections.abc import Mapping, Sequence
from typing import Any

from bot.audit.disclosing import disclosed
from bot.audit.keeper import Keeper
from bot.audit.verify_audit import Checkpoint, read_checkpoint
from bot.store import Store
from skills.core.errors import NotAllowed, UnknownName
from skills.core.names import ProposalId

KIND = "countersign-evidence/2"
_DECISIONS = ("proposal:approve", "proposal:reject", "proposal:cancel", "proposal:glass-broken")


async def evidence(store: Store, keeper: Keeper, proposal: ProposalId) -> dict[str, Any]:
    """The pack, as JSON values. Everything in it comes from the entries, or is computed from them.

    Raises `UnknownName` for a proposal that the log does not speak of, and `NotAllowed` where nothing about it is signed.
    """
    subject = f"proposal/{proposal}"
    note, checkpoint = await signed_log(keeper)
    written = await store.audit.written(subject=subject, last=checkpoint.size)
    gone = await store.audit.archived()
    if not written:
        elsewhere = f" Entries 1 to {gone} are in an archive." if gone else ""
        raise UnknownName("proposal", f"#{proposal}", hint=f"“countersign audit list” shows what there is.{elsewhere}")
    clear = await disclosed(store, written)
    entries = clear.entries
    created = next((entry["facts"] for entry in entries if entry["verb"] == "proposal:created"), None)
    if created is None and gone:
        raise NotAllowed(
            f"How #{proposal} was asked for is among entries 1 to {gone}, which are in an archive.",
            hint="The archive proves itself: python DIR/verify_audit.py DIR",
        )
    if created is None:
        raise NotAllowed(
            f"How #{proposal} was asked for is not in the audit log, so there is nothing to prove it from."
        )
    return {
        "kind": KIND,
        "subject": subject,
        "checkpoint": note,
        "keys": [str(key) for key in keeper.keyring.trusted()],
        "plan": created["plan"],
        "verdict": created["verdict"],
        "policy": created["policy"],
        "decisions": decisions(entries),
        "outcome": next((entry["facts"]["outcome"] for entry in reversed(entries) if "outcome" in entry["facts"]), ""),
        "entries": [
            {
                "seq": seq,
                "body": body,
                "proof": [each.hex() for each in await store.tree.inclusion(seq, checkpoint.size)],
            }
            for seq, body in written
        ],
        "people": clear.people,
        "texts": clear.texts,
    }


async def signed_log(keeper: Keeper) -> tuple[str, Checkpoint]:
    """The latest signed head as a note and as what it says, after signing what is not signed yet. Raises `NotAllowed`."""
    signed = await keeper.sign()
    if signed is None:
        raise NotAllowed("There is nothing to prove: the audit log is empty, or was never signed.")
    return signed.note, read_checkpoint(signed.note)


def decisions(entries: Sequence[Mapping[str, Any]]) -> list[dict[str, str]]:
    """Who said what to a proposal, from its entries."""
    return [
        {
            "subject": entry["actor"],
            "choice": entry["verb"].partition(":")[2],
            "digest": entry["facts"]["digest"],
            "reason": entry["facts"]["reason"],
            "at": entry["at"],
        }
        for entry in entries
        if entry["verb"] in _DECISIONS
    ]
