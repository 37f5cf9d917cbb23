"""The promises catch what breaks them: adapters with one flaw each, and the promise that gives each away."""

import dataclasses
import inspect
from pathlib import Path
from types import ModuleType
from typing import Any, ClassVar

import pytest
from _pytest.outcomes import Failed

from adapters.conformance.carrier import CarrierConformance
from adapters.conformance.location import LocationConformance
from adapters.conformance.marketplace import MarketplaceConformance
from adapters.conformance.promises import Promises, Scene, opened
from adapters.conformance.worlds import World
from tests.adapters.carriers.sandbox.simulator import SandboxSwiftWorld
from tests.adapters.conformance.mutants import misreading, places, pulling, telling
from tests.adapters.conformance.mutants.impatient import adapter as impatient
from tests.adapters.locations.folder.simulator import FolderWorld
from tests.adapters.locations.http.simulator import HttpLocationsWorld
from tests.adapters.locations.sandbox.simulator import SandboxLocationsWorld
from tests.adapters.marketplaces.mirakl.world import MiraklWorld
from tests.adapters.marketplaces.sandbox.simulator import SandboxMarketplaceWorld


class OwnFolderWorld(FolderWorld):
    """A shared folder of one test."""

    directory: ClassVar[Path]

    def __init__(self) -> None:
        super().__init__(self.directory)


@pytest.fixture(autouse=True)
def directory(tmp_path: Path) -> None:
    OwnFolderWorld.directory = tmp_path


_MODULES: tuple[ModuleType, ...] = (pulling, telling, misreading, places, impatient)
_PORTS: dict[str, tuple[type[Promises], type[World]]] = {
    "SandboxMarketplace": (MarketplaceConformance, SandboxMarketplaceWorld),
    "MiraklMarketplace": (MarketplaceConformance, MiraklWorld),
    "SandboxCarrier": (CarrierConformance, SandboxSwiftWorld),
    "SandboxLocations": (LocationConformance, SandboxLocationsWorld),
    "HttpLocations": (LocationConformance, HttpLocationsWorld),
    "FolderLocations": (LocationConformance, OwnFolderWorld),
}
CAUGHT_BY: dict[str, str] = {
    "DropsTheLastPage": "every_page_is_read_and_every_order_once",
    "LosesTies": "a_tie_at_the_border_of_a_page_loses_nothing",
    "CountsPages": "an_order_that_changes_while_pages_are_read_hides_no_other",
    "ReadsRowsTwice": "every_page_is_read_and_every_order_once",
    "RunsAhead": "what_is_placed_right_after_a_pull_comes_with_the_next",
    "TellsTheWatermarkTooEarly": "the_watermark_comes_with_the_last_page_and_has_a_zone",
    "TellsNaiveMoments": "the_watermark_comes_with_the_last_page_and_has_a_zone",
    "LeavesOutTheBorder": "an_order_at_the_border_of_two_pulls_is_not_lost",
    "SkipsWhatItCannotRead": "an_unreadable_order_is_listed_raw_and_hides_no_other",
    "TakesDatesForUtc": "a_bad_body_is_refused_and_changes_nothing",
    "DropsTheZone": "a_moment_of_another_zone_is_the_same_moment",
    "RoundsMoney": "a_bad_body_is_refused_and_changes_nothing",
    "CalculatesInFloats": "money_is_exact_in_every_currency",
    "GuessesStatuses": "an_unknown_status_is_refused_and_not_guessed",
    "RefusesNewFields": "fields_of_an_order_that_nobody_knows_change_nothing",
    "StumblesOverBodies": "no_body_brings_down_who_reads_it",
    "OverlooksPeople": "what_a_person_shipped_is_seen",
    "MakesUpOrders": "an_order_that_does_not_exist_is_not_found",
    "AsksByDoing": "asking_what_is_allowed_changes_nothing_there",
    "SeesNothingLack": "each_permission_that_lacks_is_named",
    "BlamesThePermissionBeside": "each_permission_that_lacks_is_named",
    "ClaimsLabels": "it_sells_labels_only_as_a_carrier",
    "ConfirmsLostAnswers": "no_fault_makes_it_say_what_is_not_so",
    "RejectsLostAnswers": "a_lost_answer_can_be_resolved",
    "RaisesLostAnswers": "a_lost_answer_can_be_resolved",
    "RetriesInside": "a_write_is_sent_once_whatever_becomes_of_it",
    "IgnoresTheReference": "one_part_that_left_is_not_taken_for_another",
    "FindsNothing": "what_was_done_is_found_and_what_was_not_is_absent",
    "FindsEverything": "what_was_done_is_found_and_what_was_not_is_absent",
    "NeverKnows": "a_lost_answer_can_be_resolved",
    "ClaimsKeysItDoesNotSend": "doing_it_twice_is_harmless",
    "SaysNothingOfRepeats": "each_write_that_it_claims_says_how_a_repeat_is_recognised",
    "ClaimsRefunds": "it_does_what_it_claims",
    "HidesThatItCancels": "what_it_does_not_claim_it_leaves_alone",
    "ShipsEverything": "an_order_leaves_in_parts",
    "AcknowledgesOnlyInWords": "it_does_what_it_claims",
    "SwallowsThrottling": "throttling_says_when_to_return",
    "ForgetsWhenToReturn": "throttling_says_when_to_return",
    "TakesThrottlingForUnknown": "a_write_that_surely_was_not_done_is_no_outcome_but_an_error",
    "TriesAgainWhenBarred": "refused_credentials_are_for_an_operator_to_mend",
    "LeaksItsToken": "secrets_stay_secret",
    "SpeaksLibrary": "an_answer_that_was_not_agreed_is_a_broken_contract",
    "TrustsIds": "an_order_id_that_leads_elsewhere_leads_nowhere",
    "AddsStock": "a_quantity_is_set_and_not_added",
    "LosesTheBatch": "one_row_that_fails_does_not_lose_the_others",
    "PublishesOnlyTheFirstPart": "every_row_has_an_answer_in_its_place",
    "BelievesForgeries": "a_forged_webhook_is_not_believed",
    "BelievesOldHooks": "a_webhook_that_is_replayed_late_is_not_believed",
    "ForgetsWhatTheSignatureCovers": "a_webhook_whose_body_was_changed_or_truncated_is_not_believed",
    "StumblesOverWebhooks": "a_webhook_of_another_shape_is_read_as_nothing_or_refused",
    "WaitsByItself": "it_neither_waits_nor_rolls_dice_nor_speaks_to_others",
    "BuysAgain": "a_write_is_sent_once_whatever_becomes_of_it",
    "PaysInWholeEuros": "a_label_has_a_number_a_price_and_a_paper",
    "LosesThePaper": "a_label_has_a_number_a_price_and_a_paper",
    "FindsLabelsWithoutANumber": "what_was_done_is_found_and_what_was_not_is_absent",
    "BlamesNobody": "where_it_does_not_deliver_is_undeliverable",
    "VoidsInWords": "a_parcel_under_way_is_not_voided",
    "GuessesScans": "a_scan_that_nobody_knows_is_unknown_and_hides_no_other",
    "TellsOnlyTheLastScan": "every_scan_is_told_in_our_words_and_with_a_zone",
    "TracksNothing": "a_number_that_nobody_gave_out_is_not_found",
    "RatesWithoutSayingSo": "rates_are_exact_and_cost_nothing",
    "TakesSilenceForAbsence": "a_look_up_that_fails_cannot_tell",
    "TakesScansForUtc": "a_bad_body_is_refused_and_changes_nothing",
    "ReadsHtmlAsNoScans": "a_bad_body_is_refused_and_changes_nothing",
    "BuysForNothingWhereThePriceIsRenamed": "a_bad_body_is_refused_and_changes_nothing",
    "TakesReportsForUtc": "a_bad_report_is_refused_and_changes_nothing",
    "ReadsARenamedCountAsZero": "a_bad_report_is_refused_and_changes_nothing",
    "ReadsHtmlAsNoReport": "a_bad_report_is_refused_and_changes_nothing",
    "ReadsACutFileAsFarAsItGoes": "a_bad_report_is_refused_and_changes_nothing",
    "ReadsSpreadsheetDates": "a_bad_report_is_refused_and_changes_nothing",
    "ForgetsTheRestOfTheBox": "bad_letters_are_set_aside_and_the_good_ones_between_them_are_read",
    "SendsKitsAsTheyAre": "a_kit_is_released_as_the_goods_on_the_shelf",
    "RecallsWhatIsGone": "goods_that_left_cannot_be_recalled",
    "StopsAtUnknownWork": "work_that_the_location_does_not_know_counts_as_stopped",
    "DropsTheNumber": "a_place_that_labels_itself_tells_the_number_of_each_parcel",
}


