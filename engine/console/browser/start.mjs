// Starting a run from the form of its workflow.
import assert from "node:assert/strict";

// field is the field of an input in a form.
export const field = (page, name) => page.getByLabel(new RegExp(`^${name}\\b`, "i"));

// startFromForm fills in the form of a workflow, first wrongly, reads the plan and starts the run, whose id
// it returns.
export async function startFromForm(page, stage, { workflow, request, inputs }) {
  await page.goto(`${stage.url}/workflows`);
  await page.getByRole("link", { name: workflow, exact: true }).click();
  await page.getByRole("link", { name: "Start…" }).click();
  await field(page, "Service request").fill(request);
  await field(page, "instance_id").fill("a wrong id");
  await field(page, "hours").fill(inputs.hours);
  await page.getByRole("button", { name: "Show the plan" }).click();
  await page.getByRole("heading", { name: "This must be changed" }).waitFor();
  assert.equal(await field(page, "instance_id").getAttribute("aria-invalid"), "true");
  assert.equal(await field(page, "hours").inputValue(), inputs.hours, "the form keeps what was filled in");
  await field(page, "instance_id").fill(inputs.instance_id);
  await page.getByRole("button", { name: "Show the plan" }).click();
  await page.getByRole("heading", { name: "What the run would do" }).waitFor();
  assert.match(await page.locator("main").innerText(), /Start the instance/);
  await page.getByRole("button", { name: "Start", exact: true }).click();
  return runAt(page);
}

// runAt waits for the page of a run and returns the run's id.
async function runAt(page) {
  await page.waitForURL(/\/runs\/[a-z0-9]+$/);
  return new URL(page.url()).pathname.split("/").pop();
}

// startByKeyboard does the same with the keyboard alone, from the page of the workflow.
export async function startByKeyboard(page, { tabTo, pressTo }, { request, inputs }) {
  await tabTo(page, "a", /^Start…/);
  await pressTo(page, "Enter", /\/start$/);
  await tabTo(page, "input", /^Service request/i);
  await page.keyboard.type(request);
  await tabTo(page, "input", /^instance_id/i);
  await page.keyboard.type(inputs.instance_id);
  await tabTo(page, "button", /^Show the plan$/);
  await pressTo(page, "Enter", /\/plan$/);
  await tabTo(page, "button", /^Start$/);
  await page.keyboard.press("Enter");
  return runAt(page);
}
