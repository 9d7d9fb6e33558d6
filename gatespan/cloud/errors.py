"""What can go wrong at the door. Two words decide everything above it: temporary or permanent.

CloudError
├── Temporary            trying again may help
│   ├── Throttled        too many calls
│   ├── Busy             something else is being done to the same thing
│   ├── Unavailable      the service has a fault of its own
│   ├── UnknownOutcome   no answer came: the effect may or may not have happened
│   └── TimedOut         a wait's budget ran out
└── Permanent            trying again will not help
    ├── NotFound         the thing is not there
    ├── Conflict         it is there already
    ├── InUse            something is in the way of a removal
    ├── Refused          credentials, permission, account, prepaid term
    ├── QuotaExceeded
    ├── Invalid          the request itself is wrong
    └── Fatal            a final bad state, an answer that cannot be read, a code that nobody knows
"""

from __future__ import annotations

from gatespan.cloud import codes


class CloudError(Exception):
    """``code`` is the cloud's own; ``subject`` the id or name of the thing that the call was about."""

    temporary = False
    hint = ""

    def __init__(
        self,
        *,
        action: str,
        product: str,
        region: str,
        code: str,
        message: str,
        request_id: str = "",
        http_status: int | None = None,
        subject: str = "",
        retry_after: float | None = None,
    ) -> None:
        self.action = action
        self.product = product
        self.region = region
        self.code = code
        self.message = message
        self.request_id = request_id
        self.http_status = http_status
        self.subject = subject
        self.retry_after = retry_after
        super().__init__(str(self))

    def __str__(self) -> str:
        about = f" on {self.subject}" if self.subject else ""
        where = f" in {self.region}" if self.region else ""
        text = f"{self.action}{about}{where}: {self.code}: {self.message.strip().rstrip('.')}."
        text += f" {self.hint}" if self.hint else ""
        return text + (f" (request {self.request_id})" if self.request_id else "")


class Temporary(CloudError):
    temporary = True


class Throttled(Temporary):
    hint = "Too many calls: try again later, or run fewer topologies at the same time."


class Busy(Temporary):
    hint = "The cloud is still changing it: run it again in a moment."


class Unavailable(Temporary):
    hint = "The service has a fault: run it again later."


class UnknownOutcome(Temporary):
    hint = "No answer came, so it may have happened: run it again, what is there is found."


class TimedOut(Temporary):
    hint = "It takes longer than expected: run it again to go on waiting."


class Permanent(CloudError):
    pass


class NotFound(Permanent):
    hint = "It is not there: plan again to see what is."


class Conflict(Permanent):
    hint = "There is one already: plan again to see it, or choose another name."


class InUse(Permanent):
    hint = "Something that is not ours is in the way: remove that first."


class Refused(Permanent):
    hint = "Check the credentials, their permissions and the account."


class QuotaExceeded(Permanent):
    hint = "Ask for a higher quota, or remove what is not needed."


class Invalid(Permanent):
    hint = "The cloud does not take these values: put them right in the topology file."


class Fatal(Permanent):
    pass


KINDS: dict[str, type[CloudError]] = {
    "throttled": Throttled,
    "busy": Busy,
    "unavailable": Unavailable,
    "not_found": NotFound,
    "conflict": Conflict,
    "in_use": InUse,
    "refused": Refused,
    "quota": QuotaExceeded,
    "invalid": Invalid,
    "fatal": Fatal,
}


def classify(
    product: str,
    action: str,
    code: str,
    message: str,
    http_status: int | None,
    *,
    region: str = "",
    request_id: str = "",
    subject: str = "",
    retry_after: float | None = None,
) -> CloudError:
    """The error of a refused call, by the table of codes (``codes``)."""
    kind = KINDS[codes.kind_of(product, action, code, http_status)]
    return kind(
        action=action,
        product=product,
        region=region,
        code=code,
        message=message,
        request_id=request_id,
        http_status=http_status,
        subject=subject,
        retry_after=retry_after,
    )
