"""Why no client gets in: the library says of every cause that it ran out of time.

Each step that a client takes is taken by itself: the name, the wire, the certificate, a question
that a broker answers to anybody, and one that it answers to whom it has let in.
"""

import socket
import ssl
import struct
from contextlib import closing

from schemas.kafka import KafkaAccess, servers

API_VERSIONS, METADATA = 18, 3
ANSWER_BYTES_MAX = 1 << 20


class NotLetInError(Exception):
    """The broker is there, and it is for a person to change something; the text says what."""


class NotThereError(Exception):
    """Nobody answers; the text says where."""


def reason(access: KafkaAccess, *, wait_seconds: float) -> NotLetInError | NotThereError:
    """Why a client did not get in: what the first broker that is there says."""
    away = NotThereError(f"{access.servers} names no broker")
    for server in servers(access):
        try:
            _ask(access, server, wait_seconds)
        except NotLetInError as error:
            return error
        except NotThereError as error:
            away = error
        else:
            return NotThereError(f"{server} answers, but not what was asked, or not in time")
    return away


def _ask(access: KafkaAccess, server: str, wait_seconds: float) -> None:
    wire = _wire(access, server, wait_seconds)
    with closing(wire):
        try:
            _answer(wire, API_VERSIONS)
        except TimeoutError as error:
            raise NotThereError(f"{server} takes connections and answers nothing") from error
        except OSError as error:
            words = f"{server} does not speak Kafka over {access.security}: is it another port?"
            raise NotLetInError(words) from error
        if access.authenticated:
            words = (
                f"{server} does not let {access.user} in: the user, the password or the"
                f" mechanism ({access.mechanism}) is not as the broker knows it"
            )
            raise NotLetInError(words)
        try:
            _answer(wire, METADATA)
        except OSError as error:
            words = f"{server} wants a user and a password, and {access.security} has none"
            raise NotLetInError(words) from error


def _wire(access: KafkaAccess, server: str, wait_seconds: float) -> socket.socket:
    host, _, port = server.rpartition(":")
    host = host.strip("[]")
    try:
        plain = socket.create_connection((host, int(port)), wait_seconds)
    except socket.gaierror as error:
        raise NotThereError(f"the name {host} is not known here") from error
    except ValueError as error:
        raise NotLetInError(f"{server} is no address: host:port is one") from error
    except OSError as error:
        raise NotThereError(f"nobody answers at {server} ({type(error).__name__})") from error
    if not access.encrypted:
        return plain
    return _encrypted(access, plain, host, server)


def _encrypted(access: KafkaAccess, plain: socket.socket, host: str, server: str) -> socket.socket:
    trust = access.trust()
    assert trust is not None, "an encrypted wire trusts somebody"
    try:
        return trust.wrap_socket(plain, server_hostname=host)
    except ssl.SSLCertVerificationError as error:
        plain.close()
        words = f"the certificate of {server} is not believed: {error.verify_message}"
        raise NotLetInError(f"{words}; `ca` is the file of whoever signed it") from error
    except TimeoutError as error:
        plain.close()
        raise NotThereError(f"{server} takes connections and answers nothing") from error
    except OSError as error:
        plain.close()
        words = f"{server} does not speak TLS, or no version that is known here"
        raise NotLetInError(words) from error


def _answer(wire: socket.socket, question: int) -> None:
    """Asks in the first version of the question, and reads what comes. Raises `OSError`."""
    # The question, its version, a number, no name of ours; to metadata, of no topic.
    asked = struct.pack(">hhih", question, 0, 1, -1)
    if question == METADATA:
        asked = struct.pack(">hhihi", question, 1, 1, -1, 0)
    wire.sendall(struct.pack(">i", len(asked)) + asked)
    (size,) = struct.unpack(">i", _bytes(wire, 4))
    if not 0 < size <= ANSWER_BYTES_MAX:
        raise OSError("that is no answer of Kafka")
    _bytes(wire, size)


def _bytes(wire: socket.socket, count: int) -> bytes:
    read = b""
    while len(read) < count:
        more = wire.recv(count - len(read))
        if not more:
            raise ConnectionResetError
        read += more
    return read
