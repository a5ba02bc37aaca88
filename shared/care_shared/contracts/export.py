"""The contracts as files a partner can validate against: one JSON Schema per message and one AsyncAPI document.

`python -m care_shared.contracts.export` writes them to `shared/contracts/`; with `--check` it only compares. Comparison
covers drift (a committed file is not what the models say); writing refuses what could no longer read older messages.
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from care_shared.contracts.alert_activity import AlertActivity, DeadLetter
from care_shared.contracts.care_alerts import CARE_ALERT
from care_shared.contracts.care_events import CARE_EVENT
from care_shared.topics import Topic, all_topics

Schema = dict[str, Any]

FOLDER = Path(__file__).resolve().parents[2] / "contracts"
CONTRACTS: dict[str, TypeAdapter[Any]] = {
    "AnyCareEvent": CARE_EVENT,
    "AnyCareAlert": CARE_ALERT,
    "AlertActivity": TypeAdapter(AlertActivity),
    "DeadLetter": TypeAdapter(DeadLetter),
}
# What a producer puts on the optional front door is its own format inside a CloudEvent; intake judges it.
RAW = {"CloudEvent": {"description": "CloudEvents 1.0 (binary or structured) holding HL7 v2, FHIR R4 or our JSON"}}


def schemas() -> dict[str, Schema]:
    """JSON Schema (2020-12) by contract name; null means absent, so only fields without default are required."""
    return {name: adapter.json_schema(mode="validation") for name, adapter in CONTRACTS.items()}


def asyncapi() -> Schema:
    """The AsyncAPI 3.0 document of all topics."""
    channels = {topic.name: _channel(topic) for topic in all_topics()}
    messages = {
        name: {"name": name, "contentType": "application/json", "payload": {"$ref": f"./{name}.schema.json"}}
        for name in CONTRACTS
    } | {name: {"name": name} | text for name, text in RAW.items()}
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "CareLead",
            "version": "1.0.0",
            "description": "The key is the patient_id, once known. CloudEvents attributes are in `ce_` headers.",
        },
        "defaultContentType": "application/json",
        "channels": channels,
        "components": {"messages": messages},
    }


def _channel(topic: Topic) -> Schema:
    return {
        "address": topic.name,
        "description": topic.summary,
        "messages": {topic.contract: {"$ref": f"#/components/messages/{topic.contract}"}},
        "bindings": {
            "kafka": {
                "partitions": topic.partitions,
                "topicConfiguration": {"cleanup.policy": ["delete"], "retention.ms": topic.retention_ms},
            }
        },
    }


def documents() -> dict[str, str]:
    """File name to text, for everything that is committed."""
    files = {f"{name}.schema.json": schema for name, schema in schemas().items()} | {"asyncapi.json": asyncapi()}
    return {name: json.dumps(document, indent=2, sort_keys=True) + "\n" for name, document in files.items()}


def incompatibilities(old: Schema, new: Schema) -> Iterator[str]:
    """Why a reader of `new` could not read what a writer of `old` wrote, by model; nothing means compatible."""
    for model, before in _models(old).items():
        after = _models(new).get(model)
        if after is None:
            yield f"{model} is gone"
            continue
        words: list[str] = before.get("enum", [])
        if not set(words) <= set(after.get("enum", words)):
            yield f"{model} lost a value"
        for field in set(after.get("required", [])) - set(before.get("required", [])):
            yield f"{model}.{field} is required now"
        for field, was in before.get("properties", {}).items():
            now = after.get("properties", {}).get(field)
            if now is not None and not _widens(was, now):
                yield f"{model}.{field} accepts less than before"


def _models(schema: Schema) -> dict[str, Schema]:
    named: dict[str, Schema] = dict(schema.get("$defs", {}))
    if "properties" in schema:
        named[schema.get("title", "root")] = schema
    return named


def _widens(was: Schema, now: Schema) -> bool:
    """Same types or more of them; words live in $defs and are compared there."""
    return _types(was) <= _types(now)


def _types(schema: Schema) -> set[str]:
    found = {str(schema[key]) for key in ("type", "$ref", "const") if key in schema}
    return found.union(*(_types(option) for option in schema.get("anyOf", [])))


def differences() -> list[str]:
    """What is wrong with the committed files, as sentences; empty when all is well."""
    problems: list[str] = []
    for name, text in documents().items():
        file = FOLDER / name
        if not file.exists():
            problems.append(f"shared/contracts/{name} is missing")
        elif file.read_text("utf-8") != text:
            problems.append(f"shared/contracts/{name} is not what the models say; run: make contracts")
    return problems


def write() -> list[str]:
    """Write all files; refuses, with the reasons, when a schema would no longer read what was written before."""
    FOLDER.mkdir(exist_ok=True)
    problems = [
        f"{name}: {problem}"
        for name, schema in schemas().items()
        if (FOLDER / f"{name}.schema.json").exists()
        for problem in incompatibilities(json.loads((FOLDER / f"{name}.schema.json").read_text("utf-8")), schema)
    ]
    if not problems:
        for name, text in documents().items():
            (FOLDER / name).write_text(text, "utf-8")
    return problems


def main(arguments: list[str]) -> int:
    """0 when all is well, 1 with one line per problem."""
    problems = differences() if "--check" in arguments else write()
    sys.stdout.writelines(f"{problem}\n" for problem in problems)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
