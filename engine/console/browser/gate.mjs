// A gate stands between the service and the sandbox and can hold requests, so that a test knows what the
// service is doing.
import http from "node:http";

export class Gate {
  held = [];
  #holds = null;

  // open returns a gate to a server at a port of this machine.
  static async open(port) {
    const gate = new Gate();
    gate.server = http.createServer((request, answer) => {
      const parts = [];
      request.on("data", (part) => parts.push(part));
      request.on("end", () => {
        const body = Buffer.concat(parts);
        const pass = () => gate.#pass(port, request, body, answer);
        if (gate.#holds?.test(body.toString("latin1"))) gate.held.push(pass);
        else pass();
      });
    });
    await new Promise((done) => gate.server.listen(0, "127.0.0.1", done));
    gate.port = gate.server.address().port;
    return gate;
  }

  #pass(port, request, body, answer) {
    const onward = http.request({ host: "127.0.0.1", port, method: request.method, path: request.url, headers: request.headers }, (reply) => {
      answer.writeHead(reply.statusCode, reply.headers);
      reply.pipe(answer);
      reply.on("error", () => answer.destroy());
    });
    onward.on("error", () => answer.destroy()); // a lost reply stays lost
    onward.end(body);
  }

  // hold keeps the requests whose body matches until release is called.
  hold(pattern) {
    this.#holds = pattern;
  }

  release() {
    this.#holds = null;
    this.held.splice(0).forEach((pass) => pass());
  }

  close() {
    this.server.closeAllConnections();
    this.server.close();
  }
}
