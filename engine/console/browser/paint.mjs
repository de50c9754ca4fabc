// How soon the pages of a home with many runs are painted. It prints figures and asserts none of them.
import { personAt } from "./browser.mjs";
import { Stage } from "./stage.mjs";

const loads = 9; // of each page; the figure is their median
const atOnce = 50; // starts

// firstPaint loads an address in a page and returns when the first content was painted, in milliseconds
// since the navigation began.
async function firstPaint(page, url) {
  await page.goto(url, { waitUntil: "load" });
  return page.evaluate(() => new Promise((done) => {
    const first = (list) => list.getEntries().find((entry) => entry.name === "first-contentful-paint");
    new PerformanceObserver((list) => first(list) && done(first(list).startTime)).observe({ type: "paint", buffered: true });
  }));
}

export async function paint({ browser, checks, errand, runs }) {
  const stage = await Stage.open(errand, ["admin"]);
  try {
    let left = runs;
    await Promise.all(Array.from({ length: atOnce }, async () => {
      while (left-- > 0) await stage.start("admin", "rest");
    }));
    const asks = await stage.start("admin", "start-asked", { instance_id: "i-0a1b2c3d4e5f60001" }, "100-1");
    await stage.asks(asks);
    const page = await personAt(browser, stage, "admin");
    for (const path of ["/", "/runs", `/runs/${asks}`, "/requests/100-1", "/workflows/rest", "/history"]) {
      await checks.try(`${path.replace(asks, "RUN")} is painted, with ${runs} runs`, page, async () => {
        const took = [];
        for (let i = 0; i < loads; i++) took.push(await firstPaint(page, stage.url + path));
        took.sort((a, b) => a - b);
        return `half of the times within ${Math.round(took[(loads - 1) / 2])} ms, all within ${Math.round(took[loads - 1])} ms`;
      });
    }
  } finally {
    await stage.close();
  }
}
