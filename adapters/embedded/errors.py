"""What can keep the embedded system from running; every text says what to do.

Exception
└── EmbeddedError
    ├── ProgramMissing       Java or Maven is not there, or too old: install it
    ├── DownloadFailed       the servers could not be had: look at Maven's answer
    ├── PortInUse            another program listens there: stop it or choose another port
    ├── DataFolderBusy       another patriot runs on this data folder
    ├── DataFolderMismatch   the data folder belongs to another version
    └── ProcessDied          a server or a role ended by itself; its last lines are in the text
"""


class EmbeddedError(Exception):
    """The embedded system cannot run."""


class ProgramMissing(EmbeddedError):
    """A program that must be installed is missing or too old."""


class DownloadFailed(EmbeddedError):
    """Maven could not bring the servers."""


class PortInUse(EmbeddedError):
    """A port that is needed is taken."""


class DataFolderBusy(EmbeddedError):
    """Another embedded system runs on the same data folder."""


class DataFolderMismatch(EmbeddedError):
    """The data folder was made by another version of a server."""


class ProcessDied(EmbeddedError):
    """A child process ended that should have gone on."""
