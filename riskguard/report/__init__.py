"""What happened in an incident, for a person, and the guard's own figures; both from the journal alone."""

from riskguard.report.document import FORMATS, incident_report
from riskguard.report.measure import Figures, measure
from riskguard.report.telling import NoIncidentError, incidents_of, tell

__all__ = ["FORMATS", "Figures", "NoIncidentError", "incident_report", "incidents_of", "measure", "tell"]
