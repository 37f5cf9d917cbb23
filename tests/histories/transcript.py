"""A transcript: the history of one workflow as it is committed, without what belongs to the machine it was made on."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

from temporalio.client import WorkflowHistory

FOLDER = Path(__file__).parent / "transcripts"

_OF_THE_MACHINE = frozenset({"identity", "stackTrace"})

Json = dict[str, Any]


def path_of(scenario: str) -> Path:
    """Return where the transcript of a scenario is kept."""
    return FOLDER / f"{scenario}.json"


def write(scenario: str, history: WorkflowHistory) -> None:
    """Keep a history, one event a line."""
    events = [json.dumps(_clean(event)) for event in history.to_json_dict()["events"]]
    workflow_id = json.dumps(history.workflow_id)
    FOLDER.mkdir(exist_ok=True)
    path_of(scenario).write_text(f'{{"workflowId": {workflow_id}, "events": [\n' + ",\n".join(events) + "\n]}\n")


def read(scenario: str) -> Json:
    """Return a transcript as JSON."""
    return json.loads(path_of(scenario).read_text())


def to_history(transcript: Json) -> WorkflowHistory:
    """Return what the replayer wants."""
    return WorkflowHistory.from_json(transcript["workflowId"], {"events": transcript["events"]})


def texts(value: object) -> Iterator[str]:
    """Yield every text of a transcript, payloads opened."""
    match value:
        case str():
            yield value
        case list():
            for one in cast("list[object]", value):
                yield from texts(one)
        case dict():
            for name, one in cast("dict[str, object]", value).items():
                yield base64.b64decode(one).decode() if name == "data" and isinstance(one, str) else name
                yield from texts(one)
        case _:
            return


def _clean(value: Any) -> Any:
    match value:
        case dict():
            known = cast("Json", value)
            kept = {name: _clean(one) for name, one in known.items() if name not in _OF_THE_MACHINE}
            return kept | ({"name": "sticky"} if known.get("kind") == "TASK_QUEUE_KIND_STICKY" else {})
        case list():
            return [_clean(one) for one in cast("list[Any]", value)]
        case _:
            return value
