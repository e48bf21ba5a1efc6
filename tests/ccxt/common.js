// What all checks share: clients of the simulator, and steps that tell how they went.
import ccxt from 'ccxt';

const STEP_TIMEOUT_MS = 60_000;

let failures = 0;

export function failureCount() {
  return failures;
}

export function check(condition, message) {
  if (!condition) throw new Error(message);
}

// Fails rather than hangs when an answer never comes.
export async function withTimeout(promise, what) {
  let timer;
  const timeout = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`nothing within ${STEP_TIMEOUT_MS} ms: ${what}`)),
        STEP_TIMEOUT_MS);
  });
  try {
    return await Promise.race([promise, timeout]);
  } finally {
    clearTimeout(timer);
  }
}

// One line; a failure is told and the next step is tried.
export async function step(name, action) {
  try {
    const told = await withTimeout(action(), name);
    console.log(`ok      ${name}: ${told}`);
  } catch (error) {
    failures += 1;
    console.log(`failed  ${name}: ${error.constructor.name}: ${error.message.slice(0, 500)}`);
  }
}

// The same URLs with another host; every path stays. ccxt tells the futures socket from the spot one
// by the "fx" in its host's name, which is kept as a query.
function withHost(urls, host) {
  if (typeof urls === 'string') {
    const query = /^wss:\/\/fx/.test(urls) ? '?fx' : '';
    return urls.replace(/^https:\/\/[^/]+/, `http://${host}`)
        .replace(/^wss:\/\/[^/]+/, `ws://${host}`) + query;
  }
  return Object.fromEntries(Object.entries(urls).map(([key, url]) => [key, withHost(url, host)]));
}

// `account` is a row of the endpoints file; without one the client has no key.
export async function makeClient(kind, host, account = {}, more = {}) {
  const client = new ccxt.pro.gate({
    apiKey: account.api_key,
    secret: account.secret,
    uid: account.user_id,
    // Dated futures and options are no part of the simulator.
    options: { defaultType: kind, fetchMarkets: { types: [kind] } },
    ...more,
  });
  client.urls.api = withHost(client.urls.api, host);
  await client.loadHttpProxyAgent();  // ccxt opens no plain ws:// before this, proxy or not
  return client;
}
