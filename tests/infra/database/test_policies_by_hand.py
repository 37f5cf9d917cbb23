"""Policies that somebody wrote into the database past the command."""

from __future__ import annotations

import logging
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.errors import Unavailable
from domain.sourcing import SourcingPolicy
from infra.database.record import PostgresRecord
from tests.builders import NOW

WRITE = text("""
    INSERT INTO sourcing_policies (policy, author, comment, valid_from)
    VALUES (CAST(:policy AS jsonb), 'dba', '', :valid_from)""")


async def test_an_impossible_policy_stops_planning_with_a_word_until_another_is_loaded(
    record: PostgresRecord, engine: AsyncEngine, caplog: pytest.LogCaptureFixture
) -> None:
    async with engine.begin() as connection:
        await connection.execute(WRITE, {"policy": '{"split": -1}', "valid_from": NOW})
    words = r"version 1 of the sourcing policy is impossible: split: .*load another: crossdock policies load"
    with caplog.at_level(logging.ERROR):
        for _ in range(2):
            with pytest.raises(Unavailable, match=words):
                async with record.begin() as tx:
                    await tx.sourcing.read(NOW)
    assert len(caplog.records) == 1
    async with record.begin() as tx:
        await tx.sourcing.add_policy(SourcingPolicy(split=7), "ops", "", NOW + timedelta(hours=1))
    async with record.begin() as tx:
        assert (await tx.sourcing.read(NOW + timedelta(hours=1))).policy.split == 7
        assert [each.version for each in await tx.sourcing.policies()] == [2]
        assert await tx.sourcing.decisions() == ()


async def test_a_policy_that_was_written_by_hand_holds_like_any_other(
    record: PostgresRecord, engine: AsyncEngine
) -> None:
    async with engine.begin() as connection:
        await connection.execute(WRITE, {"policy": '{"split": 7}', "valid_from": NOW})
    async with record.begin() as tx:
        assert (await tx.sourcing.read(NOW)).policy == SourcingPolicy(split=7)
