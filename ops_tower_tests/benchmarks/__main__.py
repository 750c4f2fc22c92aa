"""`make bench`: run the measurements that are named, or all quick ones, and print their tables."""

import sys

from ops_tower_tests.benchmarks import (
    ahead,
    analysis,
    dashboard,
    drivers,
    pipeline,
    process,
    simulator,
    warehouse,
)

QUICK = {
    "process": process.report,
    "pipeline": pipeline.report,
    "dashboard": dashboard.report,
    "simulator": simulator.cost_report,
}
REPORTS = {
    **QUICK,
    "warehouse": warehouse.report,
    "analysis": analysis.report,
    "desk": simulator.findings_report,
    "drivers": drivers.report,
    "ahead": ahead.report,
}


def main(names: list[str]) -> None:
    """Print the reports `names`; those of `QUICK` if none is named."""
    if unknown := set(names) - set(REPORTS):
        sys.exit(f"No report {', '.join(sorted(unknown))}; there are {', '.join(REPORTS)}.")
    for name in names or QUICK:
        sys.stdout.write(REPORTS[name]() + "\n\n")


if __name__ == "__main__":
    main(sys.argv[1:])
