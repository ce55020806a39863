"""The coordinator: takes a request in, decides who answers, has it answered, and can say why."""
