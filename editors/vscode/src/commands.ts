// The menus: each asks for what a command of the server needs, and the server does the rest.

import * as vscode from "vscode";
import { doctor } from "./doctor";
import type { Server } from "./server";

interface About {
  name: string;
  stage: string;
}

export function register(server: Server): vscode.Disposable[] {
  const on = (id: string, act: () => Promise<unknown> | unknown) => vscode.commands.registerCommand(`seeknal.${id}`, act);
  const plain = (id: string, more: object = {}) =>
    on(`menu.${id}`, async () => {
      const where = await project(server);
      return where && server.run(id, { ...where, ...more });
    });
  const about = (id: string, title: string, withProduction: boolean, more: object = {}) =>
    on(`menu.${id}`, async () => {
      const where = await project(server);
      const environment = where && (await pick(server, where, title, withProduction));
      return environment && server.run(id, { ...where, environment, ...more });
    });
  return [
    about("plan", "Plan which environment?", false, { show: true }),
    about("apply", "Apply which environment?", false),
    about("promote", "Promote which environment to production?", false),
    about("rollback", "Roll which environment back?", true),
    about("test", "Test what which environment shows?", true),
    plain("run"),
    plain("history", { show: true }),
    plain("showPlan", { show: true }),
    plain("refreshSources"),
    on("menu.check", () => check(server)),
    on("menu.cancel", () => server.run("cancel")),
    on("menu.preview", () => atCursor(server, "preview")),
    on("menu.previewSelection", () => atCursor(server, "preview", true)),
    on("menu.lineage", () => atCursor(server, "lineage")),
    on("menu.environments", () => environments(server)),
    on("menu.setBaseline", () => setBaseline(server)),
    on("menu", () => menu()),
    on("restart", () => server.restart()),
    on("output", () => server.output.show()),
    on("doctor", () => doctor(server)),
  ];
}

/** Says how much is wrong in all projects; what it is stands among the problems of the window. */
async function check(server: Server): Promise<void> {
  const found = await server.run<{ problems: unknown[]; files: number }>("check");
  if (found !== undefined) {
    const count = found.problems.length === 1 ? "1 problem" : `${found.problems.length} problems`;
    void vscode.window.showInformationMessage(`Seeknal: ${count} in ${found.files} files.`);
  }
}

/** The project that is meant: the one of the active file, the only one, or the one that is chosen. */
async function project(server: Server): Promise<{ project: string } | undefined> {
  const status = await server.run<{ projects: { root: string }[] }>("serverStatus");
  const roots = (status?.projects ?? []).map((one) => one.root);
  const file = vscode.window.activeTextEditor?.document.uri.fsPath ?? "";
  const inside = roots.filter((root) => file.startsWith(root)).sort((one, two) => two.length - one.length);
  const only = inside[0] ?? (roots.length === 1 ? roots[0] : undefined);
  if (only !== undefined) {
    return { project: only };
  }
  if (roots.length === 0) {
    void vscode.window.showInformationMessage("Seeknal: no project is open. One has a folder `seeknal` with YAML files.");
    return undefined;
  }
  const chosen = await vscode.window.showQuickPick(roots, { title: "Which project?" });
  return chosen === undefined ? undefined : { project: chosen };
}

/** An environment: one that is there, or the name of a new one where that makes sense. */
async function pick(server: Server, where: object, title: string, withProduction: boolean): Promise<string | undefined> {
  const found = await server.run<{ environments: About[] }>("environments", where);
  const all = (found?.environments ?? []).filter((one) => withProduction || one.name !== "prod");
  const items: vscode.QuickPickItem[] = all.map((one) => ({ label: one.name, description: one.stage }));
  const usual = vscode.workspace.getConfiguration("seeknal").get<string>("environment", "dev");
  if (!withProduction && !all.some((one) => one.name === usual)) {
    items.unshift({ label: usual, description: "new" });
  }
  const other = { label: "$(add) Another name…" };
  const choice = await vscode.window.showQuickPick(withProduction ? items : [...items, other], { title });
  if (choice !== other) {
    return choice?.label;
  }
  return vscode.window.showInputBox({
    title,
    prompt: "Letters, digits, _ and -",
    validateInput: (name) => (/^[A-Za-z0-9_-]+$/.test(name) ? undefined : "Letters, digits, _ and - make a name"),
  });
}

