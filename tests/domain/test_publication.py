"""When a channel is to be told a quantity again."""

from __future__ import annotations

from datetime import timedelta

import pytest

from domain.publication import Publication, PublicationState
from tests.builders import ACCOUNT, NOW


def told(state: PublicationState, failures: int = 0) -> Publication:
    return Publication(
        account=ACCOUNT, listing_id="L", quantity=5, version=1, state=state, sent_at=NOW, failures=failures
    )


@pytest.mark.parametrize("state", PublicationState)
def test_another_quantity_is_told_at_once(state: PublicationState) -> None:
    assert told(state, failures=9).is_due(4, NOW)


def test_what_the_channel_took_is_not_told_again() -> None:
    assert not told(PublicationState.TAKEN).is_due(5, NOW + timedelta(days=9))


def test_what_nobody_knows_the_end_of_is_told_again_at_once() -> None:
    assert told(PublicationState.SENDING).is_due(5, NOW)


@pytest.mark.parametrize(("failures", "pause"), [(1, 60), (3, 240), (30, 3600)])
def test_what_was_refused_is_told_again_after_a_pause_that_doubles_up_to_an_hour(failures: int, pause: int) -> None:
    row = told(PublicationState.FAILED, failures)
    assert not row.is_due(5, NOW + timedelta(seconds=pause - 1))
    assert row.is_due(5, NOW + timedelta(seconds=pause))
