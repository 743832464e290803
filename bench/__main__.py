"""`make bench`: measure everything, or one row; print the table, write results.json and the page's table.

python -m bench [ROW or the beginning of its name]
"""

import signal
import sys
from importlib import import_module

from .results import Result, keep, print_row, this_run
from .room import open_room

SUBJECTS = (
    "pages",
    "approvals",
    "clients",
    "exports",
    "imports",
    "matching",
    "receivables",
    "rounds",
    "facts",
    "statistics",
)


def main() -> int:
    """Measure what is asked for; 0 where every goal holds, 1 where one does not, 2 where no row has that name."""
    asked = sys.argv[1] if len(sys.argv) > 1 else ""
    subjects = [import_module(f"bench.{name}") for name in SUBJECTS]
    wanted = {subject: [name for name in subject.NAMES if name.startswith(asked)] for subject in subjects}
    if not any(wanted.values()):
        print(f"no row begins with {asked!r}; there are:", *(n for s in subjects for n in s.NAMES), sep="\n  ")
        return 2
    signal.signal(signal.SIGTERM, lambda _number, _frame: sys.exit(143))  # on the way out nothing is left behind
    run = this_run()
    results: list[Result] = []
    with open_room() as room:
        for subject, names in wanted.items():
            if names:
                for result in subject.measure(room, names):
                    print_row(result)
                    results.append(result)
                    keep(results, run)
        for name, seconds in room.made.items():
            print(f"{name} made in {seconds:.0f} s")
    return 0 if all(one.holds for one in results) else 1


if __name__ == "__main__":
    sys.exit(main())
