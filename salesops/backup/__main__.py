"""`make backup` and `make restore`: the command, on the embedded server where no other is configured.

The server is started for the command unless the product runs; it then finds the server that is there.
"""

import os
import sys
from contextlib import ExitStack

from salesops.embedded import CannotStart, FolderLock
from salesops.run import data_folder, environment, manage, provide_database


def main(arguments: list[str]) -> int:
    """Run back_up or restore_backup with its arguments; 1 when it fails, for the reason that it says."""
    try:
        with ExitStack() as running:
            data = data_folder()
            env = environment(data, int(os.environ.get("PORT") or "8000"))
            try:
                FolderLock(data / "run.lock", what=f"the data folder {data}")
            except CannotStart:
                pass  # the product runs
            else:
                provide_database(running, data, env)
            manage(*arguments, env=env)
    except CannotStart as refusal:
        print(f"salesops: {refusal}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
