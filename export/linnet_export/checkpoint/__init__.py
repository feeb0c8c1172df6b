"""A folder of files comes in; a config, a tokenizer and a model that Linnet can convert go out."""
