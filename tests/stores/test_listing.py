"""What lines mean, in both records."""

from __future__ import annotations

import contextlib
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.errors import Conflict, NotFound, Refused
from domain.kit import KitPart
from domain.listing import Alias, Listing, Rule, Rung, choose
from domain.ports.stores import Record
from domain.ports.stores.listing import WantedLine
from tests.builders import ACCOUNT, MUG, NOW, TEA, channel_line, channel_order
from tests.stores.scenes import SHOP, open_causes, record_order

GTIN = "04006381333931"


def line(listing_id: str = "L1", channel_sku: str = "", gtin: str = "") -> WantedLine:
    return WantedLine(line_id="1", listing_id=listing_id, channel_sku=channel_sku, gtin=gtin)


async def found(record: Record, wanted: WantedLine) -> list[tuple[str, str, int, int]]:
    async with record.begin() as tx:
        answers = await tx.listings.answers(ACCOUNT, [wanted])
    assert all(answer.line_id == "1" for answer in answers.candidates)
    return sorted((answer.rung.value, answer.sku, answer.units, answer.place) for answer in answers.candidates)


async def test_nothing_is_known_of_an_unknown_line(record: Record) -> None:
    assert await found(record, line(channel_sku="NOPE", gtin=GTIN)) == []
    async with record.begin() as tx:
        assert (await tx.listings.answers(ACCOUNT, [])).candidates == ()


async def test_a_listing_means_units_of_a_sku_under_its_account_only(record: Record) -> None:
    async with record.begin() as tx:
        await tx.listings.save(ACCOUNT, [Listing(listing_id="L1", sku=TEA, units=6)], "kim", NOW)
        await tx.listings.save("other", [Listing(listing_id="L1", sku=MUG)], "kim", NOW)
        assert await tx.listings.mappings(ACCOUNT, ["L1", "L2"]) == {"L1": Listing(listing_id="L1", sku=TEA, units=6)}
    assert await found(record, line()) == [("listing", TEA, 6, 0)]


async def test_mapping_many_listings_clears_the_causes_of_those_that_are_waited_for(record: Record) -> None:
    await waiting_order(record, "1", "L1")
    await waiting_order(record, "2", "L3")
    async with record.begin() as tx:
        await tx.listings.save(ACCOUNT, [Listing(listing_id=f"L{n}", sku=TEA) for n in range(3)], "kim", NOW)
        await tx.listings.save("other", [Listing(listing_id="L3", sku=TEA)], "kim", NOW)
    assert await open_causes(record) == {f"sku:{ACCOUNT}:L1"}


async def test_a_listing_has_one_meaning_at_a_time_and_none_when_it_ended(record: Record) -> None:
    for day, sku in enumerate((TEA, MUG)):
        async with record.begin() as tx:
            await tx.listings.save(ACCOUNT, [Listing(listing_id="L1", sku=sku)], "kim", NOW + timedelta(days=day))
    assert await found(record, line()) == [("listing", MUG, 1, 0)]
    async with record.begin() as tx:
        assert await tx.listings.end(ACCOUNT, "L1", NOW + timedelta(days=2))
        assert not await tx.listings.end(ACCOUNT, "L1", NOW + timedelta(days=2))
    assert await found(record, line()) == []


@pytest.mark.parametrize(
    ("listings", "error"),
    [
        ([Listing(listing_id="L2", sku="NOPE")], NotFound),
        ([Listing(listing_id="L2", sku=MUG)], Refused),
        ([Listing(listing_id="L2", sku=TEA), Listing(listing_id="L2", sku=TEA, units=2)], Conflict),
    ],
)
async def test_a_mapping_that_cannot_be_meant_changes_nothing(
    record: Record, listings: list[Listing], error: type[Exception]
) -> None:
    async with record.begin() as tx:
        await tx.kits.retire(MUG, retired=True)
    with pytest.raises(error):
        async with record.begin() as tx:
            await tx.listings.save(ACCOUNT, [Listing(listing_id="L1", sku=TEA), *listings], "kim", NOW)
    assert await found(record, line()) == []
    assert await open_causes(record) == set()


async def test_the_sellers_sku_and_the_gtin_are_rungs_of_their_own(record: Record) -> None:
    async with record.begin() as tx:
        await tx.catalog.save_sku(MUG, "A mug", 300, brand="Acme", gtin="4006381333931")
    assert await found(record, line(channel_sku=TEA, gtin=GTIN)) == [("gtin", MUG, 1, 0), ("seller-sku", TEA, 1, 0)]


