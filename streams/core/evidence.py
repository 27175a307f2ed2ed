"""Which of the policy's words and phrases occur in a message."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from schemas.policy import Evidence
from schemas.vocabulary import Category
from streams.core.text import tokens
from streams.core.word_forms import Kind, bases, fits, readings, spellings

# Parts that belong together stand in one breath.
TOKENS_APART_MAX = 12
PLACE_WORDS_MAX = 3
# What may stand between the words of a phrase without changing what it says.
_FILLERS = frozenset(
    (
        *("ها", "های", "هایی", "هایم", "هامون", "می", "رو", "را", "یه", "یک", "این", "اون", "ان"),
        *("هم", "ی", "ای", "که", "هی", "دیگه", "تر", "خیلی", "همه", "کل", "کاملا", "ما", "شده"),
        *("ro", "ra", "ie", "ham", "hai", "haie", "ha", "the", "a"),
    )
)

Part = int
WordId = int
Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Found:
    """Evidence that a message holds, with the weight it has there."""

    category: Category
    words: str
    weight: int


@dataclass(frozen=True, slots=True, eq=False)
class _Rule:
    category: Category
    weight: int
    all_of: tuple[tuple[Part, ...], ...]


@dataclass(slots=True)
class _Node:
    following: dict[WordId, "_Node"] = field(default_factory=dict[WordId, "_Node"])
    part: Part | None = None


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a part occurs, and whether the words before it say that it only tells where.

    `only_for` are the categories of the longer phrase that it lies in; to all others it is hidden.
    """

    start: int
    is_place: bool
    only_for: frozenset[Category] | None


@dataclass(frozen=True, slots=True)
class _Held:
    parts: list[Part]
    start: int
    weight: int


Places = dict[Part, list[_Place]]


@dataclass(frozen=True, slots=True)
class EvidenceIndex:
    """All evidence of a policy: words by their forms, phrases as a tree, rules by their parts."""

    words: dict[str, list[tuple[WordId, Kind]]]
    tree: _Node
    names: list[str]
    rules_of: list[list[_Rule]]
    owners: list[frozenset[Category]]
    place_words: frozenset[tuple[str, ...]]

    def find(self, message: Sequence[str]) -> list[Found]:
        """What occurs, each rule once; a phrase hides what lies within it from other subjects."""
        places: Places = {}
        for start, part, only_for in self._visible(self._parts(message)):
            place = _Place(start, self._says_where(message, start), only_for)
            places.setdefault(part, []).append(place)
        rules = dict.fromkeys(rule for part in places for rule in self.rules_of[part])
        found: dict[tuple[Category, object], Found] = {}
        for rule in rules:
            held = _held(rule, places)
            if held is None or held.weight == 0:
                continue
            words = " + ".join(self.names[part] for part in held.parts)
            # Two words of the policy may be the same one said: it counts once.
            key = (rule.category, held.start if len(held.parts) == 1 else rule)
            known = found.get(key)
            if known is None or known.weight < held.weight:
                found[key] = Found(rule.category, words, held.weight)
        return list(found.values())

    def _parts(self, message: Sequence[str]) -> list[tuple[Span, Part]]:
        ids = [self._words(token) for token in message]
        parts: list[tuple[Span, Part]] = []
        for start, words in enumerate(ids):
            for word in words:
                node = self.tree.following.get(word)
                end = start + 1
                while node is not None:
                    if node.part is not None:
                        parts.append(((start, end), node.part))
                    node, end = _step(node, end, ids, message)
        return parts

    def _visible(
        self, parts: Sequence[tuple[Span, Part]]
    ) -> Iterable[tuple[int, Part, frozenset[Category] | None]]:
        """The parts by where they start, with the categories to which each is left."""
        widest: Span = (-1, -1)
        owners: frozenset[Category] = frozenset()
        for span, part in sorted(parts, key=lambda one: (one[0][0], -one[0][1])):
            if span == widest:
                owners |= self.owners[part]
                yield span[0], part, None
            elif span[1] <= widest[1]:
                yield span[0], part, owners
            else:
                widest, owners = span, self.owners[part]
                yield span[0], part, None

    def _words(self, token: str) -> tuple[WordId, ...]:
        """The words that a token may be a form of, the likelier first."""
        found = [
            word
            for base, ending in readings(token)
            for word, kind in self.words.get(base, ())
            if fits(ending, kind)
        ]
        return tuple(dict.fromkeys(found))

    def _says_where(self, message: Sequence[str], start: int) -> bool:
        before = (tuple(message[max(0, start - n) : start]) for n in range(1, PLACE_WORDS_MAX + 1))
        return any(words in self.place_words for words in before)


