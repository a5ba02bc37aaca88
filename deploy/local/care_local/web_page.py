"""One plain table page, readable without scripts, for the mail catcher and the webhook inbox."""

from collections.abc import Iterable, Sequence
from html import escape

from starlette.responses import HTMLResponse

SAFE = {"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'", "X-Content-Type-Options": "nosniff"}
STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;margin:2rem;max-width:75rem}"
    "table{border-collapse:collapse;width:100%}"
    "th,td{border-bottom:1px solid #bbb;padding:.5rem;text-align:left;vertical-align:top}"
    "td{white-space:pre-wrap;overflow-wrap:anywhere}"
)


def table_page(title: str, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> HTMLResponse:
    """A page with one table; every cell is text, never markup."""
    head = "".join(f'<th scope="col">{escape(column)}</th>' for column in columns)
    body = "".join(f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>" for row in rows)
    empty = "" if body else "<p>Nothing yet. This page shows what is here when it is loaded again.</p>"
    page = (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        f'<meta name="viewport" content="width=device-width,initial-scale=1"><style>{STYLE}</style></head>'
        f"<body><h1>{escape(title)}</h1><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{empty}"
        "</body></html>"
    )
    return HTMLResponse(page, headers=SAFE)
