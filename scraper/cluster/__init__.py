"""Many machines: queue, fences, budget and catalogue in PostgreSQL, a pair of files for each store
in a depot. The only code that knows PostgreSQL."""
