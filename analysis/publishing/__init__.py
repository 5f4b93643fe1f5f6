"""What a release publishes of the ledger: tables, measures, changes, and who may read each row."""
