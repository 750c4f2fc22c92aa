"""Which column of a log plays which role.

Belongs here: the roles, the names under which logs usually carry them, and finding a name among a
file's columns. Does not belong here: what is done with the values (`rows`).
"""

import re
from collections.abc import Mapping, Sequence
from typing import Final

from ops_tower.sources.errors import SourceError
from ops_tower.sources.event_log.xes import CASE_PREFIX

REQUIRED_ROLES: Final = ("case", "activity", "timestamp")

# Each role's usual names, likeliest first; XES's standard keys come before the free names, since
# where both are there the standard says what it means. Case and punctuation do not count.
USUAL_NAMES: Final[Mapping[str, tuple[str, ...]]] = {
    "case": ("case:concept:name", "case_id", "case", "ticket_id", "ticket", "incident_id", "trace"),
    "activity": ("concept:name", "activity", "activity_name", "event", "event_name", "task"),
    "timestamp": (
        "time:timestamp",
        "timestamp",
        "event_at",
        "complete_timestamp",
        "event_time",
        "event_timestamp",
        "time",
        "datetime",
        "date",
    ),
    "group": ("org:group", "group", "group_name", "team", "queue", "assignment_group"),
    "resource": ("org:resource", "resource", "agent", "assignee", "user"),
    "event_id": ("event_id",),
    "status": ("status",),
    "priority": ("priority",),
    "type": ("type", "ticket_type"),
    "channel": ("channel",),
    "organization": ("organization", "organization_name"),
    "tier": ("tier", "organization_tier"),
    "created_at": ("created_at",),
    "is_public": ("is_public",),
    "actor_role": ("actor_role",),
    "subject": ("subject",),
}

# A column that happens to be called so may hold anything; taken without being asked for, one with
# other values would get every row refused. These are used only where they are named.
ONLY_IF_NAMED: Final = frozenset({"status", "priority", "type", "is_public", "actor_role"})

_MOST_NAMES_SHOWN: Final = 40
_LONGEST_NAME_SHOWN: Final = 60


def resolve(
    wanted: Mapping[str, Sequence[str]], columns: Sequence[str], file: object
) -> dict[str, tuple[int, ...]]:
    """Find the column of each role in one file.

    Args:
        wanted: columns by role, as a person named them. Only `activity` may have several.
        columns: the file's own names.
        file: its name, for messages.

    Returns:
        Positions in `columns` by role; a role that the file does not have is absent.

    Raises:
        SourceError: a role is unknown, a named column is not there, or a required role is not met.
    """
    for role, names in wanted.items():
        if role not in USUAL_NAMES:
            raise SourceError(f"{role!r} is no role of a column: use {', '.join(USUAL_NAMES)}.")
        if len(names) > 1 and role != "activity":
            raise SourceError(f"The role {role} takes one column, not {', '.join(names)}.")
    found: dict[str, tuple[int, ...]] = {}
    for role, usual_names in USUAL_NAMES.items():
        if wanted.get(role):
            found[role] = tuple(_named(role, name, columns, file) for name in wanted[role])
        elif role not in ONLY_IF_NAMED:
            position = _usual(usual_names, columns)
            if position is not None:
                found[role] = (position,)
    missing = [role for role in REQUIRED_ROLES if role not in found]
    if missing:
        raise SourceError(
            f"{file} has no column for {' and '.join(missing)}: name it with "
            f"{' '.join(f'--column {role}=…' for role in missing)}. {_there_are(columns)}"
        )
    return found


def _named(role: str, name: str, columns: Sequence[str], file: object) -> int:
    for candidate in (name, CASE_PREFIX + name):
        if candidate in columns:
            return columns.index(candidate)
    folded = [column.casefold() for column in columns]
    if folded.count(name.casefold()) == 1:
        return folded.index(name.casefold())
    raise SourceError(f"{file} has no column {name!r} for {role}. {_there_are(columns)}")


def _usual(names: Sequence[str], columns: Sequence[str]) -> int | None:
    bare = [_bare(column) for column in columns]
    for name in names:
        for candidate in (name, CASE_PREFIX + name):
            if _bare(candidate) in bare:
                return bare.index(_bare(candidate))
    return None


def _bare(name: str) -> str:
    return re.sub(r"[^a-z0-9:]", "", name.casefold())


def _there_are(columns: Sequence[str]) -> str:
    shown = [name[:_LONGEST_NAME_SHOWN] for name in columns[:_MOST_NAMES_SHOWN]]
    more = len(columns) - len(shown)
    return f"There are: {', '.join(shown)}{f' and {more} more' if more else ''}."
