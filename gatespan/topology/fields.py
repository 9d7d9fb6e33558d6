"""What the models of the topology file are made of: the frozen base, and the types that several of them use."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
)

from gatespan.topology import names
from gatespan.topology.cidr import check_address, check_cidr

Method = Literal["GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS", "ANY"]
Stage = Literal["RELEASE", "PRE", "TEST"]
WireProtocol = Literal["HTTP", "HTTPS"]
Auth = Literal["anonymous", "app_code", "signature"]
Months = Literal[1, 2, 3, 6, 12, 24, 36]


def _digits_as_text(value: object) -> object:
    """`size: 1000` is a number to YAML and text to HTTP: take it, the meaning is plain."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def named_grant(value: object) -> object:
    """`grant: orders_backend` is short for `grant: {name: orders_backend}`."""
    return {"name": value} if isinstance(value, str) else value


Cidr = Annotated[str, AfterValidator(check_cidr)]
Address = Annotated[str, AfterValidator(check_address)]
Text = Annotated[str, BeforeValidator(_digits_as_text)]
Headers = dict[
    Annotated[str, AfterValidator(names.check_header_name)],
    Annotated[Text, AfterValidator(names.check_header)],
]
Label = Annotated[str, AfterValidator(names.check_label)]
Region = Annotated[str, AfterValidator(names.check_region), Field(examples=["cn-hangzhou"])]


class Model(BaseModel):
    """Frozen; unknown keys are errors; fields may be given by name or by alias."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True, defer_build=True)
