"""The history under attack and under bad luck, at length: not part of the tests, run by `python -m
tests.campaign`."""
