"""BssOpenApi (2017-12-14): what the Terraform provider asks at its start, and the price calls.

The amounts are plainly invented (choice): nobody shall take one for a price. What is not in the short list of what
can be priced is answered like the real service does: HTTP 200, no success, a message with the known word in it.
"""

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

INVENTED = {"PromotionId": 0, "PromotionName": "embedded cloud", "PromotionDesc": "invented amount, not a price"}
NOT_PRICED = "PRICE.PRICING_PLAN_RESULT_NOT_FOUND: this product, module or configuration has no price"
MBPS_MONTH = 111.11
"""Of a bandwidth plan, per Mbit/s and month."""
INSTANCE_HOUR = 0.1111
"""Of an ECS instance, the reference form of the price call."""


@service.action("QueryAvailableInstances")
def query_available_instances(call: Call) -> dict[str, Any]:
    """This cloud sells nothing through this product, so the list is empty for every account."""
    number, size = call.params.integer("PageNum", 1, least=1), call.params.integer("PageSize", 20, least=1, most=300)
    page = {"PageNum": number, "PageSize": size, "TotalCount": 0, "InstanceList": []}
    return {"Code": "Success", "Message": "Successful!", "Success": True, "Data": page}


@service.action("GetSubscriptionPrice", required=("ProductCode", "SubscriptionType", "OrderType"))
def get_subscription_price(call: Call) -> dict[str, Any]:
    """A bandwidth plan is priced; its regions must be given, as every attribute of a module must."""
    config = _config(call, "bandwidth") if call.params.text("ProductCode") == "cbn" else {}
    if not {"bandwidth", "RegionA", "RegionB"} <= config.keys() or not config["bandwidth"].isdigit():
        return _not_priced()
    months = call.params.integer("ServicePeriodQuantity", 1, least=1)
    months *= 12 if call.params.text("ServicePeriodUnit", "Month") == "Year" else 1
    quantity = call.params.integer("Quantity", 1, least=1)
    amount = round(MBPS_MONTH * int(config["bandwidth"]) * months * quantity, 2)
    prices = {"OriginalPrice": amount, "DiscountPrice": 0, "TradePrice": amount, "Quantity": quantity}
    return _priced(prices, "bandwidth", amount)


@service.action("GetPayAsYouGoPrice", required=("ProductCode", "SubscriptionType"))
def get_pay_as_you_go_price(call: Call) -> dict[str, Any]:
    """Of the reference form alone; nothing that this cloud has is known to be priced by this call."""
    if call.params.text("ProductCode") != "ecs" or not _config(call, "InstanceType"):
        return _not_priced()
    return _priced({}, "InstanceType", INSTANCE_HOUR)


def _config(call: Call, module: str) -> dict[str, str]:
    """The attributes of the module as asked: ``Key:value,Key2:value2``. Empty without the module."""
    for asked in call.params.structs("ModuleList"):
        if asked.get("ModuleCode") == module:
            pairs = (pair.partition(":") for pair in str(asked.get("Config", "")).split(","))
            return {key: value for key, colon, value in pairs if colon and value}
    return {}


def _priced(prices: dict[str, Any], module: str, amount: float) -> dict[str, Any]:
    detail = {"ModuleCode": module, "OriginalCost": amount, "CostAfterDiscount": amount, "InvoiceDiscount": 0}
    data = {
        "Currency": "CNY",
        **prices,
        "ModuleDetails": {"ModuleDetail": [detail]},
        "PromotionDetails": {"PromotionDetail": [INVENTED]},
    }
    return {"Code": "Success", "Message": "Successful!", "Success": True, "Data": data}


def _not_priced() -> dict[str, Any]:
    return {"Code": "PriceNotFound", "Message": NOT_PRICED, "Success": False}
