"""A bundle's folder and what the caller demands, a public key or a digest, come in; a bundle that meets it goes out."""
