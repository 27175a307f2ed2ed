"""The `Link` header of a page: the first one, and its neighbours (RFC 8288)."""

from urllib.parse import urlencode

from starlette.datastructures import QueryParams


def links(path: str, asked: QueryParams, **cursors: str | None) -> str:
    """`first`, and a link for each relation that has a cursor; addresses are relative."""
    kept = [(name, value) for name, value in asked.multi_items() if name != "cursor"]
    pages = {"first": kept} | {
        relation: [*kept, ("cursor", cursor)]
        for relation, cursor in cursors.items()
        if cursor is not None
    }
    return ", ".join(
        f'<{path}{"?" if pairs else ""}{urlencode(pairs)}>; rel="{relation}"'
        for relation, pairs in pages.items()
    )
