"""How fast it is: each file measures one topic and gives the rows of the one table."""
