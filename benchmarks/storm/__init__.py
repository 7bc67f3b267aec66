"""Many clients of all kinds at one server, whose arrivals follow the clock and not the server's answers."""
