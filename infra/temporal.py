"""The way to Temporal: one client for every process, and the namespace made ready for it."""

import asyncio
import logging
from datetime import timedelta
from typing import Any, Final

from google.protobuf.duration_pb2 import Duration
from temporalio.api.enums.v1 import IndexedValueType
from temporalio.api.namespace.v1 import NamespaceConfig
from temporalio.api.operatorservice.v1 import AddSearchAttributesRequest, ListSearchAttributesRequest
from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest, UpdateNamespaceRequest
from temporalio.client import Client
from temporalio.common import SearchAttributeKey
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.envconfig import ClientConfig, ClientConnectConfig
from temporalio.service import RPCError, RPCStatusCode

from infra.settings import Settings

OMS_CHANNEL: Final = SearchAttributeKey.for_keyword("OmsChannel")
OMS_ORDER_ID: Final = SearchAttributeKey.for_keyword("OmsOrderId")
OMS_STAGE: Final = SearchAttributeKey.for_keyword("OmsStage")
OMS_WAITS_FOR: Final = SearchAttributeKey.for_keyword("OmsWaitsFor")
OMS_ATTENTION: Final = SearchAttributeKey.for_bool("OmsAttention")
SEARCH_ATTRIBUTES: Final[tuple[SearchAttributeKey[Any], ...]] = (
    OMS_CHANNEL,
    OMS_ORDER_ID,
    OMS_STAGE,
    OMS_WAITS_FOR,
    OMS_ATTENTION,
)

RETENTION: Final = timedelta(days=30)
CONNECT_WITHIN: Final = timedelta(seconds=15)

_log = logging.getLogger(__name__)


class TemporalError(Exception):
    """Temporal cannot be reached or its namespace cannot be used; the message says what to do."""


def external_address() -> str | None:
    """The server that Temporal's own configuration (TEMPORAL_ADDRESS, TOML profile) names, if it names one."""
    return _environment().get("target_host")


def embedded_address(settings: Settings) -> str:
    """Where the embedded server listens."""
    return f"127.0.0.1:{settings.temporal_port}"


async def connect(settings: Settings, *, address: str | None = None) -> Client:
    """A client of the configured server, else of the embedded one; raises `TemporalError`.

    With `address` that server is taken in plain text, and Temporal's own configuration is not read.
    """
    config = ClientConnectConfig(target_host=address) if address else _environment()
    host = config.setdefault("target_host", embedded_address(settings))
    try:
        async with asyncio.timeout(CONNECT_WITHIN.total_seconds()):
            return await Client.connect(**config, data_converter=pydantic_data_converter)
    except (RuntimeError, TimeoutError) as error:
        raise TemporalError(
            f"no Temporal server answers at {host}: is `crossdock dev` running, and TEMPORAL_ADDRESS right? ({error})"
        ) from error


async def ensure_namespace_ready(client: Client) -> None:
    """Register missing search attributes and keep closed histories for 30 days at least; safe to repeat.

    Raises `TemporalError` when attributes are missing or of another type and this account may not mend it.
    """
    await _register_search_attributes(client)
    await _lengthen_retention(client)


async def _register_search_attributes(client: Client) -> None:
    listed = await client.operator_service.list_search_attributes(
        ListSearchAttributesRequest(namespace=client.namespace)
    )
    known = listed.custom_attributes
    wanted = {key.name: IndexedValueType.ValueType(int(key.indexed_value_type)) for key in SEARCH_ATTRIBUTES}
    if wrong := [name for name, kind in wanted.items() if known.get(name, kind) != kind]:
        raise TemporalError(f"namespace {client.namespace} has these search attributes with another type: {wrong}")
    missing = {name: kind for name, kind in wanted.items() if name not in known}
    if not missing:
        return
    try:
        await client.operator_service.add_search_attributes(
            AddSearchAttributesRequest(namespace=client.namespace, search_attributes=missing)
        )
    except RPCError as error:
        if error.status is not RPCStatusCode.ALREADY_EXISTS:
            names = ", ".join(f"{key.name} ({_type_name(key)})" for key in SEARCH_ATTRIBUTES if key.name in missing)
            raise TemporalError(
                f"add these search attributes to namespace {client.namespace}: {names} ({error.status.name})"
            ) from error


async def _lengthen_retention(client: Client) -> None:
    described = await client.workflow_service.describe_namespace(DescribeNamespaceRequest(namespace=client.namespace))
    if described.config.workflow_execution_retention_ttl.ToTimedelta() >= RETENTION:
        return
    retention = Duration()
    retention.FromTimedelta(RETENTION)
    try:
        await client.workflow_service.update_namespace(
            UpdateNamespaceRequest(
                namespace=client.namespace, config=NamespaceConfig(workflow_execution_retention_ttl=retention)
            )
        )
    except RPCError as error:
        # Orders stay right without it, Postgres is the record; only their histories vanish sooner.
        _log.warning(
            "namespace %s keeps closed histories for less than %s days and may not be changed from here (%s)",
            client.namespace,
            RETENTION.days,
            error.status.name,
        )


def search_attribute_flags() -> list[str]:
    """The attributes as `temporal server start-dev` wants to hear of them."""
    return [f"--search-attribute={key.name}={_type_name(key)}" for key in SEARCH_ATTRIBUTES]


def _type_name(key: SearchAttributeKey[Any]) -> str:
    return key.indexed_value_type.name.title().replace("_", "")


def _environment() -> ClientConnectConfig:
    try:
        return ClientConfig.load_client_connect_config()
    except (RuntimeError, ValueError, OSError) as error:
        raise TemporalError(f"Temporal's own configuration cannot be read: {error}") from error
