// How pages follow what happens: soon, not too often, never under the reader's hands, and only while the
// reader wants it.
import assert from "node:assert/strict";
import { noTroubles, personAt } from "./browser.mjs";
import { pause, until } from "./checks.mjs";
import { stateOf } from "./journeys.mjs";
import { Stage } from "./stage.mjs";

const instance = { instance_id: "i-0a1b2c3d4e5f60002" };

export async function live(t) {
  const stage = await Stage.open(t.errand, ["admin", "kim", "ole", "rita"]);
  try {
    const l = { ...t, stage };
    await isFast(l);
    await leavesFocusAlone(l);
    await leavesPointerAlone(l);
    await pauses(l);
    await isModest(l);
    await survivesRestart(l);
    await endsWithSession(l);
  } finally {
    await stage.close();
  }
}

let requests = 0;

// ask starts a run that waits for an approval, and opens its page.
async function ask(l, who = "kim") {
  const run = await l.stage.start("rita", "start-asked", instance, `100-${++requests}`);
  await l.stage.asks(run);
  const page = await personAt(l.browser, l.stage, who, `/runs/${run}`);
  await isLive(page);
  await pause(2200); // a stream begins with two messages, a second apart
  return { run, page };
}

const bar = (page) => page.locator("#live");
const isLive = (page) => bar(page).getByText("Live", { exact: true }).waitFor();
const reject = (l, run) => l.stage.call("kim", "POST", `/v1/runs/${run}/approve`, { step: "agreed", decision: "reject" });

async function isFast(l) {
  const { run, page } = await ask(l);
  await l.checks.try("a decision is on the screen soon", page, async () => {
    const changed = page.evaluate(() => new Promise((done) => {
      const head = document.querySelector("#head"), before = head.querySelector(".lead").textContent;
      new MutationObserver(() => {
        if (head.querySelector(".lead").textContent !== before) done(Date.now());
      }).observe(head, { childList: true, subtree: true });
    }));
    await pause(100); // the observer is there
    await reject(l, run);
    const decided = Date.now();
    const took = (await changed) - decided;
    assert.ok(took <= 5000, `it took ${took} ms`);
    return `the page changes ${took} ms after the answer to the decision`;
  });
  await l.checks.try("the live region reads out the new state, and the title has it", page, async () => {
    await until("the live region speaks", async () => /succeeded|running|waiting|failed/.test(await page.locator("#news").innerText()));
    await until("the title says it", async () => !(await page.title()).includes("waits for a person"));
    noTroubles(page);
  });
  await page.context().close();
}

// keep notes an element, so that stays can tell whether it is still the same.
const keep = (page, selector) => page.evaluate((s) => { window.kept = document.querySelector(s); }, selector);

async function leavesFocusAlone(l) {
  const { run, page } = await ask(l);
  await l.checks.try("an update leaves what has the focus alone, and comes when the focus has gone", page, async () => {
    await page.locator("#head a.button").first().focus();
    await keep(page, "#head a.button");
    await reject(l, run);
    await until("the live region speaks", async () => (await page.locator("#news").textContent()) !== "");
    await pause(1500);
    assert.ok(await page.evaluate(() => window.kept.isConnected && document.activeElement === window.kept), "the element with the focus was replaced");
    await page.getByRole("searchbox", { name: "Find" }).focus();
    await until("the update comes", async () => !/waits for a person/.test(await stateOf(page).innerText()), 5000);
    assert.equal(await page.evaluate(() => document.activeElement.id), "find");
    noTroubles(page);
  });
  await page.context().close();
}

async function leavesPointerAlone(l) {
  const { run, page } = await ask(l);
  await l.checks.try("an update leaves what is under the pointer alone, and comes when the pointer has gone", page, async () => {
    await page.locator("#head a.button").first().hover();
    await keep(page, "#head a.button");
    await reject(l, run);
    await until("the live region speaks", async () => (await page.locator("#news").textContent()) !== "");
    await pause(1500);
    assert.ok(await page.evaluate(() => window.kept.isConnected && window.kept.matches(":hover")), "the element under the pointer was replaced");
    await page.mouse.move(2, 2);
    await until("the update comes", async () => !/waits for a person/.test(await stateOf(page).innerText()), 5000);
  });
  await l.checks.try("a section that is open stays open after an update", page, async () => {
    const { run: other, page: second } = await ask(l);
    const section = second.locator("#steps details").first();
    await section.evaluate((d) => { d.open = true; });
    await reject(l, other);
    await until("the update comes", async () => !/waits for a person/.test(await stateOf(second).innerText()), 5000);
    assert.ok(await section.evaluate((d) => d.open));
    await second.context().close();
  });
  noTroubles(page);
  await page.context().close();
}

async function pauses(l) {
  const { run, page } = await ask(l);
  await l.checks.try("a pause stops changes until it ends", page, async () => {
    const button = bar(page).getByRole("button", { name: "Pause" });
    await button.click();
    assert.equal(await button.getAttribute("aria-pressed"), "true");
    await bar(page).getByText("Paused", { exact: true }).waitFor();
    await reject(l, run);
    await l.stage.reached(run, "succeeded", "failed");
    await pause(2500);
    assert.match(await stateOf(page).innerText(), /waits for a person/);
    await button.click();
    await page.mouse.move(2, 2);
    await until("the update comes", async () => /succeeded|failed/.test(await stateOf(page).innerText()), 5000);
    await isLive(page);
    noTroubles(page);
  });
  await page.context().close();
}

async function isModest(l) {
  const page = await personAt(l.browser, l.stage, "ole", "/");
  await isLive(page);
  await pause(1500);
  await l.checks.try("a flood of changes costs a page at most one fetch a second", page, async () => {
    let fetches = 0;
    page.on("request", (request) => { if (request.resourceType() === "fetch") fetches++; });
    const began = Date.now();
    for (let n = 0; n < 20; n++) {
      await l.stage.start("admin", "look", { pause: "60s" });
      await pause(Math.max(0, began + n * 100 - Date.now()));
    }
    const seconds = (Date.now() - began) / 1000;
    assert.ok(fetches <= Math.ceil(seconds) + 2, `${fetches} fetches in ${seconds} s`);
    await until("the page shows the last change", async () => (await page.locator("#waits tbody tr").count()) === 20, 8000);
    noTroubles(page);
    return `${fetches} fetches while 20 runs were started in ${seconds.toFixed(1)} s`;
  });
  await page.context().close();
}

async function survivesRestart(l) {
  const { run, page } = await ask(l);
  await l.checks.try("a lost connection is told, and after it the page is fresh", page, async () => {
    await l.stage.service.stop("SIGKILL");
    await bar(page).getByText("Connection lost: this page may be old").waitFor();
    await l.stage.serve();
    await reject(l, run); // before the page is connected again, perhaps
    await page.waitForFunction(() => document.querySelector("#live").dataset.state === "live", undefined, { timeout: 15_000 });
    await until("the page is fresh", async () => !/waits for a person/.test(await stateOf(page).innerText()), 8000);
    noTroubles(page, /net::ERR_/);
  });
  await page.context().close();
}

async function endsWithSession(l) {
  const { run, page } = await ask(l, "ole");
  await l.checks.try("a page tells that its session has ended", page, async () => {
    const second = await page.context().newPage();
    await second.goto(`${l.stage.url}/runs/${run}`);
    await second.getByRole("button", { name: "Sign out" }).click();
    await second.waitForURL(/\/sign-in$/);
    await bar(page).getByText(/You are signed out/).waitFor();
    noTroubles(page);
  });
  await page.context().close();
}
