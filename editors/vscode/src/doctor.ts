// Everything that whoever helps will ask for, in one text, without what is in the project.

import * as vscode from "vscode";
import type { Server } from "./server";

export async function doctor(server: Server): Promise<void> {
  const { program, says, works } = await server.probe();
  const status = works ? await server.run<object>("serverStatus") : undefined;
  const settings = vscode.workspace.getConfiguration("seeknal");
  const lines = [
    "# Seeknal",
    "",
    `- editor: ${vscode.env.appName} ${vscode.version}, ${process.platform} ${process.arch}`,
    `- extension: ${String(vscode.extensions.getExtension("seeknal-lsp.seeknal-lsp")?.packageJSON.version)}`,
    `- server: \`${program}\``,
    `- it says: ${says}`,
    `- trusted: ${vscode.workspace.isTrusted}`,
    `- environment: ${settings.get<string>("environment", "dev")}`,
    "",
    "```json",
    JSON.stringify(status ?? "the server does not run", undefined, 2),
    "```",
    "",
  ];
  const document = await vscode.workspace.openTextDocument({ language: "markdown", content: lines.join("\n") });
  await vscode.window.showTextDocument(document);
}
