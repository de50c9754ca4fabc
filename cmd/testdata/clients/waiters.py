"""Drives a sandbox with boto3 and its waiters, and prints what it finds.

usage: waiters.py ENDPOINT
"""

import sys

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

options = dict(
    endpoint_url=sys.argv[1],
    region_name="us-east-1",
    aws_access_key_id="any",
    aws_secret_access_key="any",
    config=Config(retries={"max_attempts": 0}),
)
ec2 = boto3.client("ec2", **options)
image = "ami-0a1b2c3d4e5f60000"


def wait(state, **parameters):
    # A waiter looks at once, and then every 15 seconds unless it is told otherwise.
    ec2.get_waiter(state).wait(WaiterConfig={"Delay": 1, "MaxAttempts": 60}, **parameters)
    print("waited:", state)


def refused(call, **parameters):
    try:
        call(**parameters)
    except ClientError as e:
        print("refused:", e.response["Error"]["Code"], e.response["ResponseMetadata"]["HTTPStatusCode"])
    else:
        print("not refused")


def state(instance):
    return ec2.describe_instances(InstanceIds=[instance])["Reservations"][0]["Instances"][0]["State"]["Name"]


print(boto3.client("sts", **options).get_caller_identity()["Arn"])
print("regions:", *[r["RegionName"] for r in ec2.describe_regions()["Regions"]])
print("zones:", *[z["ZoneName"] for z in ec2.describe_availability_zones()["AvailabilityZones"]])
default = ec2.describe_vpcs(Filters=[{"Name": "is-default", "Values": ["true"]}])["Vpcs"]
print("default VPC:", *[v["VpcId"] for v in default])

launched = ec2.run_instances(
    ImageId=image,
    InstanceType="t3.micro",
    MinCount=1,
    MaxCount=1,
    DisableApiStop=True,
    TagSpecifications=[{"ResourceType": "instance", "Tags": [{"Key": "Name", "Value": "web"}]}],
)["Instances"][0]
instance, ids = launched["InstanceId"], {"InstanceIds": [launched["InstanceId"]]}
print("launched:", launched["State"]["Name"], launched["Tags"])
wait("instance_exists", **ids)
wait("instance_running", **ids)
wait("instance_status_ok", **ids)
wait("system_status_ok", **ids)
wait("volume_in_use", Filters=[{"Name": "attachment.instance-id", "Values": [instance]}])
wait("vpc_available", VpcIds=[launched["VpcId"]])
wait("subnet_available", SubnetIds=[launched["SubnetId"]])
wait("image_available", ImageIds=[image])
wait("key_pair_exists", KeyNames=["service-desk"])
wait("security_group_exists", GroupIds=["sg-0a1b2c3d4e5f60000"])

ec2.create_tags(Resources=[instance], Tags=[{"Key": "team", "Value": "web"}, {"Key": "Name", "Value": "web-1"}])
ec2.delete_tags(Resources=[instance], Tags=[{"Key": "team"}])
pages = ec2.get_paginator("describe_tags").paginate(
    Filters=[{"Name": "resource-id", "Values": [instance]}], PaginationConfig={"PageSize": 5}
)
print("tags:", {t["Key"]: t["Value"] for page in pages for t in page["Tags"]})

refused(ec2.stop_instances, **ids)
ec2.modify_instance_attribute(InstanceId=instance, DisableApiStop={"Value": False})
ec2.stop_instances(Force=True, **ids)
wait("instance_stopped", **ids)
ec2.modify_instance_attribute(InstanceId=instance, InstanceType={"Value": "t3.small"})
ec2.modify_instance_attribute(InstanceId=instance, UserData={"Value": b"#!/bin/sh\n"})
shown = ec2.describe_instance_attribute(InstanceId=instance, Attribute="instanceType")
print("type:", shown["InstanceType"]["Value"])
shown = ec2.describe_instance_attribute(InstanceId=instance, Attribute="userData")
print("user data:", shown["UserData"]["Value"])
ec2.start_instances(**ids)
wait("instance_running", **ids)

refused(ec2.terminate_instances, DryRun=True, **ids)
print("after a dry run:", state(instance))
refused(ec2.describe_snapshots)
refused(ec2.run_instances, ImageId=image, MinCount=1, MaxCount=1, EbsOptimized=True)
refused(ec2.describe_instances, InstanceIds=["i-0a1b2c3d"])
ec2.terminate_instances(**ids)
wait("instance_terminated", **ids)
