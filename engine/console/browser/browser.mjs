// Browsers: who is signed in at one, and what goes wrong in its pages.
import assert from "node:assert/strict";
import { chromium } from "playwright-core";

export const launch = () => chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", timeout: 30_000 });

const troublesOf = new WeakMap(); // by page: a list of texts

// newPage opens a page with cookies of its own. Whatever goes wrong in it is noted.
export async function newPage(browser, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
  context.setDefaultTimeout(8000);
  const troubles = [];
  await context.exposeBinding("errandViolation", (_, text) => troubles.push(`CSP: ${text}`));
  await context.addInitScript(() => document.addEventListener("securitypolicyviolation", (e) => window.errandViolation(`${e.violatedDirective} ${e.blockedURI}`)));
  const page = await context.newPage();
  troublesOf.set(page, troubles);
  page.on("console", (message) => {
    // Chromium reports each page with a status such as 404 as an error.
    // Some pages have one on purpose.
    const isAnswer = /^Failed to load resource: the server responded with a status of 4/.test(message.text()) && !/\.(css|js|svg)$|\/live\b/.test(message.location().url);
    if (["error", "warning"].includes(message.type()) && !isAnswer) troubles.push(`console: ${message.text()} at ${message.location().url}`);
  });
  page.on("pageerror", (error) => troubles.push(`error: ${error.message}`));
  page.on("dialog", (dialog) => {
    troubles.push(`dialog: ${dialog.message()}`);
    dialog.dismiss().catch(() => {});
  });
  return page;
}

// troubles returns what went wrong in a page, other than what matches a pattern, and forgets it.
export function troubles(page, expected = /^$/) {
  return troublesOf.get(page).splice(0).filter((text) => !expected.test(text));
}

export function noTroubles(page, expected) {
  assert.deepEqual(troubles(page, expected), []);
}

// signIn signs somebody in at a page and goes to an address.
export async function signIn(page, stage, who, path = "/") {
  await page.goto(`${stage.url}/sign-in?next=${encodeURIComponent(path)}`);
  await page.getByLabel("Token").fill(stage.tokens[who]);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await page.waitForURL(stage.url + path);
}

// personAt opens a page at which somebody is signed in.
export async function personAt(browser, stage, who, path = "/", options = {}) {
  const page = await newPage(browser, options);
  await signIn(page, stage, who, path);
  return page;
}
