"""`crossdock adapters`: which there are, whether they keep what they promise, and how a new one begins."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from workers.cli import command, output
from workers.cli.errors import ExitCode
from workers.cli.options import AsJson

app = typer.Typer(no_args_is_help=True)

Name = Annotated[str, typer.Argument(metavar="NAME", help="The adapter's name, such as sandbox.")]
Party = Annotated[
    str,
    typer.Option("--party", help="Only the one for a marketplace, carrier or location, where several share a name."),
]
Kind = Annotated[str, typer.Argument(metavar="marketplace|carrier", help="What it is for.")]
Root = Annotated[Path, typer.Option("--root", help="The project's own folder.", show_default="here")]


@command.add(app, "list", "crossdock adapters list")
async def list_adapters(as_json: AsJson = False) -> None:
    """List the adapters with what they can do, how a repeat of each write is recognised, and how they were proved."""
    from workers.cli.adapter_cards import read_cards

    cards = read_cards()
    cells = (
        (card.party, card.name, card.tier, card.can,
         [f"{kind}: {dedupe}" for kind, dedupe in card.dedupe.items()], len(card.limits) or None)
        for card in cards
    )  # fmt: skip
    headings = ("Party", "Adapter", "Proved", "Can", "A repeat is recognised by", "Limits")
    output.show_rows("adapters", cards, headings, cells, as_json=as_json)


@command.add(app, "check", "crossdock adapters check sandbox --party marketplace")
async def check(
    name: Name,
    *,
    party: Party = "",
    live: Annotated[
        bool, typer.Option("--live", help="Also ask the real vendor, with the account in CROSSDOCK_LIVE_<NAME>.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Hold an adapter to every promise of its port, and say which are kept, excused and broken."""
    from workers.cli.adapter_check import check_adapter

    told = check_adapter(name, party, live=live)
    several = len({(one.party, one.adapter) for one in told}) > 1
    broken = sum(one.outcome == "broken" for one in told)
    if as_json:
        output.show_json(name=name, promises=told, broken=broken)
    else:
        headings = (*(["Held by"] if several else []), "Promise", "Outcome", "Why")
        rows = ((*([one.adapter] if several else []), one.promise, one.outcome, one.why) for one in told)
        output.show_table(headings, rows)
        counted = {word: sum(one.outcome == word for one in told) for word in ("kept", "skipped", "broken")}
        output.say(", ".join(f"{number} {word}" for word, number in counted.items()))
    if broken:
        raise typer.Exit(ExitCode.FAILED)


@command.add(app, "new", "crossdock adapters new marketplace acme")
async def new(kind: Kind, name: Name, *, root: Root = Path(), as_json: AsJson = False) -> None:
    """Begin an adapter: a copy of the sandbox's with its tests, found at once, and red tests that lead on."""
    from workers.cli.adapter_template import copy_template

    made = copy_template(kind, name, root)
    if as_json:
        output.show_json(party=kind, name=name, files=made.files, steps=made.steps)
        return
    for file in made.files:
        output.say(file)
    output.say(f"now, step by step:  python -m pytest {made.steps}")
    output.say(f"and after each:     crossdock adapters check {name} --party {kind}")
