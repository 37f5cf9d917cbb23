"""`crossdock policies`: by which rules and costs orders find their places. Every version is kept."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from workers.cli import command, output
from workers.cli.errors import Problem, misused
from workers.cli.options import Actor, AsJson, read_moment

if TYPE_CHECKING:
    from collections.abc import Iterable

    from domain.ports.stores import Transaction
    from domain.sourcing import SourcingPolicy
    from workers.wiring import House

app = typer.Typer(no_args_is_help=True)

File = Annotated[Path, typer.Argument(metavar="FILE", help="The policy: a .yaml, .toml or .json file.")]
Comment = Annotated[str, typer.Option("--comment", help="Why; kept with the version.")]
From = Annotated[str | None, typer.Option("--from", help="From which moment on it holds; without it, at once.")]
Version = Annotated[int | None, typer.Argument(metavar="[VERSION]", help="Without it, the one that holds now.")]


@command.add(app, "check", "crossdock policies check policy.yaml")
async def check(file: File, as_json: AsJson = False) -> None:
    """Check a policy against the locations and channels there are; nothing is changed."""
    from workers.cli.parts import opened_house

    policy = read_policy(file)
    async with opened_house() as house, house.context.record.begin() as tx:
        await require_loadable(house, tx, policy)
    output.tell(f"{file} can be loaded", as_json=as_json, valid=True)


@command.add(app, "load", "crossdock policies load policy.yaml --comment 'spare the stores in December'")
async def load(
    file: File, *, comment: Comment = "", begins: From = None, actor: Actor, as_json: AsJson = False
) -> None:
    """Load a policy as a new version; orders that waited for another policy go on when it begins to hold."""
    from domain.waits import SOURCING_POLICY
    from workers.cli.parts import opened_house

    policy = read_policy(file)
    async with opened_house() as house, house.context.record.begin() as tx:
        now = house.context.now()
        valid_from = read_moment(begins, "--from") if begins else now
        if valid_from < now:
            raise misused(f"--from {begins}: that is past; decisions made since then would not be explained by it")
        await require_loadable(house, tx, policy)
        await tx.waits.clear(SOURCING_POLICY, now)
        version = await tx.sourcing.add_policy(policy, actor, comment, valid_from)
    words = f"version {version} holds from {output.plain(valid_from)} on"
    output.tell(words, as_json=as_json, version=version, valid_from=valid_from)


@command.add(app, "list", "crossdock policies list")
async def list_versions(as_json: AsJson = False) -> None:
    """List the versions, newest first, and which one holds."""
    from domain.sourcing import BUILT_IN
    from workers.cli.parts import opened_house

    async with opened_house() as house, house.context.record.begin() as tx:
        rows = await tx.sourcing.policies()
        holds = (await tx.sourcing.read(house.context.now())).policy_version
    if as_json:
        output.show_json(policies=rows, holds=holds)
        return
    cells = [(row.version, row.valid_from, row.author, row.comment, row.version == holds) for row in rows]
    built_in = (BUILT_IN, None, "", "built in", holds == BUILT_IN)
    output.show_table(("Version", "Valid from", "Author", "Comment", "Holds"), [*cells, built_in])


@command.add(app, "show", "crossdock policies show 2 --json")
async def show(version: Version = None, as_json: AsJson = False) -> None:
    """Show a policy whole; its JSON can be edited and loaded again."""
    from workers.cli.parts import opened_house

    async with opened_house() as house, house.context.record.begin() as tx:
        policy = await _find(tx, version, house.context.now())
    if as_json:
        output.show_json(**policy.model_dump(mode="json"))
    else:
        output.show_facts(policy.model_dump(mode="json").items())


@command.add(app, "history", "crossdock policies history")
async def history(as_json: AsJson = False) -> None:
    """Tell what each version changed against the one before."""
    from workers.cli.parts import opened_house

    async with opened_house() as house, house.context.record.begin() as tx:
        versions = sorted(await tx.sourcing.policies(), key=lambda each: each.version)
    changes = _changes([(each.version, each.policy) for each in versions])
    if as_json:
        output.show_json(
            history=[dict(zip(("version", "field", "before", "after"), row, strict=True)) for row in changes]
        )
    else:
        output.show_table(("Version", "Field", "Before", "After"), changes, empty="no policies")


def read_policy(path: Path) -> SourcingPolicy:
    """Read a policy from a file. Raises Problem naming what is wrong with it."""
    from domain.errors import Refused
    from domain.sourcing import read_sourcing
    from workers.documents import read_file

    try:
        return read_sourcing(read_file(path, "bad-policy"))
    except Refused as refusal:
        words = str(refusal) if str(path) in str(refusal) else f"{path}: {refusal}"
        raise Problem(words, code=refusal.code, remedy="correct it; nothing was loaded") from None


async def require_loadable(house: House, tx: Transaction, policy: SourcingPolicy) -> None:
    """Refuse a policy that names what does not exist. Raises Refused naming the fields."""
    from domain.quotes import require_quoting
    from domain.sourcing import require_known, require_sold
    from workers.wiring import read_parties

    channels = {channel.account: channel for channel in await tx.catalog.channels()}
    carriers = read_parties(house.settings).carriers
    require_known(policy, await tx.catalog.locations(), channels, carriers)
    sold = {
        account: await _sold(house, account, terms.carriers or carriers, own=channels[account].sells_labels)
        for account, terms in policy.channels.items()
        if terms.speeds
    }
    require_sold(policy, sold)
    require_quoting(policy, lambda carrier: house.context.parties.carrier(carrier).capability.rates)


async def _sold(house: House, account: str, names: Iterable[str], *, own: bool) -> set[str]:
    """Return the faster speeds that these carriers sell, and the channel where it sells its `own` labels."""
    parties = house.context.parties
    known = [parties.carrier(name).capability.speeds for name in names]
    known += [(await parties.carriers(account))(account).capability.speeds] if own else []
    return {speed for speeds in known for speed in speeds}


async def _find(tx: Transaction, version: int | None, now: datetime) -> SourcingPolicy:
    from domain.snapshot import DEFAULT_POLICY
    from domain.sourcing import BUILT_IN

    if version is None:
        return (await tx.sourcing.read(now)).policy
    known = {each.version: each.policy for each in await tx.sourcing.policies()} | {BUILT_IN: DEFAULT_POLICY}
    if version not in known:
        raise Problem(f"there is no version {version}", code="no-policy", remedy="crossdock policies list")
    return known[version]


def _changes(versions: list[tuple[int, SourcingPolicy]]) -> list[tuple[int, str, object, object]]:
    from domain.snapshot import DEFAULT_POLICY

    rows: list[tuple[int, str, object, object]] = []
    before = DEFAULT_POLICY.model_dump(mode="json")
    for version, policy in versions:
        after = policy.model_dump(mode="json")
        rows += [(version, name, before[name], after[name]) for name in after if before[name] != after[name]]
        before = after
    return rows
