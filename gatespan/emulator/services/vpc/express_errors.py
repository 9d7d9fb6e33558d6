"""The refusals of Express Connect: circuits, border routers, BGP, router interfaces, grants. ``errors`` words them.

Codes from the help pages, misspellings included, and from the Terraform provider; those marked *choice* are choices
of the embedded cloud where no page names one.
"""

from __future__ import annotations

from collections.abc import Mapping

STATE = "The status of the resource does not allow this operation."

MESSAGES: Mapping[str, str] = {
    "InvalidFilterKey.ValueNotSupported": "The specified filter key is not supported.",
    "InvalidName.Malformed": "The specified name is not valid.",
    "InvalidDescription.Malformed": "The specified description is not valid.",
    # circuits
    "Invalid.Status": "A physical connection in its present state does not allow this: too many wait, or it is unfit.",
    "InvalidAccessPointId.NotEnabled": "The specified access point does not exist or takes no new line.",
    "InvalidType.Malformd": "The specified type is not valid.",
    "InvalidPeerLocation.Malformd": "The specified peer location is not valid.",
    "InvalidLineOperator.Malformd": "The specified line operator is not valid.",
    "InvalidPortType.Malformd": "The specified port type is not valid.",
    "InvalidPhysicalConnectionId.NotFound": "The specified physical connection does not exist.",
    "InvalidPhysicalConnectionId.NotEnabled": "The specified physical connection is not enabled.",
    "InvalidPhysicalConnectionBusinessStatus": "The physical connection is locked: its bill is open or it is unsafe.",
    "Forbidden.NotAllowedInState": STATE,
    "INSTANCE.STATUS.NOT.ALLOW": "The business status of the instance does not allow this operation.",
    "Forbidden.VbrAttached": "A virtual border router is left on the physical connection.",
    "Forbidden.VBRExists": "A virtual border router was made on the physical connection.",
    "Forbidden.AssociateToVBR": "The physical connection is associated with a virtual border router.",
    "OperationFailed.VpconnAttached": "A hosted connection is left on the physical connection.",
    "OperationDenied.NeedVpconnOwner": "Only the owner of the hosted connection may do this.",
    # border routers
    "InvalidVbrId.NotFound": "The specified virtual border router does not exist.",
    "InvalidVbrOwnerId.NotFound": "The specified owner of the virtual border router does not exist.",
    "InvalidVlanId.Malformed": "The specified VLAN id is not valid.",
    "InvalidVlanId.Used": "The specified VLAN id is in use on the physical connection.",
    "InvalidCircuitCode.Malformed": "The specified circuit code is not valid.",
    "InvalidLocalGatewayIp.Malformed": "The specified gateway address on the cloud's side is not valid.",
    "InvalidIp.Malformed": "The specified gateway address is not valid.",
    "InvalidPeeringSubnetMask.Malformed": "The specified mask of the interconnect is not valid.",
    "InvalidIp.NotSameSubnet": "The two gateway addresses are not two hosts of one subnet.",
    "QuotaExceeded.vbrPerpConn": "The quota of virtual border routers on the physical connection is exceeded.",
    "QuotaExceeded.freevbr": "The quota of idle virtual border routers is exceeded.",
    "InvalidOperation.OperationNotAllowedInState": STATE,
    "Forbidden.OperationNotAllowedByUser": "Only the owner of the physical connection may do this.",
    "Forbidden.VlanIdNotAllowedByCaller": "Only the owner of the physical connection may set the VLAN id.",
    "Forbidden.CircuitCodeNotAllowedByCaller": "Only the owner of the physical connection may set the circuit code.",
    "OperationFailed.VlanIdAlreadyInUse": "The VLAN id was taken while the virtual border router was terminated.",
    "InvalidOperation.RouterInterfaceNotDeleted": "Router interfaces are left on the virtual border router.",
    "DependencyViolation.RouterInterfaceReferedByRouteEntry": "A route entry still points at the router interface.",
    "DependencyViolation.BgpGroup": "BGP groups are left on the virtual border router.",
    "DependencyViolation.CenAttachment": "The virtual border router is attached to a CEN.",  # choice
    "InvalidStatus.NotAllowed": "A further physical connection is still associated.",
    "InvalidInstanceId.NotFound": "The specified instance does not exist.",
    "EXCEED_ASSOCIATE_MAX_NUM": "The number of associated physical connections exceeds the limit.",
    "PHYSICAL_NOT_ALLOW_ASSOCIATE_VBR": "The physical connection cannot be associated with the virtual border router.",
    "InvalidStatus.StatusNotEnabled": "The physical connection is not enabled.",
    "PHYSICAL_NOT_ASSOCIATE_TO_VBR": "The physical connection is not an additional one of the virtual border router.",
    "PARAMETER_MUST_NOT_NULL": "LocalGatewayIp, PeerGatewayIp and PeeringSubnetMask are required together.",
    "ROUTER_INTERFACE_REFERED_BY_ROUTEENTRY": "A route entry still points at the interface of the physical connection.",
    "InvalidVBRStatus": "The virtual border router of the route table is not active.",
    # BGP
    "QuotaExceeded.Bgp": "The quota of BGP peers is exceeded.",
    "QuotaExceeded.BgpNetwork": "The quota of BGP networks is exceeded.",
    "InvalidVbrNetwork": "The specified BGP network is not valid.",
    "InvalidBgpGroup": "The specified BGP group does not exist.",
    "InvalidPeerIpAddress": "The specified address of the BGP peer is not valid.",
    "InvalidPeerAsn.Malformed": "The specified peer ASN is not valid.",
    "InvalidBgpName.Malformed": "The specified name of the BGP group is not valid.",
    "InvalidBgpDescription.Malformed": "The specified description of the BGP group is not valid.",
    "InvalidBgpAuthkey.Malformed": "The specified BGP key is not valid.",
    "InvalidParams.NotFound": "The specified resource does not exist.",
    "InvalidParams.AlreadyExists": "The specified resource exists already.",
    "InvalidStatus.CannotOperate": STATE,
    "InvalidResource.NotFound": "The specified BGP network does not exist.",
    "DependencyViolation.BgpPeer": "BGP peers are left in the group.",
    # router interfaces
    "InvalidRouterInterfaceId.NotFound": "The specified router interface does not exist.",
    "InvalidInstance.StatusError": "The status of the router does not allow this operation.",
    "IncorrectStatus.CenStatus": "The attachment of the VPC to a transit router is being changed.",
    "IncorrectRole.NotInitiatingSide": "The router interface is not the initiating side.",
    "IncorrectOppositeInterfaceInfo": "The opposite router interface does not point back at this one.",
    "IncorrectOppositeInterfaceInfo.NotSet": "The opposite router interface is not set.",
    "Forbidden.OnlyOneConnection": "The two routers are connected already.",
    "QuotaExceeded.RouterInterface": "The quota of router interfaces of the router is exceeded.",  # choice
    "InvalidRouterInterfaceChargeType.Malformed": "A subscription router interface cannot be deleted.",
    "DependencyViolation.RouterInterface": "A router interface is left on the VPC.",
}

STATUS: Mapping[str, int] = {
    "InvalidFilterKey.ValueNotSupported": 404,
    "Forbidden.OperationNotAllowedByUser": 403,
    "Forbidden.VlanIdNotAllowedByCaller": 403,
    "Forbidden.CircuitCodeNotAllowedByCaller": 403,
    "InvalidRouterInterfaceChargeType.Malformed": 500,
}
"""HTTP status by code, where it is not 400 nor, as for all ``...Id.NotFound``, 404. ``InvalidVbrId.NotFound`` is 400
when a border router is modified, as documented."""
