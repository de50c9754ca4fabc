// The table of all pages, each in the states in which it looks different.
import { field } from "./start.mjs";


// furnish makes the runs that the pages show, and returns their ids.
export async function furnish(stage) {
  const start = (workflow, inputs, request) => stage.start("admin", workflow, inputs, request);
  const broken = await Promise.all(["3", "4", "5"].map((n) => start("stop-now", { instance_id: `i-0a1b2c3d4e5f6000${n}` })));
  const asking = await stage.start("rita", "start-asked", { instance_id: "i-0a1b2c3d4e5f60001", hours: 4 }, "100-1");
  const decided = await start("start-asked", { instance_id: "i-0a1b2c3d4e5f60002" }, "100-2");
  const uncertain = await start("restart-now", { instance_id: "i-0a1b2c3d4e5f60005" });
  const resting = await start("look", { pause: "10m" });
  const cancelled = await start("look", { pause: "10m" });
  await Promise.all(broken.map((run) => stage.reached(run, "failed")));
  await stage.call("ole", "POST", `/v1/runs/${broken[0]}/retry`, {});
  await stage.call("ole", "POST", `/v1/runs/${cancelled}/cancel`, {});
  await stage.asks(asking);
  await stage.asks(decided);
  await stage.call("kim", "POST", `/v1/runs/${decided}/approve`, { step: "agreed", decision: "approve", comment: "until Friday" });
  await stage.reached(uncertain, "uncertain");
  await Promise.all([stage.reached(broken[0], "succeeded"), stage.reached(decided, "succeeded"), stage.reached(cancelled, "cancelled")]);
  return { asking, decided, uncertain, resting, cancelled, failed: broken[1], retried: broken[0] };
}

// plan fills in the form of start-asked and asks for the plan.
async function plan(page, request, instance, heading) {
  await field(page, "Service request").fill(request);
  await field(page, "instance_id").fill(instance);
  await page.getByRole("button", { name: "Show the plan" }).click();
  await page.getByRole("heading", { name: heading }).waitFor();
}

// conflict starts a run for a request that has a run with other inputs.
async function conflict(page) {
  await plan(page, "100-1", "i-0a1b2c3d4e5f60002", "What the run would do");
  await page.getByRole("button", { name: "Start", exact: true }).click();
  await page.getByRole("heading", { name: "The inputs of that run and of this plan" }).waitFor();
}

// refused signs in with a token that does not exist.
async function refused(page) {
  await page.getByLabel("Token").fill("errand_0000");
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await page.getByRole("alert").waitFor();
}

// retry retries what has failed.
async function retry(page) {
  await page.getByRole("button", { name: "Retry the chosen runs" }).first().click();
  await page.getByRole("heading", { name: "Retried runs" }).waitFor();
}

// placesOf lists the pages of a furnished stage: the name, who looks, the address and, if the address is
// not enough, how to get there. status is that of the answer if it is not 200.
export function placesOf(runs) {
  return [
    { name: "sign-in", path: "/sign-in" },
    { name: "sign-in-refused", path: "/sign-in", arrive: refused },
    { name: "inbox", who: "ole", path: "/" },
    { name: "inbox-approver", who: "kim", path: "/" },
    { name: "inbox-empty", who: "nele", path: "/" },
    { name: "runs", who: "admin", path: "/runs" },
    { name: "runs-none", who: "admin", path: "/runs?workflow=look&status=succeeded" },
    { name: "run-waits", who: "kim", path: `/runs/${runs.asking}` },
    { name: "run-succeeded", who: "admin", path: `/runs/${runs.decided}` },
    { name: "run-failed", who: "ole", path: `/runs/${runs.failed}` },
    { name: "run-uncertain", who: "ole", path: `/runs/${runs.uncertain}` },
    { name: "run-cancelled", who: "ole", path: `/runs/${runs.cancelled}` },
    { name: "run-retried", who: "ole", path: `/runs/${runs.retried}` },
    { name: "run-loop", who: "ole", path: `/runs/${runs.resting}` },
    { name: "question", who: "kim", path: `/runs/${runs.asking}/questions/agreed` },
    { name: "question-refused", who: "rita", path: `/runs/${runs.asking}/questions/agreed` },
    { name: "question-decided", who: "kim", path: `/runs/${runs.decided}/questions/agreed` },
    { name: "question-uncertain", who: "ole", path: `/runs/${runs.uncertain}/questions/restart` },
    { name: "retry", who: "ole", path: `/runs/${runs.failed}/retry` },
    { name: "cancel", who: "ole", path: `/runs/${runs.resting}/cancel` },
    { name: "request", who: "rita", path: "/requests/100-1" },
    { name: "workflows", who: "rita", path: "/workflows" },
    { name: "workflow", who: "admin", path: "/workflows/start-asked" },
    { name: "workflow-broken", who: "admin", path: "/workflows/broken" },
    { name: "workflow-hostile", who: "admin", path: "/workflows/hostile" },
    { name: "start", who: "rita", path: "/workflows/start-asked/start" },
    { name: "start-refused", who: "rita", path: "/workflows/start-asked/start", arrive: (page) => plan(page, "100-3", "a wrong id", "This must be changed") },
    { name: "plan", who: "rita", path: "/workflows/start-asked/start", arrive: (page) => plan(page, "100-3", "i-0a1b2c3d4e5f60001", "What the run would do") },
    { name: "plan-conflict", who: "rita", path: "/workflows/start-asked/start", arrive: conflict },
    { name: "history", who: "rita", path: "/history" },
    { name: "history-all", who: "admin", path: "/history" },
    { name: "credentials", who: "admin", path: "/credentials" },
    { name: "tokens", who: "admin", path: "/tokens" },
    { name: "audit", who: "admin", path: "/audit" },
    { name: "sessions", who: "admin", path: "/sessions" },
    { name: "about", who: "rita", path: "/about" },
    { name: "about-admin", who: "admin", path: "/about" },
    { name: "not-found", who: "rita", path: "/nothing", status: 404 },
    { name: "request-unknown", who: "rita", path: "/requests/999-9", status: 404 },
    { name: "forbidden", who: "rita", path: "/audit", status: 403 },
    { name: "retried", who: "ole", path: "/", arrive: retry }, // the last one: the inbox has no failure afterwards
  ];
}

