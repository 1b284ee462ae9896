"""How a head is held, lit and sized; what is neutral, and how near two heads are to each other."""
