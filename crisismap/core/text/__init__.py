"""Text: folding, wording and spelling in any script, and the language of symbols."""
