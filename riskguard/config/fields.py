"""The types of the policy file's keys: a checked Python value and what a schema says of it."""

from decimal import Decimal
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, PlainValidator, WithJsonSchema

from riskguard.config import forms, units
from riskguard.config.problems import Refused
from riskguard.config.units import Amount
from riskguard.core.policy import Money
from riskguard.core.types import Leg


class Table(BaseModel):
    """One table of the file: unknown keys are errors and nothing is converted silently."""

    # Defaults are written as a trader writes them and checked like any other value.
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, validate_default=True)


def unit_default(text: str, *, description: str | None = None) -> Any:
    """Declare a default in the file's own form, so that the schema and the hints can show it."""
    return Field(text, validate_default=True, description=description)


def _text(pattern: str, description: str = "") -> WithJsonSchema:
    schema: dict[str, Any] = {"type": "string", "pattern": pattern}
    return WithJsonSchema({**schema, "description": description} if description else schema)


def _positive_s(raw: object) -> float:
    seconds = units.duration_s(raw)
    if seconds == 0:
        raise Refused("must be longer than zero")
    return seconds


def _part(raw: object) -> Decimal:
    value = units.share(raw)
    if value > 1:
        raise Refused("must not be above 100%")
    return value


def _whole_per_min(raw: object) -> int:
    rate = units.rate_per("min", raw)
    if rate.denominator != 1:
        raise Refused("must be a whole number per minute")
    return int(rate)


def _per_s(raw: object) -> Decimal:
    rate = units.rate_per("s", raw)
    if rate == 0:
        raise Refused("must be above zero")
    return Decimal(rate.numerator) / Decimal(rate.denominator)


def _per_year(raw: object) -> float:
    rate = units.rate_per("year", raw)
    if rate == 0:
        raise Refused("must be above zero: a detector without false alarms never speaks")
    return float(rate)


DurationS = Annotated[float, PlainValidator(units.duration_s), _text(units.DURATION)]
PositiveS = Annotated[float, PlainValidator(_positive_s), _text(units.DURATION)]
Share = Annotated[Decimal, PlainValidator(units.share), _text(units.SHARE)]
Part = Annotated[Decimal, PlainValidator(_part), _text(units.SHARE)]
Bps = Annotated[Decimal, PlainValidator(units.bps), _text(units.SHARE)]
MoneyText = Annotated[Money, PlainValidator(units.money), _text(units.MONEY)]
AmountText = Annotated[Amount, PlainValidator(units.amount), _text(units.AMOUNT)]
WholePerMin = Annotated[int, PlainValidator(_whole_per_min), _text(units.RATE)]
PerS = Annotated[Decimal, PlainValidator(_per_s), _text(units.RATE)]
PerYear = Annotated[float, PlainValidator(_per_year), _text(units.RATE)]

Id = Annotated[str, AfterValidator(forms.venue_id), _text(forms.ID)]
AssetName = Annotated[str, AfterValidator(forms.asset_name)]
CcxtId = Annotated[str, AfterValidator(forms.ccxt_id), _text(forms.CCXT_ID)]
Instance = Annotated[str, AfterValidator(forms.instance), _text(forms.INSTANCE)]
Currency = Annotated[str, AfterValidator(forms.currency), _text(forms.CURRENCY)]
LegText = Annotated[Leg, PlainValidator(forms.leg), _text(forms.LEG)]
SymbolText = Annotated[str, AfterValidator(forms.symbol)]
KeysRef = Annotated[str, AfterValidator(forms.keys), _text(forms.KEYS)]
StrategyRef = Annotated[str, AfterValidator(forms.strategy), _text(forms.STRATEGY)]
FileText = Annotated[str, AfterValidator(forms.file_path)]
WebUrl = Annotated[str, AfterValidator(forms.web_url)]
AlertUrl = Annotated[str, AfterValidator(forms.alert_url)]
SelfCheckRef = Annotated[str, AfterValidator(forms.self_check_ref)]
Listen = Annotated[str, AfterValidator(forms.listen)]
