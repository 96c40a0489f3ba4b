// Plays calls with CleverTap's own npm package and prints what each of them came to, as JSON.
//
// stdin: {"url", "account_id", "passcode", "region", "calls": [["profile", {"email": "…"}], …]}
// stdout: [{"result": …} or {"thrown": "…"}, …], one for each call

"use strict";

const CleverTap = require("clevertap");

const play = async ({ url, account_id, passcode, region, calls }) => {
  const client = CleverTap.init(account_id, passcode, region);
  client.api.apiEndpoint = `${url}/${region}/1`; // nothing else differs from a program for the real service

  const outcomes = [];
  for (const [method, ...values] of calls) {
    outcomes.push(
      await client[method](...values).then(
        (result) => ({ result }),
        (reason) => ({ thrown: String(reason) }),
      ),
    );
  }
  return outcomes;
};

const main = async () => {
  let stdin = "";
  for await (const part of process.stdin.setEncoding("utf8")) stdin += part;
  process.stdout.write(JSON.stringify(await play(JSON.parse(stdin))));
};

main();
