"""Alerts in the archive: what there is to tell, and the outbox."""
