// What else happens to windows, in a real VS Code: one that nobody trusts, one without a project, broken YAML.
//   TOOLS=<folder of package.json's modules> node vscode_odd.mjs VSIX PROJECT FILE OUT THEME
import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { play, say } from "./browser.mjs";

const [vsix, folder, file, out] = process.argv.slice(2, 6).map((one) => path.resolve(one));
const theme = process.argv[6];
const here = (name) => path.join(out, "..", name);

/** What nobody trusts is read, and runs no SQL without a question. */
const untrusted = async (window) => {
  await window.append("AS revenue", "_eur");
  await window.lens("BREAKING").waitFor({ timeout: 90_000 });
  await window.click("Preview");
  await window.told("Do you trust what is in it?");
  await window.picture("untrusted");
  await window.button("Do you trust what is in it?", "Trust This Project");
  await window.beside("Rows: transform.daily_revenue", "revenue_eur");
  await window.picture("trusted");
  say("a window that is not trusted asks before it runs SQL");
  assert.ok(!fs.existsSync(path.join(folder, "target")), "and only reads");
};

/** A file that is no YAML any more costs its own block. */
const broken = async (window) => {
  await window.append("owner: finance", ": 'x");
  await window.page.locator(".squiggly-error").first().waitFor({ timeout: 90_000 });
  await window.command("Seeknal: Show What the Edits Do");
  await window.beside("plan.md", "What the edits do");
  await window.picture("broken");
  say("broken YAML is complained about, and the rest goes on");
};

/** In a window without a project nothing of ours is seen. */
const elsewhere = async (window) => {
  await window.page.waitForTimeout(3_000);
  assert.equal(await window.page.locator(".statusbar-item", { hasText: "Seeknal" }).count(), 0);
  assert.equal(await window.page.locator(".codelens-decoration a").count(), 0);
  await window.picture("elsewhere");
  say("a folder without a project is left alone");
};

const empty = here("empty");
fs.rmSync(empty, { recursive: true, force: true });
fs.mkdirSync(empty, { recursive: true });
fs.writeFileSync(path.join(empty, "a.yml"), "kind: transform\nname: a\n");

let failed = await play({ vsix, folder, file, theme, out: here(`untrusted-${theme}`), trust: true }, untrusted);
failed ||= await play({ vsix, folder, file, theme, out: here(`broken-${theme}`) }, broken);
failed ||= await play({ vsix, folder: empty, file: path.join(empty, "a.yml"), theme, out: here(`empty-${theme}`) }, elsewhere);
process.exit(failed);
