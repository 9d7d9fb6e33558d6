"""BssOpenApi (2017-12-14), as little of it as the Terraform provider asks at its start: no bought instances."""

from __future__ import annotations

from typing import Any

from gatespan.emulator.call import Call
from gatespan.emulator.errors import CloudError
from gatespan.emulator.params import Codes
from gatespan.emulator.service import Service

CODES = Codes(
    missing=lambda name: CloudError("MissingParameter", f"The input parameter {name} is mandatory."),
    invalid=lambda name, value: CloudError("InvalidParameter", f"The parameter {name} is not valid: {value!r}."),
)
service = Service("BssOpenApi", "2017-12-14", CODES)


@service.action("QueryAvailableInstances")
def query_available_instances(call: Call) -> dict[str, Any]:
    """This cloud sells nothing through this product, so the list is empty for every account."""
    number, size = call.params.integer("PageNum", 1, least=1), call.params.integer("PageSize", 20, least=1, most=300)
    page = {"PageNum": number, "PageSize": size, "TotalCount": 0, "InstanceList": []}
    return {"Code": "Success", "Message": "Successful!", "Success": True, "Data": page}
