"""Readers who look again and again, and hold what they saw against what they see."""

import asyncio
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

import httpx

from tests.crash.city import City

TRY_SECONDS = 10.0
CASES_A_LOOK = 5
BETWEEN_LOOKS_SECONDS = 0.1  # They are to see all, and not to keep the machine to themselves.


@dataclass(slots=True)
class Reader:
    """One who reads single cases, lists and counts in turn."""

    city: City
    wrong: list[str] = field(default_factory=list[str])
    looks: int = 0
    away: int = 0
    """Answers that said: later."""
    _versions: dict[str, int] = field(default_factory=dict[str, int])
    _count: int = 0

    async def look(self, cases: Collection[str], stop: asyncio.Event) -> None:
        """Looks until it is told to stop. `cases` may grow meanwhile."""
        headers = {"Authorization": f"Bearer {self.city.keys['read']}"}
        base = f"{self.city.url}/api/v1/cases"
        async with httpx.AsyncClient(timeout=TRY_SECONDS, headers=headers) as client:
            while not stop.is_set():
                known = list(cases)
                at = self.looks * CASES_A_LOOK % max(len(known), 1)
                for case_id in known[at : at + CASES_A_LOOK]:
                    self._one(case_id, await self._get(client, f"{base}/{case_id}"))
                self._list(await self._get(client, f"{base}?limit=50"))
                self._counted(await self._get(client, f"{base}/counts"))
                self.looks += 1
                await asyncio.sleep(BETWEEN_LOOKS_SECONDS)

    async def _get(self, client: httpx.AsyncClient, url: str) -> httpx.Response:
        """On a crowded machine a connection may be shut before its answer: it said nothing."""
        try:
            return await client.get(url)
        except httpx.TransportError:
            return httpx.Response(httpx.codes.SERVICE_UNAVAILABLE)

    def _one(self, case_id: str, answer: httpx.Response) -> None:
        match answer.status_code:
            case 200:
                self._saw(case_id, int(answer.json()["version"]))
            case 404 if case_id not in self._versions:
                return  # Not routed yet.
            case 404:
                self.wrong.append(f"{case_id} was there, and is gone")
            case 503:
                self.away += 1
            case other:
                self.wrong.append(f"{case_id}: {other}")

    def _list(self, answer: httpx.Response) -> None:
        found: list[dict[str, Any]] = self._body(answer).get("cases", [])
        for case in found:
            self._saw(case["case_id"], int(case["version"]))

    def _counted(self, answer: httpx.Response) -> None:
        body = self._body(answer)
        if not body:
            return
        count = int(body["total"]["count"])
        if count < self._count:
            self.wrong.append(f"there were {self._count} cases, and then {count}")
        self._count = max(count, self._count)

    def _body(self, answer: httpx.Response) -> dict[str, Any]:
        if answer.status_code == httpx.codes.SERVICE_UNAVAILABLE:
            self.away += 1
            return {}
        if answer.status_code != httpx.codes.OK:
            self.wrong.append(f"{answer.request.url.path}: {answer.status_code}")
            return {}
        return answer.json()

    def _saw(self, case_id: str, version: int) -> None:
        known = self._versions.get(case_id, version)
        if version < known:
            self.wrong.append(f"{case_id} stepped back from {known} to {version}")
        self._versions[case_id] = max(version, known)
