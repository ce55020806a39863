"""The only place with SQL. Reads and writes take a Scope; rows come back as the values of core."""
