"""What whole lives share: a Temporal namespace of each test's own, since every world numbers its orders alike."""

from __future__ import annotations

from itertools import count

import pytest
from google.protobuf.duration_pb2 import Duration
from temporalio.api.workflowservice.v1 import RegisterNamespaceRequest
from temporalio.client import Client

from infra.temporal import RETENTION, ensure_namespace_ready

_numbers = count(1)


@pytest.fixture
async def own_client(temporal_server: str, temporal_client: Client) -> Client:
    """A client of a fresh namespace on the one server of the test run."""
    name = f"town-{next(_numbers)}"
    retention = Duration()
    retention.FromTimedelta(RETENTION)
    await temporal_client.workflow_service.register_namespace(
        RegisterNamespaceRequest(namespace=name, workflow_execution_retention_period=retention)
    )
    client = await Client.connect(temporal_server, namespace=name, data_converter=temporal_client.data_converter)
    await ensure_namespace_ready(client)
    return client
