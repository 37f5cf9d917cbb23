import pytest
from domain.order import ChannelShipment
from domain.fulfillment import Stage
from activities.observation import observe
from tests.builders import *
from tests.stores.scenes import add_part, receive, record_order, seed_catalog, walk
from infra.database.cipher import Cipher
from infra.database.engine import create_engine
from infra.database.record import PostgresRecord

@pytest.mark.parametrize("stage",[Stage.PLANNED,Stage.RELEASED,Stage.LABELLED,Stage.HANDED_OVER])
async def test_x(database_url, stage):
    engine=create_engine(database_url)
    record=PostgresRecord(engine,Cipher(bytes(32)))
    await seed_catalog(record); await receive(record,10)
    o=channel_order(channel_line(quantity=2))
    oid=await record_order(record,o)
    part=await add_part(record, fulfillment(oid, quantities={"1":2}), reserve=True)
    if stage is not Stage.PLANNED: await walk(record, part, stage)
    seen=channel_order(channel_line(quantity=2), shipments=(ChannelShipment(tracking_number="HAND-1",quantities={"1":2}),))
    try:
        async with record.begin() as tx:
            print(stage, await observe(tx, await tx.orders.load(oid,lock=True), seen, NOW))
    finally:
        await engine.dispose()
