"""The pictures of docs/simulator.md: `python -m ops_tower_tests.sources.pictures docs/images`.

Belongs here: scales, lines and labels, as plain SVG that diffs; the figures come from the raw
tables of the default desk.
"""

import json
import sys
import tempfile
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from html import escape
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from ops_tower.sources.contract import TRUTH_FILE
from ops_tower.sources.simulator import SimulatorParameters, simulate

AS_OF = datetime(2026, 11, 23)  # noqa: DTZ001 - the project's clock is naive UTC
WIDTH, LEFT, RIGHT, TOP = 900, 56, 16, 30
INK, GREY, PALE = "#57606a", "#8c959f", "#d0d7de"
COLOURS = {"Tier 1 Support": "#0072b2", "Tier 2 Specialists": "#d55e00", "Engineering": "#009e73"}
KINDS = {"outage": "#d55e00", "campaign": "#0072b2"}

Scale = Callable[[float], float]


def scale(low: float, high: float, start: float, stop: float) -> Scale:
    """A straight line from data to pixels."""
    return lambda value: start + (value - low) / (high - low) * (stop - start)


def text(x: float, y: float, words: str, *, anchor: str = "start", colour: str = INK) -> str:
    """A label."""
    place = f'x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"'
    return f'<text {place} fill="{colour}">{escape(words)}</text>'


def line(points: Sequence[tuple[float, float]], colour: str, width: float = 1.2) -> str:
    """A line through points."""
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    return f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="{width}"/>'


def grid(y: Scale, values: Sequence[float]) -> str:
    """Horizontal rules with their values at the left."""
    rules = []
    for value in values:
        rules.append(line([(LEFT, y(value)), (WIDTH - RIGHT, y(value))], PALE, 0.6))
        rules.append(text(LEFT - 6, y(value) + 4, f"{value:g}", anchor="end", colour=GREY))
    return "".join(rules)


def picture(height: int, title: str, body: str) -> str:
    """One picture; its title is what a screen reader says."""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img" '
        f'font-family="sans-serif" font-size="12"><title>{escape(title)}</title>'
        f'<rect width="{WIDTH}" height="{height}" fill="#ffffff"/>'
        f"{text(LEFT, 18, title)}{body}</svg>\n"
    )


def volume_picture(tickets: pd.DataFrame, days: list[dict[str, str]]) -> str:
    """New tickets per day over the year, each planted day marked."""
    volume = tickets["created_at"].dt.normalize().value_counts().sort_index()
    x = scale(0, len(volume) - 1, LEFT, WIDTH - RIGHT)
    y = scale(0, float(volume.max()) * 1.1, 280, TOP)
    place = {day: index for index, day in enumerate(volume.index)}
    marks = []
    for day in days:
        at = pd.Timestamp(day["day"])
        if at in place:
            here = x(place[at]), y(float(volume[at]))
            colour = KINDS[day["kind"]]
            marks.append(f'<circle cx="{here[0]:.1f}" cy="{here[1]:.1f}" r="4" fill="{colour}"/>')
            label = max(here[0], LEFT + 20)  # clear of the scale
            marks.append(text(label, here[1] - 8, f"{at:%d %b}", anchor="middle", colour=colour))
    months = [day for day in volume.index if day.day == 1]
    ticks = [text(x(place[day]), 298, f"{day:%b}", anchor="middle", colour=GREY) for day in months]
    legend = text(WIDTH - 220, 18, "● outage", colour=KINDS["outage"]) + text(
        WIDTH - 130, 18, "● campaign", colour=KINDS["campaign"]
    )
    points = [(x(index), y(float(value))) for index, value in enumerate(volume)]
    body = grid(y, range(0, int(volume.max()), 100)) + line(points, INK, 0.9)
    title = "New tickets per day; the twelve planted days are marked"
    return picture(310, title, body + "".join(marks) + "".join(ticks) + legend)


