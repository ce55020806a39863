"""What a person says in a conversation, turned into proposed notes by rules. Knows words; has no model and no store.

Covered: English as a developer types it, and a light German set (`merk dir`, `wir haben entschieden`, `offene Frage`,
`ab jetzt`). The rules would rather miss a note than propose a wrong one.
"""
