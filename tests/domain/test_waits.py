"""A wait in plain words: what it is for, who can clear it, and with which command."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.order import HoldReason
from domain.waits import Cause, CauseKind, advise, hold_cause

ORDER = "shop/1001"
SUBJECTS = {
    CauseKind.SKU: "shop:listing-9",
    CauseKind.STOCK: "TEA-1",
    CauseKind.HOLD: "fraud",
    CauseKind.ADDRESS: f"{ORDER}/F1",
    CauseKind.ADAPTER: "swift",
    CauseKind.OUTAGE: "swift",
    CauseKind.EFFECT: f"label:{ORDER}/F1/P1#1",
    CauseKind.STAFF: f"{ORDER}/F1",
    CauseKind.PICKUP: f"{ORDER}/F1",
    CauseKind.DELIVERY: f"{ORDER}/F1",
    CauseKind.RETURN: f"{ORDER}/R1",
    CauseKind.CONFLICT: "refund",
    CauseKind.DATE: "2026-12-24T00:00:00Z",
    CauseKind.LOCATION: "BER",
    CauseKind.POLICY: "sourcing",
    CauseKind.TRACKING: f"{ORDER}/F1",
    CauseKind.CORRECTION: f"{ORDER}/F1",
}
COMMANDS = {
    CauseKind.SKU: "crossdock retry shop/1001 --sku listing-9=SKU",
    CauseKind.STOCK: "crossdock stock receive TEA-1 LOCATION UNITS",
    CauseKind.HOLD: "crossdock release shop/1001 --hold fraud",
    CauseKind.ADDRESS: "crossdock retry shop/1001 --address FILE",
    CauseKind.ADAPTER: "crossdock retry shop/1001",
    CauseKind.OUTAGE: "crossdock outages end swift",
    CauseKind.EFFECT: "crossdock retry shop/1001",
    CauseKind.STAFF: "crossdock reroute shop/1001",
    CauseKind.PICKUP: "crossdock cancel shop/1001",
    CauseKind.DELIVERY: "crossdock orders history shop/1001",
    CauseKind.RETURN: "crossdock returns list",
    CauseKind.CONFLICT: "crossdock retry shop/1001",
    CauseKind.DATE: "crossdock orders show shop/1001",
    CauseKind.LOCATION: "crossdock locations reopen BER",
    CauseKind.POLICY: "crossdock policies load FILE",
    CauseKind.TRACKING: f"crossdock correct-tracking shop/1001 NUMBER {ORDER}/F1",
    CauseKind.CORRECTION: f"crossdock correct-tracking shop/1001 NUMBER {ORDER}/F1 --told",
}
PEOPLE_ARE_NEEDED = {
    CauseKind.SKU,
    CauseKind.STOCK,
    CauseKind.HOLD,
    CauseKind.ADDRESS,
    CauseKind.EFFECT,
    CauseKind.CONFLICT,
    CauseKind.POLICY,
    CauseKind.TRACKING,
    CauseKind.CORRECTION,
}


@pytest.mark.parametrize("kind", CauseKind)
def test_every_cause_has_the_command_that_helps(kind: CauseKind) -> None:
    advice = advise(ORDER, f"{kind.value}:{SUBJECTS[kind]}")
    assert advice.command.startswith(COMMANDS[kind])
    assert not {"{", "}"} & set(advice.model_dump_json(exclude={"needs_person"})[1:-1])


@pytest.mark.parametrize(
    ("hold", "command"),
    [
        (HoldReason.ADDRESS, f"crossdock release {ORDER} --hold address"),
        (HoldReason.RESTRICTED, "crossdock locations set LOCATION handles=LIST"),
        (HoldReason.CUSTOMS_DATA, "crossdock import skus FILE"),
        (HoldReason.TRACING, f"crossdock release {ORDER} --hold tracing"),
        (HoldReason.AGE_CHECK, f"crossdock release {ORDER} --hold age-check"),
    ],
)
def test_a_hold_is_mended_where_it_can_be_and_released_only_where_it_cannot(hold: HoldReason, command: str) -> None:
    advice = advise(ORDER, hold_cause(hold.value, ORDER))
    assert (advice.waits_for, advice.command) == (f"the hold '{hold.value}' to end", command)
    assert ("--address" in advice.cleared_by) is (hold is HoldReason.ADDRESS)


@pytest.mark.parametrize("kind", CauseKind)
def test_every_cause_says_whether_a_person_has_to_act(kind: CauseKind) -> None:
    assert advise(ORDER, f"{kind.value}:{SUBJECTS[kind]}").needs_person is (kind in PEOPLE_ARE_NEEDED)


@pytest.mark.parametrize("kind", sorted(set(CauseKind) - {CauseKind.ADDRESS}))
def test_every_cause_names_what_is_waited_for(kind: CauseKind) -> None:
    assert SUBJECTS[kind] in advise(ORDER, f"{kind.value}:{SUBJECTS[kind]}").waits_for


@given(st.sampled_from(CauseKind), st.text(st.characters(codec="utf-8"), max_size=60))
def test_a_cause_is_read_back_from_its_text(kind: CauseKind, subject: str) -> None:
    cause = Cause(kind=kind, subject=subject)
    assert Cause.parse(str(cause)) == cause
    assert advise(ORDER, str(cause)).command


def test_braces_in_a_subject_are_only_text() -> None:
    assert advise(ORDER, "stock:{order}{0}").waits_for == "stock of {order}{0}"


@pytest.mark.parametrize("text", ["", "stock", "weather:rain", ":TEA-1"])
def test_a_cause_of_no_known_kind_is_an_error(text: str) -> None:
    if text == "stock":
        assert Cause.parse(text).subject == ""
    else:
        with pytest.raises(ValueError, match="not a valid CauseKind"):
            Cause.parse(text)
