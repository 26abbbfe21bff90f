import { BlockList, isIP } from 'node:net';
import type { Context } from 'koa';

/** The address that counts for limits. */
export type ClientAddress = (ctx: Context) => string;

/**
 * The address of a request: the connection's own, or, when the connection comes from one of `trustedProxies` (addresses or
 * CIDR blocks), the last entry of `X-Forwarded-For`, which that proxy wrote. A caller from outside cannot choose it. An IPv6
 * caller owns a whole /64 and counts as one.
 */
export function createClientAddress(trustedProxies: readonly string[]): ClientAddress {
  const trusted = toBlockList(trustedProxies);
  return (ctx) => {
    const socket = plain(ctx.req.socket.remoteAddress ?? '');
    const family = isIP(socket);
    if (family === 0) return 'unknown';
    if (!trusted.check(socket, family === 6 ? 'ipv6' : 'ipv4')) return toKey(socket);
    const forwarded = plain(ctx.get('X-Forwarded-For').split(',').at(-1)?.trim() ?? '');
    return toKey(isIP(forwarded) === 0 ? socket : forwarded);
  };
}

/** Throws for what is neither an address nor a CIDR block. */
function toBlockList(blocks: readonly string[]): BlockList {
  const list = new BlockList();
  for (const block of blocks) {
    const [address = '', bits] = block.split('/');
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
    if (bits === undefined) list.addAddress(address, family);
    else list.addSubnet(address, Number(bits), family);
  }
  return list;
}

/** An IPv4 address in IPv6 clothes is an IPv4 address. */
function plain(address: string): string {
  return address.replace(/^::ffff:(?=\d+\.)/i, '').replace(/%.*$/, '');
}

function toKey(address: string): string {
  if (isIP(address) !== 6) return address;
  const [head = '', tail = ''] = address.toLowerCase().split('::');
  const front = head === '' ? [] : head.split(':');
  const back = tail === '' ? [] : tail.split(':');
  const missing = address.includes('::') ? Math.max(0, 8 - front.length - back.length) : 0;
  const groups = [...front, ...Array.from({ length: missing }, () => '0'), ...back];
  return `${groups
    .slice(0, 4)
    .map((group) => group.replace(/^0+(?=.)/, ''))
    .join(':')}::/64`;
}
