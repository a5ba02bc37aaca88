"""Who somebody is may be said by the organisation's own sign-in: OpenID Connect, code flow with PKCE."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode, urlsplit

import httpx2
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet
from pydantic import SecretStr

from care_shared.errors import CareError, NotReadyError

TIMEOUT_SECONDS = 10.0
LARGEST_ANSWER = 512 * 1024
# Never `none` and never a shared-secret algorithm: a public key must not serve as a secret.
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "ES256", "ES384", "EdDSA")
LEEWAY_SECONDS = 60
KEYS_LAST = timedelta(hours=1)
KEYS_REST = timedelta(minutes=1)  # an unknown key's name makes nobody fetch keys more often than this
DISCOVERY = "/.well-known/openid-configuration"


class SignInRefusedError(CareError):
    """The provider's answer does not prove who this is; nobody is signed in."""


@dataclass(frozen=True, slots=True)
class ProviderSettings:
    """The provider, and what it knows us by. `claim` names the person; `required_acr` is what its answer must state."""

    issuer: str
    client_id: str
    client_secret: SecretStr
    redirect_uri: str
    claim: str = "sub"
    scopes: str = "openid"
    required_acr: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Attempt:
    """What ties the provider's answer to the browser that asked: three unguessable texts."""

    state: str
    nonce: str
    verifier: str
    challenge: str


@dataclass(frozen=True, slots=True)
class _Known:
    """The provider's document and its keys, and when we read them."""

    document: Mapping[str, Any]
    keys: KeySet
    at: datetime


