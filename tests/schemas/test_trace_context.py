"""What is read of a header `traceparent`, and what is as good as none."""

import pytest

from schemas.trace_context import of_headers, parent, read, trace_id

TRACE, SPAN = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
SAMPLED = f"00-{TRACE}-{SPAN}-01"


@pytest.mark.parametrize("flags", ["00", "01", "02", "03", "ff"])
def test_a_header_is_read_as_it_was_written_and_of_its_flags_the_one_that_we_know(
    flags: str,
) -> None:
    found = read(f"00-{TRACE}-{SPAN}-{flags}".encode())

    assert found == parent(TRACE, SPAN, sampled=bool(int(flags, 16) & 1))


@pytest.mark.parametrize(
    "raw",
    [
        None,
        b"",
        b"rubbish",
        SAMPLED.upper().encode(),
        f"{SAMPLED}\n".encode(),
        f" {SAMPLED}".encode(),
        f"{SAMPLED}-more".encode(),
        f"ff-{TRACE}-{SPAN}-01".encode(),
        f"00-{'0' * 32}-{SPAN}-01".encode(),
        f"00-{TRACE}-{'0' * 16}-01".encode(),
        f"00-{TRACE[1:]}-{SPAN}-01".encode(),
        f"00-{TRACE}-{SPAN}".encode(),
        f"00-{TRACE}-{SPAN[1:]}۱-01".encode(),
        b"\xff" * 55,
    ],
)
def test_what_is_no_such_header_is_as_good_as_none(raw: bytes | None) -> None:
    assert read(raw) is None


def test_a_later_version_is_read_as_far_as_this_one_goes() -> None:
    assert read(f"01-{TRACE}-{SPAN}-01-more".encode()) == SAMPLED


def test_of_a_records_headers_the_first_of_the_name_counts() -> None:
    other = parent(TRACE[::-1], SPAN, sampled=True)
    headers = [("ce_id", b"1"), ("traceparent", SAMPLED.encode()), ("traceparent", other.encode())]

    assert of_headers(headers) == SAMPLED
    assert of_headers(headers[:1]) is None
    assert of_headers([("traceparent", None)]) is None


def test_a_trace_that_nobody_keeps_has_no_id_for_an_exemplar() -> None:
    assert trace_id(parent(TRACE, SPAN, sampled=True)) == TRACE
    assert trace_id(parent(TRACE, SPAN, sampled=False)) is None
    assert trace_id(None) is None
