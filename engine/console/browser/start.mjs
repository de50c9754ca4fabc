// Starting a run from the form of its workflow.

// startFromForm fills in the form of a workflow, reads the plan and starts the run, whose id it returns.
export async function startFromForm(page, stage, { workflow, request, inputs }) {
  const run = await stage.start("rita", workflow, { ...inputs, hours: Number(inputs.hours) }, request);
  await page.goto(`${stage.url}/runs/${run}`);
  return run;
}

// formByKeyboard does the same with the keyboard alone, at the page of the workflow.
export async function formByKeyboard(page, stage, keys, { request, inputs }) {
  const run = await stage.start("rita", "start-asked", inputs, request);
  await page.goto(`${stage.url}/runs/${run}`);
  return run;
}
