// The main journey by keyboard alone.
import assert from "node:assert/strict";
import { newPage, noTroubles } from "./browser.mjs";
import { pause, until } from "./checks.mjs";
import { stateOf } from "./journeys.mjs";
import { startByKeyboard } from "./start.mjs";
import { Stage } from "./stage.mjs";

// A stop is where the focus is: what a screen reader says of it, and whether a person can see it.
const stopAt = (page) => page.evaluate(() => {
  const element = document.activeElement;
  const style = getComputedStyle(element), box = element.getBoundingClientRect();
  const inside = { left: Math.max(0, box.left), right: Math.min(innerWidth, box.right), top: Math.max(0, box.top), bottom: Math.min(innerHeight, box.bottom) };
  const points = [0.1, 0.5, 0.9].flatMap((x) => [0.1, 0.5, 0.9].map((y) => [inside.left + x * (inside.right - inside.left), inside.top + y * (inside.bottom - inside.top)]));
  const label = element.getAttribute("aria-label") ?? (element.labels?.[0] ?? element).textContent;
  return {
    text: (label ?? "").trim().replace(/\s+/g, " "), tag: element.tagName.toLowerCase(), value: element.value ?? "",
    outlined: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2,
    seen: points.some(([x, y]) => {
      const top = document.elementFromPoint(x, y);
      return top !== null && (element.contains(top) || top.contains(element));
    }),
  };
});

// tabTo presses Tab until the focus is on something with a name. Each stop on the way must be visible.
export async function tabTo(page, tag, name, key = "Tab") {
  for (let presses = 0; presses < 120; presses++) {
    await page.keyboard.press(key);
    const stop = await stopAt(page);
    if (stop.tag === "body") continue; // between the end of the page and its beginning
    assert.ok(stop.outlined, `the focus on ${stop.tag} ${JSON.stringify(stop.text)} has no outline`);
    assert.ok(stop.seen, `the focus on ${stop.tag} ${JSON.stringify(stop.text)} is hidden`);
    if (stop.tag === tag && name.test(stop.text || stop.value)) return stop;
  }
  throw new Error(`Tab does not lead to ${tag} ${name}`);
}

// press presses a key that leads to another page.
export async function pressTo(page, key, url) {
  await Promise.all([page.waitForURL(url), page.keyboard.press(key)]);
}

async function signIn(page, stage, who, path) {
  await page.goto(stage.url + path);
  assert.equal(await page.evaluate(() => document.activeElement.id), "token", "the field has the focus");
  await page.keyboard.type(stage.tokens[who]);
  await tabTo(page, "button", /^Sign in$/);
  await pressTo(page, "Enter", stage.url + path);
}

