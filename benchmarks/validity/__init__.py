"""Whether what no longer holds stays out of a context, and what holds is in it: facts that change, and questions."""
