// Child processes of the tests. They end with the tests, also if those fail.
import { spawn } from "node:child_process";
import { closeSync, openSync, readFileSync } from "node:fs";
import { until, within } from "./checks.mjs";

const alive = new Set();
process.on("exit", () => alive.forEach((child) => child.kill("SIGKILL")));
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => process.exit(1));

// A Server is a process that prints its address first.
export class Server {
  // start runs a program and waits until its standard output matches a pattern, whose first group is the
  // address. The output is in file.out, the log in file.log.
  static async start(program, args, env, file, pattern) {
    const server = new Server();
    const out = openSync(`${file}.out`, "w"), log = openSync(`${file}.log`, "a");
    const child = spawn(program, args, { env, stdio: ["ignore", out, log] });
    closeSync(out);
    closeSync(log);
    alive.add(child);
    server.child = child;
    server.ended = new Promise((done) => child.once("exit", (code, signal) => {
      alive.delete(child);
      done(code ?? signal);
    }));
    const failed = new Promise((_, reject) => {
      child.once("error", reject);
      server.ended.then((how) => reject(new Error(`${program} ${args[0]} ended with ${how}: ${readFileSync(`${file}.log`, "utf8").slice(-2000)}`)));
    });
    failed.catch(() => {}); // it matters until the address is known
    const printed = until(`${program} ${args[0]} prints its address`, () => readFileSync(`${file}.out`, "utf8").match(pattern)?.[1], 20_000);
    server.address = await Promise.race([printed, failed]);
    return server;
  }

  // stop ends the process and waits for its end. If it ignores the signal, it is killed.
  async stop(signal = "SIGTERM") {
    this.child.kill(signal);
    try {
      await within(this.ended, 8000, `the end of process ${this.child.pid}`);
    } catch {
      this.child.kill("SIGKILL");
      await within(this.ended, 5000, `the end of process ${this.child.pid}, which was killed`);
    }
  }
}

// run carries out a program and returns what it printed.
export async function run(program, args, env) {
  const child = spawn(program, args, { env, stdio: ["ignore", "pipe", "pipe"] });
  alive.add(child);
  let out = "", log = "";
  child.stdout.on("data", (data) => { out += data; });
  child.stderr.on("data", (data) => { log += data; });
  const code = await within(new Promise((done, failed) => {
    child.once("close", done);
    child.once("error", failed);
  }), 30_000, `${program} ${args.join(" ")}`);
  alive.delete(child);
  if (code !== 0) throw new Error(`${program} ${args.join(" ")} ended with ${code}: ${log}`);
  return out.trim();
}