def compile_evidence(
    by_category: Iterable[tuple[Category, Sequence[Evidence]]], place_words: Iterable[str]
) -> EvidenceIndex:
    """The index of what every category's evidence is made of."""
    building = _Building()
    for category, evidence in by_category:
        for one in evidence:
            all_of = tuple(tuple(map(building.part, alternatives)) for alternatives in one.all_of)
            rule = _Rule(category, one.weight, all_of)
            for part in {part for alternatives in all_of for part in alternatives}:
                building.rules_of[part].append(rule)
    return EvidenceIndex(
        words=building.words(),
        tree=building.tree,
        names=building.names,
        rules_of=building.rules_of,
        owners=[frozenset(rule.category for rule in rules) for rules in building.rules_of],
        place_words=frozenset(tuple(tokens(word)) for word in place_words),
    )


class _Building:
    def __init__(self) -> None:
        self.tree = _Node()
        self.names: list[str] = []
        self.rules_of: list[list[_Rule]] = []
        self._parts: dict[tuple[str, ...], Part] = {}
        self._words: dict[str, WordId] = {}

    def part(self, phrase: str) -> Part:
        """The number of a phrase; its spellings are put into the tree the first time."""
        words = tuple(tokens(phrase))
        known = self._parts.get(words)
        if known is not None:
            return known
        part = self._parts[words] = len(self._parts)
        self.names.append(phrase)
        self.rules_of.append([])
        for spelling in spellings(words):
            node = self.tree
            for word in spelling:
                word_id = self._words.setdefault(word, len(self._words))
                node = node.following.setdefault(word_id, _Node())
            node.part = part if node.part is None else node.part
        return part

    def words(self) -> dict[str, list[tuple[WordId, Kind]]]:
        """Every word by what is left of it before its endings."""
        found: dict[str, list[tuple[WordId, Kind]]] = {}
        for word, number in self._words.items():
            for base, kind in bases(word):
                found.setdefault(base, []).append((number, kind))
        return found


def _step(
    node: _Node, end: int, ids: Sequence[tuple[WordId, ...]], message: Sequence[str]
) -> tuple[_Node | None, int]:
    """The next node of a phrase; fillers may stand between its words."""
    while node.following and end < len(ids):
        for word in ids[end]:
            if word in node.following:
                return node.following[word], end + 1
        if message[end] not in _FILLERS:
            return None, end
        end += 1
    return None, end


def _held(rule: _Rule, places: Places) -> _Held | None:
    """The parts by which a rule holds, and its weight here: less, if it only says where."""
    if any(places.keys().isdisjoint(alternatives) for alternatives in rule.all_of):
        return None  # So most of them end.
    parts: list[Part] = []
    anchors: list[_Place] = []
    for alternatives in rule.all_of:
        near = [
            (part, place)
            for part in alternatives
            for place in places.get(part, ())
            if place.only_for is None or rule.category in place.only_for
            if _near(place, anchors)
        ]
        if not near:
            return None
        part, place = min(near, key=lambda one: one[1].is_place)
        parts.append(part)
        anchors.append(place)
    only_where = len(anchors) == 1 and anchors[0].is_place
    weight = rule.weight // 3 if only_where else rule.weight
    return _Held(parts=parts, start=anchors[0].start, weight=weight)


def _near(place: _Place, anchors: Sequence[_Place]) -> bool:
    return all(0 < abs(place.start - other.start) <= TOKENS_APART_MAX for other in anchors)
