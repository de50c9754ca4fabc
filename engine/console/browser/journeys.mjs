// The journeys of people through the pages, with the script and without it.
import assert from "node:assert/strict";
import { newPage, noTroubles, personAt } from "./browser.mjs";
import { until } from "./checks.mjs";
import { startFromForm } from "./start.mjs";
import { Stage } from "./stage.mjs";

// stateOf is the word of the state at the top of the page of a run.
export const stateOf = (page) => page.locator("#head .lead .state");

// A Journey walks through the pages. shows waits until a page shows something: with the script it waits,
// and without it it loads the page again.
class Journey {
  constructor(t, scripted) {
    Object.assign(this, t, { scripted, options: { javaScriptEnabled: scripted } });
    this.prefix = scripted ? "" : "without a script: ";
  }

  must(name, page, act) {
    return this.checks.must(this.prefix + name, page, act);
  }

  person(who, path) {
    return personAt(this.browser, this.stage, who, path, this.options);
  }

  shows(page, locator, pattern) {
    return until(`the page shows ${pattern}`, async () => {
      if (!this.scripted) await page.reload();
      return pattern.test(await locator.first().innerText({ timeout: 1000 }));
    }, 15_000);
  }
}

// journeys carries out all journeys. scripted says whether the pages may run their script.
export async function journeys(t, scripted) {
  const stage = await Stage.open(t.errand);
  try {
    const j = new Journey({ ...t, stage }, scripted);
    const failed = await Promise.all(["1", "2", "3"].map((n) => stage.start("admin", "stop-now", { instance_id: `i-0a1b2c3d4e5f6000${Number(n) + 2}` })));
    await signsIn(j);
    await startsAndDecides(j);
    await resolves(j);
    await retriesSeveral(j, failed);
    await cancelsAndRetries(j);
    await finds(j);
    await readsAfterCrash(j);
  } finally {
    await stage.close();
  }
}

async function signsIn(j) {
  const page = await newPage(j.browser, j.options);
  await j.must("a page asks who you are, refuses a wrong token and then goes on to the address", page, async () => {
    await page.goto(`${j.stage.url}/runs?status=failed`);
    await page.waitForURL(/\/sign-in\?next=/);
    await page.getByLabel("Token").fill("errand_0000");
    await page.getByRole("button", { name: "Sign in", exact: true }).click();
    await page.getByRole("alert").getByText("the token is not valid").waitFor();
    await page.getByLabel("Token").fill(j.stage.tokens.kim);
    await page.getByRole("button", { name: "Sign in", exact: true }).click();
    await page.waitForURL(`${j.stage.url}/runs?status=failed`);
    assert.equal(await page.getByRole("combobox", { name: "Status" }).inputValue(), "failed");
  });
  await j.must("signing out ends the session", page, async () => {
    await page.getByRole("button", { name: "Sign out" }).click();
    await page.waitForURL(/\/sign-in$/);
    await page.goto(`${j.stage.url}/runs`);
    await page.waitForURL(/\/sign-in\?next=%2Fruns$/);
    noTroubles(page);
  });
  await page.context().close();
}

