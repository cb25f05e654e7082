// What the server draws and reads, beside the text that it is about: pictures, and rows as a grid.

import * as vscode from "vscode";

/** What `seeknal.preview` answers. */
export interface Rows {
  node: string;
  columns: { name: string; type: string }[];
  rows: Record<string, unknown>[];
  cut: boolean;
  made: string[];
}

type Kind = "picture" | "rows";

export class Panels {
  private readonly open = new Map<Kind, vscode.WebviewPanel>();

  async picture(uri: vscode.Uri): Promise<void> {
    const svg = new TextDecoder().decode(await vscode.workspace.fs.readFile(uri));
    const name = (uri.path.split("/").at(-1) ?? "").replace(/^lineage-/, "").replace(/\.svg$/, "");
    // It takes the room there is, as long as it can be read.
    const width = Number(/<svg[^>]* width="([0-9.]+)/.exec(svg)?.[1] ?? 0);
    const least = Math.round(width * 0.8);
    this.show("picture", `Lineage: ${name}`, `<style>svg { min-width: ${least}px; }</style><div class="paper">${svg}</div>`);
  }

  rows(found: Rows): void {
    this.show("rows", `Rows: ${found.node}`, grid(found));
  }

  private show(kind: Kind, title: string, body: string): void {
    let panel = this.open.get(kind);
    if (panel === undefined) {
      const place = { viewColumn: vscode.ViewColumn.Beside, preserveFocus: true };
      panel = vscode.window.createWebviewPanel(`seeknal.${kind}`, title, place);
      panel.onDidDispose(() => this.open.delete(kind));
      this.open.set(kind, panel);
    }
    panel.title = title;
    panel.webview.html = page(body);
    panel.reveal(undefined, true);
  }
}

function grid({ columns, rows, cut, made }: Rows): string {
  const isNumber = (type: string) => !type.includes("[") && /INT|DECIMAL|DOUBLE|FLOAT/.test(type) && !type.startsWith("INTERVAL");
  const head = columns.map(({ name, type }) => `<th class="${isNumber(type) ? "number" : ""}">${text(name)}<small>${text(type)}</small></th>`);
  const cell = (value: unknown, type: string) => {
    const words = value === null || value === undefined ? `<i>NULL</i>` : text(typeof value === "object" ? JSON.stringify(value) : String(value));
    return `<td class="${isNumber(type) ? "number" : ""}">${words}</td>`;
  };
  const body = rows.map((row) => `<tr>${columns.map(({ name, type }) => cell(row[name], type)).join("")}</tr>`);
  const count = cut ? `The first ${rows.length} rows.` : rows.length === 1 ? "1 row in all." : `${rows.length} rows in all.`;
  const how = made.length > 0 ? ` Made for it, as written now: ${made.map((id) => `<code>${text(id)}</code>`).join(", ")}.` : "";
  return `<p>${count}${how}</p><table><thead><tr>${head.join("")}</tr></thead><tbody>${body.join("")}</tbody></table>`;
}

function text(words: string): string {
  return words.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;").replace(/"/g, "&quot;");
}

/** A page that runs nothing. Pictures are drawn on paper, whatever the theme is. */
function page(body: string): string {
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline';">
<style>
  body { margin: 0; padding: 12px 16px; color: var(--vscode-foreground); font: var(--vscode-font-size) var(--vscode-font-family); }
  .paper { display: inline-block; padding: 16px; background: #ffffff; border-radius: 6px; }
  svg { max-width: 100%; height: auto; }
  p { margin: 0 0 10px; color: var(--vscode-descriptionForeground); }
  table { border-collapse: collapse; font-family: var(--vscode-editor-font-family); font-size: var(--vscode-editor-font-size); }
  th, td { padding: 3px 14px 3px 0; text-align: left; white-space: pre; border-bottom: 1px solid var(--vscode-editorWidget-border, #8884); }
  th { position: sticky; top: 0; background: var(--vscode-editor-background); font-weight: 600; }
  th small { display: block; font-weight: 400; color: var(--vscode-descriptionForeground); }
  .number { text-align: right; }
  i { color: var(--vscode-disabledForeground); font-style: normal; }
</style>
</head>
<body>${body}</body>
</html>`;
}