def open_tickets(
    events: pd.DataFrame, group: str, hours: pd.DatetimeIndex
) -> npt.NDArray[np.int64]:
    """Unsolved tickets that a group holds at each hour."""
    ordered = events.sort_values(["ticket_id", "source_position"])
    until = ordered.groupby("ticket_id")["event_at"].shift(-1).fillna(pd.Timestamp(AS_OF))
    held = (ordered["group_name"] == group) & ~ordered["status"].isin(["solved", "closed"])
    starts, ends = np.sort(ordered["event_at"][held]), np.sort(until[held])
    return np.searchsorted(starts, hours, side="right") - np.searchsorted(ends, hours, side="right")


def backlog_picture(events: pd.DataFrame) -> str:
    """Open tickets per group through four weeks, hour by hour."""
    first = pd.Timestamp("2026-10-05")
    hours = pd.date_range(first, first + timedelta(days=28), freq="h")
    bodies = []
    for index, (group, colour) in enumerate(COLOURS.items()):
        top = TOP + index * 120
        held = open_tickets(events, group, hours)
        x = scale(0, len(hours) - 1, LEFT, WIDTH - RIGHT)
        y = scale(0, max(10.0, float(held.max())), top + 95, top + 15)
        ticks = [0, int(held.max()) // 2, int(held.max())]
        points = [(x(i), y(float(value))) for i, value in enumerate(held)]
        bodies += [
            grid(y, ticks),
            line(points, colour),
            text(LEFT + 4, top + 10, group, colour=colour),
        ]
        days = [i for i, hour in enumerate(hours) if hour.weekday() == 0 and hour.hour == 0][:4]
        bodies += [line([(x(i), top + 15), (x(i), top + 95)], PALE, 0.6) for i in days]
        if index == len(COLOURS) - 1:
            bodies += [
                text(x(i) + 2, top + 110, f"Mon {hours[i]:%d %b}", colour=GREY) for i in days
            ]
    title = "Tickets that each group holds unsolved, hour by hour through four weeks"
    return picture(TOP + 3 * 120 + 8, title, "".join(bodies))


def stays_picture(events: pd.DataFrame) -> str:
    """How long tickets stay in each group: the share that is still there after so many hours."""
    ordered = events.sort_values(["ticket_id", "source_position"])
    until = ordered.groupby("ticket_id")["event_at"].shift(-1)
    hours = (until - ordered["event_at"]).dt.total_seconds() / 3600
    is_held = ~ordered["status"].isin(["solved", "closed"]) & until.notna()
    held = hours[is_held].groupby([ordered["group_name"], ordered["ticket_id"]]).sum()
    x = scale(np.log10(0.1), np.log10(200), LEFT, WIDTH - RIGHT)
    y = scale(0, 100, 280, TOP)
    body = [grid(y, range(0, 101, 25))]
    for index, (group, colour) in enumerate(COLOURS.items()):
        values = np.sort(held[group].to_numpy())
        at = np.geomspace(0.1, 200, 200)
        left = 100 * (1 - np.searchsorted(values, at, side="right") / len(values))
        body.append(
            line([(x(np.log10(a)), y(b)) for a, b in zip(at, left, strict=True)], colour, 2)
        )
        label = f"{group}: median {np.median(values):.1f} h, mean {values.mean():.1f} h"
        body.append(text(WIDTH - RIGHT - 330, TOP + 22 + 18 * index, label, colour=colour))
    body += [
        text(x(np.log10(h)), 298, f"{h:g} h", anchor="middle", colour=GREY)
        for h in (0.1, 1, 10, 100)
    ]
    title = "Share of tickets (%) that a group holds for longer than so many hours"
    return picture(310, title, "".join(body))


def main(target: Path) -> None:
    """Simulate the default desk and draw it into a folder."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        simulate(SimulatorParameters(as_of=AS_OF), folder)
        tickets = pd.read_parquet(folder / "tickets.parquet")
        events = pd.read_parquet(folder / "ticket_events.parquet")
        truth = json.loads((folder / TRUTH_FILE).read_text(encoding="utf-8"))
    pictures = {
        "simulator-volume": volume_picture(tickets, truth["planted"]["anomaly_days"]),
        "simulator-backlog": backlog_picture(events),
        "simulator-stays": stays_picture(events),
    }
    for stem, content in pictures.items():
        (target / f"{stem}.svg").write_text(content, encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
