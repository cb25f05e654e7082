// The server's process: which program it is, and what goes to it and comes from it.

import { execFile } from "node:child_process";
import * as fs from "node:fs";
import { promisify } from "node:util";
import * as vscode from "vscode";
import {
  CloseAction,
  ErrorAction,
  ExecuteCommandRequest,
  LanguageClient,
  TransportKind,
  WorkDoneProgress,
  type CloseHandlerResult,
  type LanguageClientOptions,
  type WorkDoneProgressReport,
} from "vscode-languageclient/node";
import type { Panels, Rows } from "./panels";
import type { Status } from "./status";

/** The files that belong to projects. Every other YAML file of a window is somebody else's. */
export const PATTERNS = [
  "**/seeknal/**/*.{yml,yaml,py}",
  "**/{pipelines,transforms,environments}/**/*.{yml,yaml,py}",
  "**/{seeknal_project,profiles,profiles-*}.yml",
];

/** Commands that work with what is saved. */
const SAVED = new Map([
  ["seeknal.apply", "Apply"],
  ["seeknal.promote", "Promote"],
  ["seeknal.run", "Run"],
]);

/** A server that dies more often than this in this time is left alone. */
const DEATHS = 4;
const DEATHS_MS = 3 * 60_000;

/** What ends sooner needs no notification. */
const LONG_MS = 700;

export class Server {
  private jobs = 0;
  private deaths: number[] = [];
  private client: LanguageClient | undefined;
  /** What is being done with the process. A start and a stop that overlap would lose one another. */
  private turn: Promise<void> = Promise.resolve();
  readonly output = vscode.window.createOutputChannel("Seeknal", { log: true });
  private readonly trace = vscode.window.createOutputChannel("Seeknal Trace", { log: true });

  constructor(
    private readonly context: vscode.ExtensionContext,
    private readonly status: Status,
    private readonly panels: Panels,
  ) {
    context.subscriptions.push(this.output, this.trace);
  }

  /** Settings may arrive while the extension comes up, so that the first start is made with the wrong program. */
  restart(): Promise<void> {
    return this.inTurn(async () => {
      await this.end();
      await this.start();
    });
  }

  stop(): Promise<void> {
    return this.inTurn(() => this.end());
  }

  /** Asks the server for a command, and says what it refuses. */
  async run<A>(id: string, argument: object = {}): Promise<A | undefined> {
    return vscode.commands.executeCommand<A | undefined>(`seeknal.${id}`, argument);
  }

  /** The program, and what it says of itself. */
  async probe(): Promise<{ program: string; says: string; works: boolean }> {
    const program = this.program();
    try {
      const { stdout } = await promisify(execFile)(program, ["--version"], { timeout: 20_000 });
      return { program, says: stdout.trim(), works: true };
    } catch (error) {
      return { program, says: words(error), works: false };
    }
  }

  private inTurn(work: () => Promise<void>): Promise<void> {
    this.turn = this.turn.then(work);
    return this.turn;
  }

  private async start(): Promise<void> {
    this.status.starting();
    const { program, says, works } = await this.probe();
    if (!works) {
      this.status.down();
      // Nobody waits for the answer: the next start may be the cure.
      void this.complain(`Seeknal: ${program} does not start: ${says}`);
      return;
    }
    this.output.info(`${program}: ${says}`);
    const own = String(this.context.extension.packageJSON.version);
    const theirs = /^seeknal-lsp (\S+)/.exec(says)?.[1];
    if (theirs !== own) {
      this.output.warn(`The extension is ${own} and the server is ${theirs ?? "unknown"}: use the same of both.`);
    }
    const server = { command: program, args: ["lsp"], transport: TransportKind.stdio };
    this.client = new LanguageClient("seeknal", "Seeknal", server, this.options());
    try {
      await this.client.start();
      await vscode.commands.executeCommand("setContext", "seeknal.running", true);
      this.status.up(() => this.client?.sendRequest("workspace/executeCommand", { command: "seeknal.serverStatus", arguments: [] }));
    } catch (error) {
      this.status.down();
      void this.complain(`Seeknal: ${program} does not start: ${words(error)}`);
    }
  }

  private options(): LanguageClientOptions {
    const environment = vscode.workspace.getConfiguration("seeknal").get<string>("environment", "dev");
    return {
      documentSelector: PATTERNS.map((pattern) => ({ scheme: "file", pattern })),
      outputChannel: this.output,
      traceOutputChannel: this.trace,
      initializationOptions: { trusted: vscode.workspace.isTrusted, environment, pictures: true },
      errorHandler: {
        // What cannot be written to a server that died is said by its end, which comes next.
        error: () => ({ action: ErrorAction.Continue, handled: true }),
        closed: () => this.died(),
      },
      middleware: {
        executeCommand: (command, given) => this.carryOut(command, given),
        window: {
          showDocument: async (params, token, next) => {
            const uri = vscode.Uri.parse(params.uri);
            if (uri.path.endsWith(".svg")) {
              await this.panels.picture(uri);
              return { success: true };
            }
            if (uri.path.endsWith(".md")) {
              await beside(uri);
              return { success: true };
            }
            return next(params, token);
          },
        },
      },
    };
  }

