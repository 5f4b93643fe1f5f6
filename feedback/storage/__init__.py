"""Where everything is kept: tables, keys, facts of a deployment; and overwriting what was deleted."""
