"""What every page shares: head, style, notices, side panel, alarm and shift handover."""
