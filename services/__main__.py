"""`python -m services edge|intake|api|provision`: the edges' processes."""

import sys
from datetime import UTC, datetime

from pydantic import ValidationError

from schemas import logs
from schemas.settings import Settings
from schemas.tracer import tracer_of
from services.edge.parts import SettingMissingError, assemble
from services.edge.serve import serve
from services.kafka import KafkaAwayError, TopicError
from services.provision.demo import demo
from services.provision.run import ProvisionError, provision
from services.secret import SecretError

EXIT_USAGE = 2
EXIT_MISSING = 3
EXIT_UNAVAILABLE = 69
ROLES = ("edge", "intake", "api", "provision")
USAGE = "usage: python -m services edge|intake|api|provision [--demo]"
_log = logs.logger()


def main(arguments: list[str]) -> int:
    """Runs one part; what is wrong is said in one line, with an exit code of its own."""
    logs.start(arguments[0] if arguments[:1] and arguments[0] in ROLES else "services")
    try:
        return _run(arguments, Settings())
    except ValidationError as error:
        names = ", ".join(f"PEYGIR_{one['loc'][0]}".upper() for one in error.errors())
        return _say(f"a setting is not what it should be: {names}", EXIT_USAGE)
    except (SettingMissingError, SecretError) as error:
        return _say(str(error), EXIT_MISSING)
    except (KafkaAwayError, TopicError, ProvisionError) as error:
        return _say(str(error), EXIT_UNAVAILABLE)


def _run(arguments: list[str], settings: Settings) -> int:
    match arguments:
        case ["provision"] | ["provision", "--demo"]:
            make_demo = demo if "--demo" in arguments else None
            provision(settings, now=_now(), make_demo=make_demo, say=_note)
        case [("edge" | "intake" | "api") as role]:
            traces = tracer_of(settings, role, _now)
            parts = assemble(settings, _now, writes=role != "api", tracer=traces)
            serve(parts, role, host=settings.host)
        case _:
            return _say(USAGE, EXIT_USAGE)
    return 0


def _now() -> datetime:
    return datetime.now(UTC)


def _note(words: str) -> None:
    _log.info("provisioned", what=words)


def _say(words: str, code: int) -> int:
    _log.error("ended", reason=words, code=code)
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