async def test_saving_a_sku_keeps_brand_and_gtin_unless_they_are_told(record: Record) -> None:
    async with record.begin() as tx:
        await tx.catalog.save_sku(TEA, "Tea", 100, brand="Acme", gtin=GTIN)
        await tx.catalog.save_sku(TEA, "Green tea", 100)
        (known,) = await tx.listings.similar("green", 9)
        assert (known.title, known.brand, known.gtin) == ("Green tea", "Acme", GTIN)
        await tx.catalog.save_sku(TEA, "Green tea", 100, brand="", gtin="")
        (known,) = await tx.listings.similar("green", 9)
        assert (known.brand, known.gtin) == ("", "")
    with pytest.raises(Refused):
        async with record.begin() as tx:
            await tx.catalog.save_sku(TEA, "Tea", 100, gtin="123")


async def test_two_skus_of_one_gtin_are_no_answer(record: Record) -> None:
    async with record.begin() as tx:
        for sku in (TEA, MUG):
            await tx.catalog.save_sku(sku, sku, 100, gtin=GTIN)
        answers = await tx.listings.answers(ACCOUNT, [line(gtin=GTIN)])
        assert [answer.rung for answer in answers.candidates] == [Rung.GTIN, Rung.GTIN]
        await tx.kits.retire(MUG, retired=True)
        chosen = choose((await tx.listings.answers(ACCOUNT, [line(gtin=GTIN)])).candidates)
        assert getattr(chosen, "sku", None) == TEA


async def test_an_alias_names_a_sku_for_one_account_or_for_all(record: Record) -> None:
    async with record.begin() as tx:
        await tx.listings.save_alias(Alias(code="OLD-TEA", sku=TEA, units=2), "kim", NOW)
        await tx.listings.save_alias(Alias(account=ACCOUNT, code="OLD-TEA", sku=MUG), "kim", NOW)
        await tx.listings.save_alias(Alias(account="other", code="OLD-TEA", sku=TEA), "kim", NOW)
        assert len(await tx.listings.aliases()) == 3
        assert await tx.listings.aliases("") == (Alias(code="OLD-TEA", sku=TEA, units=2),)
    assert await found(record, line(channel_sku="OLD-TEA")) == [("alias", MUG, 1, 0), ("alias", TEA, 2, 1)]
    async with record.begin() as tx:
        assert await tx.listings.end_alias(ACCOUNT, "OLD-TEA", NOW)
        assert not await tx.listings.end_alias(ACCOUNT, "OLD-TEA", NOW)
    assert await found(record, line(channel_sku="OLD-TEA")) == [("alias", TEA, 2, 1)]


async def test_an_alias_may_be_the_gtin_of_a_case_in_any_form(record: Record) -> None:
    async with record.begin() as tx:
        await tx.listings.save_alias(Alias(account=ACCOUNT, code="4006381333931", sku=TEA, units=10), "kim", NOW)
        await tx.listings.save_alias(Alias(account=ACCOUNT, code="4006381333931", sku=TEA, units=12), "kim", NOW)
    assert await found(record, line(gtin=GTIN)) == [("alias", TEA, 12, 0)]


async def test_an_alias_of_what_is_not_sold_is_refused(record: Record) -> None:
    async with record.begin() as tx:
        await tx.kits.retire(MUG, retired=True)
    for sku, error in (("NOPE", NotFound), (MUG, Refused)):
        with pytest.raises(error):
            async with record.begin() as tx:
                await tx.listings.save_alias(Alias(code="X", sku=sku), "kim", NOW)


async def test_rules_are_tried_in_their_order_and_may_abstain(record: Record) -> None:
    async with record.begin() as tx:
        await tx.listings.save_rule(Rule(account=ACCOUNT, position=2, folds_case=True), "kim", NOW)
        await tx.listings.save_rule(Rule(account=ACCOUNT, position=1, prefix="AMZ-"), "kim", NOW)
        await tx.listings.save_rule(Rule(account="other", position=1, prefix="X"), "kim", NOW)
        assert [rule.position for rule in await tx.listings.rules(ACCOUNT)] == [1, 2]
        assert len(await tx.listings.rules()) == 3
    assert await found(record, line(channel_sku="AMZ-TEA-1")) == [("rule", TEA, 1, 1)]
    assert await found(record, line(channel_sku="tea-1")) == [("rule", TEA, 1, 2)]
    assert await found(record, line(channel_sku="amz-tea-1")) == []
    async with record.begin() as tx:
        await tx.listings.save_rule(Rule(account=ACCOUNT, position=1, reads="listing", suffix="!"), "kim", NOW)
        assert await tx.listings.end_rule(ACCOUNT, 2, NOW)
        assert not await tx.listings.end_rule(ACCOUNT, 2, NOW)
    assert await found(record, line(listing_id="TEA-1!", channel_sku="tea-1")) == [("rule", TEA, 1, 1)]


