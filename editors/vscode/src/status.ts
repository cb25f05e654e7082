// The status bar: what the edits of each project do, and what is being done.

import * as vscode from "vscode";

/** What the server says of a project's edits. */
interface Changes {
  against: string;
  breaking: number;
  non_breaking: number;
  metadata: number;
  added: number;
  removed: number;
  build: number;
  fails: number;
}

interface Report {
  idle: boolean;
  projects: { root: string; nodes: number; changes: Changes | null }[];
}

/** How long what is typed may take before the numbers follow. */
const LATER_MS = 300;

const DOING = new Map([
  ["seeknal.plan", "planning"],
  ["seeknal.showPlan", "planning"],
  ["seeknal.apply", "applying"],
  ["seeknal.promote", "promoting"],
  ["seeknal.rollback", "rolling back"],
  ["seeknal.run", "running"],
  ["seeknal.test", "testing"],
  ["seeknal.preview", "reading rows"],
  ["seeknal.check", "checking"],
]);

export class Status implements vscode.Disposable {
  private readonly item = vscode.window.createStatusBarItem("seeknal", vscode.StatusBarAlignment.Left, 10);
  private readonly listening: vscode.Disposable;
  private ask: (() => Promise<unknown> | undefined) | undefined;
  private later: NodeJS.Timeout | undefined;
  private readonly jobs: string[] = [];
  private report: Report | undefined;

  constructor() {
    this.item.name = "Seeknal";
    this.item.command = "seeknal.menu";
    this.listening = vscode.languages.onDidChangeDiagnostics(() => this.refresh());
  }

  dispose(): void {
    clearTimeout(this.later);
    this.listening.dispose();
    this.item.dispose();
  }

  starting(): void {
    this.item.text = "$(loading~spin) Seeknal";
    this.item.tooltip = "The server is starting";
    this.item.backgroundColor = undefined;
    this.item.show();
  }

  up(ask: () => Promise<unknown> | undefined): void {
    this.ask = ask;
    this.item.text = "$(database) Seeknal";
    this.refresh();
  }

  down(): void {
    this.ask = undefined;
    this.item.text = "$(error) Seeknal";
    this.item.tooltip = "The server does not run; the command \"Seeknal: Restart Server\" starts it again";
    this.item.backgroundColor = new vscode.ThemeColor("statusBarItem.errorBackground");
    this.item.show();
  }

  /** A command is carried out, until what is given back is called. */
  begun(command: string): () => void {
    const doing = DOING.get(command);
    if (doing === undefined) {
      return () => this.refresh();
    }
    this.jobs.push(doing);
    void vscode.commands.executeCommand("setContext", "seeknal.working", true);
    this.draw();
    return () => {
      this.jobs.splice(this.jobs.indexOf(doing), 1);
      void vscode.commands.executeCommand("setContext", "seeknal.working", this.jobs.length > 0);
      this.draw();
      this.refresh();
    };
  }

  isWorking(): boolean {
    return this.jobs.length > 0;
  }

  private refresh(): void {
    clearTimeout(this.later);
    this.later = setTimeout(() => void this.read(), LATER_MS);
  }

  private async read(): Promise<void> {
    const report = await this.ask?.()?.then((found) => found as Report, () => undefined);
    if (report === undefined || this.ask === undefined) {
      return;
    }
    this.report = report;
    this.draw();
    if (!report.idle) {
      this.refresh();
    }
  }

  private draw(): void {
    if (this.ask === undefined) {
      return;
    }
    const changes = (this.report?.projects ?? []).flatMap((one) => one.changes ?? []);
    const sum = (of: (one: Changes) => number) => changes.reduce((all, one) => all + of(one), 0);
    const breaking = sum((one) => one.breaking);
    const counts = [
      count(breaking, "breaking"),
      count(sum((one) => one.non_breaking), "non-breaking"),
      count(sum((one) => one.metadata), "metadata"),
      count(sum((one) => one.added), "new"),
      count(sum((one) => one.removed), "removed"),
    ].filter((one) => one !== "");
    const doing = this.jobs.at(-1);
    const icon = doing === undefined ? "$(database)" : "$(sync~spin)";
    this.item.text = `${icon} Seeknal${doing === undefined ? "" : ` ${doing}`}${counts.length > 0 ? `: ${counts.join(", ")}` : ""}`;
    this.item.backgroundColor = breaking > 0 ? new vscode.ThemeColor("statusBarItem.warningBackground") : undefined;
    this.item.tooltip = this.tooltip();
    this.item.show();
  }

  private tooltip(): vscode.MarkdownString {
    const text = new vscode.MarkdownString();
    for (const { root, nodes, changes } of this.report?.projects ?? []) {
      text.appendMarkdown(`**${vscode.workspace.asRelativePath(root)}**, ${nodes} nodes\n\n`);
      if (changes === null) {
        text.appendMarkdown("Nothing to compare with yet: commit it, or run it once.\n\n");
        continue;
      }
      text.appendMarkdown(`Compared with ${changes.against}: ${changes.build} to build, ${changes.fails} failing\n\n`);
    }
    return text;
  }
}

function count(number: number, word: string): string {
  return number > 0 ? `${number} ${word}` : "";
}
