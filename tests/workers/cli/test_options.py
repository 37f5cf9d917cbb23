from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from pydantic import ValidationError

from domain.order import HoldReason
from domain.ports.stores.order import KeptOrder
from infra.database.reports.waiting import WaitingWorkflow
from workers.cli.errors import ExitCode, Problem, explain
from workers.cli.options import read_choice, read_moment, read_pair, read_span, read_units, read_whole
from workers.cli.output import plain
from workers.cli.verb_sending import choose_targets

ORDER, RETURN, REFUND = "order/shop/1", "order/shop/1/return/R1", "order/shop/1/refund/1"


@pytest.mark.parametrize("text", ["1", "=2", "1=", "1=0", "1=-1", "1=1.5", "1=two", "1=99999999999999999999", "1=²",
                                  "1=00000000019999999"])  # fmt: skip
def test_units_that_cannot_be_meant_are_wrong_usage(text: str) -> None:
    with pytest.raises(Problem) as refused:
        read_units([text])
    assert refused.value.exit_code is ExitCode.USAGE


@pytest.mark.parametrize("text", ["-1", "1000001", "00000000009999999999", "-00000000001", "--1", "", "1_0", "٣"])
def test_whole_numbers_that_cannot_be_meant_are_wrong_usage(text: str) -> None:
    with pytest.raises(Problem, match="expected a whole number from 0 to 1000000"):
        read_whole(text, 0)


@pytest.mark.parametrize("text", ["0m", "25h", "m", "30", "-1m", "99999999999999999999d", "00000000019999m"])
def test_spans_that_cannot_be_meant_are_wrong_usage(text: str) -> None:
    with pytest.raises(Problem, match="at most 1 day"):
        read_span(text, "--for", timedelta(days=1))


def test_units_of_a_line_that_is_named_twice_add_up() -> None:
    assert read_units(["a=1", "b=2=3", "a=4"]) == {"a": 5, "b=2": 3}


def test_the_last_equals_sign_parts_a_pair() -> None:
    assert read_pair("L=1=TEA", "--sku") == ("L=1", "TEA")


def test_a_wrong_word_is_answered_with_the_right_ones() -> None:
    assert read_choice(HoldReason, "FRAUD", "--hold") is HoldReason.FRAUD
    with pytest.raises(Problem, match="payment, fraud, address, operator"):
        read_choice(HoldReason, "mood", "--hold")


def test_a_moment_without_a_zone_is_utc() -> None:
    assert read_moment("2026-01-31", "--since") == datetime(2026, 1, 31, tzinfo=UTC)


@pytest.mark.parametrize("text", ["yesterday", "9999-12-31T23:59-14:00", "0001-01-01T00:00+14:00"])
def test_what_is_no_moment_is_wrong_usage(text: str) -> None:
    with pytest.raises(Problem, match="expected a moment"):
        read_moment(text, "--since")


def test_what_came_from_outside_cannot_steer_the_terminal() -> None:
    assert plain("a\x1b[2Jb\nc") == "a�[2Jb�c"


def test_a_defect_is_not_told_as_a_mistake_of_the_user() -> None:
    with pytest.raises(ValidationError) as defect:
        KeptOrder.model_validate({})
    assert explain(defect.value) is None


def test_an_open_order_hears_a_retry_before_its_returns_and_refunds() -> None:
    waits = [WaitingWorkflow(workflow_id=each, cause="adapter:shop") for each in (REFUND, ORDER, RETURN, REFUND)]
    assert choose_targets("shop/1", waits, "", is_open=True) == [ORDER, REFUND, RETURN]
    assert choose_targets("shop/1", waits, "", is_open=False) == [REFUND, RETURN]


def test_a_decision_goes_to_the_workflow_that_waits_for_it() -> None:
    waits = [WaitingWorkflow(workflow_id=REFUND, cause="effect:refund:shop/1/refund/1#1")]
    assert choose_targets("shop/1", waits, "refund:shop/1/refund/1#1", is_open=True) == [REFUND]
    assert choose_targets("shop/1", waits, "label:other#1", is_open=True) == [ORDER]
    assert choose_targets("shop/1", waits, "label:other#1", is_open=False) == []
