"""What a durable pipeline costs, beside two peers doing the same work."""