async function startsAndDecides(j) {
  const rita = await j.person("rita");
  let run;
  await j.must("a requester fills in a form, sees the plan and starts the run", rita, async () => {
    run = await startFromForm(rita, j.stage, { workflow: "start-asked", request: "100-1", inputs: { instance_id: "i-0a1b2c3d4e5f60001", hours: "4" } });
    assert.match(await stateOf(rita).innerText(), /waits for a person|running|waiting/);
    await j.shows(rita, stateOf(rita), /waits for a person/);
  });
  await j.must("the page tells the requester why they may not decide", rita, async () => {
    await rita.goto(`${j.stage.url}/runs/${run}/questions/agreed`);
    assert.match(await rita.locator("main").innerText(), /You may not decide: \S+/);
    assert.equal(await rita.getByRole("button", { name: "Approve" }).count(), 0);
    await rita.goto(`${j.stage.url}/runs/${run}`);
  });
  await rita.evaluate(() => { window.kept = "the same page"; });
  const kim = await j.person("kim");
  await j.must("somebody else approves with a comment, from the inbox", kim, async () => {
    await j.shows(kim, kim.locator("#mine"), /Start i-0a1b2c3d4e5f60001 for 4 hours\?/);
    await kim.locator("#mine").getByRole("link", { name: /^Look at the evidence.*: Start i-0a1b2c3d4e5f60001/ }).click();
    await kim.getByLabel("Comment").fill("until Friday");
    await kim.getByRole("button", { name: "Approve" }).click();
    await kim.getByRole("heading", { name: /decided/ }).waitFor();
    await j.shows(kim, kim.locator(".decided"), /approved by Kim.*until Friday/);
  });
  await j.must("the run goes on before the requester's eyes until it has succeeded", rita, async () => {
    await j.shows(rita, stateOf(rita), /succeeded/);
    if (j.scripted) assert.equal(await rita.evaluate(() => window.kept), "the same page", "the page was loaded again");
    assert.match(await rita.title(), /start-asked for 100-1: succeeded/);
    assert.match(await rita.locator("#steps").innerText(), /Tell the requester/);
  });
  await j.must("a decision that comes too late is refused on the page, which says who decided", kim, async () => {
    const late = await j.stage.start("rita", "start-asked", { instance_id: "i-0a1b2c3d4e5f60002" }, "100-2");
    await j.stage.asks(late);
    await kim.goto(`${j.stage.url}/runs/${late}/questions/agreed`);
    await kim.getByLabel("Comment").fill("my comment");
    await j.stage.call("admin", "POST", `/v1/runs/${late}/approve`, { step: "agreed", decision: "reject", comment: "too late today" });
    await kim.getByRole("button", { name: "Approve" }).click();
    assert.match(await kim.getByRole("alert").innerText(), /nothing was done: the question was decided/);
    await j.shows(kim, kim.locator("main"), /rejected by Ada/);
  });
  noTroubles(rita);
  noTroubles(kim);
  await rita.context().close();
  await kim.context().close();
}

async function resolves(j) {
  const run = await j.stage.start("admin", "restart-now", { instance_id: "i-0a1b2c3d4e5f60005" });
  const ole = await j.person("ole");
  await j.must("an operator resolves a restart of which nobody knows whether it took effect", ole, async () => {
    await j.shows(ole, ole.locator("#mine"), /Did “Restart the instance” take effect\?/);
    await ole.locator("#mine").getByRole("link", { name: /^Look at the evidence/ }).click();
    assert.match(await ole.locator("#ask").innerText(), /What was sent[^]*i-0a1b2c3d4e5f60005/);
    for (const word of ["It took effect", "It did not: send it again", "Treat the step as failed"]) {
      const button = ole.getByRole("button", { name: word });
      const then = await button.getAttribute("aria-describedby");
      assert.match(await ole.locator(`#${then}`).innerText(), /\w{4}/, `${word} says what follows`);
    }
    await ole.getByRole("button", { name: "It took effect" }).click();
    await ole.getByRole("heading", { name: /decided/ }).waitFor();
    await ole.goto(`${j.stage.url}/runs/${run}`);
    await j.shows(ole, stateOf(ole), /succeeded/);
  });
  noTroubles(ole);
  await ole.context().close();
}

