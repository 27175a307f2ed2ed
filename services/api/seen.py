"""Which case a caller may see, and how long its answer keeps."""

import re
from http import HTTPStatus

from services.api.reads import ReadCase
from services.http.client import Client
from services.http.problems import ProblemError

# A case is the caller's alone and changes at any moment: kept, but asked for again.
CASE_CACHING = {"Cache-Control": "private, no-cache", "Vary": "Authorization"}
CASE_ID = re.compile(r"[a-z2-7]{32}")


def seen_by(client: Client, found: ReadCase | None) -> ReadCase:
    """The case, if it may be seen: another department's is as unknown as none."""
    if found is not None and client.sees(found.municipality, found.department):
        return found
    words = "There is no such case here; one that was accepted just now can be read in a moment."
    raise ProblemError(HTTPStatus.NOT_FOUND, "not-found", words, headers={"Retry-After": "1"})
