"""The graph's output arrays come in; scores and vectors of texts, tokens and words go out."""
