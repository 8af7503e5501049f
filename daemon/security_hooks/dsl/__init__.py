"""The rules language: rule text in, matchers out. The only code that knows Lark."""
