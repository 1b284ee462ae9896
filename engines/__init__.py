"""Ways of running the networks; one file is one engine, found through entry points."""
