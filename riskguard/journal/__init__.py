"""The record: what the guard must not forget, durable before any order leaves."""

from riskguard.journal.lock import JournalLocked
from riskguard.journal.memory_journal import MemoryJournal
from riskguard.journal.reader import JournalReader
from riskguard.journal.sqlite_journal import SqliteJournal, open_journal

__all__ = ["JournalLocked", "JournalReader", "MemoryJournal", "SqliteJournal", "open_journal"]