_CODES = st.text(st.sampled_from("aAbB-Äß%_\\"), max_size=6)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
@given(code=_CODES, prefix=_CODES, suffix=_CODES, folds=st.booleans(), sku=_CODES.filter(bool))
async def test_the_record_applies_a_rule_as_the_rule_itself_does(
    record: Record, code: str, prefix: str, suffix: str, sku: str, *, folds: bool
) -> None:
    if not (prefix or suffix or folds):
        return
    rule = Rule(account=ACCOUNT, position=1, prefix=prefix, suffix=suffix, folds_case=folds)
    wanted = {rule.rewrite(code)} - {""}
    folded = {known for known in (sku, "TEA-1", "MUG-1") if _alike(known, wanted, folds=folds)}
    with contextlib.suppress(_UndoneError):
        async with record.begin() as tx:
            await tx.catalog.save_sku(sku, "", 1)
            await tx.listings.save_rule(rule, "kim", NOW)
            answers = await tx.listings.answers(ACCOUNT, [line(channel_sku=code)])
            assert {own.sku for own in answers.candidates if own.rung is Rung.RULE} == folded
            raise _UndoneError


def _alike(sku: str, wanted: set[str], *, folds: bool) -> bool:
    return (sku.translate(_FOLD) if folds else sku) in wanted


_FOLD = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz")


class _UndoneError(Exception):
    """Rolls back what was only tried."""


async def test_a_candidate_brings_its_kits_and_what_of_them_is_retired(record: Record) -> None:
    async with record.begin() as tx:
        for sku in ("SET", "BOX", "OLD"):
            await tx.catalog.save_sku(sku, sku, 0)
        await tx.kits.save("SET", (KitPart(sku=TEA, units=2), KitPart(sku="OLD", units=1)), "kim", NOW)
        await tx.kits.save("BOX", (KitPart(sku="SET", units=3, worth=7),), "kim", NOW)
        await tx.kits.retire("OLD", retired=True)
        answers = await tx.listings.answers(ACCOUNT, [line(channel_sku="BOX")])
    assert {kit: {part.sku: (part.units, part.worth) for part in parts} for kit, parts in answers.kits.items()} == {
        "BOX": {"SET": (3, 7)},
        "SET": {TEA: (2, 1), "OLD": (1, 1)},
    }
    assert answers.retired == {"OLD"}
    assert [answer.retired for answer in answers.candidates] == [False]


async def waiting_order(record: Record, number: str, listing_id: str, gtin: str = "") -> None:
    order = channel_order(channel_line(sku="", listing_id=listing_id, gtin=gtin), channel_order_id=number)
    order_id = await record_order(record, order, match=False)
    async with record.begin() as tx:
        await tx.waits.rewrite(order_id, "", {f"sku:{ACCOUNT}:{listing_id}": "unmatched"}, NOW)


async def test_what_is_declared_on_any_rung_wakes_exactly_the_lines_that_it_matches(record: Record) -> None:
    async with record.begin() as tx:
        await tx.catalog.save_sku(MUG, "A mug", 300, gtin=GTIN)
    await waiting_order(record, "1", "by-gtin", gtin="4006381333931")
    await waiting_order(record, "2", "nothing")
    await waiting_order(record, "3", "TEA-1!")
    async with record.begin() as tx:
        await tx.listings.save_rule(Rule(account=ACCOUNT, position=1, reads="listing", suffix="!"), "kim", NOW)
        assert await tx.listings.wake(NOW) == 2
    assert await open_causes(record) == {f"sku:{ACCOUNT}:TEA-1!", f"sku:{ACCOUNT}:by-gtin"}


async def test_a_line_that_was_matched_wakes_nobody(record: Record) -> None:
    order_id = await record_order(record)
    async with record.begin() as tx:
        await tx.catalog.save_channel(SHOP.model_copy(update={"account": "other"}))
        await tx.waits.rewrite(order_id, "", {f"sku:{ACCOUNT}:listing-{TEA}": "unmatched"}, NOW)
        assert await tx.listings.wake(NOW) == 0


async def test_similar_skus_share_words_and_are_sold(record: Record) -> None:
    async with record.begin() as tx:
        await tx.catalog.save_sku(TEA, "Green tea", 100, brand="Acme")
        await tx.catalog.save_sku(MUG, "Blue mug", 300)
        await tx.catalog.save_sku("TEA-2", "Black tea", 100)
        assert [sku.sku for sku in await tx.listings.similar("green-tea, loose & fine", 9)] == [TEA, "TEA-2"]
        assert [sku.sku for sku in await tx.listings.similar("AMZ-MUG-9", 9)] == [MUG]
        assert [sku.sku for sku in await tx.listings.similar("acme", 9)] == [TEA]
        assert len(await tx.listings.similar("tea", 1)) == 1
        assert await tx.listings.similar("", 9) == ()
        assert await tx.listings.similar("'); & | ! <->", 9) == ()
        await tx.kits.retire(TEA, retired=True)
        assert [sku.sku for sku in await tx.listings.similar("tea", 9)] == ["TEA-2"]
