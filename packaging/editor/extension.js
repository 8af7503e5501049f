"use strict";

// Starts `security-hooks lsp` for .rules files. What it says is shown by the editor; nothing is decided here.
const { workspace } = require("vscode");
const { LanguageClient } = require("vscode-languageclient/node");

let client;

function activate() {
  const settings = workspace.getConfiguration("security-hooks");
  const server = { command: settings.get("command"), args: ["lsp", ...settings.get("arguments")] };
  const options = {
    documentSelector: [{ language: "security-hooks-rules" }],
    synchronize: { fileEvents: workspace.createFileSystemWatcher("**/*.{rules,toml}") },
  };
  client = new LanguageClient("security-hooks", "security-hooks", server, options);
  return client.start();
}

function deactivate() {
  return client === undefined ? undefined : client.stop();
}

module.exports = { activate, deactivate };