def _mutants() -> dict[str, type[object]]:
    return {
        name: found
        for module in _MODULES
        for name, found in inspect.getmembers(module, inspect.isclass)
        if found.__module__ == module.__name__
    }


def _forget(name: str, value: object) -> None:
    del name, value


def _port_of(mutant: type[object]) -> tuple[type[Promises], type[World]]:
    return next(port for base in mutant.__mro__ for name, port in _PORTS.items() if base.__name__ == name)


async def _keep(promise: str, world: World, factory: Any, request: pytest.FixtureRequest) -> None:
    """Ask an adapter to keep one promise."""
    suite, _ = _port_of(factory)
    own: Any = type("Own", (type(world),), {"manifest": dataclasses.replace(world.manifest, factory=factory)})()
    async with opened(own) as scene:
        test = getattr(suite(), f"test_{promise}")
        wanted = inspect.signature(test).parameters
        known = {"scene": scene, "world": own, "caplog": request.getfixturevalue("caplog"), "record_property": _forget}
        await test(**{name: known[name] for name in wanted})


def test_every_mutant_has_its_promise() -> None:
    assert _mutants().keys() == CAUGHT_BY.keys()


@pytest.mark.parametrize("name", CAUGHT_BY)
async def test_a_mutant_is_caught_by_the_promise_that_it_breaks(name: str, request: pytest.FixtureRequest) -> None:
    mutant = _mutants()[name]
    with pytest.raises((Exception, Failed)) as caught:
        await _keep(CAUGHT_BY[name], _port_of(mutant)[1](), mutant, request)
    assert not isinstance(caught.value, pytest.skip.Exception), "the promise was skipped"


@pytest.mark.parametrize("base", _PORTS)
async def test_what_is_whole_is_not_caught(base: str, request: pytest.FixtureRequest) -> None:
    whole = next(one for mutant in _mutants().values() for one in mutant.__mro__ if one.__name__ == base)
    await _keep("it_does_what_it_claims", _PORTS[base][1](), whole, request)


def test_a_promise_cannot_be_taken_back() -> None:
    with pytest.raises(TypeError, match="test_it_does_what_it_claims"):

        class Lenient(MarketplaceConformance):  # pyright: ignore[reportUnusedClass]
            async def test_it_does_what_it_claims(self, scene: Scene) -> None:
                del scene
