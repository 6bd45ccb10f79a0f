"""Moments and durations as people say them. Times are UTC."""

from datetime import UTC, datetime, timedelta


def lasted(span: timedelta) -> str:
    """“0.4 s”, “12 s”, “3 min 5 s”, “2 h 4 min”, “5 days”."""
    seconds = max(span.total_seconds(), 0.0)
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        minutes, rest = divmod(whole, 60)
        return f"{minutes} min {rest} s" if rest and minutes < 10 else f"{minutes} min"
    if whole < 86400:
        hours, rest = divmod(whole, 3600)
        return f"{hours} h {rest // 60} min" if rest >= 60 else f"{hours} h"
    days = whole // 86400
    return f"{days} day{'s' if days != 1 else ''}"


def since(moment: datetime, now: datetime) -> str:
    """“since 14:05 UTC, 25 min ago”; the date too where it is not today's."""
    clock = f"{moment.astimezone(UTC):%H:%M} UTC"
    day = "" if moment.astimezone(UTC).date() == now.date() else f"{moment.astimezone(UTC):%Y-%m-%d} "
    return f"since {day}{clock}, {lasted(now - moment)} ago"


def deadline(moment: datetime, now: datetime) -> str:
    """“14:05 UTC, in 15 min”; the date too where it is not today's; “passed” where it is over."""
    clock = f"{moment:%H:%M} UTC" if moment.date() == now.date() else f"{moment:%Y-%m-%d %H:%M} UTC"
    return f"{clock}, in {lasted(moment - now)}" if moment > now else f"{clock}, passed"
