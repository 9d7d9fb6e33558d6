"""Somebody who breaks things by hand, with the vendor's own SDK."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from alibabacloud_cbn20170912 import models
from alibabacloud_cbn20170912.client import Client
from alibabacloud_tea_openapi.models import Config

KEY = ("embedded", "embedded-secret")


def cut_off(cloud: str, region: str) -> str:
    """Take the association of the region's only VPC attachment away; the attachment's id."""
    config = Config(
        access_key_id=KEY[0],
        access_key_secret=KEY[1],
        endpoint=urlsplit(cloud).netloc,
        protocol="http",
        region_id=region,
    )
    cbn = Client(config)
    [attachment] = cbn.list_transit_router_vpc_attachments(
        models.ListTransitRouterVpcAttachmentsRequest(region_id=region)
    ).body.transit_router_attachments
    router: Any = attachment.transit_router_id
    tables = cbn.list_transit_router_route_tables(
        models.ListTransitRouterRouteTablesRequest(transit_router_id=router)
    ).body.transit_router_route_tables
    id = str(attachment.transit_router_attachment_id)
    cbn.dissociate_transit_router_attachment_from_route_table(
        models.DissociateTransitRouterAttachmentFromRouteTableRequest(
            transit_router_attachment_id=id,
            transit_router_route_table_id=tables[0].transit_router_route_table_id,
        )
    )
    return id
