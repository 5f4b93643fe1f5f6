"""A release: closes batches, writes the ledger, publishes. No door knows this room."""
