// Fetches the page again when the service says that something has changed, and replaces the parts that
// differ: at most once a second, never what has the focus or is under the pointer, and not while the
// reader has paused it. Without this script the pages show the same when they are loaded again.
const live = document.body.dataset.live;
if (live !== undefined) {
	const bar = document.getElementById("live"), word = bar.querySelector("[data-word]"), button = bar.querySelector("button");
	const news = document.getElementById("news");
	let paused = false, stale = false, busy = false, ended = false;
	bar.hidden = false;
	const say = (state, text) => { bar.dataset.state = state; word.textContent = text; };
	const inUse = (part) => part.matches(":hover") || part.contains(document.activeElement) || part.querySelector("details:focus-within");
	// open sections stay open
	const keepOpen = (from, to) => from.querySelectorAll("details[id]").forEach((d) => {
		const same = to.querySelector("#" + CSS.escape(d.id));
		if (same) same.open = d.open;
	});
	const shown = new WeakMap(); // what the service sent last, by part
	const waiting = new Map(); // the newest content of parts that are in use, by part
	document.querySelectorAll("[data-part]").forEach((part) => shown.set(part, part.innerHTML));
	function show(part, other) {
		waiting.delete(part);
		shown.set(part, other.innerHTML);
		keepOpen(part, other);
		part.replaceChildren(...other.childNodes);
	}
	async function update() {
		if (paused || busy || document.hidden) { stale = true; return; }
		busy = true; stale = false;
		try {
			const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
			if (!answer.ok) throw new Error(answer.status);
			const next = new DOMParser().parseFromString(await answer.text(), "text/html");
			for (const part of document.querySelectorAll("[data-part]")) {
				const other = next.getElementById(part.id);
				if (!other || other.innerHTML === shown.get(part)) waiting.delete(part);
				else if (inUse(part)) waiting.set(part, other);
				else show(part, other);
			}
			const status = next.body.dataset.status;
			if (status !== undefined && status !== document.body.dataset.status) {
				document.body.dataset.status = status;
				document.title = next.title;
				news.textContent = status;
			}
		} catch { stale = true; } finally { busy = false; }
	}
	const stream = new EventSource("/live?" + live);
	stream.addEventListener("open", () => { say("live", "Live"); if (stale) update(); });
	stream.addEventListener("changed", update);
	stream.addEventListener("ended", () => { ended = true; stream.close(); say("lost", "You are signed out: load the page again"); });
	stream.addEventListener("error", () => { if (!ended) say("lost", "Connection lost: this page may be old"); });
	stream.addEventListener("here", () => { if (!paused) say("live", "Live"); });
	button.addEventListener("click", () => {
		paused = !paused;
		button.setAttribute("aria-pressed", String(paused));
		say(paused ? "paused" : "live", paused ? "Paused" : "Live");
		if (!paused && stale) update();
	});
	const showWaiting = () => { if (!paused) waiting.forEach((other, part) => { if (!inUse(part)) show(part, other); }); };
	// as soon as the focus or the pointer has left
	for (const type of ["focusout", "pointerout"]) document.addEventListener(type, () => setTimeout(showWaiting));
	setInterval(() => { if (stale && !paused) update(); showWaiting(); }, 1000);
}
