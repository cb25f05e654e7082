// From a first letter to production and back, in a real VS Code:
//   TOOLS=<folder of package.json's modules> node vscode.mjs VSIX PROJECT FILE OUT THEME
// OUT gets a picture of each step.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { play, say, until } from "./browser.mjs";

const [vsix, folder, file, out] = process.argv.slice(2, 6).map((one) => path.resolve(one));
const theme = process.argv[6];

const SLOW = `kind: transform
name: slow
transform: |
  SELECT sum(a.range * b.range) AS s FROM range(3000000) a, range(1000000) b
`;
const slow = path.join(folder, "seeknal/transforms/slow.yml");
const server = path.join(process.env.SERVER ?? path.join(path.dirname(vsix), "stage/server"), "seeknal-lsp");
const run = (...args) => spawnSync(server, args, { cwd: folder, encoding: "utf8" });

/** What production says. */
const asked = (sql) => {
  const { status, stdout, stderr } = run("query", sql, "--format", "csv");
  assert.equal(status, 0, stderr);
  return stdout;
};

const story = async (window) => {
  const { page } = window;
  // A half-finished line, which is complained about where it stands.
  await window.append("- ref: transform.orders_merged", "_no");
  await page.locator(".squiggly-error").first().waitFor({ timeout: 90_000 });
  await window.picture("half-a-line");
  await window.cut("orders_merged_no", 3);
  await page.locator(".squiggly-error").first().waitFor({ state: "detached", timeout: 30_000 });
  say("half a line is complained about, and the complaint goes when it is mended");

  // A column more: nothing that is read changes.
  await window.append("AS revenue", ", max(amount) AS largest");
  await window.lens("NON_BREAKING").waitFor({ timeout: 60_000 });
  await window.status("1 non-breaking").waitFor({ timeout: 30_000 });
  await window.picture("a-column-more");
  say("a column more is NON_BREAKING, with nothing saved");
  await window.click("Plan dev");
  await window.told("Plan for 'dev'");
  await window.beside("plan-dev.md", "Plan for dev");
  await window.picture("plan");
  say("Plan dev is clicked, and the plan stands beside the text");

  // What is carried out is what is saved.
  await window.click("Apply dev");
  await window.button("is not", "Save and Apply");
  await window.told("Environment 'dev' applied successfully", 120_000);
  await window.picture("applied");
  say("Apply dev saves what is open, and applies it");
  await window.quiet();

  await window.click("Preview");
  await window.beside("Rows: transform.daily_revenue", "largest");
  await window.picture("preview");
  say("the first rows stand beside the text");
  await window.click("Lineage");
  await window.beside("Lineage: transform.daily_revenue", "source.raw_orders");
  await window.picture("lineage");
  say("so does the lineage");

  // To production, after a question.
  await window.command("Seeknal: Promote an Environment");
  await window.choose("dev");
  await window.told("Promote 'dev' to production?");
  await window.picture("question");
  await window.button("Promote 'dev' to production?", "Promote");
  await window.told("promoted to production", 120_000);
  assert.match(asked("SELECT max(largest) AS top FROM daily_revenue"), /^top\n\d/);
  await window.picture("promoted");
  say("production serves the change");
  await window.quiet();

  // What others read is taken away.
  await window.cut("AS revenue, max(amount) AS largest", ", max(amount) AS largest".length);
  await window.lens("BREAKING").waitFor({ timeout: 60_000 });
  await window.append("AS revenue", "_eur");
  await window.status("1 breaking").waitFor({ timeout: 30_000 });
  await page.locator(".squiggly-warning").first().waitFor({ timeout: 30_000 });
  await window.picture("breaking");
  say("another name for a column that is read is BREAKING");
  for (let tries = 0; tries < 40 && (await page.locator(".tab.dirty").count()) > 0; tries += 1) {
    await page.keyboard.press("Control+z");
  }
  await window.lens("BREAKING").waitFor({ state: "detached", timeout: 60_000 });
  say("undo, and it is quiet");

  // A column that others read gets another name: their files are wrong, and they say so.
  await window.open("orders_merged.yml");
  await window.append("AS amount", "_x");
  await window.lens("BREAKING").waitFor({ timeout: 60_000 });
  await window.open("daily_revenue.yml");
  await page.locator(".squiggly-error").first().waitFor({ timeout: 30_000 });
  await window.picture("error-in-a-reader");
  await window.open("orders_merged.yml");
  await window.cut("AS amount_x", 2);
  await window.save();
  await window.open("daily_revenue.yml");
  await page.locator(".squiggly-error").first().waitFor({ state: "detached", timeout: 30_000 });
  say("a column that is read gets another name: BREAKING, and an error in the file that reads it");

  // Minutes of work, which are cancelled; then the rest of it.
  fs.writeFileSync(slow, SLOW);
  assert.equal(run("plan", "dev").status, 0);
  await window.click("Apply dev");
  const progress = await window.told("slow", 90_000);
  await window.picture("progress");
  await progress.locator(".monaco-button", { hasText: "Cancel" }).click();
  await window.told("goes on where it ended");
  await window.picture("cancelled");
  fs.writeFileSync(slow, SLOW.replace("3000000", "3").replace("1000000", "1"));
  await window.quiet();
  await window.click("Plan dev");
  await window.told("Plan for 'dev'");
  await window.click("Apply dev");
  await window.told("Environment 'dev' applied successfully", 120_000);
  say("a long job shows how far it is, is cancelled, and goes on");
  await window.quiet();

  await window.command("Seeknal: Roll Back");
  await window.choose("prod");
  await window.button("Roll back?", "Roll Back");
  await window.told("shows what it showed after", 120_000);
  assert.notEqual(run("query", "SELECT largest FROM daily_revenue").status, 0);
  await window.picture("rolled-back");
  say("and back");

  // A server that dies comes back, and knows what it knew.
  const [victim] = await until("a server runs", () => window.servers().length > 0 && window.servers());
  process.kill(Number(victim), "SIGKILL");
  await until("another server runs", () => window.servers().some((id) => id !== victim));
  await window.append("AS largest", "_gbp");
  await window.lens("BREAKING").waitFor({ timeout: 90_000 });
  assert.equal(run("verify").status, 0);
  await window.picture("killed-and-back");
  say("a server that is killed comes back, and nothing is lost");
};

assert.equal(run("run").status, 0, "production for the first time");
process.exit(await play({ vsix, folder, file, out, theme }, story));
