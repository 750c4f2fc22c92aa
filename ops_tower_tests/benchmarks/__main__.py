"""`make bench`: run the measurements that are named, or all, and print their tables."""

import sys

from ops_tower_tests.benchmarks import dashboard, pipeline

REPORTS = {"pipeline": pipeline.report, "dashboard": dashboard.report}


def main(names: list[str]) -> None:
    """Print the reports `names`, all of them if none is named."""
    for name in names or REPORTS:
        sys.stdout.write(REPORTS[name]() + "\n\n")


if __name__ == "__main__":
    main(sys.argv[1:])
