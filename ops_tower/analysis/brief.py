"""The Monday brief: the five answers, what changed since Monday, and what to do about it.

Belongs here: what the brief says and in which order, and its two written forms, Markdown and HTML.
Does not belong here: any figure that is not in a frame already, and where the files are kept.

Names of groups and titles come from people's tickets, so both forms write them as text and never
as markup. The HTML stands alone: it loads nothing, runs nothing, and prints on paper.
"""

import re
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from html import escape
from typing import Any, Final

import pandas as pd

from ops_tower.analysis import measures
from ops_tower.analysis.anomalies import in_words as odd_day
from ops_tower.analysis.changes import Weeks, since_monday
from ops_tower.analysis.measures import Reading
from ops_tower.analysis.recommendations import effect_in_words

Frames = Mapping[str, pd.DataFrame]

# Tables that the brief reads, by name; those without `mart_` are analyses.
NEEDED: Final = (
    "mart_source",
    "mart_daily_ops",
    "mart_sla",
    "answers",
    "sla_change",
    "anomalies",
    "recommendations",
)
FIGURES: Final = (
    measures.VOLUME,
    measures.SLA,
    measures.CYCLE,
    measures.BACKLOG,
    measures.SPENDING,
    measures.CSAT,
)
MOST_CELLS: Final = 12  # of the split; what is beyond is added up in one row
MOST_ACTIONS: Final = 5
MOST_ODD_DAYS: Final = 5
EFFECTS: Final = ("mix_effect", "rate_effect", "effect")
_ORDER: Final = {"worse": 0, "better": 1, "more": 2, "fewer": 2}
_MARKS: Final = re.compile(r"([\\`*_\[\]|#])")


@dataclass(frozen=True)
class Table:
    """Printed cells under their headings; all columns after the first `texts` are figures."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    texts: int = 1


@dataclass(frozen=True)
class Section:
    """A heading, what stands under it in words, and at most one table and one list."""

    heading: str
    words: tuple[str, ...] = ()
    table: Table | None = None
    items: tuple[str, ...] = ()


@dataclass(frozen=True)
class Brief:
    """The whole brief, not yet in any written form."""

    title: str
    lead: str
    sections: tuple[Section, ...]


def weekly_brief(frames: Frames) -> Brief:
    """Gather the brief from the frames of one run.

    Args:
        frames: the tables named in `NEEDED`, by name; any may be empty but `mart_source`.

    Raises:
        KeyError: if a table is missing altogether.
    """
    source = frames["mart_source"].iloc[0]
    as_of = pd.Timestamp(source["as_of"]).to_pydatetime()
    weeks = since_monday(as_of)
    answers = frames["answers"].sort_values("rank")
    return Brief(
        title=f"Monday brief, {_day(as_of)} {as_of.year}",
        lead=f"Data as of {as_of:%a} {_day(as_of)} {as_of.year}, {as_of:%H:%M} UTC. "
        f"{source['description']}",
        sections=(
            *(Section(row["question"], (row["answer"],)) for row in _rows(answers)),
            _figures(frames, as_of, weeks),
            _split(frames["sla_change"]),
            _odd_days(frames["anomalies"], weeks),
            _actions(frames["recommendations"]),
        ),
    )


def markdown(brief: Brief) -> str:
    """The brief as Markdown, for a chat or a wiki."""
    lines = [f"# {_plain(brief.title)}", "", _plain(brief.lead)]
    for section in brief.sections:
        lines += ["", f"## {_plain(section.heading)}"]
        for words in section.words:
            lines += ["", _plain(words)]
        if section.table:
            table = section.table
            ends = ["---" if place < table.texts else "--:" for place in range(len(table.columns))]
            lines += ["", _pipes(table.columns), f"|{'|'.join(ends)}|"]
            lines += [_pipes(row) for row in table.rows]
        if section.items:
            items = enumerate(section.items, start=1)
            lines += ["", *(f"{place}. {_plain(one)}" for place, one in items)]
    return "\n".join(lines) + "\n"


def html(brief: Brief) -> str:
    """The brief as one HTML page of its own, for mail and paper."""
    return "\n".join(
        [
            "<!doctype html>",
            '<html lang="en"><head><meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            '<meta http-equiv="Content-Security-Policy"',
            " content=\"default-src 'none'; style-src 'unsafe-inline'\">",
            f"<title>{escape(brief.title)}</title>",
            f"<style>{_STYLE}</style></head><body><main>",
            f"<h1>{escape(brief.title)}</h1>",
            f'<p class="lead">{escape(brief.lead)}</p>',
            *(line for section in brief.sections for line in _html_section(section)),
            "</main></body></html>",
            "",
        ]
    )


def _figures(frames: Frames, as_of: datetime, weeks: Weeks) -> Section:
    """The desk's figures since Monday, the worse first, beside the same weekdays before."""
    first, last = weeks.first, weeks.end - timedelta(days=1)
    heading = f"What changed since Monday, {_day(first)}"
    days = frames["mart_daily_ops"]
    daily = (
        days.assign(date=pd.to_datetime(days["date"]))
        .groupby("date")[_columns()]
        .sum(min_count=1)
        .astype(float)
        .sort_index()
    )
    now = daily[(daily.index >= first) & (daily.index < weeks.end)]
    before = daily[(daily.index >= weeks.before_first) & (daily.index < weeks.before_end)]
    is_known = len(daily) and daily.index[0] <= pd.Timestamp(weeks.before_first)
    readings = [measures.reading(now, before if is_known else before[:0], one) for one in FIGURES]
    if not float(daily["cost_usd"].sum()):
        readings = [one for one in readings if one.measure is not measures.SPENDING]
    told = [one for one in readings if one.value is not None or one.before is not None]
    if now.empty or not told:
        return Section(heading, (f"No whole day of data lies between then and {as_of:%H:%M} UTC.",))
    told.sort(key=lambda one: _ORDER.get(one.verdict, 3))
    spoken = [one.measure for one in told]
    silent = [one.label for one in FIGURES if one not in spoken]
    return Section(
        heading,
        (
            f"{first:%a} to {last:%a}, beside the same weekdays of the week before."
            + (f" Not recorded: {', '.join(silent)}." if silent else ""),
        ),
        Table(
            ("Figure", "Now", "Before", "Change"),
            tuple(_reading_row(one) for one in told),
        ),
    )


