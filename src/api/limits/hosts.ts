import { hostname } from 'node:os';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import ipaddr from 'ipaddr.js';
import { Problem } from '../../core/problem.ts';
import { isLoopbackAddress } from '../../core/target/target.ts';

export interface HostPolicy {
  /** Besides loopback names; `undefined` answers for every host. Lower case, without port. */
  readonly allowedHosts: readonly string[] | undefined;
  /** CIDR blocks of proxies, which select the host themselves. */
  readonly trustedProxies: readonly string[];
}

/**
 * Answers only for known hosts. A page of another origin can make its own name resolve to 127.0.0.1 (DNS rebinding) and then talk
 * to a server that listens there as if it were its own, but it cannot choose the Host header.
 */
export function refuseForeignHosts(app: FastifyInstance, { allowedHosts, trustedProxies }: HostPolicy): void {
  if (allowedHosts === undefined) return;
  const own = hostname().toLowerCase();
  const trusted = trustedProxies.map((block) => ipaddr.parseCIDR(block));
  const isTrusted = (address: string | undefined): boolean => {
    if (address === undefined || !ipaddr.isValid(address)) return false;
    const parsed = ipaddr.process(address);
    return trusted.some(([network, prefix]) => network.kind() === parsed.kind() && parsed.match(network, prefix));
  };
  app.addHook('onRequest', async (request) => {
    const host = hostOf(request);
    if (host === undefined || isLoopbackHost(host) || host === own || allowedHosts.includes(host)) return;
    if (isTrusted(request.socket.remoteAddress)) return;
    const remedy =
      'set ALLOWED_HOSTS to the names under which it is reached, or TRUSTED_PROXIES to the proxy before it';
    throw new Problem(
      'host-not-allowed',
      `This server does not answer for the host ${JSON.stringify(host)}; ${remedy}.`,
    );
  });
}

/** From the Host header as received, in lower case and without port; `undefined` without one (HTTP/1.0). */
function hostOf({ raw }: FastifyRequest): string | undefined {
  const { host } = raw.headers;
  return host === undefined || host === '' ? undefined : host.toLowerCase().replace(/:\d*$/, '').replace(/\.$/, '');
}

function isLoopbackHost(host: string): boolean {
  return host === 'localhost' || host.endsWith('.localhost') || isLoopbackAddress(host.replace(/^\[(.*)\]$/, '$1'));
}

const forwardingHeader =
  /^(?:forwarded|via|x-forwarded(?:-.+)?|x-real-ip|x-client-ip|true-client-ip|cf-connecting-ip)$/;

/**
 * Whether a request came directly from a program on this machine. A proxy that adds no header is recognised by HTTP/1.0, which
 * nginx speaks by default, or by the page that the browser names.
 */
export function isDirectFromHere(request: FastifyRequest, ownOrigins: readonly string[]): boolean {
  const { httpVersion, headers } = request.raw;
  const { remoteAddress = '' } = request.socket;
  const host = hostOf(request);
  const isPeerHere = isLoopbackAddress(remoteAddress.replace(/^::ffff:/i, ''));
  const isForwarded = httpVersion === '1.0' || Object.keys(headers).some((name) => forwardingHeader.test(name));
  const isPageHere = isLoopbackPage(headers.origin) || ownOrigins.includes(headers.origin ?? '');
  return isPeerHere && !isForwarded && isPageHere && (host === undefined || isLoopbackHost(host));
}

/** Programs name no page, and count as local. */
function isLoopbackPage(origin: string | undefined): boolean {
  return origin === undefined || (URL.canParse(origin) && isLoopbackHost(new URL(origin).hostname));
}
