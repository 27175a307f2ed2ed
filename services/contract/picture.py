"""The picture of the flow, drawn from the topic table, as Mermaid."""

from collections.abc import Iterable, Iterator
from itertools import groupby

from schemas.topics import Topic, fixed_topics, municipal_topics
from schemas.vocabulary import Department, Municipality

# Who stands behind the words that the topic table uses for writers and readers.
PROCESSES = {
    "outside": "channels' and departments' systems",
    "edge": "edge: intake and API",
    "router": "router: intake · progress · imports · repairs",
    "router intake": "router: intake · progress · imports · repairs",
    "router progress": "router: intake · progress · imports · repairs",
    "router imports": "router: intake · progress · imports · repairs",
    "router repairs": "router: intake · progress · imports · repairs",
    "projector": "projector",
    "accountant": "accountant",
    "timer": "sla-timer",
    "dispatcher": "dispatcher",
    "linker": "linker",
    "janitor": "janitor",
    "operator": "operator: the peygir command",
    "department": "a department's system",
}

# Postgres is no topic: who writes it and who reads it stands here.
_THROUGH_POSTGRES = """\
  projector -->|facts, cases, clocks, outbox| postgres[("Postgres")]
  postgres -->|cases| edge
  postgres -->|what is due| sla_timer
  postgres -->|outbox| dispatcher
  postgres <-->|covered positions, marks| accountant
  postgres -->|new cases, marks| linker
  postgres -->|marks, owed tombstones| janitor
"""


def every_topic() -> tuple[Topic, ...]:
    """The topics of an installation; a municipality's stand under placeholders."""
    return (
        *fixed_topics(dead_letter_days=30),
        *municipal_topics(
            Municipality("MUNICIPALITY"),
            [Department("DEPARTMENT")],
            ["ADAPTER"],
            department_days=30,
        ),
    )


def mermaid() -> str:
    """A fenced Mermaid flowchart with every process and every topic."""
    lines = [*_processes(), *_topics(every_topic())]
    return "```mermaid\nflowchart LR\n" + "".join(lines) + _THROUGH_POSTGRES + "```\n"


def _processes() -> Iterator[str]:
    for title in dict.fromkeys(PROCESSES.values()):
        yield f'  {_identifier(title)}["{title}"]\n'


def _topics(topics: Iterable[Topic]) -> Iterator[str]:
    alike = groupby(topics, lambda topic: (topic.purpose, topic.writers, topic.readers))
    for (_, writers, readers), group in alike:
        names = [topic.name for topic in group]
        node = f"topic_{_identifier(names[0])}"
        yield f'  {node}[/"{"<br/>".join(names)}"/]\n'
        for writer in _processes_of(writers):
            yield f"  {writer} --> {node}\n"
        for reader in _processes_of(readers):
            yield f"  {node} --> {reader}\n"


def _processes_of(words: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(_identifier(PROCESSES[word]) for word in words))


def _identifier(title: str) -> str:
    """The first word, as Mermaid may have it."""
    word = title.partition(":")[0]
    return "".join(letter if letter.isalnum() else "_" for letter in word)
