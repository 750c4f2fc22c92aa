"""Whether what a run found may be trusted, and what in it deserves a second look.

Belongs here: the judging, one pure function per check: figures in, a verdict with its sentence out.
Does not belong here: reading tables, how much a failed check matters, or who is told (`defs/`).

A figure fails when it lies beyond `limit`, never at it. Where there is nothing to judge the verdict
is well and its sentence says so; silence about missing data would read as approval.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

import pandas as pd

from ops_tower.analysis.frames import ratio, total

RECENT: Final = timedelta(days=28)  # four whole weeks, so that weekdays weigh alike
ANOMALY_DAYS_BACK: Final = 7
FEWEST_JUDGED: Final = 30  # tickets; the share of fewer moves by points with one of them
FEWEST_FORECAST: Final = 30.0  # tickets over the days compared, for the same reason
WORST_SHOWN: Final = 5


@dataclass(frozen=True)
class Verdict:
    """What a check found: a sentence, the figures it rests on, and the rows that are worst."""

    is_well: bool
    sentence: str
    figures: Mapping[str, float | int | str] = field(default_factory=dict)
    worst: pd.DataFrame | None = None


def freshness(
    last_event_at: pd.Timestamp | None,
    as_of: pd.Timestamp,
    longest_quiet_hours: float,
    limit: float,
) -> Verdict:
    """Whether the newest event is as new as the data's own now lets one expect.

    Args:
        last_event_at: newest event, naive UTC; None without events.
        as_of: the data's now, naive UTC. The wall clock is not asked.
        longest_quiet_hours: longest time without an event between two events; a desk that closes
            for two weeks is not late in the third day.
        limit: hours without an event that are always fine.
    """
    if last_event_at is None or pd.isna(last_event_at):
        return Verdict(is_well=False, sentence="There are no events at all.")
    quiet = (as_of - last_event_at).total_seconds() / 3600
    allowed = max(limit, longest_quiet_hours)
    return Verdict(
        quiet <= allowed,
        f"The newest event is {quiet:,.1f} hours older than the data's now; up to {allowed:,.1f}"
        " are usual. Look whether the source still delivers, name an earlier --as-of, or raise"
        " OPS_TOWER_CHECKS__QUIET_HOURS.",
        {"quiet_hours": round(quiet, 2), "allowed_hours": round(allowed, 2)},
    )


def rejected_share(rows_read: int, rows_rejected: int, limit: float) -> Verdict:
    """Whether the contract refused few enough of the rows that were read."""
    share = rows_rejected / max(rows_read, 1)
    return Verdict(
        share <= limit,
        f"{rows_rejected:,} of {rows_read:,} rows were refused ({share:.1%}; limit {limit:.1%});"
        " raw/rejected.parquet names each with its reason.",
        {"rows_read": rows_read, "rows_rejected": rows_rejected, "share": round(share, 4)},
    )


def row_loss(now: Mapping[str, int], before: Mapping[str, int] | None, limit: float) -> Verdict:
    """Whether a table has lost more rows since the last published run than can be meant.

    Args:
        now: rows by table.
        before: the same of the run that is published; None if there is none of this source.
        limit: share of rows that may be gone.
    """
    if before is None:
        return Verdict(is_well=True, sentence="Nothing of this source is published to compare.")
    lost = {name: 1 - ratio(now[name], rows) for name, rows in before.items() if rows}
    worst = max(lost, key=lambda name: lost[name], default="")
    figures = {f"{name}_now": rows for name, rows in now.items()}
    figures |= {f"{name}_before": rows for name, rows in before.items()}
    if not worst:
        return Verdict(is_well=True, sentence="The published run held no rows.", figures=figures)
    return Verdict(
        lost[worst] <= limit,
        f"{worst}: {now[worst]:,} rows, {before[worst]:,} in the published run"
        f" (limit: {limit:.0%} fewer). Look whether the source delivered all of it.",
        figures,
    )


def sla_shortfall(
    mart_sla: pd.DataFrame, targets: pd.DataFrame, as_of: pd.Timestamp, limit: float
) -> Verdict:
    """Whether attainment per ticket of the last 28 days reaches its target, priority by priority.

    A group's target is that of its own mix of priorities, so a group is not blamed for being sent
    the urgent ones.

    Args:
        mart_sla: the mart; rows with denominator `ticket` count.
        targets: priority, target_attainment (share).
        as_of: end of the window, naive UTC.
        limit: share by which a target may be missed.

    Returns:
        A verdict over each priority and each group with at least `FEWEST_JUDGED` judged tickets;
        its worst rows are cells of group and priority by tickets missed beyond the target.
    """
    judged = mart_sla[mart_sla["denominator"] == "ticket"].merge(targets, on="priority")
    dates = pd.to_datetime(judged["date"])
    judged = judged[(dates >= as_of - RECENT) & (dates < as_of)]
    judged = judged.assign(due=judged["judged"] * judged["target_attainment"].astype(float))
    shares = [
        _attainment(judged, [by], kind) for by, kind in (("priority",) * 2, ("group_name", "group"))
    ]
    known = pd.concat(shares)
    known = known[known["judged"] >= FEWEST_JUDGED]
    if known.empty:
        return Verdict(
            is_well=True, sentence="Too few tickets were judged in 28 days to say anything."
        )
    short = known[known["shortfall"] > limit].sort_values("shortfall", ascending=False)
    cells = _attainment(judged, ["group_name", "priority"], "cell")
    cells = cells[cells["missed_beyond_target"] > 0]
    figures: dict[str, float | int | str] = {
        f"{row.kind} {row.name}": f"{row.attainment:.1%} of {row.target:.1%}"
        for row in known.itertuples(index=False)
    }
    if short.empty:
        sentence = f"No priority and no group misses its target by more than {limit:.1%}."
    else:
        first = short.iloc[0]
        sentence = (
            f"{len(short)} of {len(known)} miss their target by more than {limit:.1%}; furthest is"
            f" {first['name']} with {first['attainment']:.1%} of {first['target']:.1%}."
        )
    worst = cells.nlargest(WORST_SHOWN, "missed_beyond_target").drop(columns="kind")
    return Verdict(short.empty, sentence, figures, worst)


def _attainment(judged: pd.DataFrame, by: list[str], kind: str) -> pd.DataFrame:
    """One row per value of `by`: judged, attainment, target, and what is missing to it."""
    sums = judged.groupby(by, as_index=False)[["judged", "met", "due"]].sum()
    return pd.DataFrame(
        {
            "kind": kind,
            "name": [", ".join(map(str, key)) for key in sums[by].to_numpy()],
            "judged": sums["judged"],
            "attainment": sums["met"] / sums["judged"],
            "target": sums["due"] / sums["judged"],
            "shortfall": (sums["due"] - sums["met"]) / sums["judged"],
            "missed_beyond_target": sums["due"] - sums["met"],
        }
    )


def anomaly_days(anomalies: pd.DataFrame, as_of: pd.Timestamp, limit: float) -> Verdict:
    """Whether more of the last seven days than `limit` were far from their weekday's usual.

    Args:
        anomalies: the analysis of that name.
        as_of: end of the seven days, naive UTC.
        limit: days.
    """
    dates = pd.to_datetime(anomalies["date"])
    recent = anomalies[(dates >= as_of - timedelta(days=ANOMALY_DAYS_BACK)) & (dates < as_of)]
    days = int(recent["date"].nunique())
    return Verdict(
        days <= limit,
        f"{days} of the last {ANOMALY_DAYS_BACK} days were unusual in some metric"
        f" (limit {limit:g}).",
        {"days": days, "anomalies": len(recent)},
        recent.sort_values("z_score", key=abs, ascending=False).head(WORST_SHOWN),
    )


def forecast_drift(now: pd.DataFrame, before: pd.DataFrame | None, limit: float) -> Verdict:
    """Whether the forecast for the same days is about what the published one says.

    Args:
        now: volume_forecast of this run.
        before: volume_forecast that is published; None if there is none of this source.
        limit: relative change of a group's total over the days in both.
    """
    if before is None:
        return Verdict(is_well=True, sentence="No forecast of this source is published to compare.")
    both = now.merge(before, on=["group_name", "date"], suffixes=("_now", "_before"))
    sums = both.groupby("group_name")[["forecast_now", "forecast_before"]].sum()
    sums = sums[sums["forecast_before"] >= FEWEST_FORECAST]
    if sums.empty:
        return Verdict(is_well=True, sentence="The published forecast covers none of these days.")
    drift = (sums["forecast_now"] / sums["forecast_before"] - 1).rename("change")
    worst = str(drift.abs().idxmax())
    return Verdict(
        bool(drift.abs().max() <= limit),
        f"{worst}: {total(sums.loc[[worst], 'forecast_now']):,.0f} tickets are now expected on days"
        f" for which {total(sums.loc[[worst], 'forecast_before']):,.0f} were"
        f" ({drift[worst]:+.0%}; limit {limit:.0%}).",
        {str(group): round(float(change), 4) for group, change in drift.items()},
    )


def conformance_drift(now: pd.DataFrame, before: pd.DataFrame | None, limit: float) -> Verdict:
    """Whether about as many tickets follow the documented path as in the published run.

    Args:
        now: conformance of this run (measure, value).
        before: conformance that is published; None if there is none of this source.
        limit: change of the share, up or down.
    """
    share = _measure(now, "conforming_share")
    if before is None or share is None or (old := _measure(before, "conforming_share")) is None:
        return Verdict(is_well=True, sentence="No conformance of this source to compare with.")
    return Verdict(
        abs(share - old) <= limit,
        f"{share:.1%} of finished tickets follow the path, {old:.1%} in the published run"
        f" (limit {limit:.1%} apart).",
        {"conforming_share": round(share, 4), "published_share": round(old, 4)},
    )


def _measure(conformance: pd.DataFrame, name: str) -> float | None:
    values = conformance.loc[conformance["measure"] == name, "value"].dropna()
    return float(values.iloc[0]) if len(values) else None
