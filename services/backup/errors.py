"""What can hinder a backup, a restore or an erasure, each in words that say what to do."""


class BackupError(Exception):
    """It was not done.

    * BrokenError: the backup is unfinished, damaged, or not for these keys or this version.
    * OccupiedError: something lives, or lies, where it would be put.
    * AbsentError: a thing that must be given is not.
    * BehindError: a server does not answer, or has not done its part in time.
    """


class BrokenError(BackupError):
    """The backup is unfinished, damaged, or not for these keys or this version."""


class OccupiedError(BackupError):
    """Something lives, or lies, where it would be put."""


class AbsentError(BackupError):
    """A thing that must be given is not there, or is not what it should be."""


class BehindError(BackupError):
    """A server does not answer, or has not done its part in time."""
