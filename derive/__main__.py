"""The process of one command: `derive`, `python -m derive`."""

import gc
import sys
from typing import NoReturn

# A command lives for a second, and hardly anything it makes turns to garbage: SymPy's import alone
# makes a hundred thousand objects that stay. To search them again and again, and once more at the
# end, would take a fifth of the time.
_COLLECT = 200_000


def run() -> NoReturn:
    """Run the command that the process was given, and leave with its exit status."""
    gc.set_threshold(_COLLECT)
    from derive.cli import main

    status = main()
    gc.freeze()
    sys.exit(status)


if __name__ == "__main__":
    run()
