"""What a routed turn costs on top of its model: Nova's own overhead, and its wall time beside two peers."""