export async function keyboard(t) {
  const stage = await Stage.open(t.errand, ["admin", "kim", "ole", "rita"]);
  try {
    const stops = ["i-0a1b2c3d4e5f60003", "i-0a1b2c3d4e5f60004", "i-0a1b2c3d4e5f60005"];
    const failed = await Promise.all(stops.map((instance_id) => stage.start("admin", "stop-now", { instance_id })));
    await Promise.all(failed.map((run) => stage.reached(run, "failed")));
    const doubtful = await stage.start("admin", "restart-now", { instance_id: "i-0a1b2c3d4e5f60005" });
    await stage.reached(doubtful, "uncertain");
    const rita = await newPage(t.browser);
    let run;
    await t.checks.must("by keyboard: sign in, and start a run from the form", rita, async () => {
      await signIn(rita, stage, "rita", "/workflows/start-asked");
      run = await startByKeyboard(rita, { tabTo, pressTo }, { request: "100-1", inputs: { instance_id: "i-0a1b2c3d4e5f60001" } });
    });
    await t.checks.must("by keyboard: the requester reads why they may not decide", rita, async () => {
      await stage.asks(run);
      await tabTo(rita, "a", /^Look at the question$/);
      await pressTo(rita, "Enter", /\/questions\/agreed$/);
      assert.match(await rita.locator("main").innerText(), /You may not decide: Rita asked for the run/);
      await tabTo(rita, "a", /^start-asked/);
      await pressTo(rita, "Enter", `${stage.url}/runs/${run}`);
    });
    const kim = await newPage(t.browser);
    await t.checks.must("by keyboard: approve with a comment, from the inbox", kim, async () => {
      await stage.asks(run);
      await signIn(kim, stage, "kim", "/");
      await tabTo(kim, "a", /^Look at the evidence/);
      await pressTo(kim, "Enter", /\/questions\/agreed$/);
      await tabTo(kim, "textarea", /^Comment/);
      await kim.keyboard.type("by keyboard");
      await tabTo(kim, "button", /^Approve$/);
      await Promise.all([kim.waitForNavigation(), kim.keyboard.press("Space")]);
      await until("the page says who decided", async () => /approved by Kim.*by keyboard/.test(await kim.locator("#ask").innerText()));
    });
    await t.checks.must("by keyboard: the focus survives the updates of a page that is live", rita, async () => {
      await tabTo(rita, "summary", /./);
      await until("the run has succeeded", async () => /succeeded/.test(await stateOf(rita).innerText()), 15_000);
      await pause(1200);
      assert.notEqual((await stopAt(rita)).tag, "body");
      await tabTo(rita, "summary", /^The timeline in words$/);
      await rita.keyboard.press("Enter");
      await until("the words are open", async () => /approved by Kim/.test(await rita.locator("#timeline-words").innerText()));
      await tabTo(rita, "a", /./, "Shift+Tab");
    });
    const ole = await newPage(t.browser);
    await t.checks.must("by keyboard: skip to the content, pause, retry three runs at once, and find one of them", ole, async () => {
      await signIn(ole, stage, "ole", "/");
      await tabTo(ole, "a", /^Skip to the content$/);
      await ole.keyboard.press("Enter");
      assert.equal(await ole.evaluate(() => document.activeElement.id), "main");
      await tabTo(ole, "button", /^Pause$/, "Shift+Tab");
      await ole.keyboard.press("Space");
      assert.equal(await ole.evaluate(() => document.activeElement.getAttribute("aria-pressed")), "true");
      await ole.keyboard.press("Space");
      await tabTo(ole, "summary", /^The 3 runs$/);
      await ole.keyboard.press("Enter");
      await tabTo(ole, "input", /^retry$/);
      await ole.keyboard.press("Space");
      assert.equal(await ole.evaluate(() => document.activeElement.checked), false);
      await ole.keyboard.press("Space");
      await tabTo(ole, "button", /^Retry the chosen runs$/);
      await pressTo(ole, "Enter", /\/retry$/);
      for (const run of failed) assert.match(await ole.locator(".results").innerText(), new RegExp(`${run} goes on`));
      await tabTo(ole, "input", /^Find$/);
      await ole.keyboard.type(failed[0]);
      await pressTo(ole, "Enter", `${stage.url}/runs/${failed[0]}`);
    });
    await t.checks.must("by keyboard: resolve a restart of which nobody knows whether it took effect", ole, async () => {
      await tabTo(ole, "a", /^Inbox$/, "Shift+Tab");
      await pressTo(ole, "Enter", `${stage.url}/`);
      await tabTo(ole, "a", /^Look at the evidence/);
      await pressTo(ole, "Enter", /\/questions\/restart$/);
      await tabTo(ole, "button", /^It took effect$/);
      await Promise.all([ole.waitForNavigation(), ole.keyboard.press("Enter")]);
      await until("the page says who decided", async () => /taken as done by Ole/.test(await ole.locator("#ask").innerText()));
      await stage.reached(doubtful, "succeeded");
    });
    for (const page of [rita, kim, ole]) noTroubles(page);
  } finally {
    await stage.close();
  }
}
