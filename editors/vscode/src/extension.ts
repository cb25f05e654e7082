// Starts the server for windows with a Seeknal project. What the editor shows comes from the server,
// so that every editor shows the same; here are the menus, the status bar, and what opens where.

import * as vscode from "vscode";
import { register } from "./commands";
import { Panels } from "./panels";
import { Server } from "./server";
import { Status } from "./status";

let server: Server | undefined;

export async function activate(context: vscode.ExtensionContext): Promise<void> {
  const status = new Status();
  server = new Server(context, status, new Panels());
  const started = server;
  context.subscriptions.push(
    status,
    ...register(started),
    vscode.workspace.onDidChangeConfiguration(async (event) => {
      const own = ["seeknal.server.path", "seeknal.environment"];
      if (own.some((name) => event.affectsConfiguration(name))) {
        await started.restart();
      }
    }),
    // What is trusted now may run its SQL without another question.
    vscode.workspace.onDidGrantWorkspaceTrust(() => started.restart()),
  );
  await started.restart();
}

export async function deactivate(): Promise<void> {
  await server?.stop();
}
