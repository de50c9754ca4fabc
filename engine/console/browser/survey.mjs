// Every page: accessibility by axe-core in both schemes and at two widths, no horizontal scrolling, nothing
// wrong in the console, and the weight.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { newPage, noTroubles, signIn } from "./browser.mjs";
import { furnish, placesOf } from "./places.mjs";
import { Stage } from "./stage.mjs";
import { most, weigh } from "./weight.mjs";

const axe = readFileSync(new URL("node_modules/axe-core/axe.min.js", import.meta.url), "utf8");
const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
const widths = [1280, 320];
const schemes = ["light", "dark"];

export async function survey(t) {
  const stage = await Stage.open(t.errand);
  try {
    const places = placesOf(await furnish(stage));
    const pages = {}, weights = [];
    for (const place of places) {
      const who = place.who ?? "nobody";
      if (!pages[who]) {
        pages[who] = await newPage(t.browser);
        if (place.who) await signIn(pages[who], stage, place.who);
      }
      await visit({ ...t, stage }, place, pages[who], weights);
    }
    weights.sort((a, b) => b.bytes - a.bytes);
    await t.checks.try(`each page has at most ${most} bytes`, null, () => {
      const list = weights.map(({ name, bytes }) => `${name} ${bytes}`);
      assert.ok(weights[0].bytes <= most, list.join(", "));
      return `the heaviest are ${list.slice(0, 4).join(", ")}`;
    });
  } finally {
    await stage.close();
  }
}

// visit looks at one page.
function visit(t, place, page, weights) {
  return t.checks.try(`${place.name} is accessible, fits and is quiet`, page, async () => {
    await page.setViewportSize({ width: widths[0], height: 800 });
    const answered = page.waitForResponse((r) => r.request().isNavigationRequest() && new URL(r.url()).pathname === place.path.split("?")[0]);
    weights.push({ name: place.name, bytes: await weigh(page, t.stage.url + place.path) });
    assert.equal((await answered).status(), place.status ?? 200);
    if (place.arrive) await place.arrive(page);
    if (t.screenshots) await takePictures(t, place, page);
    await page.evaluate(() => document.querySelectorAll("details").forEach((d) => { d.open = true; }));
    await page.evaluate(axe);
    const found = [];
    for (const colorScheme of schemes) {
      await page.emulateMedia({ colorScheme });
      for (const width of widths) {
        await page.setViewportSize({ width, height: 800 });
        found.push(...(await violations(page)).map((text) => `${colorScheme}, ${width} px: ${text}`));
        const wide = await overflow(page);
        if (wide) found.push(`${width} px: ${wide}`);
      }
    }
    await page.emulateMedia({ colorScheme: null });
    assert.equal(found.join("\n"), "");
    noTroubles(page);
  });
}

// violations are what axe-core finds, as texts.
const violations = (page) => page.evaluate(async (values) => {
  // The size of targets is the only rule of WCAG 2.2; axe-core leaves it out unless it is asked for.
  const { violations } = await window.axe.run(document, { runOnly: { type: "tag", values }, rules: { "target-size": { enabled: true } }, resultTypes: ["violations"] });
  return violations.flatMap((v) => v.nodes.slice(0, 3).map((n) => `${v.id}: ${n.html.slice(0, 200)} (${n.failureSummary.replace(/\s+/g, " ").slice(0, 300)})`));
}, tags);

// overflow says what makes the page scroll horizontally, or "".
const overflow = (page) => page.evaluate(() => {
  const { scrollWidth } = document.scrollingElement;
  if (scrollWidth <= innerWidth) return "";
  const scrolls = (element) => element && element !== document.body && (["auto", "scroll", "hidden", "clip"].includes(getComputedStyle(element).overflowX) || scrolls(element.parentElement));
  const wide = [...document.body.querySelectorAll("*")].filter((e) => e.getBoundingClientRect().right > innerWidth + 0.5 && !scrolls(e.parentElement));
  return `the page is ${scrollWidth} px wide because of ${wide.slice(0, 3).map((e) => e.outerHTML.slice(0, 160)).join(" and ")}`;
});

async function takePictures(t, place, page) {
  for (const colorScheme of schemes) {
    await page.emulateMedia({ colorScheme });
    for (const width of widths) {
      await page.setViewportSize({ width, height: 800 });
      await page.screenshot({ path: join(t.screenshots, `${place.name}-${colorScheme}-${width}.png`), fullPage: true });
    }
  }
}
