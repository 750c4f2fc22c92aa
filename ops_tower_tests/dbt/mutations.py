"""Rules broken on purpose, one at a time, and the test that notices each: `make mutations`.

Each mutation breaks a copy of the dbt project, builds a small random desk with it, and says which
unit tests of dbt and which parity tests fail; it is missed if the test that it names stays silent.
All of them take minutes, so the test suite only holds the list to the project as it stands
(`test_mutations`).
"""

import shutil
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest

from ops_tower_tests.dbt import random_desk, test_sla_parity
from ops_tower_tests.dbt.random_desk import PROJECT, run_dbt
from ops_tower_tests.dbt.test_sla_parity import Reading

TICKETS: Final = 500
PARITY: Final = (
    test_sla_parity.test_every_instance_of_every_metric_is_the_naive_readers_to_the_second,
    test_sla_parity.test_first_replies_and_finishes_are_the_naive_readers_to_the_second,
    test_sla_parity.test_the_backlog_at_every_days_end_is_the_naive_readers,
)


@dataclass(frozen=True)
class Mutation:
    """A rule, the text that keeps it and the text that breaks it, and who must notice."""

    rule: str
    file: str
    keeps: str
    breaks: str
    caught_by: str


MUTATIONS: Final = (
    Mutation(
        "requester wait pauses while pending",
        "seeds/sla_metrics.csv",
        "requester_wait_time,creation reopen,solve,true,new open hold,",
        "requester_wait_time,creation reopen,solve,true,new open pending hold,",
        "each_metric_starts_counts_pauses_and_ends_by_its_row_in_the_seed",
    ),
    Mutation(
        "holidays are closed",
        "models/intermediate/int_business_clock.sql",
        "where holidays.schedule is null",
        "where true",
        "a_holiday_closes_the_whole_local_day",
    ),
    Mutation(
        "a reopening goes on with the resolution metrics",
        "models/marts/mart_sla_ledger.sql",
        "(is_resumed and is_reopened_later)",
        "(is_resumed and false)",
        "each_metric_starts_counts_pauses_and_ends_by_its_row_in_the_seed",
    ),
    Mutation(
        "at equal times the customer comes first",
        "models/intermediate/int_event_order.sql",
        "when events.actor_role = 'end_user' then 1 else 2 end",
        "when events.actor_role = 'end_user' then 2 else 1 end",
        "at_equal_times_the_opening_comes_first_and_then_the_customer",
    ),
    Mutation(
        "a target is met in the very second in which it falls due",
        "models/marts/mart_sla_targets.sql",
        "> due_epoch",
        ">= due_epoch",
        "a_target_is_met_up_to_the_second_in_which_it_falls_due",
    ),
    Mutation(
        "daylight saving changes in the hour in which it does",
        "models/intermediate/int_business_clock.sql",
        "{{ unnest_range(1, 1440) }} * 60",
        "{{ unnest_range(1, 1) }} * 60",
        "an_hour_that_the_zone_skips_is_never_open",
    ),
    Mutation(
        "a deactivated agent stays an agent",
        "models/intermediate/int_event_transitions.sql",
        "coalesce(ordered.actor_role = 'agent' and ordered.is_public, false)",
        "coalesce(ordered.actor_role = 'agent' and ordered.is_public and ordered.agent_id in"
        " (select agent_id from {{ ref('stg_agents') }} where is_active), false)",
        "test_every_instance_of_every_metric_is_the_naive_readers_to_the_second",
    ),
    Mutation(
        "the work of an agent who left stays theirs",
        "models/marts/mart_agent_productivity.sql",
        "on months.agent_id = agents.agent_id",
        "on months.agent_id = agents.agent_id and agents.is_active",
        "the_work_of_an_agent_who_left_stays_theirs",
    ),
    Mutation(
        "a private note is no reply",
        "models/intermediate/int_event_transitions.sql",
        "coalesce(ordered.actor_role = 'agent' and ordered.is_public, false)",
        "coalesce(ordered.actor_role = 'agent', false)",
        "what_an_event_leaves_unsaid_is_as_it_was",
    ),
    Mutation(
        "the opening of a ticket that an agent created is no reply",
        "models/intermediate/int_ticket_lifetime.sql",
        "min(events.event_at) filter (where events.is_agent_comment and events.event_number > 1)",
        "min(events.event_at) filter (where events.is_agent_comment)",
        "the_first_reply_is_the_first_public_agent_comment_after_the_creation",
    ),
    Mutation(
        "the same, in the ledger",
        "models/marts/mart_sla_ledger.sql",
        "last_start >= last_end",
        "last_start > last_end",
        "test_every_instance_of_every_metric_is_the_naive_readers_to_the_second",
    ),
    Mutation(
        "a breach belongs to the group that held the ticket then",
        "models/marts/mart_sla_targets.sql",
        "coalesce(instances.reaching_segment, instances.last_segment)",
        "instances.last_segment",
        "a_target_is_met_up_to_the_second_in_which_it_falls_due",
    ),
    Mutation(
        "a ticket in the backlog ages from its creation",
        "models/marts/mart_daily_ops.sql",
        "stretches.day_of_creation +",
        "stretches.first_day +",
        "test_the_backlog_at_every_days_end_is_the_naive_readers",
    ),
)


def break_rule(mutation: Mutation, project: Path) -> None:
    """Write the mutation into a copy of the dbt project.

    Raises:
        ValueError: the file does not have what keeps the rule.
    """
    file = project / mutation.file
    text = file.read_text()
    if mutation.keeps not in text:
        raise ValueError(
            f"{mutation.file} has no {mutation.keeps!r}: bring the mutation up to date."
        )
    file.write_text(text.replace(mutation.keeps, mutation.breaks))


def failing_tests(mutation: Mutation, folder: Path) -> Iterator[str]:
    """Break the rule in a copy under `folder`, and name every test that then fails."""
    project = shutil.copytree(PROJECT, folder / "broken")
    break_rule(mutation, project)
    tickets = [test_sla_parity.worked_ticket(0), *test_sla_parity.draw_tickets(TICKETS)]
    home = folder / "home"
    random_desk.build(home, tickets, project=project)
    statuses = run_dbt(home, "test", "--select", "test_type:unit", project=project)
    yield from (name for name, status in statuses.items() if status != "pass")
    for test in PARITY:
        try:
            test(Reading("all_held", home, tickets, random_desk.desk()))
        except (AssertionError, pytest.fail.Exception):
            yield test.__name__


def main() -> int:
    """Try every mutation; 1 if any of them was not caught by the test that it names."""
    missed = 0
    for mutation in MUTATIONS:
        with tempfile.TemporaryDirectory() as folder:
            failed = set(failing_tests(mutation, Path(folder)))
        is_caught = mutation.caught_by in failed
        missed += not is_caught
        lines = [f"{'caught' if is_caught else 'MISSED'}: {mutation.rule}", *sorted(failed)]
        sys.stdout.write("\n    ".join(lines) + "\n")
        sys.stdout.flush()
    return int(missed > 0)


if __name__ == "__main__":
    sys.exit(main())