def _columns() -> list[str]:
    names = [name for one in FIGURES for name in (one.numerator, one.denominator) if name]
    return list(dict.fromkeys(names))


def _reading_row(one: Reading) -> tuple[str, ...]:
    unit = one.measure.unit
    return (
        one.measure.label,
        measures.text(one.value, unit),
        measures.text(one.before, unit),
        one.change_and_verdict,
    )


def _split(change: pd.DataFrame) -> Section:
    """What moved SLA, in points, by group and priority; all rows add up to the last."""
    heading = "What moved SLA"
    if change.empty:
        return Section(
            heading, ("Not known: one of the two weeks has no ticket that was judged on targets.",)
        )
    before, now = change["desk_before"].iloc[0], change["desk_now"].iloc[0]
    mix, rate = change["mix_effect"].sum(), change["rate_effect"].sum()
    words = (
        f"SLA went from {before:.1%} to {now:.1%}, {_points(now - before)} points: "
        f"{_points(mix)} because other tickets came (mix) and {_points(rate)} because tickets of "
        "a kind fared differently (rate). In points of the desk's SLA, rounded:"
    )
    own = change.head(MOST_CELLS)
    rows = [
        (
            row["group_name"],
            row["priority"],
            f"{row['judged_before']:,} → {row['judged_now']:,}",
            f"{_share(row['attainment_before'])} → {_share(row['attainment_now'])}",
            *(_points(row[effect]) for effect in EFFECTS),
        )
        for row in _rows(own.fillna({"group_name": "none", "priority": "none"}))
    ]
    if rest := len(change) - len(own):
        rows.append(_added(f"{rest} others", change.iloc[MOST_CELLS:]))
    rows.append(_added("The desk", change))
    columns = ("Group", "Priority", "Judged", "Met all targets", "Mix", "Rate", "Together")
    return Section(heading, (words,), Table(columns, tuple(rows), texts=2))


