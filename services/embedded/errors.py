"""What can hinder a start, each in words that say what to do."""


class EmbeddedError(Exception):
    """Something hinders Peygir on this machine.

    * MissingError: a thing that must be there is not.
    * TakenError: another process has what we need.
    * StartError: a server was started, and did not become ready.
    """


class MissingError(EmbeddedError):
    """A thing that must be there is not, or is not what it should be."""


class TakenError(EmbeddedError):
    """Another process has the data folder or the port."""


class StartError(EmbeddedError):
    """A server was started, and did not become ready."""
