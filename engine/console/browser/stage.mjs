// A stage is a sandbox, a home and a service of its own, with people who have tokens.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { until } from "./checks.mjs";
import { Gate } from "./gate.mjs";
import { run, Server } from "./processes.mjs";

const here = (name) => fileURLToPath(new URL(name, import.meta.url));

// people are who has a token, with the flags that make it.
export const people = {
  admin: ["--role", "admin", "--person", "Ada", "--group", "cloud"],
  kim: ["--role", "approver", "--person", "Kim", "--group", "cloud"],
  ole: ["--role", "operator", "--person", "Ole"],
  rita: ["--role", "requester", "--role", "approver", "--person", "Rita"],
  nele: ["--role", "requester", "--person", "Nele", "--workflow", "start-asked", "--force"],
};

const folders = new Set();
process.on("exit", () => folders.forEach((folder) => rmSync(folder, { recursive: true, force: true })));

export class Stage {
  tokens = {};

  // open makes a stage. who names the people that it needs.
  static async open(errand, who = Object.keys(people), { world = here("world.yaml"), definitions = here("definitions"), more = {} } = {}) {
    const stage = new Stage();
    stage.errand = errand;
    stage.definitions = definitions;
    stage.folder = mkdtempSync(join(tmpdir(), "errand-browser-"));
    folders.add(stage.folder);
    const home = (name) => {
      mkdirSync(join(stage.folder, name));
      return join(stage.folder, name);
    };
    stage.env = {
      PATH: process.env.PATH, AWS_EC2_METADATA_DISABLED: "true", HOME: home("user"), ERRAND_HOME: home("errand"),
      XDG_CONFIG_HOME: home("config"), XDG_DATA_HOME: home("data"), XDG_CACHE_HOME: home("cache"),
    };
    try {
      await stage.#fill(who, world, more);
    } catch (error) {
      await stage.close();
      throw error;
    }
    return stage;
  }

  async #fill(who, world, more) {
    this.sandbox = await Server.start(this.errand, ["sandbox", "--listen", "127.0.0.1:0", "--world", world], this.env, join(this.folder, "sandbox"), /EC2=http:\/\/127\.0\.0\.1:(\d+)\//);
    this.gate = await Gate.open(Number(this.sandbox.address));
    const address = `http://127.0.0.1:${this.gate.port}`;
    await this.#credential("ism", {
      app_url: `${address}/ism`, user_auth_token: "any-token", slice_token: "any-slice",
      webservice_user_name: "errand", webservice_user_password: "any-password", evidence_delay: "1s",
    });
    await this.#credential("ec2", { region_endpoint: `${address}/ec2`, access_key_id: "any-key", secret_access_key: "any-secret" });
    for (const name of who) this.tokens[name] = await run(this.errand, ["serve", "token", "add", name, ...people[name]], this.env);
    for (const [name, flags] of Object.entries(more)) this.tokens[name] = await run(this.errand, ["serve", "token", "add", name, ...flags], this.env);
    await this.serve();
  }

  async #credential(system, values) {
    const file = join(this.folder, `${system}.json`);
    writeFileSync(file, JSON.stringify(values));
    await run(this.errand, ["credentials", "add", system, "default", "--from-file", file], this.env);
  }

  // serve starts the service, at the same address each time.
  async serve() {
    this.service = await Server.start(this.errand, ["serve", "--listen", `127.0.0.1:${this.port ?? 0}`, "--definitions", this.definitions], this.env, join(this.folder, "serve"), /^(http:\/\/\S+)$/m);
    this.url = this.service.address;
    this.port = new URL(this.url).port;
    await until("the service answers", async () => (await fetch(`${this.url}/healthz`)).ok);
  }

  // close ends the processes and removes the home.
  async close() {
    await this.service?.stop();
    this.gate?.close();
    await this.sandbox?.stop();
    rmSync(this.folder, { recursive: true, force: true });
    folders.delete(this.folder);
  }

  // call makes a request of the HTTP interface.
  async call(who, method, path, body) {
    const headers = { Authorization: `Bearer ${this.tokens[who]}` };
    if (body !== undefined) headers["Content-Type"] = "application/json";
    const answer = await fetch(this.url + path, { method, headers, body: body && JSON.stringify(body), signal: AbortSignal.timeout(10_000) });
    const value = await answer.json();
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${value.detail}`);
    return value;
  }

  // start starts a run and returns its id.
  async start(who, workflow, inputs = {}, request = undefined) {
    return (await this.call(who, "POST", "/v1/runs", { workflow, inputs, request })).run;
  }

  // reached waits until a run has a status, and returns the run.
  reached(id, ...statuses) {
    let last;
    return until(`run ${id} is ${statuses.join(" or ")}`, async () => {
      last = await this.call("admin", "GET", `/v1/runs/${id}`);
      if (statuses.includes(last.status)) return last;
      throw new Error(`it is ${last.status}`);
    }, 20_000);
  }

  // asks waits until a run has a question, and returns the run.
  asks(id) {
    return until(`run ${id} asks`, async () => {
      const run = await this.call("admin", "GET", `/v1/runs/${id}`);
      const { questions } = await this.call("admin", "GET", "/v1/questions");
      return questions.find((question) => question.run === id) && run;
    }, 20_000);
  }
}
