"""The contract's generated files, and whether the code still keeps what was released."""
