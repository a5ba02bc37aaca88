"""What stands under `/ops/` opens to whoever holds the operator's token; without a token it opens to nobody."""

import hashlib
import hmac

from pydantic import SecretStr
from starlette.requests import Request
from starlette.responses import Response

from care_intake.adapters.fhir_answers import refused


def refusal_of(request: Request, token: SecretStr) -> Response | None:
    """None: come in."""
    scheme, _, shown = request.headers.get("authorization", "").partition(" ")
    wanted = token.get_secret_value()
    digests = (hashlib.sha256(text.strip().encode()).digest() for text in (shown, wanted))
    if wanted and scheme.lower() == "bearer" and hmac.compare_digest(*digests):
        return None
    return refused(401, "login", "", "The operator's bearer token is needed", {"WWW-Authenticate": "Bearer"})
