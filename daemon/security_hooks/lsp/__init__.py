"""The language server's answers about `.rules` files: a text and what stands around it in, plain values out."""
