"""A form that carries a file (RFC 7578), read with the parser of mails: fields by name, text only."""

from email import policy
from email.parser import BytesParser

LARGEST_UPLOAD = 4 * 1024 * 1024
MOST_PARTS = 8
MULTIPART = "multipart/form-data"


def read_upload(content_type: str, body: bytes) -> dict[str, str]:
    """The fields. Nothing when it is no such form, or one that is not ours."""
    head = f"content-type: {content_type}\r\nmime-version: 1.0\r\n\r\n".encode("latin-1", "replace")
    message = BytesParser(policy=policy.HTTP).parsebytes(head + body)
    parts = message.get_payload() if message.is_multipart() else []
    if not isinstance(parts, list) or len(parts) > MOST_PARTS:
        return {}
    found = {}
    for part in parts:
        if isinstance(part, str):
            return {}
        name, content = part.get_param("name", header="content-disposition"), part.get_payload(decode=True)
        if not isinstance(name, str) or not isinstance(content, bytes):
            return {}
        # PostgreSQL keeps no NUL; it becomes the sign for an unreadable letter, as does what is no UTF-8.
        text = content.decode(errors="replace").removeprefix("\ufeff")
        found[name] = text.replace("\0", "\N{REPLACEMENT CHARACTER}")
    return found
