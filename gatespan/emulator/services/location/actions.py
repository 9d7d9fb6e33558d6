"""DescribeEndpoints: Terraform, the CLI and the Go SDKs ask it when they know no address themselves."""

from __future__ import annotations

from typing import Any

from gatespan.emulator.call import Call
from gatespan.emulator.regions import regions
from gatespan.emulator.service import Service
from gatespan.emulator.services.location.errors import CODES, illegal_region

service = Service("Location", "2015-06-12", CODES)

CENTRAL = ("vpc", "cbn", "cen", "sts", "location", "bssopenapi")
REGIONAL = ("apigateway", "cloudapi", "fc", "fc-open")
"""Service codes as clients send them (Terraform provider, CLI)."""


@service.action("DescribeEndpoints", required=("Id", "ServiceCode"))
def describe_endpoints(call: Call) -> dict[str, Any]:
    """``Id`` is the region. A product that this cloud does not have gets an empty list, as an unknown one does."""
    region, code = call.params.text("Id"), call.params.text("ServiceCode").lower()
    kind = call.params.text("Type", "openAPI")
    if region not in regions(call.world):
        raise illegal_region(region)
    rows = []
    if code in CENTRAL + REGIONAL and kind == "openAPI":
        address = call.endpoints.of(code in REGIONAL, region)
        rows = [
            {
                "Endpoint": address,
                "Id": region,
                "Namespace": "",
                "SerivceCode": code,  # spelt so by the real service
                "Type": kind,
                "Protocols": {"Protocols": ["HTTP"]},
            }
        ]
    return {"Endpoints": {"Endpoint": rows}, "Success": True}
