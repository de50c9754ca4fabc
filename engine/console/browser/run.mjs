// Drives the pages of the console in a browser: node run.mjs ERRAND [--screenshots DIR] [--only CHAPTER]… [--runs N]
// ERRAND is a built program. CHROMIUM names the browser; it defaults to /usr/bin/chromium.
//
// In reading order: checks.mjs, processes.mjs, gate.mjs and stage.mjs (what the tests stand on), browser.mjs;
// then the chapters: journeys.mjs with start.mjs, keyboard.mjs, live.mjs, hostile.mjs, survey.mjs with
// places.mjs and weight.mjs, paint.mjs.
import { mkdirSync, mkdtempSync, rmdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { launch } from "./browser.mjs";
import { Abandoned, Checks, within } from "./checks.mjs";
import { hostile } from "./hostile.mjs";
import { journeys } from "./journeys.mjs";
import { keyboard } from "./keyboard.mjs";
import { live } from "./live.mjs";
import { paint } from "./paint.mjs";
import { survey } from "./survey.mjs";

const chapters = {
  journeys: (t) => journeys(t, true),
  scriptless: (t) => journeys(t, false),
  keyboard,
  live,
  hostile,
  survey,
  paint,
};

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { screenshots: { type: "string" }, only: { type: "string", multiple: true, default: Object.keys(chapters) }, runs: { type: "string", default: "500" } },
});
const unknown = values.only.filter((name) => !chapters[name]);
if (positionals.length !== 1 || unknown.length > 0) {
  console.error(`usage: node run.mjs ERRAND [--screenshots DIR] [--only ${Object.keys(chapters).join("|")}]… [--runs N]`);
  process.exit(2);
}
if (values.screenshots) mkdirSync(values.screenshots, { recursive: true });

const began = Date.now();
const failures = mkdtempSync(join(tmpdir(), "errand-browser-failures-"));
const checks = new Checks(failures);
const browser = await launch();
try {
  for (const name of values.only) {
    console.log(`\n== ${name} (${Math.round((Date.now() - began) / 1000)} s)`);
    try {
      await within(chapters[name]({ browser, checks, errand: resolve(positionals[0]), screenshots: values.screenshots, runs: Number(values.runs) }), 150_000, name);
    } catch (error) {
      if (!(error instanceof Abandoned)) {
        checks.failed++;
        console.log(`FAIL  ${name}\n${error.stack}`);
      }
    }
    await Promise.all(browser.contexts().map((context) => context.close()));
  }
} finally {
  await browser.close();
}
try {
  rmdirSync(failures); // it stays if it has screenshots
} catch {
  console.log(`\nscreenshots of what failed: ${failures}`);
}
console.log(`\n${checks.passed} checks passed, ${checks.failed} failed, in ${Math.round((Date.now() - began) / 1000)} s`);
process.exit(checks.failed > 0 ? 1 : 0);
