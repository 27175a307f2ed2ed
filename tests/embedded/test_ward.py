"""What is said of a worker that stops for good."""

from services.embedded.ward import why_halted


def test_the_reason_of_the_last_line_is_said() -> None:
    earlier = '{"event": "stopped for good", "reason": "of an earlier start"}'
    last = '{"event": "stopped for good", "reason": "the log went back: peygir rebuild"}'
    log = f"{earlier}\n{last}\nnot a line of ours"
    assert why_halted(log) == "the log went back: peygir rebuild"


def test_a_log_without_a_reason_is_pointed_to() -> None:
    assert why_halted("") == why_halted('"text"') == "its log says why"
