"""What may be done, by whom, with what. Decisions are pure; looking at the disk is one thin file beside them."""