def _added(name: str, rows: pd.DataFrame) -> tuple[str, ...]:
    """Several cells of the split in one row."""
    judged = [int(rows[f"judged_{when}"].sum()) for when in ("before", "now")]
    met = [
        float((rows[f"attainment_{when}"] * rows[f"judged_{when}"].astype(float)).sum())
        for when in ("before", "now")
    ]
    shares = [_share(m / n if n else float("nan")) for m, n in zip(met, judged, strict=True)]
    effects = [_points(rows[effect].sum()) for effect in EFFECTS]
    return (name, "", f"{judged[0]:,} → {judged[1]:,}", f"{shares[0]} → {shares[1]}", *effects)


def _odd_days(anomalies: pd.DataFrame, weeks: Weeks) -> Section:
    """The days since Monday that differ most from their weekday's history."""
    day = pd.to_datetime(anomalies["date"])
    odd = anomalies[(day >= weeks.first) & (day < weeks.end)]
    odd = odd.reindex(odd["z_score"].abs().sort_values(ascending=False).index)
    items = [
        f"{row['date']:%a} {_day(row['date'])}, {_whose(row['group_name'])}: "
        f"{odd_day(row['metric'], row['value'], row['expected'])}."
        for row in _rows(odd.head(MOST_ODD_DAYS))
    ]
    if not items:
        return Section("Out of the ordinary", ("No day since Monday stands out.",))
    return Section("Out of the ordinary", items=tuple(items))


def _actions(recommendations: pd.DataFrame) -> Section:
    """The first recommendations, each with its evidence and what it is worth."""
    heading = "What to do first"
    if recommendations.empty:
        return Section(heading, ("No rule found anything to act on.",))
    items = [
        f"{row['title']} ({_whose(row['owner_group'])}). {row['evidence']} "
        f"Worth {effect_in_words(row)}; effort {row['effort']}, "
        f"confidence {row['confidence']}."
        for row in _rows(recommendations.sort_values("rank").head(MOST_ACTIONS))
    ]
    return Section(heading, items=tuple(items))


def _html_section(section: Section) -> Iterator[str]:
    yield f"<section><h2>{escape(section.heading)}</h2>"
    yield from (f"<p>{escape(words)}</p>" for words in section.words)
    if section.table:
        table = section.table
        yield "<table><thead>" + _html_row(table.columns, table, "th") + "</thead><tbody>"
        yield from (_html_row(row, table, "td") for row in table.rows)
        yield "</tbody></table>"
    if section.items:
        yield "<ol>"
        yield from (f"<li>{escape(one)}</li>" for one in section.items)
        yield "</ol>"
    yield "</section>"


def _html_row(cells: Sequence[str], table: Table, tag: str) -> str:
    scope = ' scope="col"' if tag == "th" else ""
    figure = ' class="figure"'
    marked = [
        f"<{tag}{scope}{figure if place >= table.texts else ''}>{escape(cell)}</{tag}>"
        for place, cell in enumerate(cells)
    ]
    return f"<tr>{''.join(marked)}</tr>"


def _pipes(cells: Sequence[str]) -> str:
    return f"| {' | '.join(_plain(cell) for cell in cells)} |"


def _plain(words: str) -> str:
    """Words that Markdown shows as they are: no markup of their own, and on one line."""
    return _MARKS.sub(r"\\\1", escape(" ".join(words.split()), quote=False))


def _points(effect: float) -> str:
    return f"{effect * 100 + 0.0:+.2f}"


def _share(share: float) -> str:
    return "—" if pd.isna(share) else f"{share:.1%}"


def _day(day: date) -> str:
    return f"{day.day} {day:%B}"


def _whose(group: str) -> str:
    return "all groups" if group == "All" else group


def _rows(frame: pd.DataFrame) -> list[dict[Hashable, Any]]:
    return frame.to_dict("records")


_STYLE: Final = """
body { font: 16px/1.5 system-ui, sans-serif; color: #1a1a1a; background: #fff; margin: 0; }
main { max-width: 46rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.6rem; margin: 0 0 .25rem; }
h2 { font-size: 1.05rem; margin: 1.5rem 0 .25rem; break-after: avoid; }
p, ol { margin: .25rem 0; }
.lead { color: #555; }
table { border-collapse: collapse; width: 100%; margin: .5rem 0; font-size: .9rem; }
th, td { border-bottom: 1px solid #ccc; padding: .2rem .5rem .2rem 0; text-align: left; }
.figure { text-align: right; font-variant-numeric: tabular-nums; }
tr, li { break-inside: avoid; }
@media print { body { font-size: 11pt; } main { margin: 0; max-width: none; } }
"""
