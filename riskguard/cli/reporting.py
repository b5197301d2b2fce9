"""`report`: one incident for a person, from the journal, whether the guard runs or not."""

import argparse

from riskguard.cli.exits import Exit, Failed
from riskguard.config import locate_journal
from riskguard.journal import JournalReader
from riskguard.ports import JournalUnavailable
from riskguard.report import FORMATS, NoIncidentError, incident_report


def report(arguments: argparse.Namespace) -> int:
    """Write one incident's report; the file's ending chooses the format."""
    form = arguments.output.suffix.removeprefix(".")
    if form not in FORMATS:
        raise Failed(Exit.USAGE, f"{arguments.output}: the name must end in .{', .'.join(FORMATS)}")
    journal = locate_journal(arguments.config)
    try:
        reader = JournalReader(journal)
    except JournalUnavailable as error:
        raise Failed(Exit.UNREACHABLE, f"{journal}: {error}") from None
    try:
        text = incident_report(list(reader.facts()), arguments.incident, form)
    except NoIncidentError as error:
        raise Failed(Exit.USAGE, str(error)) from None
    finally:
        reader.close()
    try:
        arguments.output.write_text(text, encoding="utf-8")
    except OSError as error:
        raise Failed(Exit.REFUSED, f"{arguments.output} cannot be written: {error.strerror}") from None
    print(f"{arguments.output} written")
    return Exit.FINE