class IdentityProvider:
    """One provider. What it says of itself is read when first needed, and kept for an hour."""

    def __init__(self, settings: ProviderSettings, transport: httpx2.AsyncBaseTransport | None = None) -> None:
        self.settings = settings
        self._transport = transport
        self._known: _Known | None = None

    async def address(self, attempt: Attempt, now: datetime) -> str:
        """Where the browser is sent. Raises NotReadyError when the provider cannot be reached."""
        own = self.settings
        query = {
            "response_type": "code", "client_id": own.client_id, "redirect_uri": own.redirect_uri,
            "scope": own.scopes, "state": attempt.state, "nonce": attempt.nonce,
            "code_challenge": attempt.challenge, "code_challenge_method": "S256",
        }  # fmt: skip
        if own.required_acr:
            query["acr_values"] = " ".join(own.required_acr)
        return _with(str((await self._ready(now)).document["authorization_endpoint"]), query)

    async def farewell(self, back: str, now: datetime) -> str | None:
        """Where the browser signs out of the provider itself, if the provider offers that."""
        place = (await self._ready(now)).document.get("end_session_endpoint")
        if not isinstance(place, str) or not _usable(place):
            return None
        return _with(place, {"client_id": self.settings.client_id, "post_logout_redirect_uri": back})

    async def subject(self, code: str, attempt: Attempt, now: datetime) -> str:
        """Who came back with this code. Raises SignInRefusedError with a reason, NotReadyError when nobody answers."""
        known = await self._ready(now)
        token = await self._exchanged(known, code, attempt)
        try:
            claims = await self._verified(token, known, now)
            self._registry(attempt, now).validate(claims)
        except (JoseError, ValueError) as error:
            raise SignInRefusedError(type(error).__name__) from None
        if claims.get("azp", self.settings.client_id) != self.settings.client_id:
            raise SignInRefusedError("another client's token")
        subject = claims.get(self.settings.claim)
        if not isinstance(subject, str) or not subject:
            raise SignInRefusedError("no such claim")
        if self.settings.claim == "email" and claims.get("email_verified") is not True:
            raise SignInRefusedError("an address that nobody verified")
        return subject

    def _registry(self, attempt: Attempt, now: datetime) -> jwt.JWTClaimsRegistry:
        own = self.settings
        asked: dict[str, jwt.ClaimsOption] = {
            "iss": {"essential": True, "value": own.issuer},
            "aud": {"essential": True, "value": own.client_id},
            "nonce": {"essential": True, "value": attempt.nonce},
            "sub": {"essential": True},
            "exp": {"essential": True},
            "iat": {"essential": True},
        }
        if own.required_acr:
            asked["acr"] = {"essential": True, "values": list(own.required_acr)}
        return jwt.JWTClaimsRegistry(now=int(now.timestamp()), leeway=LEEWAY_SECONDS, **asked)

    async def _verified(self, token: str, known: _Known, now: datetime) -> dict[str, Any]:
        """The claims, if a key of the provider signed them. A key it has only just begun to use is fetched."""
        try:
            return jwt.decode(token, known.keys, ALGORITHMS).claims
        except InvalidKeyIdError:
            if now - known.at < KEYS_REST:
                raise
        return jwt.decode(token, (await self._read(now)).keys, ALGORITHMS).claims

    async def _exchanged(self, known: _Known, code: str, attempt: Attempt) -> str:
        own, place = self.settings, str(known.document["token_endpoint"])
        form = {
            "grant_type": "authorization_code", "code": code, "redirect_uri": own.redirect_uri,
            "client_id": own.client_id, "code_verifier": attempt.verifier,
        }  # fmt: skip
        secret = own.client_secret.get_secret_value()
        methods = known.document.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
        basic = None
        if secret and "client_secret_basic" in methods:
            basic = httpx2.BasicAuth(own.client_id, secret)
        elif secret:
            form["client_secret"] = secret
        answer = await self._asked("POST", place, data=form, auth=basic)
        token = answer.get("id_token")
        if not isinstance(token, str):
            raise SignInRefusedError("no id token")
        return token

    async def _ready(self, now: datetime) -> _Known:
        if self._known is None or now - self._known.at > KEYS_LAST:
            return await self._read(now)
        return self._known

    async def _read(self, now: datetime) -> _Known:
        document = await self._asked("GET", self.settings.issuer.rstrip("/") + DISCOVERY)
        if document.get("issuer") != self.settings.issuer:
            raise NotReadyError("the identity provider calls itself otherwise than CARE_NOTIFICATIONS_OIDC_ISSUER")
        for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
            if not _usable(document.get(name)):
                raise NotReadyError(f"the identity provider's {name} is missing or not https")
        try:
            answer: Any = await self._asked("GET", str(document["jwks_uri"]))
            keys = KeySet.import_key_set(answer)
        except (JoseError, KeyError, TypeError, ValueError):
            raise NotReadyError("the identity provider's keys cannot be read") from None
        self._known = _Known(document, keys, now)
        return self._known

    async def _asked(self, method: str, place: str, **sent: Any) -> dict[str, Any]:
        """One JSON object. No redirects, and no more than a fair answer is read."""
        try:
            async with (
                httpx2.AsyncClient(timeout=TIMEOUT_SECONDS, transport=self._transport) as client,
                client.stream(method, place, headers={"accept": "application/json"}, **sent) as answer,
            ):
                body = bytearray()
                async for part in answer.aiter_bytes():
                    body += part
                    if len(body) > LARGEST_ANSWER:
                        raise NotReadyError("the identity provider's answer is too large")
        except httpx2.HTTPError:
            raise NotReadyError("the identity provider does not answer") from None
        return _object(answer.status_code, bytes(body))


def _object(status: int, body: bytes) -> dict[str, Any]:
    """The answer. A code that is used up or not ours is refused with 400 or 401; all else is the provider's trouble."""
    if status in (400, 401):
        raise SignInRefusedError(f"the provider answered {status}")
    try:
        found = json.loads(body) if status == 200 else None
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise NotReadyError("the identity provider's answer cannot be used")
    return found


def _usable(place: object) -> bool:
    """Over https, or on this very machine."""
    parts = urlsplit(place) if isinstance(place, str) else None
    return parts is not None and (parts.scheme == "https" or parts.hostname in ("127.0.0.1", "localhost"))


def _with(place: str, query: Mapping[str, str]) -> str:
    return f"{place}{'&' if '?' in place else '?'}{urlencode(query)}"
