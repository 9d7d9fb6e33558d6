"""Who calls: the signature of a request, verified for real against the world's access keys.

Modes: ``strict`` refuses; ``warn`` logs what strict would refuse and lets it pass; ``off`` looks only at the key id.
In the last two a caller without a known key is the world's first account. The time stamp is held against the real
wall clock and not the cloud's: clients sign with theirs, however far a test has turned the cloud.
"""

from __future__ import annotations

import hmac
import logging
import time
from collections.abc import Callable
from typing import Literal

from gatespan.emulator.clock import Clock
from gatespan.emulator.errors import CloudError
from gatespan.emulator.models import AccessKey, Account
from gatespan.emulator.wire.nonces import Nonces
from gatespan.emulator.wire.request import Request
from gatespan.emulator.wire.signature import Claim, read
from gatespan.emulator.world import World

Mode = Literal["strict", "warn", "off"]
SKEW = 15 * 60.0
"""Seconds that a time stamp may be off (public page on common parameters)."""

log = logging.getLogger("gatespan.emulator")


class Authenticator:
    """Turns a request into the access key that sent it. ``wall`` gives the real time in epoch seconds."""

    def __init__(
        self, world: World, clock: Clock, mode: Mode = "strict", wall: Callable[[], float] = time.time
    ) -> None:
        self.world = world
        self.clock = clock
        self.mode: Mode = mode
        self.wall = wall
        self.nonces = Nonces()

    def caller(self, request: Request) -> AccessKey:
        """The key of the caller. Raises CloudError where the mode demands it."""
        if self.mode == "strict":
            return self._verified(request)
        if self.mode == "warn":
            try:
                return self._verified(request)
            except CloudError as refusal:
                log.warning("signatures=warn: let pass what would be refused: %s", refusal)
        return self._claimed(request)

    def _verified(self, request: Request) -> AccessKey:
        claim = read(request)
        if claim is None:
            raise CloudError("MissingAccessKeyId", "AccessKeyId is mandatory for this action.")
        key = self.world.get(AccessKey, claim.key_id)
        if key is None:
            raise CloudError("InvalidAccessKeyId.NotFound", "Specified access key is not found.", 404)
        if not key.active:
            raise CloudError("InvalidAccessKeyId.Inactive", "Specified access key is disabled.")
        self._token(key, claim)
        self._time(claim)
        if not any(_matches(claim, key.secret, text) for text in (claim.to_sign, claim.also) if text):
            raise CloudError(
                "SignatureDoesNotMatch",
                f"Specified signature is not matched with our calculation. server string to sign is:{claim.to_sign}",
            )
        if not self.nonces.fresh(key.id, claim.nonce, self.wall()):
            raise CloudError("SignatureNonceUsed", "Specified signature nonce was used already.")
        return key

    def _token(self, key: AccessKey, claim: Claim) -> None:
        if not key.token and not claim.token:
            return
        if not claim.token:
            raise CloudError("MissingSecurityToken", "SecurityToken is mandatory for this action.")
        if not key.token or not hmac.compare_digest(key.token.encode(), claim.token.encode()):
            raise CloudError(
                "InvalidSecurityToken.MismatchWithAccessKey",
                "Specified SecurityToken mismatch with the AccessKey.",
            )
        if key.expires and self.clock.now() >= key.expires:
            raise CloudError("InvalidSecurityToken.Expired", "Specified SecurityToken is expired.")

    def _time(self, claim: Claim) -> None:
        try:
            sent = claim.parse_time(claim.time)
        except ValueError:
            raise CloudError(
                "InvalidTimeStamp.Format", "Specified time stamp or date value is not well formatted."
            ) from None
        if abs(self.wall() - sent) > SKEW:
            raise CloudError("InvalidTimeStamp.Expired", "Specified time stamp or date value is expired.")

    def _claimed(self, request: Request) -> AccessKey:
        try:
            claim = read(request)
        except CloudError:
            claim = None  # an unreadable signature claims nothing
        key = self.world.get(AccessKey, claim.key_id) if claim else None
        if key is not None:
            return key
        first = next(iter(self.world.all(Account)), None)
        if first is None:
            raise CloudError("InvalidAccessKeyId.NotFound", "This world has no account.", 404)
        return AccessKey(id=claim.key_id if claim else "", account=first.id, secret="")


def _matches(claim: Claim, secret: str, text: str) -> bool:
    return hmac.compare_digest(claim.sign(secret, text).encode(), claim.signature.encode())
