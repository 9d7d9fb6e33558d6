"""GetCallerIdentity and AssumeRole.

Roles are not objects of this cloud yet: every well-formed role name of an account exists and trusts that account, and
no other (choice of the embedded cloud). The keys verify on every product and expire by the cloud's clock.
"""

from __future__ import annotations

import re
import zlib
from typing import Any

from gatespan.emulator.call import Call, iso
from gatespan.emulator.models import AccessKey, Account
from gatespan.emulator.service import Service
from gatespan.emulator.services.sts.errors import CODES, invalid, no_such_role, not_trusted

service = Service("Sts", "2015-04-01", CODES, default_rate=(100, 1.0))
"""Published limit: 100 calls a second per account."""

SHORTEST, LONGEST, USUAL = 900, 3600, 3600
"""Seconds that keys of a role last (public page; a role may allow more than an hour, these do not)."""
_ROLE = re.compile(r"acs:ram::(\d+):role/([A-Za-z0-9.@_-]{1,64})")
_SESSION = re.compile(r"[A-Za-z0-9.@_-]{2,64}")


@service.action("GetCallerIdentity")
def get_caller_identity(call: Call) -> dict[str, Any]:
    """The account itself, or the role whose keys signed the call."""
    key = call.world.get(AccessKey, call.access_key)
    common = {"AccountId": call.account}
    if key is None or not key.role:
        arn = f"acs:ram::{call.account}:root"
        return {**common, "IdentityType": "Account", "UserId": call.account, "PrincipalId": call.account, "Arn": arn}
    return {
        **common,
        "IdentityType": "AssumedRoleUser",
        "RoleId": _role_id(key.role),
        "PrincipalId": f"{_role_id(key.role)}:{key.session}",
        "Arn": _session_arn(key.role, key.session),
    }


@service.action("AssumeRole", required=("RoleArn", "RoleSessionName"))
def assume_role(call: Call) -> dict[str, Any]:
    arn, session = call.params.text("RoleArn"), call.params.text("RoleSessionName")
    found = _ROLE.fullmatch(arn)
    if found is None:
        raise invalid("RoleArn", arn)
    if not _SESSION.fullmatch(session):
        raise invalid("RoleSessionName", session)
    seconds = call.params.integer("DurationSeconds", USUAL, least=SHORTEST, most=LONGEST)
    if call.world.get(Account, found[1]) is None:
        raise no_such_role(arn)
    if found[1] != call.account:
        raise not_trusted(arn)
    _forget_expired(call)
    key = call.world.put(
        AccessKey(
            id=f"STS.{call.ids.hexadecimal(26)}",
            account=call.account,
            created=call.now,
            secret=call.ids.hexadecimal(44),
            token=call.ids.hexadecimal(200),
            role=arn,
            session=session,
            expires=call.now + seconds,
        )
    )
    return {
        "AssumedRoleUser": {
            "Arn": _session_arn(arn, session),
            "AssumedRoleId": f"{_role_id(arn)}:{session}",
        },
        "Credentials": {
            "AccessKeyId": key.id,
            "AccessKeySecret": key.secret,
            "SecurityToken": key.token,
            "Expiration": iso(key.expires),
        },
    }


def _forget_expired(call: Call) -> None:
    """Keys that expired a day ago go; until then their use is answered with the code for expired keys."""
    for key in call.world.find(AccessKey, account=call.account):
        if key.expires and key.expires < call.now - 86400:
            call.world.remove(key)


def _role_id(arn: str) -> str:
    """18 digits, the same for the same role."""
    return f"3{zlib.crc32(arn.encode()):017d}"


def _session_arn(role: str, session: str) -> str:
    return f"{role.replace(':ram:', ':sts:').replace(':role/', ':assumed-role/')}/{session}"
