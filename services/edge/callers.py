"""Who calls an edge: found by what was sent, with all that the policies in force add to it."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from schemas.policy import Policy
from services.http.access import Callers
from services.http.client import Client
from services.http.grants import below_deputies
from services.staff.token import PREFIX as SESSION


@dataclass(frozen=True, slots=True, kw_only=True)
class EdgeCallers:
    """A deputy sees what is below its department by the policy of the moment.

    Where no policies are followed, as in a reader without Kafka, that is nothing.
    """

    keys: Callers
    sessions: Callers
    find_policy: Callable[[str], Policy | None]

    async def find(self, token: str) -> Client | None:
        return self._seeing(await self._of(token).find(token))

    def known(self, token: str) -> Client | None:
        return self._seeing(self._of(token).known(token))

    def _of(self, token: str) -> Callers:
        return self.sessions if token.startswith(SESSION) else self.keys

    def _seeing(self, client: Client | None) -> Client | None:
        if client is None:
            return None
        below = below_deputies(client.grants, self.find_policy)
        return replace(client, below=below) if below else client
