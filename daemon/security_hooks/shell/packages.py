"""Packages whose programs have another name than they: `npx @angular/cli new x` runs `ng`."""

import re

from security_hooks.model.word import Word

_VERSIONED = re.compile(r"((?:@[\w.-]+/)?[\w.-]+)@[\w.^~<>=*-]+", re.ASCII)
_PROGRAMS = {
    "@angular/cli": "ng",
    "@anthropic-ai/claude-code": "claude",
    "@babel/cli": "babel",
    "@capacitor/cli": "cap",
    "@changesets/cli": "changeset",
    "@commitlint/cli": "commitlint",
    "@expo/cli": "expo",
    "@graphql-codegen/cli": "graphql-codegen",
    "@google/gemini-cli": "gemini",
    "@google/clasp": "clasp",
    "@ionic/cli": "ionic",
    "@lhci/cli": "lhci",
    "@mermaid-js/mermaid-cli": "mmdc",
    "@nestjs/cli": "nest",
    "@openai/codex": "codex",
    "@openapitools/openapi-generator-cli": "openapi-generator-cli",
    "@railway/cli": "railway",
    "@redocly/cli": "redocly",
    "@remix-run/dev": "remix",
    "@salesforce/cli": "sf",
    "@sentry/cli": "sentry-cli",
    "@shopify/cli": "shopify",
    "@stoplight/prism-cli": "prism",
    "@storybook/cli": "storybook",
    "@swc/cli": "swc",
    "@tailwindcss/cli": "tailwindcss",
    "@vue/cli": "vue",
    "ansible-core": "ansible",
    "aws-cdk": "cdk",
    "awscli": "aws",
    "httpie": "http",
    "huggingface-hub": "huggingface-cli",
    "jupyterlab": "jupyter-lab",
    "netlify-cli": "netlify",
    "nodejs": "node",
    "npm-check-updates": "ncu",
    "typescript": "tsc",
    "wrangler2": "wrangler",
}


def program_of(package: Word) -> Word:
    """The program that a package runner starts for a package, without a version: `npx vitest@2`, `uvx ruff@latest`."""
    literal = package.literal or ""
    found = _VERSIONED.fullmatch(literal)
    name = literal if found is None else found[1]
    name = _PROGRAMS.get(name, name)
    return package if name == literal else Word((name,), package.span, name)
