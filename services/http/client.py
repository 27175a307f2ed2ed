"""What a caller may see and do: a client with scopes."""

from dataclasses import dataclass

from schemas.vocabulary import Author, Channel, Municipality
from services.http.grants import (
    CITY_ROLES,
    EVERY_CHANNEL,
    READ,
    Grant,
    Place,
    grants_of,
    read_municipalities,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """The stable name of a caller, whatever key or session it uses now, and what it may do."""

    name: Author
    scopes: frozenset[str]
    below: frozenset[Place] = frozenset()
    """The departments that stand below those of which it is deputy."""
    must_change: bool = False
    """Whether its password is the first one, with which nothing can be done but to change it."""

    @property
    def grants(self) -> tuple[Grant, ...]:
        """As what it may act; without any, it may only read."""
        return grants_of(self.scopes)

    def may_submit(self, channel: Channel) -> bool:
        return EVERY_CHANNEL in self.scopes or f"channel:{channel}" in self.scopes

    @property
    def may_read_all(self) -> bool:
        return READ in self.scopes

    @property
    def may_read(self) -> bool:
        """Whether there is any case that it might see."""
        return self.may_read_all or bool(self.municipalities or self.departments)

    @property
    def municipalities(self) -> frozenset[Municipality]:
        """The municipalities whose cases it may see, all of them."""
        acts_in = (
            one.municipality for one in self.grants if one.role in CITY_ROLES and one.municipality
        )
        return read_municipalities(self.scopes).union(acts_in)

    @property
    def departments(self) -> frozenset[Place]:
        """The departments whose cases it may see, with what they need to do the work."""
        return self.below.union(
            (one.municipality, one.department)
            for one in self.grants
            if one.municipality and one.department
        )

    def sees(self, municipality: str, department: str | None) -> bool:
        """Whether a case of that department, or of none yet, is for it to see."""
        return (
            self.may_read_all
            or municipality in self.municipalities
            or (municipality, department) in self.departments
        )

    def serves(self, municipality: str) -> bool:
        """Whether it has to do with that municipality, and so may read its policy."""
        return (
            self.may_read_all
            or municipality in self.municipalities
            or any(where == municipality for where, _ in self.departments)
        )
