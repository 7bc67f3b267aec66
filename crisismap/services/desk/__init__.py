"""The dispatch desk: alarms, search, shift handover and saved views."""
