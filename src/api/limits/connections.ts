import { createServer, type RequestListener, type Server } from 'node:http';
import type { Socket } from 'node:net';
import ipaddr from 'ipaddr.js';
import { networkOf } from './login-throttle.ts';

export interface ConnectionLimits {
  /** Connections at once, from all addresses together. */
  readonly connectionsMax: number;
  /** CIDR blocks of proxies, which carry connections of many clients. */
  readonly trustedProxies: readonly string[];
}

// A client connects in order to send a request; browsers that connect ahead of need reconnect.
const firstHeadMillis = 10_000;
const checkedEachMillis = 2000;
/** Longer than the minute for which most proxies keep a connection open. */
const keepAliveMillis = 72_000;
const listenersMax = 20;
/** One address gets at most this share of all connections. */
const partOfOneAddress = 1 / 4;

/**
 * Keeps the server reachable during a flood of connections: at the limit of an address, or of all together, the connection that
 * has been idle longest is closed, otherwise the new one.
 */
export function createLimitedServer(handle: RequestListener, limits: ConnectionLimits): Server {
  const server = createServer(
    {
      headersTimeout: firstHeadMillis,
      connectionsCheckingInterval: checkedEachMillis,
      keepAliveTimeout: keepAliveMillis,
      // Bodies have their own time limit, which depends on what they are.
      requestTimeout: 0,
    },
    handle,
  );
  const all = new Connections(Math.max(1, limits.connectionsMax));
  const addressMax = Math.max(1, Math.floor(limits.connectionsMax * partOfOneAddress));
  const byAddress = new Map<string, Connections>();
  const trusted = limits.trustedProxies.map((block) => ipaddr.parseCIDR(block));

  function groupsOf({ remoteAddress }: Socket): readonly Connections[] {
    if (remoteAddress === undefined) return [all];
    const parsed = ipaddr.process(remoteAddress);
    if (trusted.some(([network, prefix]) => network.kind() === parsed.kind() && parsed.match(network, prefix)))
      return [all];
    const network = networkOf(remoteAddress);
    const own = byAddress.get(network) ?? new Connections(addressMax, () => byAddress.delete(network));
    byAddress.set(network, own);
    return [own, all];
  }

  server.on('connection', (socket) => {
    const groups = groupsOf(socket);
    if (!groups.every((group) => group.makeRoom())) {
      socket.destroy();
      return;
    }
    for (const group of groups) group.add(socket);
  });
  server.on('request', ({ socket }, response) => {
    // Fastify, its plugins and we all listen for the end of a streamed answer: about a dozen listeners, which does not grow.
    response.setMaxListeners(listenersMax);
    const groups = groupsOf(socket);
    for (const group of groups) group.setWaiting(socket, false);
    response.once('close', () => {
      for (const group of groups) group.setWaiting(socket, true);
    });
  });
  return server;
}

class Connections {
  readonly #most: number;
  readonly #onEmpty: () => void;
  readonly #open = new Set<Socket>();
  /** Those without a request in progress, longest idle first. */
  readonly #waiting = new Set<Socket>();

  constructor(most: number, onEmpty: () => void = () => {}) {
    this.#most = most;
    this.#onEmpty = onEmpty;
  }

  /** Whether there is room for one more, after closing an idle one if necessary. */
  makeRoom(): boolean {
    if (this.#open.size < this.#most) return true;
    const [longest] = this.#waiting;
    if (longest === undefined) return false;
    longest.destroy();
    this.#forget(longest);
    return true;
  }

  add(socket: Socket): void {
    this.#open.add(socket);
    this.#waiting.add(socket);
    socket.once('close', () => this.#forget(socket));
  }

  setWaiting(socket: Socket, isWaiting: boolean): void {
    if (isWaiting && this.#open.has(socket)) this.#waiting.add(socket);
    else this.#waiting.delete(socket);
  }

  #forget(socket: Socket): void {
    this.#waiting.delete(socket);
    if (this.#open.delete(socket) && this.#open.size === 0) this.#onEmpty();
  }
}
