// Texts from outside that try to be more than texts: in names, inputs, comments, ids and answers.
import assert from "node:assert/strict";
import { noTroubles, personAt } from "./browser.mjs";
import { run as runProgram } from "./processes.mjs";
import { Stage } from "./stage.mjs";

const long = "<b>long</b> ".repeat(5000); // close to the 64 KiB that a request may have
const text = '<script>alert(20)</script> "><img src=x onerror=alert(21)> </title></script></textarea> \u202e reversed';
const request = "100-10<img/src=x/onerror=alert(8)>\u202e";

export async function hostile(t) {
  const stage = await Stage.open(t.errand, ["admin", "kim", "ole"], { more: { mallory: ["--role", "operator", "--person", '"><img src=x onerror=alert(22)>'] } });
  try {
    const run = await stage.start("admin", "hostile", { text }, "100-1");
    // The service asks the desk for the request, which has none like this. The command does not ask.
    await runProgram(t.errand, ["run", "look", "--definitions", stage.definitions, "--request", request, "--input", "pause=0s"], stage.env);
    const other = await stage.start("admin", "hostile", { text: long }, "100-9");
    await stage.asks(run);
    await stage.asks(other);
    const page = await personAt(t.browser, stage, "kim");
    const look = (path, shows, on = page) => t.checks.try(`texts stay texts at ${decodeURIComponent(path).slice(0, 60).replaceAll("\u202e", "").replaceAll(run, "RUN").replaceAll(other, "LONG")}`, on, async () => {
      await on.goto(stage.url + path);
      await on.evaluate(() => document.querySelectorAll("details").forEach((d) => { d.open = true; }));
      await isInert(on);
      for (const part of shows) assert.ok((await on.locator("body").innerText()).includes(part), `the page does not show ${part}`);
    });
    const asked = `/runs/${run}/questions/agreed`, of = `/requests/${encodeURIComponent(request)}`;
    await look("/", ["<script>alert(20)</script>", "</title></script></textarea>"]);
    await look(asked, ["<script>alert(20)</script>"]);
    await t.checks.must("a hostile comment is a text", page, async () => {
      await page.getByLabel("Comment").fill(text);
      await page.getByRole("button", { name: "Approve" }).click();
      await page.getByText("approved by Kim").first().waitFor();
      await isInert(page);
    });
    await stage.reached(run, "failed");
    await page.goto(stage.url + asked);
    await look(asked, ["<script>alert(20)</script>", "approved"]);
    await look(`/runs/${run}`, ["<script>alert(20)</script>", "<script>alert(9)</script>", "<iframe src=javascript:alert(11)>"]);
    await look(`/runs/${other}`, ["<b>long</b>", "…"]);
    await look(`/runs/${other}/questions/agreed`, ["<b>long</b>"]);
    await look(of, ["<img/src=x/onerror=alert(8)>"]);
    await look("/requests/100-1", ["<img src=x onerror=alert(4)>"]);
    await look("/runs", ["<img/src=x/onerror=alert(8)>"]);
    await look(`/runs?request=${encodeURIComponent(text)}&workflow=${encodeURIComponent(text)}&status=failed`, []);
    await look(`/find?q=${encodeURIComponent(text)}`, ["<script>alert(20)</script>"]);
    await look(`/runs/${encodeURIComponent(text)}`, []);
    await look("/workflows", ["<script>alert(1)</script>"]);
    await look("/workflows/hostile", ["<script>alert(1)</script>", "<img src=x onerror=alert(3)>"]);
    await look("/history", []);
    const mallory = await personAt(t.browser, stage, "mallory");
    await look("/", ['"><img src=x onerror=alert(22)>', "<script>alert(20)</script>"], mallory);
    await look(`/runs/${run}/retry`, [], mallory);
    const admin = await personAt(t.browser, stage, "admin");
    await look("/audit", ["onerror=alert(22)"], admin);
    await look("/tokens", ["onerror=alert(22)"], admin);
    await look("/workflows/hostile/start", ["<img src=x onerror=alert(3)>"], admin);
    await t.checks.try("all of a long text is plain text", page, async () => {
      const answer = await page.goto(`${stage.url}/runs/${other}/whole/inputs`);
      assert.match(answer.headers()["content-type"], /^text\/plain/);
      assert.equal(JSON.parse(await answer.text()).text, long);
      assert.equal(await page.locator("b").count(), 0);
      noTroubles(page);
    });
  } finally {
    await stage.close();
  }
}

// isInert checks that a page has the elements of its template only, and a harmless title.
async function isInert(page) {
  const found = await page.evaluate(() => ({
    scripts: [...document.scripts].map((s) => s.getAttribute("src")),
    foreign: document.querySelectorAll("img, iframe, object, embed, b, title ~ title, style, base, svg script, svg foreignObject").length,
    handlers: [...document.querySelectorAll("*")].filter((e) => [...e.attributes].some((a) => a.name.startsWith("on") || /^\s*javascript:/i.test(a.value))).length,
    bare: [...document.querySelectorAll("main *")].some((e) => [...e.childNodes].some((n) => n.nodeType === Node.TEXT_NODE && n.data.includes("\u202e") && !e.closest("bdi, pre, textarea, input, svg"))),
  }));
  assert.deepEqual(found, { scripts: ["/console.js"], foreign: 0, handlers: 0, bare: false });
  assert.doesNotMatch(await page.title(), /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/);
  noTroubles(page);
}
