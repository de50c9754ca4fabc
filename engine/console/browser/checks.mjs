// Named checks. Each prints a line; a failed one also shows what the browser saw.
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";

// An Abandoned error ends a chapter, because a check failed on which the rest of it depends.
export class Abandoned extends Error {}

// within returns what a promise resolves to, or fails after a number of milliseconds.
export function within(promise, milliseconds, what) {
  let timer;
  const limit = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what}: no result within ${milliseconds} ms`)), milliseconds);
  });
  return Promise.race([promise, limit]).finally(() => clearTimeout(timer));
}

// until calls look again and again until it returns a truthy value, and returns that. An error of look
// counts as "not yet" and is part of the message if time runs out.
export async function until(what, look, milliseconds = 10_000) {
  const end = Date.now() + milliseconds;
  let last;
  for (;;) {
    try {
      const value = await look();
      if (value) return value;
      last = undefined;
    } catch (error) {
      last = error;
    }
    if (Date.now() > end) throw new Error(`${what}: not within ${milliseconds} ms${last ? ` (${last.message})` : ""}`);
    await pause(40);
  }
}

export const pause = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));

export class Checks {
  passed = 0;
  failed = 0;

  // folder receives a screenshot of each page on which a check failed.
  constructor(folder) {
    this.folder = folder;
  }

  // try carries out a check and reports whether it passed. What act returns is printed as a remark.
  async try(name, page, act) {
    const began = Date.now();
    try {
      const remark = await within(Promise.resolve().then(act), 60_000, name);
      this.passed++;
      console.log(`ok    ${name}${remark ? `: ${remark}` : ""} (${Date.now() - began} ms)`);
      return true;
    } catch (error) {
      this.failed++;
      console.log(`FAIL  ${name}\n${indent(stripVTControlCharacters(error.message))}`);
      if (page) await this.show(page);
      return false;
    }
  }

  // must is try for a check on which the rest of its chapter depends.
  async must(name, page, act) {
    if (!(await this.try(name, page, act))) throw new Abandoned(name);
  }

  async show(page) {
    const file = join(this.folder, `failure-${this.failed}.png`);
    console.log(indent(`at ${page.url()}`));
    try {
      console.log(indent((await page.locator("body").ariaSnapshot({ timeout: 3000 })).slice(0, 3000)));
      await page.screenshot({ path: file, fullPage: true, timeout: 5000 });
      console.log(indent(`screenshot: ${file}`));
    } catch (error) {
      console.log(indent(`the page cannot be shown: ${error.message}`));
    }
  }
}

const indent = (text) => text.replace(/^/gm, "      ");
