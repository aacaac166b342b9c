"""Appeals to the company: a customer's question, its messages both ways, and the desk that answers."""
