"""The runner of `blogkeep schedule`: clock, processes and files around the pure `timetable`."""
