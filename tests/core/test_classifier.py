"""What the words of a message decide, and what they leave to the 137 centre."""

from dataclasses import replace

import pytest

from schemas.policy import CategoryPolicy, Evidence
from schemas.vocabulary import Category, Department
from streams.core.classifier import Classification, chosen, classify, compile_classifier
from tests.policies import category, policy

PARKS, WORKS = Department("parks"), Department("fani")


def said(category: CategoryPolicy, weight: int, *all_of: tuple[str, ...]) -> CategoryPolicy:
    return replace(category, evidence=(Evidence(all_of=all_of, weight=weight),))


def classified(
    text: str, *categories: CategoryPolicy, places: tuple[str, ...] = ()
) -> Classification:
    centre = category("OTH-01", Department("ravabet"))
    small = replace(policy(), categories=(*categories, centre), place_words=places)
    return classify(text, compile_classifier(small))


TREE = category("GRN-01", PARKS)
HOLE = category("CIV-01", WORKS)


def test_a_strong_word_decides_and_is_named() -> None:
    found = classified("یه چاله جلو خونمونه", said(HOLE, 5, ("چاله",)))

    assert found.category == "CIV-01"
    assert found.words == ("چاله",)
    assert "«چاله»" in found.reason
    assert not found.doubted


@pytest.mark.parametrize(
    "text", ["چاله‌ها", "چاله های", "چالمون", "چالةَ", "چـــاله", "چاله‌مون", "چالـﮥ", "CHALEH"]
)
def test_a_word_is_known_in_its_forms(text: str) -> None:
    hole = replace(HOLE, evidence=(Evidence(all_of=(("چاله", "chale"),), weight=5),))

    assert classified(text, hole).category == "CIV-01"


def test_weak_words_go_to_the_centre_in_words() -> None:
    found = classified("درخت", said(TREE, 2, ("درخت",)))

    assert found.category == "OTH-01"
    assert found.doubted
    assert found.reason == "به مرکز ۱۳۷: واژه‌های «درخت» برای تشخیص موضوع کافی نبود"


def test_two_subjects_go_to_the_centre_with_the_words_of_both() -> None:
    found = classified("چاله و درخت", said(TREE, 4, ("درخت",)), said(HOLE, 5, ("چاله",)))

    assert found.category == "OTH-01"
    assert set(found.words) == {"درخت", "چاله"}
    assert found.reason.startswith("به مرکز ۱۳۷")


def test_two_subjects_of_one_department_go_to_it_as_the_more_urgent() -> None:
    urgent = replace(said(category("GRN-02", PARKS), 5, ("افتاده",)), priority="urgent")

    assert classified("درخت افتاده", said(TREE, 5, ("درخت",)), urgent).category == "GRN-02"


def test_nothing_known_goes_to_the_centre() -> None:
    for text in ("", "سلام", "!!!", "\u200c", "👍"):
        assert classified(text, said(TREE, 5, ("درخت",))).doubted


def test_the_longest_phrase_hides_the_words_within_it() -> None:
    lamp = said(category("LGT-01", WORKS), 5, ("چراغ",))
    signal = said(category("TRF-01", Department("traffic")), 5, ("چراغ راهنمایی",))

    assert classified("چراغ راهنمایی خراب است", lamp, signal).category == "TRF-01"


def test_a_phrase_of_weight_zero_only_hides() -> None:
    thanks = said(category("THX-01", PARKS), 5, ("تشکر",))
    polite = said(category("THX-02", PARKS), 0, ("با تشکر",))

    assert classified("با تشکر", thanks, polite).doubted


def test_a_word_that_only_says_where_decides_nothing() -> None:
    park = said(TREE, 5, ("پارک",))

    assert classified("پارک", park, places=("کنار",)).category == "GRN-01"
    assert classified("کنار پارک", park, places=("کنار",)).doubted
    assert classified("بعد از پارک", park, places=("بعد از",)).doubted


def test_all_parts_must_stand_near_each_other() -> None:
    waste = said(category("CLN-02", PARKS), 5, ("زباله", "آشغال"), ("نبرد",))
    far = " ".join(["حرف"] * 20)

    assert classified("آشغالا رو نبردن", waste).category == "CLN-02"
    assert classified("نبردن زباله", waste).category == "CLN-02"
    assert classified("زباله", waste).doubted
    assert classified(f"زباله {far} نبردن", waste).doubted


def test_the_same_words_count_once_however_often_they_are_said() -> None:
    once = classified("درخت", said(TREE, 2, ("درخت",)))

    assert classified("درخت درخت درخت درختا", said(TREE, 2, ("درخت",))).weight == once.weight


def test_a_message_typed_with_the_wrong_layout_is_read() -> None:
    assert classified("lhadk hsrhxd nhog ;,]i", said(HOLE, 5, ("اسقاطی",))).category == "CIV-01"


def test_what_the_reporter_chose_is_taken() -> None:
    small = replace(policy(), categories=(HOLE, category("OTH-01", Department("ravabet"))))
    found = chosen(Category("CIV-01"), compile_classifier(small))

    assert found.category == "CIV-01"
    assert "گزارش‌دهنده" in found.reason


def test_an_english_speaking_municipality_is_told_in_english() -> None:
    small = replace(
        policy(),
        language="en",
        categories=(said(HOLE, 5, ("pothole",)), category("OTH-01", Department("ravabet"))),
    )

    assert classify("A pothole!", compile_classifier(small)).reason == (
        "the words «pothole» speak for “CIV-01”"
    )


def test_a_word_that_fulfils_two_patterns_is_named_once() -> None:
    narrow = Evidence(all_of=(("چراغ",), ("خاموش",)), weight=5)
    wide = Evidence(all_of=(("چراغ", "لامپ"), ("خاموش", "قطع")), weight=5)
    found = classified("چراغ خاموش است", replace(HOLE, evidence=(narrow, wide)))

    assert found.words == ("چراغ + خاموش", "چراغ + خاموش")
    assert found.reason.count("«چراغ + خاموش»") == 1


def test_a_reason_never_repeats_the_citizens_words() -> None:
    found = classified("چاله جلوی خانه من، ۰۹۱۲۱۲۳۴۵۶۷", said(HOLE, 5, ("چاله",)))

    assert "0912" not in found.reason
    assert "۰۹۱۲" not in found.reason
    assert "خانه" not in found.reason


def test_a_huge_message_is_read_in_part() -> None:
    assert classified("درخت " * 100_000, said(TREE, 5, ("درخت",))).category == "GRN-01"
