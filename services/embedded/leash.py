"""Become another program, as another user if asked, that dies when its parent dies.

Run by its path, never imported: `python -I -S leash.py PARENT USER SIGNAL PROGRAM [ARGUMENT]…`,
where USER is `uid:gid` or `-`, and SIGNAL is the number that the death of the parent sends.
"""

import ctypes
import os
import signal
import sys
import time

PR_SET_PDEATHSIG = 1
LOOK_SECONDS = 0.5
GRACE_SECONDS = 5.0


def main() -> None:
    parent, user, farewell, *command = sys.argv[1:]
    if user != "-":
        uid, _, gid = user.partition(":")
        os.setgroups([])
        os.setgid(int(gid))
        os.setuid(int(uid))
    # A change of user forgets the wish, so it is made last.
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, int(farewell), 0, 0, 0)
    else:
        _leave_a_watcher(int(parent), int(farewell))
    if os.getppid() != int(parent):
        sys.exit(1)  # It died before we could ask.
    os.execv(command[0], command)  # noqa: S606 - becoming that program is the purpose


def _leave_a_watcher(parent: int, farewell: int) -> None:
    """Where the kernel offers no such signal, a process of its own looks after the parent."""
    program = os.getpid()
    if os.fork() == 0:
        if os.fork() == 0:
            os.setsid()
            _watch(parent, program, farewell)
        os._exit(0)
    os.wait()


def _watch(parent: int, program: int, farewell: int) -> None:
    while _lives(parent):
        if not _lives(program):
            os._exit(0)
        time.sleep(LOOK_SECONDS)
    _send(program, farewell)
    time.sleep(GRACE_SECONDS)
    _send(program, signal.SIGKILL)
    os._exit(0)


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _send(pid: int, number: int) -> None:
    try:
        os.kill(pid, number)
    except (ProcessLookupError, PermissionError):
        return


if __name__ == "__main__":
    main()