async function retriesSeveral(j, failed) {
  await Promise.all(failed.map((run) => j.stage.reached(run, "failed")));
  const ole = await j.person("ole");
  const group = ole.locator("form.failure").filter({ hasText: "stop-now" });
  await j.must("three failures of one kind stand in the inbox once, and are retried at once with the result of each", ole, async () => {
    assert.equal(await group.count(), 1);
    assert.match(await group.locator("h3").innerText(), /UnauthorizedOperation: 3 runs/);
    // One of them goes on while the page is open, so its retry is refused.
    if (j.scripted) await ole.getByRole("button", { name: "Pause" }).click();
    await j.stage.call("admin", "POST", `/v1/runs/${failed[0]}/retry`, {});
    await j.stage.reached(failed[0], "succeeded");
    await group.getByRole("button", { name: "Retry the chosen runs" }).click();
    await ole.getByRole("heading", { name: "Retried runs" }).waitFor();
    const results = await ole.locator(".results li").allInnerTexts();
    assert.equal(results.length, 3);
    for (const run of failed) {
      const of = results.find((text) => text.includes(run));
      assert.match(of ?? "no result", run === failed[0] ? /was not retried: \w+/ : /goes on/);
    }
    await Promise.all(failed.map((run) => j.stage.reached(run, "succeeded")));
    await ole.getByRole("link", { name: "Go to the inbox" }).click();
    await ole.getByText("No run has failed.").waitFor();
  });
  noTroubles(ole);
  await ole.context().close();
}

async function cancelsAndRetries(j) {
  const run = await j.stage.start("admin", "look", { pause: "10m" });
  const ole = await j.person("ole", `/runs/${run}`);
  await j.must("an operator cancels a run, and retries it after a look at what that does", ole, async () => {
    await j.shows(ole, stateOf(ole), /waiting/);
    await ole.getByRole("link", { name: "Cancel…" }).click();
    await ole.getByRole("button", { name: "Cancel the run" }).click();
    await j.shows(ole, stateOf(ole), /cancelled/);
    await ole.goto(`${j.stage.url}/runs/${run}`);
    await ole.getByRole("link", { name: "Retry…" }).click();
    await ole.getByRole("heading", { name: "Carried out again" }).waitFor();
    await ole.getByRole("button", { name: /^Retry the run/ }).click();
    await j.shows(ole, stateOf(ole), /waiting/);
    assert.match(await ole.locator("#rounds").innerText(), /cancelled.*Retried.*by Ole/);
  });
  noTroubles(ole);
  await ole.context().close();
}

async function finds(j) {
  const kim = await j.person("kim");
  await j.must("the search finds a request, and a run", kim, async () => {
    await kim.getByRole("searchbox", { name: "Find" }).fill(" 100-1 ");
    await kim.getByRole("search").getByRole("button", { name: "Find" }).click();
    await kim.getByRole("heading", { name: "Request 100-1" }).waitFor();
    assert.match(await kim.locator("#notes").innerText(), /Tell the requester/);
    const run = (await kim.locator("#list a[href^='/runs/']").first().innerText()).trim();
    await kim.getByRole("searchbox", { name: "Find" }).fill(run);
    await kim.getByRole("searchbox", { name: "Find" }).press("Enter");
    await kim.waitForURL(`${j.stage.url}/runs/${run}`);
    await kim.getByRole("searchbox", { name: "Find" }).fill("999-9");
    await kim.getByRole("searchbox", { name: "Find" }).press("Enter");
    await kim.getByText("there is no run for the request 999-9").waitFor();
  });
  noTroubles(kim);
  await kim.context().close();
}

async function readsAfterCrash(j) {
  const { stage } = j;
  stage.gate.hold(/Action=StopInstances/);
  const run = await stage.start("admin", "stop-now", { instance_id: "i-0a1b2c3d4e5f60005" });
  const ole = await j.person("ole", `/runs/${run}`);
  await j.must("the page tells of a process that was killed during a call, and of the one that took over", ole, async () => {
    await until("the service stops the instance", () => stage.gate.held.length > 0);
    await stage.service.stop("SIGKILL");
    stage.gate.release();
    await stage.serve();
    if (!j.scripted) await ole.reload();
    await j.shows(ole, stateOf(ole), /succeeded/);
    await ole.getByText("The timeline in words").click();
    const words = await ole.locator("#timeline table").innerText();
    assert.match(words, /process ended/);
    assert.match(words, /taken over/);
    assert.match(await ole.locator("#steps").innerText(), /Stop the instance/);
  });
  noTroubles(ole, /ERR_CONNECTION_REFUSED|ERR_INCOMPLETE_CHUNKED_ENCODING|ERR_CONNECTION_RESET|ERR_EMPTY_RESPONSE/);
  await ole.context().close();
}
