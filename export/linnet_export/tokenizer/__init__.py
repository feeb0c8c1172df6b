"""A checkpoint's tokenizer comes in; the bundle's tokenizer files go out."""
