"""A text and a function from texts to logits come in; what each word contributes to a label goes out."""
