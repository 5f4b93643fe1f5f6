"""Who works here: accounts, what each role may do, how they sign in, and the log of what they did."""
