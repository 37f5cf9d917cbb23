"""Broken adapters of carriers and locations."""

from adapters.carriers.sandbox.adapter import SandboxCarrier
from adapters.locations.sandbox.adapter import SandboxLocations
from domain.effect import Absent, CannotTell, Confirmed, Finding, Found, Outcome, Rejected, Unknown
from domain.errors import NotFound
from domain.facts import Fact, HandedOver
from domain.ports.carrier import BuyLabel, CarrierWrite, ParcelWish, Rate, VoidLabel
from domain.ports.location import LocationWrite, RecallWork, ReleaseWork
from domain.shipment import TrackingEvent, TrackingStatus
from domain.values import Document, Money


class BuysAgain(SandboxCarrier):
    async def buy_label(self, write: BuyLabel) -> Outcome:
        outcome = await super().buy_label(write)
        return await super().buy_label(write) if isinstance(outcome, Unknown) else outcome


class PaysInWholeEuros(SandboxCarrier):
    async def buy_label(self, write: BuyLabel) -> Outcome:
        outcome = await super().buy_label(write)
        if isinstance(outcome, Confirmed) and outcome.cost:
            cost = Money(amount=round(outcome.cost.amount / 100) * 100, currency=outcome.cost.currency)
            return outcome.model_copy(update={"cost": cost})
        return outcome


class LosesThePaper(SandboxCarrier):
    async def buy_label(self, write: BuyLabel) -> Outcome:
        outcome = await super().buy_label(write)
        blank = {"document": Document(content=b"%PDF-")}
        return outcome.model_copy(update=blank) if isinstance(outcome, Confirmed) else outcome


class FindsLabelsWithoutANumber(SandboxCarrier):
    async def find(self, write: CarrierWrite) -> Finding:
        finding = await super().find(write)
        return Found(confirmed=Confirmed(remote_id="1")) if isinstance(finding, Found) else finding


class BlamesNobody(SandboxCarrier):
    async def buy_label(self, write: BuyLabel) -> Outcome:
        outcome = await super().buy_label(write)
        return Rejected(code=outcome.code) if isinstance(outcome, Rejected) else outcome


class VoidsInWords(SandboxCarrier):
    async def void_label(self, write: VoidLabel) -> Outcome:
        outcome = await super().void_label(write)
        return Confirmed() if isinstance(outcome, Rejected) else outcome


class GuessesScans(SandboxCarrier):
    async def track(self, tracking_number: str) -> tuple[TrackingEvent, ...]:
        events = await super().track(tracking_number)
        guess = {"status": TrackingStatus.IN_TRANSIT}
        return tuple(one.model_copy(update=guess) if one.status is TrackingStatus.UNKNOWN else one for one in events)


class TellsOnlyTheLastScan(SandboxCarrier):
    async def track(self, tracking_number: str) -> tuple[TrackingEvent, ...]:
        return (await super().track(tracking_number))[-1:]


class TracksNothing(SandboxCarrier):
    async def track(self, tracking_number: str) -> tuple[TrackingEvent, ...]:
        try:
            return await super().track(tracking_number)
        except NotFound:
            return ()


class RatesWithoutSayingSo(SandboxCarrier):
    async def rate(self, wish: ParcelWish) -> tuple[Rate, ...]:
        del wish
        return (Rate(speed="overnight", cost=Money(amount=1, currency="EUR")),)


class TakesSilenceForAbsence(SandboxLocations):
    async def find(self, write: LocationWrite) -> Finding:
        finding = await super().find(write)
        return Absent() if isinstance(finding, CannotTell) else finding


class SendsKitsAsTheyAre(SandboxLocations):
    async def release(self, write: ReleaseWork) -> Outcome:
        lines = tuple(line.model_copy(update={"components": (), "sku": line.made_of[0].sku}) for line in write.lines)
        return await super().release(write.model_copy(update={"lines": lines}))


class RecallsWhatIsGone(SandboxLocations):
    async def recall(self, write: RecallWork) -> Outcome:
        outcome = await super().recall(write)
        return Confirmed() if isinstance(outcome, Rejected) else outcome


class StopsAtUnknownWork(SandboxLocations):
    async def recall(self, write: RecallWork) -> Outcome:
        outcome = await super().recall(write)
        return Rejected(code="not-found") if isinstance(outcome, Confirmed) and not outcome.remote_id else outcome


class DropsTheNumber(SandboxLocations):
    def read_webhook(self, body: bytes) -> tuple[Fact, ...]:
        bare = {"tracking_number": "", "carrier": ""}
        facts = super().read_webhook(body)
        return tuple(fact.model_copy(update=bare) if isinstance(fact, HandedOver) else fact for fact in facts)
