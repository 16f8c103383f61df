"""Pages that nobody would write, thousands at a time: run by `make fuzz`, not with the tests."""
