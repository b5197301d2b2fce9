"""The schema that editors read says of the file what the checks say."""

import json
import re
from collections.abc import Iterator

from riskguard.config import policy_schema
from riskguard.config.policy_file import PolicyFile


def _nodes(node: object) -> Iterator[dict[str, object]]:
    if isinstance(node, dict):
        yield node
        for entry in node.values():
            yield from _nodes(entry)
    elif isinstance(node, list):
        for entry in node:
            yield from _nodes(entry)


def test_the_schema_is_plain_json_and_knows_every_table() -> None:
    schema = json.loads(json.dumps(policy_schema()))

    assert set(schema["properties"]) == {
        field.alias or name for name, field in PolicyFile.model_fields.items()
    }
    assert schema["required"] == ["version", "mode", "venue", "asset"]
    assert "from" in schema["$defs"]["MaintenanceTable"]["properties"]


def test_unknown_keys_are_refused_in_every_table() -> None:
    tables = [node for node in _nodes(policy_schema()) if isinstance(node.get("properties"), dict)]

    assert len(tables) > 20
    assert all(table["additionalProperties"] is False for table in tables if table.get("type") == "object")


def test_no_null_is_offered() -> None:
    """TOML has none."""
    assert all(node.get("type") != "null" for node in _nodes(policy_schema()))


def test_defaults_and_examples_have_the_form_that_the_pattern_asks_for() -> None:
    checked = 0
    for node in _nodes(policy_schema()):
        pattern, default, examples = node.get("pattern"), node.get("default"), node.get("examples")
        shown = [*(examples if isinstance(examples, list) else []), default]
        for text in shown if isinstance(pattern, str) else []:
            if isinstance(text, str):
                checked += 1
                assert re.search(str(pattern), text), (pattern, text)

    assert checked > 25


def test_numbers_without_units_do_not_fit() -> None:
    slippage = policy_schema()["$defs"]["LimitsTable"]["properties"]["slippage"]

    assert slippage["type"] == "string"
    assert slippage["default"] == "40bps"
    assert not re.search(slippage["pattern"], "40")
