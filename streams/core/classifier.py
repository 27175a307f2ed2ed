"""What a message is about, by the words of the policy; what it doubts goes to the 137 centre."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from schemas.policy import CategoryPolicy, Policy
from schemas.vocabulary import Category
from streams.core.evidence import EvidenceIndex, Found, compile_evidence
from streams.core.reasons import Reasons, reasons_in
from streams.core.text import tokens, typed_on_persian_keys

# One strong word decides alone; a rival of another department must be clearly weaker.
WEIGHT_MIN = 5
LEAD_MIN = 3
TOKENS_READ_MAX = 400
_URGENCY = {"urgent": 0, "high": 1, "normal": 2, "low": 3}


@dataclass(frozen=True, slots=True, kw_only=True)
class Classification:
    """The category, and why: the words are the policy's own, never the citizen's."""

    category: Category
    words: tuple[str, ...]
    weight: int
    lead: int
    doubted: bool
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Classifier:
    """A policy's words, ready to be looked for. Keep it: building it takes a while."""

    categories: Mapping[Category, CategoryPolicy]
    centre_category: Category
    index: EvidenceIndex
    reasons: Reasons


def compile_classifier(policy: Policy) -> Classifier:
    """The classifier of one policy version."""
    return Classifier(
        categories={category.category: category for category in policy.categories},
        centre_category=policy.centre_category,
        index=compile_evidence(
            ((one.category, one.evidence) for one in policy.categories), policy.place_words
        ),
        reasons=reasons_in(policy.language),
    )


def classify(text: str, classifier: Classifier) -> Classification:
    """The category that the words speak for; the centre's, if they are few or disagree."""
    found = classifier.index.find(tokens(text)[:TOKENS_READ_MAX])
    if not found and text.isascii():
        slipped = tokens(typed_on_persian_keys(text))[:TOKENS_READ_MAX]
        found = classifier.index.find(slipped)
    return _decide(found, classifier)


def chosen(category: Category, classifier: Classifier) -> Classification:
    """What the reporter chose, taken as it is; the category must be one of the policy's."""
    title = classifier.reasons.title(classifier.categories[category])
    return Classification(
        category=category,
        words=(),
        weight=0,
        lead=0,
        doubted=False,
        reason=classifier.reasons.chosen.format(title=title),
    )


def _decide(found: Iterable[Found], classifier: Classifier) -> Classification:
    weights: dict[Category, int] = defaultdict(int)
    words: dict[Category, list[str]] = defaultdict(list)
    for one in found:
        weights[one.category] += one.weight
        words[one.category].append(one.words)
    ranked = sorted(weights, key=lambda code: (-weights[code], *_tie(code, classifier)))
    if not ranked:
        return _to_centre(classifier, classifier.reasons.nothing, (), 0, 0)
    best = ranked[0]
    owner = classifier.categories[best].department
    rivals = [code for code in ranked if classifier.categories[code].department != owner]
    lead = weights[best] - (weights[rivals[0]] if rivals else 0)
    named = tuple(words[best])
    if weights[best] < WEIGHT_MIN:
        reason = classifier.reasons.weak.format(words=_quoted(named))
        return _to_centre(classifier, reason, named, weights[best], lead)
    if lead < LEAD_MIN:
        return _undecided(classifier, (best, rivals[0]), words, (weights[best], lead))
    return Classification(
        category=best,
        words=named,
        weight=weights[best],
        lead=lead,
        doubted=False,
        reason=classifier.reasons.decided.format(
            words=_quoted(named), title=classifier.reasons.title(classifier.categories[best])
        ),
    )


def _tie(code: Category, classifier: Classifier) -> tuple[int, str]:
    """Between equals of one department the more urgent: the department is right either way."""
    return _URGENCY[classifier.categories[code].priority], code


def _undecided(
    classifier: Classifier,
    both: tuple[Category, Category],
    words: Mapping[Category, list[str]],
    strength: tuple[int, int],
) -> Classification:
    one, other = (classifier.reasons.title(classifier.categories[code]) for code in both)
    named = tuple(words[both[0]] + words[both[1]])
    reason = classifier.reasons.disagree.format(words=_quoted(named), one=one, other=other)
    return _to_centre(classifier, reason, named, *strength)


def _to_centre(
    classifier: Classifier, reason: str, words: tuple[str, ...], weight: int, lead: int
) -> Classification:
    return Classification(
        category=classifier.centre_category,
        words=words,
        weight=weight,
        lead=lead,
        doubted=True,
        reason=reason,
    )


def _quoted(words: Iterable[str]) -> str:
    """Each once: several patterns of a policy may be fulfilled by the same words."""
    return "، ".join(f"«{word}»" for word in dict.fromkeys(words))
