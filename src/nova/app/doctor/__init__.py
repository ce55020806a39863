"""What is there, what is missing, and how to get it. Looks at everything, changes nothing, never raises."""