/** A command about the node at the cursor, or about what is selected there. */
async function atCursor(server: Server, id: string, isSelection = false): Promise<unknown> {
  const editor = vscode.window.activeTextEditor ?? vscode.window.visibleTextEditors[0];
  if (editor === undefined) {
    return undefined;
  }
  const kind = isSelection ? "Preview selection" : id === "preview" ? "Preview " : "Lineage ";
  const actions = await vscode.commands.executeCommand<vscode.CodeAction[]>(
    "vscode.executeCodeActionProvider",
    editor.document.uri,
    editor.selection,
  );
  const own = actions.filter((one) => one.title.startsWith(kind) && one.command?.command === `seeknal.${id}`);
  // What is about the node stands behind what is about the place alone.
  const command = (isSelection ? own[0] : own.at(-1))?.command;
  if (command === undefined) {
    return vscode.window.showInformationMessage("Seeknal: put the cursor into a node that has it.");
  }
  return vscode.commands.executeCommand(command.command, ...(command.arguments ?? []));
}

/** Every environment, and what can be done with the one that is chosen. */
async function environments(server: Server): Promise<unknown> {
  const where = await project(server);
  if (where === undefined) {
    return undefined;
  }
  const found = await server.run<{ environments: About[] }>("environments", where);
  const items = (found?.environments ?? []).map((one) => ({ label: one.name, description: one.stage }));
  if (items.length === 0) {
    return vscode.window.showInformationMessage("Seeknal: there is no environment yet; \"Plan an Environment\" makes one.");
  }
  const chosen = await vscode.window.showQuickPick(items, { title: "Environments" });
  if (chosen === undefined) {
    return undefined;
  }
  const isProduction = chosen.label === "prod";
  const ways = isProduction ? ["test", "rollback"] : ["plan", "apply", "test", "promote", "rollback"];
  const way = await vscode.window.showQuickPick(ways, { title: chosen.label });
  return way && server.run(way, { ...where, environment: chosen.label });
}

async function setBaseline(server: Server): Promise<unknown> {
  const where = await project(server);
  if (where === undefined) {
    return undefined;
  }
  const found = await server.run<{ environments: About[] }>("environments", where);
  const items = [
    { label: "auto", description: "production, else where the branch began" },
    { label: "git:HEAD", description: "the last commit" },
    ...(found?.environments ?? []).map((one) => ({ label: one.name, description: one.stage })),
    { label: "git:…", description: "another revision" },
  ];
  const chosen = await vscode.window.showQuickPick(items, { title: "Compare edits with" });
  const revision = () => vscode.window.showInputBox({ title: "Which revision?", value: "git:" });
  const against = chosen?.label === "git:…" ? await revision() : chosen?.label;
  return against && server.run("setBaseline", { ...where, against });
}

/** What a click on the status bar offers. */
async function menu(): Promise<unknown> {
  const all: [string, string][] = [
    ["$(list-tree) Show What the Edits Do", "seeknal.menu.showPlan"],
    ["$(checklist) Plan an Environment…", "seeknal.menu.plan"],
    ["$(play) Apply an Environment…", "seeknal.menu.apply"],
    ["$(rocket) Promote an Environment…", "seeknal.menu.promote"],
    ["$(discard) Roll Back…", "seeknal.menu.rollback"],
    ["$(beaker) Test an Environment…", "seeknal.menu.test"],
    ["$(layers) Environments…", "seeknal.menu.environments"],
    ["$(history) Show History", "seeknal.menu.history"],
    ["$(stop-circle) Cancel What Is Running", "seeknal.menu.cancel"],
    ["$(output) Show Output", "seeknal.output"],
    ["$(info) Report for a Bug or a Question", "seeknal.doctor"],
  ];
  const items = all.map(([label, command]) => ({ label, command }));
  const chosen = await vscode.window.showQuickPick(items, { title: "Seeknal" });
  return chosen && vscode.commands.executeCommand(chosen.command);
}
