"""Memory as plain files: notes and conversations to Markdown and back, and other tools' memory. Refuses to know SQL."""
