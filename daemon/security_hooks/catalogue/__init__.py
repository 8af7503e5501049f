"""What commands mean: TOML data by family, and its loader."""
