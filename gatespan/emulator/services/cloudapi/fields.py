"""The field names of an API definition as answers spell them (SDK), and how names in other spellings are matched."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any


def words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


REQUEST = words(
    "RequestProtocol RequestHttpMethod RequestPath RequestMode BodyFormat PostBodyDescription EscapePathParam BodyModel"
)
SERVICE = words(
    "ServiceProtocol ServiceAddress ServicePath ServiceHttpMethod ServiceTimeout ServiceVpcEnable ContentTypeCatagory "
    "ContentTypeValue AoneAppName Mock MockResult MockStatusCode MockHeaders FunctionComputeConfig VpcConfig OssConfig "
    "EventBridgeConfig"
)
FUNCTION = words(
    "FcVersion FcType RegionId FcBaseUrl FunctionName ServiceName Path Method OnlyBusinessPath RoleArn Qualifier "
    "TriggerName ContentTypeCatagory ContentTypeValue"
)
VPC = words("Name VpcId InstanceId Port VpcScheme")
VPC_MODEL = (*VPC, "VpcAccessId")
OSS = words("OssRegionId BucketName Key Action")
EVENT_BRIDGE = words("EventBridgeRegionId EventBus EventSource RoleArn")
OPEN_ID = words("IdTokenParamName OpenIdApiType PublicKey PublicKeyId")
MOCK_HEADER = words("HeaderName HeaderValue")

ARRAYS: Mapping[str, tuple[str, ...]] = {
    "RequestParameters": words(
        "ApiParameterName Location ParameterType Required DefaultValue DemoValue Description ArrayItemsType DocShow "
        "EnumValue JsonScheme RegularExpression DocOrder MaxLength MinLength MaxValue MinValue"
    ),
    "ServiceParameters": words("ServiceParameterName Location ParameterType ParameterCatalog"),
    "ServiceParametersMap": words("RequestParameterName ServiceParameterName"),
    "ConstantParameters": words("ServiceParameterName ConstantValue Location Description"),
    "SystemParameters": words("ParameterName ServiceParameterName Location DemoValue Description"),
    "ErrorCodeSamples": words("Code Message Description Model"),
    "ResultDescriptions": words("Id Pid HasChild Key Name Mandatory Type Description"),
}
"""The elements of the parameter arrays; the first field of each is mandatory."""

OTHER_SPELLINGS = {
    "fcregionid": "RegionId",
    "aonename": "AoneAppName",
    "apiparameterdescription": "Description",
}
"""Names that requests use where answers use another (SDK, Terraform provider)."""


def spell(raw: Mapping[str, Any], fields: Iterable[str]) -> dict[str, Any]:
    """The known keys of a JSON object in the answers' spelling, whatever the case they came in; others are dropped."""
    known = {f.lower(): f for f in fields}
    known |= {other: f for other, f in OTHER_SPELLINGS.items() if f in known.values()}
    return {known[k.lower()]: v for k, v in raw.items() if k.lower() in known and v is not None}
