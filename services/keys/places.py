"""Whether the places that scopes name are there, by every policy that was ever published."""

from collections.abc import Iterable, Sequence

from schemas.policy import Policy
from schemas.vocabulary import Author
from services.http.client import Client


def names_places(scopes: Iterable[str]) -> bool:
    """Whether any scope is of one municipality or one department."""
    client = _client(scopes)
    return bool(client.municipalities or client.departments)


def not_there(scopes: Iterable[str], policies: Sequence[Policy]) -> str | None:
    """The first place that is none, in words with those that are; a former department is one."""
    client = _client(scopes)
    known = sorted({one.municipality for one in policies})
    cities = client.municipalities | {where for where, _ in client.departments}
    for city in sorted(cities - set(known)):
        return f"there is no municipality {city!r}; {_listed(known)}"
    for city, department in sorted(client.departments):
        ours = (one for one in policies if one.municipality == city)
        those = sorted({one.department for policy in ours for one in policy.departments})
        if department not in those:
            return f"{city} has no department {department!r}; {_listed(those)}"
    return None


def _client(scopes: Iterable[str]) -> Client:
    return Client(name=Author("new"), scopes=frozenset(scopes))


def _listed(names: Sequence[str]) -> str:
    return f"there are: {', '.join(names)}" if names else "no policy is published"
