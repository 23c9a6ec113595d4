// A logout in Auth until both processes of Products refuse the token, beside a message through the same Redis.
import { once } from "node:events";
import { connect } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { PostgresAndRedis } from "../tests/api/harness/backing.mjs";
import { doors } from "../tests/api/harness/doors.mjs";
import { Fleet } from "../tests/api/harness/fleet.mjs";
import { secret } from "../tests/api/harness/postgres.mjs";
import { percentile } from "./table.mjs";

const rounds = 200;

/** One connection to Redis, on which commands are lines. */
async function redisLine(redis, ...commands) {
  const socket = connect(redis.port, "127.0.0.1").setNoDelay().setEncoding("utf8");
  for (const command of [`AUTH "${secret}"`, ...commands]) {
    socket.write(`${command}\r\n`);
    const [reply] = await once(socket, "data");
    if (reply.startsWith("-")) throw new Error(`Redis: ${reply}`);
  }
  return socket;
}

/** Milliseconds from PUBLISH on one connection to the message on the other. */
async function publish(publisher, subscriber) {
  const message = once(subscriber, "data");
  const begin = performance.now();
  publisher.write("PUBLISH bench now\r\n");
  await message;
  return performance.now() - begin;
}

/** Asks until the token is refused; gives when the first refusal arrived. */
async function refusedAt(door, token) {
  for (;;) {
    const status = await door.status(token);
    if (status === 401) return performance.now();
    if (status !== 404) throw new Error(`${door.name} answers ${status}`);
    await pause(1); // so that those who ask leave the cores to those who are measured
  }
}

/** Milliseconds until both refuse, from the sending of the logout and from its answer. */
async function logoutOnce(fleet, username) {
  const { token } = await fleet.newSession(username);
  const asked = fleet.products.flatMap(doors);
  for (const door of asked) await door.status(token);
  const refusals = Promise.all(asked.map((door) => refusedAt(door, token)));
  const sent = performance.now();
  await fleet.auth.logout(token);
  const answered = performance.now();
  const last = Math.max(...(await refusals));
  return { sinceSent: last - sent, sinceAnswered: Math.max(0, last - answered) };
}

export async function logout() {
  const fleet = new Fleet({ backing: new PostgresAndRedis({ durable: true }) });
  try {
    await fleet.start();
    const subscriber = await redisLine(fleet.backing.redis, "SUBSCRIBE bench");
    const publisher = await redisLine(fleet.backing.redis);
    const { username } = await fleet.newUser();
    const ours = [];
    const peer = [];
    for (let round = 0; round < rounds; round++) {
      peer.push(await publish(publisher, subscriber));
      ours.push(await logoutOnce(fleet, username));
    }
    subscriber.destroy();
    publisher.destroy();
    const row = (work, values, reach) => ({ work, reach, p50: percentile(values, 0.5), p99: percentile(values, 0.99) });
    return [
      row("logout sent → refused by both", ours.map((one) => one.sinceSent), "p99 ≤ 10 ms"),
      row("logout answered → refused by both", ours.map((one) => one.sinceAnswered)),
      row("  beside: PUBLISH → subscriber", peer),
    ];
  } finally {
    await fleet.close();
  }
}
