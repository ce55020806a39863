"""Models of all kinds: language models behind roles, the built-in one, the sentence encoder, the ledger's pen."""
