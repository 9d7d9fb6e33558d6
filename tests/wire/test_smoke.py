from __future__ import annotations
from alibabacloud_vpc20160428 import models as m

def test_a(cloud):
    r = cloud.vpc().create_vpc(m.CreateVpcRequest(region_id="cn-hangzhou", cidr_block="10.0.0.0/8"))
    assert r.body.vpc_id
    r = cloud.vpc().describe_vpcs(m.DescribeVpcsRequest(region_id="cn-hangzhou"))
    assert r.body.total_count == 1

def test_b(cloud):
    r = cloud.vpc().describe_vpcs(m.DescribeVpcsRequest(region_id="cn-hangzhou"))
    assert r.body.total_count == 0