  /** A server that died is started again, unless it dies all the time. */
  private died(): CloseHandlerResult {
    const now = Date.now();
    this.deaths = [...this.deaths.filter((then) => now - then < DEATHS_MS), now];
    if (this.deaths.length <= DEATHS) {
      this.output.warn("The server ended by itself, and is started again.");
      return { action: CloseAction.Restart, handled: true };
    }
    this.status.down();
    void this.complain("Seeknal: the server ends again and again; its output says why. \"Seeknal: Restart Server\" tries it once more.");
    return { action: CloseAction.DoNotRestart, handled: true };
  }

  /** Carries a command out, from wherever it was clicked: what it needs is saved, and what it refuses is said. */
  private async carryOut(command: string, given: unknown[]): Promise<unknown> {
    const word = SAVED.get(command);
    if (word !== undefined && !(await saved(word))) {
      return undefined;
    }
    const done = this.status.begun(command);
    try {
      if (command === "seeknal.preview") {
        // The editor has a better place for rows than a text.
        const quiet = given.map((one) => ({ ...(one as object), show: false }));
        const found = (await this.request(command, quiet)) as Rows & { stopped?: string };
        if (found.stopped === undefined) {
          this.panels.rows(found);
        }
        return found;
      }
      return await this.request(command, given);
    } catch (error) {
      this.output.warn(`${command}: ${words(error)}`);
      void vscode.window.showErrorMessage(`Seeknal: ${words(error)}`);
      return undefined;
    } finally {
      done();
    }
  }

  /** Sends a command. One that takes long shows how far it is, and can be cancelled there. */
  private async request(command: string, given: unknown[]): Promise<unknown> {
    const client = this.client;
    if (client === undefined) {
      throw new Error("the server does not run");
    }
    this.jobs += 1;
    const token = `vscode-${this.jobs}`;
    const told = new vscode.EventEmitter<WorkDoneProgressReport>();
    let last: WorkDoneProgressReport = { kind: "report" };
    let title = "Seeknal";
    const listening = client.onProgress(WorkDoneProgress.type, token, (value) => {
      if (value.kind === "begin") {
        title = `Seeknal: ${value.title}`;
      } else if (value.kind === "report") {
        last = value;
        told.fire(value);
      }
    });
    const answer = client.sendRequest(ExecuteCommandRequest.type, { command, arguments: given, workDoneToken: token });
    const shown = setTimeout(() => {
      const options = { location: vscode.ProgressLocation.Notification, title, cancellable: true };
      void vscode.window.withProgress(options, async (progress, cancel) => {
        cancel.onCancellationRequested(() => void client.sendNotification("window/workDoneProgress/cancel", { token }));
        let done = 0;
        const report = ({ message, percentage }: WorkDoneProgressReport) => {
          const increment = Math.max(0, (percentage ?? done) - done);
          done += increment;
          progress.report({ message, increment });
        };
        report(last);
        told.event(report);
        await answer.then(
          () => undefined,
          () => undefined,
        );
      });
    }, LONG_MS);
    try {
      return await answer;
    } finally {
      clearTimeout(shown);
      listening.dispose();
      told.dispose();
    }
  }

  private async complain(message: string): Promise<void> {
    this.output.error(message);
    const choice = await vscode.window.showErrorMessage(message, "Open Settings");
    if (choice !== undefined) {
      await vscode.commands.executeCommand("workbench.action.openSettings", "seeknal.server.path");
    }
  }

  private async end(): Promise<void> {
    await vscode.commands.executeCommand("setContext", "seeknal.running", false);
    this.status.down();
    const old = this.client;
    this.client = undefined;
    // One that never came up refuses to be stopped, and holds nothing.
    await old?.dispose().catch(() => undefined);
  }

  /** The program: the one that is set, the one that came along, or the one on the path. */
  private program(): string {
    const set = vscode.workspace.getConfiguration("seeknal").get<string>("server.path", "").trim();
    if (set !== "") {
      return set;
    }
    const name = (program: string) => (process.platform === "win32" ? `${program}.exe` : program);
    const bundled = (program: string) => vscode.Uri.joinPath(this.context.extensionUri, "server", name(program)).fsPath;
    const server = bundled("seeknal-lsp");
    if (!fs.existsSync(server)) {
      return name("seeknal-lsp");
    }
    // Unpacking may lose the right to run it, and what it starts.
    if (process.platform !== "win32") {
      [server, bundled("seeknal-worker")].forEach((program) => fs.chmodSync(program, 0o755));
    }
    return server;
  }
}

/** Shows a text beside the one that is written, where the cursor stays. */
async function beside(uri: vscode.Uri): Promise<void> {
  const editor = vscode.window.activeTextEditor;
  await vscode.commands.executeCommand("markdown.showPreviewToSide", uri);
  if (editor !== undefined) {
    await vscode.window.showTextDocument(editor.document, { viewColumn: editor.viewColumn, selection: editor.selection });
  }
}

/** Whether everything of projects is saved, after asking to save it. */
async function saved(word: string): Promise<boolean> {
  const dirty = vscode.workspace.textDocuments.filter(
    (one) => one.isDirty && PATTERNS.some((pattern) => vscode.languages.match({ scheme: "file", pattern }, one) > 0),
  );
  if (dirty.length === 0) {
    return true;
  }
  const names = dirty.map((one) => vscode.workspace.asRelativePath(one.uri)).join(", ");
  const yes = `Save and ${word}`;
  const choice = await vscode.window.showWarningMessage(`What is carried out is what is saved, and ${names} is not.`, yes);
  if (choice !== yes) {
    return false;
  }
  const all = await Promise.all(dirty.map((one) => one.save()));
  return all.every(Boolean);
}

function words(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
