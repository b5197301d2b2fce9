"""The policy file's JSON Schema, for editors that read the `#:schema` line."""

from typing import Any

from riskguard.config.policy_file import PolicyFile


def policy_schema() -> dict[str, Any]:
    """Give the JSON Schema (draft 2020-12) of a policy file."""
    schema: dict[str, Any] = _without_null(PolicyFile.model_json_schema(by_alias=True))
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **schema,
        "title": "riskguard policy, version 1",
    }


def _without_null(node: Any) -> Any:
    """Drop the null alternatives: TOML has no null, an absent key says it."""
    if isinstance(node, list):
        return [_without_null(entry) for entry in node]
    if not isinstance(node, dict):
        return node
    kept = {
        key: _without_null(value) for key, value in node.items() if not (key == "default" and value is None)
    }
    choices = [choice for choice in kept.get("anyOf", []) if choice != {"type": "null"}]
    if len(choices) == 1:
        del kept["anyOf"]
        return {**choices[0], **kept}
    return kept
