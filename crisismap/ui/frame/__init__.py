"""The frame of every page: head, style, notices, side panel, alarm and handover."""
