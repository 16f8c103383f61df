"""The pure part of the schedule: the file of stores parsed and edited, and which store is due.

Values in, values out; the time is an argument."""
