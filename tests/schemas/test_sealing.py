"""Sealing: a block opens with its own key for its own case and purpose, and not otherwise."""

import base64
import secrets

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas import codec, examples, sealing
from schemas.sealed import Sealed
from schemas.sealing import UnsealError

MASTER = bytes(range(32))
OTHER_MASTER = bytes(range(1, 33))
BOUND = "case-1/content"
NAME = "مریم رضایی ۰۹۱۲۳۴۵۶۷۸۹"


@given(plain=st.binary(), bound_to=st.text())
def test_a_block_opens_with_its_key_and_purpose(plain: bytes, bound_to: str) -> None:
    kid, key = sealing.new_key()

    block = sealing.seal(plain, key=key, kid=kid, bound_to=bound_to)

    assert sealing.unseal(block, key=key, bound_to=bound_to) == plain
    assert block.kid == kid
    assert block.wrapped is None


@given(plain=st.binary())
def test_a_block_that_carries_its_key_opens_with_the_master_key(plain: bytes) -> None:
    block = sealing.seal_alone(plain, master=MASTER, bound_to=BOUND)

    assert sealing.unseal_alone(block, master=MASTER, bound_to=BOUND) == plain


@pytest.mark.parametrize(
    "bound_to",
    ["case-2/content", "case-1/evidence", "", "case-1/content "],
    ids=["another case", "another purpose", "nothing", "nearly the same"],
)
def test_a_block_cannot_be_moved(bound_to: str) -> None:
    kid, key = sealing.new_key()
    block = sealing.seal(b"x", key=key, kid=kid, bound_to=BOUND)

    with pytest.raises(UnsealError):
        sealing.unseal(block, key=key, bound_to=bound_to)


def test_another_key_does_not_open_a_block() -> None:
    kid, key = sealing.new_key()
    block = sealing.seal(b"x", key=key, kid=kid, bound_to=BOUND)

    with pytest.raises(UnsealError):
        sealing.unseal(block, key=sealing.new_key()[1], bound_to=BOUND)


@given(position=st.integers(min_value=0), flip=st.integers(min_value=1, max_value=255))
def test_a_changed_byte_is_noticed(position: int, flip: int) -> None:
    kid, key = sealing.new_key()
    block = sealing.seal(NAME.encode(), key=key, kid=kid, bound_to=BOUND)
    data = bytearray(base64.b64decode(block.data))
    data[position % len(data)] ^= flip
    forged = Sealed(kid=kid, nonce=block.nonce, data=base64.b64encode(data).decode())

    with pytest.raises(UnsealError):
        sealing.unseal(forged, key=key, bound_to=BOUND)


def test_another_nonce_is_noticed() -> None:
    kid, key = sealing.new_key()
    block = sealing.seal(b"x", key=key, kid=kid, bound_to=BOUND)
    nonce = base64.b64encode(bytes(sealing.NONCE_BYTES)).decode()

    with pytest.raises(UnsealError):
        sealing.unseal(Sealed(kid=kid, nonce=nonce, data=block.data), key=key, bound_to=BOUND)


def test_a_wrapped_key_opens_with_its_master_key_alone() -> None:
    key = sealing.new_key()[1]
    wrapped = sealing.wrap(key, MASTER)

    assert sealing.unwrap(wrapped, MASTER) == key
    with pytest.raises(UnsealError, match="another master key"):
        sealing.unwrap(wrapped, OTHER_MASTER)


def test_a_dead_letter_does_not_open_under_another_master_key() -> None:
    block = sealing.seal_alone(b"x", master=MASTER, bound_to=BOUND)

    with pytest.raises(UnsealError):
        sealing.unseal_alone(block, master=OTHER_MASTER, bound_to=BOUND)


def test_a_block_without_its_key_says_so() -> None:
    kid, key = sealing.new_key()
    block = sealing.seal(b"x", key=key, kid=kid, bound_to=BOUND)

    with pytest.raises(UnsealError, match="carries no key"):
        sealing.unseal_alone(block, master=MASTER, bound_to=BOUND)


def test_an_error_names_the_block_and_not_what_it_holds() -> None:
    block = sealing.seal_alone(NAME.encode(), master=MASTER, bound_to=BOUND)

    with pytest.raises(UnsealError) as caught:
        sealing.unseal_alone(block, master=MASTER, bound_to="case-2/content")

    assert block.kid in str(caught.value)
    assert NAME not in str(caught.value)


def test_nothing_personal_can_be_read_in_a_sealed_fact() -> None:
    content = codec.encode(examples.EXAMPLES["content"][1])
    kid, key = sealing.new_key()
    block = sealing.seal(content, key=key, kid=kid, bound_to=BOUND)
    fact = codec.encode(examples.EXAMPLES["case.submitted.v1"][0])

    raw = fact + codec.encode(block) + base64.b64decode(block.data)

    for said in ("شهروند", "09120000000", "citizen@example.org", "بلوار", "خاموش"):
        assert said.encode() in content, "the example must say it"
        assert said.encode() not in raw
        assert base64.b64encode(said.encode())[:-2] not in raw


def test_the_same_words_are_never_sealed_into_the_same_bytes() -> None:
    blocks = [sealing.seal_alone(b"x", master=MASTER, bound_to=BOUND) for _ in range(64)]

    for field in ("kid", "nonce", "data", "wrapped"):
        assert len({getattr(block, field) for block in blocks}) == len(blocks)


def test_a_blind_index_is_found_again_and_says_nothing_without_its_key() -> None:
    pepper = secrets.token_bytes(32)
    index = sealing.blind_index("+989123456789", pepper=pepper)

    assert index == sealing.blind_index("+989123456789", pepper=pepper)
    assert index != sealing.blind_index("+989123456789", pepper=OTHER_MASTER)
    assert index != sealing.blind_index("+989123456780", pepper=pepper)
    assert "912" + "3456" not in index
