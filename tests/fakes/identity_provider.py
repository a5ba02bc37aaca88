"""An identity provider on loopback: discovery, keys, authorisation without asking, tokens against PKCE; it can lie."""

import base64
import hashlib
import hmac
import json
import time
from dataclasses import dataclass, field
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import ECKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

CLIENT, SECRET = "carelead", "a secret that both know"


def new_key(kid):
    return ECKey.generate_key("P-256", {"kid": kid, "alg": "ES256"})


def signed_by_hand(header, claims, sign):
    text = b".".join(letters(json.dumps(one).encode()) for one in (header, claims))
    return b".".join((text, letters(sign(text)))).decode()


def letters(raw):
    return base64.urlsafe_b64encode(raw).rstrip(b"=")


@dataclass
class LyingProvider:
    """Honest until told otherwise: `claims` replace those of the next token, `sign` how it is signed."""

    issuer: str
    person: str = "person-7"
    claims: dict = field(default_factory=dict)
    sign: str = "ES256"
    status: int = 200
    keys: list = field(default_factory=lambda: [new_key("one")])
    codes: dict = field(default_factory=dict)
    fetched: int = 0

    def authorise(self, address):
        """What the provider does with the browser: where it sends it back to."""
        asked = dict(parse_qsl(urlsplit(address).query))
        code = f"code-{len(self.codes)}"
        self.codes[code] = asked
        return f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state']})}"

    async def document(self, _request: Request) -> Response:
        return JSONResponse(
            {
                "issuer": self.issuer,
                "authorization_endpoint": f"{self.issuer}/authorize",
                "token_endpoint": f"{self.issuer}/token",
                "jwks_uri": f"{self.issuer}/keys",
                "end_session_endpoint": f"{self.issuer}/out",
            }
        )

    async def public_keys(self, _request: Request) -> Response:
        self.fetched += 1
        return JSONResponse({"keys": [one.as_dict(private=False) for one in self.keys]})

    async def token(self, request: Request) -> Response:
        form = {name: values[0] for name, values in parse_qs((await request.body()).decode()).items()}
        asked = self.codes.pop(form.get("code", ""), None)
        basic = base64.b64encode(f"{CLIENT}:{SECRET.replace(' ', '%20')}".encode()).decode()
        plain = base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        known = request.headers.get("authorization") in (f"Basic {basic}", f"Basic {plain}")
        digest = letters(hashlib.sha256(form.get("code_verifier", "").encode()).digest()).decode()
        if not known or asked is None or digest != asked["code_challenge"]:
            return JSONResponse({"error": "invalid_grant"}, 400)
        if self.status != 200:
            return JSONResponse({"error": "server_error"}, self.status)
        return JSONResponse({"id_token": self.signed(asked["nonce"]), "token_type": "Bearer", "access_token": "x"})

    def signed(self, nonce):
        now = int(time.time())
        claims = {"iss": self.issuer, "aud": CLIENT, "sub": self.person, "nonce": nonce, "iat": now, "exp": now + 300}
        claims = {name: value for name, value in (claims | self.claims).items() if value is not None}
        key = self.keys[0]
        header = {"alg": self.sign, "kid": key.kid}
        if self.sign == "HS256":  # the public key as a shared secret: an old attack, which no library helps with
            return signed_by_hand(header, claims, lambda text: hmac.digest(key.as_pem(private=False), text, "sha256"))
        if self.sign == "none":
            return signed_by_hand(header, claims, lambda _: b"")
        return jwt.encode(header, claims, key, [self.sign])

    @property
    def app(self):
        return Starlette(
            routes=[
                Route("/.well-known/openid-configuration", self.document),
                Route("/keys", self.public_keys),
                Route("/token", self.token, methods=["POST"]),
            ]
        )
