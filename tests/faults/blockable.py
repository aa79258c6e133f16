"""The command line as it is, but SIGUSR1 blocks its event loop for some seconds."""

import signal
import time

from adapters.cli.main import main

_SECONDS = 6.0

if __name__ == "__main__":
    # Python runs the handler in the main thread: between two steps of the event loop.
    signal.signal(signal.SIGUSR1, lambda *_: time.sleep(_SECONDS))
    main()
