"""The way to Temporal, against a real server."""

from datetime import timedelta

import pytest
from temporalio.api.operatorservice.v1 import ListSearchAttributesRequest, RemoveSearchAttributesRequest
from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest
from temporalio.client import Client

from infra.settings import Settings
from infra.stack.ports import pick_free
from infra.temporal import SEARCH_ATTRIBUTES, TemporalError, connect, ensure_namespace_ready, external_address

pytestmark = pytest.mark.stack


async def test_a_ready_namespace_knows_our_attributes_and_remembers_for_30_days(temporal_client: Client) -> None:
    await ensure_namespace_ready(temporal_client)
    described = await temporal_client.workflow_service.describe_namespace(DescribeNamespaceRequest(namespace="default"))
    assert described.config.workflow_execution_retention_ttl.ToTimedelta() == timedelta(days=30)
    assert await _known(temporal_client) >= {key.name for key in SEARCH_ATTRIBUTES}


async def test_an_attribute_that_was_removed_is_registered_again(temporal_client: Client) -> None:
    name = SEARCH_ATTRIBUTES[0].name
    await temporal_client.operator_service.remove_search_attributes(
        RemoveSearchAttributesRequest(namespace="default", search_attributes=[name])
    )
    assert name not in await _known(temporal_client)
    await ensure_namespace_ready(temporal_client)
    assert name in await _known(temporal_client)


async def test_a_server_that_does_not_answer_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEMPORAL_CONFIG_FILE", "/dev/null")
    (port,) = pick_free(1)
    with pytest.raises(TemporalError, match=f"127.0.0.1:{port}"):
        await connect(Settings(temporal_port=port))


async def test_temporals_own_environment_comes_first(monkeypatch: pytest.MonkeyPatch, temporal_server: str) -> None:
    monkeypatch.setenv("TEMPORAL_ADDRESS", temporal_server)
    monkeypatch.setenv("TEMPORAL_NAMESPACE", "default")
    assert external_address() == temporal_server
    client = await connect(Settings(temporal_port=pick_free(1)[0]))
    assert client.service_client.config.target_host == temporal_server


async def _known(client: Client) -> set[str]:
    listed = await client.operator_service.list_search_attributes(ListSearchAttributesRequest(namespace="default"))
    return set(listed.custom_attributes)
