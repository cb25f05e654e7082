// Starts the server for windows with a Seeknal project, and nothing else: what the editor shows
// comes from the server, so that every editor shows the same.

import * as fs from "node:fs";
import * as vscode from "vscode";
import { LanguageClient, TransportKind, type LanguageClientOptions } from "vscode-languageclient/node";

let client: LanguageClient | undefined;

/** The files that belong to projects. Every other YAML file of a window is somebody else's. */
const PATTERNS = [
  "**/seeknal/**/*.{yml,yaml,py}",
  "**/{pipelines,transforms,environments}/**/*.{yml,yaml,py}",
  "**/{seeknal_project,profiles,profiles-*}.yml",
];

export async function activate(context: vscode.ExtensionContext): Promise<void> {
  context.subscriptions.push(
    vscode.commands.registerCommand("seeknal.restart", () => restart(context)),
    vscode.workspace.onDidChangeConfiguration(async (event) => {
      if (event.affectsConfiguration("seeknal.server.path")) {
        await restart(context);
      }
    }),
  );
  await restart(context);
}

export async function deactivate(): Promise<void> {
  await inTurn(stop);
}

/** What is being done with the server. A start and a stop that overlap would lose one another. */
let turn: Promise<void> = Promise.resolve();

function inTurn(work: () => Promise<void>): Promise<void> {
  turn = turn.then(work);
  return turn;
}

/** Settings may arrive while the extension comes up, so that the first start is made with the wrong program. */
function restart(context: vscode.ExtensionContext): Promise<void> {
  return inTurn(async () => {
    await stop();
    await start(context);
  });
}

async function start(context: vscode.ExtensionContext): Promise<void> {
  const command = program(context);
  const options: LanguageClientOptions = {
    documentSelector: PATTERNS.map((pattern) => ({ scheme: "file", pattern })),
    outputChannelName: "Seeknal",
    // The server's process tells what it is about to do with a file only when it is asked to.
    initializationOptions: { trusted: vscode.workspace.isTrusted },
  };
  const server = { command, args: ["lsp"], transport: TransportKind.stdio };
  client = new LanguageClient("seeknal", "Seeknal", server, options);
  try {
    await client.start();
    await vscode.commands.executeCommand("setContext", "seeknal.running", true);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    // Nobody waits for the answer: the next start may be the cure.
    void complain(`Seeknal: ${command} does not start: ${reason}`);
  }
}

async function complain(message: string): Promise<void> {
  const choice = await vscode.window.showErrorMessage(message, "Open Settings");
  if (choice !== undefined) {
    await vscode.commands.executeCommand("workbench.action.openSettings", "seeknal.server.path");
  }
}

async function stop(): Promise<void> {
  await vscode.commands.executeCommand("setContext", "seeknal.running", false);
  const old = client;
  client = undefined;
  // One that never came up refuses to be stopped, and holds nothing.
  await old?.dispose().catch(() => undefined);
}

/** The server: the one that is set, the one that came along, or the one on the path. */
function program(context: vscode.ExtensionContext): string {
  const set = vscode.workspace.getConfiguration("seeknal").get<string>("server.path", "").trim();
  if (set !== "") {
    return set;
  }
  const name = process.platform === "win32" ? "seeknal-lsp.exe" : "seeknal-lsp";
  const bundled = vscode.Uri.joinPath(context.extensionUri, "server", name).fsPath;
  if (!fs.existsSync(bundled)) {
    return name;
  }
  // Unpacking may lose the right to run it.
  if (process.platform !== "win32") {
    fs.chmodSync(bundled, 0o755);
  }
  return bundled;
}
