// How many bytes a page costs a browser that has nothing of it yet.

export const most = 50_000;

// weigh loads an address in a page and returns the bytes that came over the connection, compressed and
// with their headers.
export async function weigh(page, url) {
  const session = await page.context().newCDPSession(page);
  let bytes = 0;
  session.on("Network.loadingFinished", (event) => { bytes += event.encodedDataLength; });
  await session.send("Network.enable");
  await session.send("Network.setCacheDisabled", { cacheDisabled: true });
  await page.goto(url, { waitUntil: "load" });
  await session.detach();
  return bytes;
}
