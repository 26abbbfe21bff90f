import { lookup as dnsLookup, type LookupAddress } from 'node:dns';
import { BlockList, isIP, type LookupFunction } from 'node:net';

/** An address that an owner's URL must not lead to; its message names no address. */
export class RefusedAddress extends Error {
  readonly code = 'refused_address';
  constructor() {
    super('The address is not a public one');
    this.name = 'RefusedAddress';
  }
}

/** Not the internet: private, loopback, link-local (metadata), CGNAT, documentation, multicast, reserved. */
const refusedV4 = listOf('ipv4', [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
]);
/**
 * What is no global unicast (::, ::1, IPv4-mapped and -compatible, NAT64, ULA, link- and site-local, multicast), and inside it
 * the tunnels that carry an IPv4 address (Teredo, 6to4) and documentation. A list of its own: an IPv4 address would match its
 * mapped form.
 */
const refusedV6 = listOf('ipv6', [
  '::/3',
  '4000::/2',
  '8000::/1',
  '2001::/23',
  '2001:db8::/32',
  '2002::/16',
  '3fff::/20',
]);

function listOf(family: 'ipv4' | 'ipv6', ranges: readonly string[]): BlockList {
  const list = new BlockList();
  for (const range of ranges) {
    const [network, prefix] = range.split('/');
    list.addSubnet(network!, Number(prefix), family);
  }
  return list;
}

const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8, 'ipv4');
loopback.addAddress('::1', 'ipv6');

/**
 * May we connect there? Public addresses only; `allowLoopback` (ALLOW_PRIVATE_FEEDS) adds loopback written as itself, for tests.
 * An IPv4-mapped address is refused whatever it maps to.
 */
export function isAllowedAddress(address: string, allowLoopback: boolean): boolean {
  const family = isIP(address);
  if (family === 0) return false;
  const type = family === 4 ? 'ipv4' : 'ipv6';
  if (family === 6 && /^::ffff:/i.test(address)) return false;
  if (allowLoopback && loopback.check(address, type)) return true;
  return !(family === 4 ? refusedV4 : refusedV6).check(address, type);
}

/** The host of a URL as an address, when it is written as one (`[::1]` without its brackets). */
export function addressOfHost(hostname: string): string | undefined {
  const bare = hostname.startsWith('[') ? hostname.slice(1, -1) : hostname;
  return isIP(bare) === 0 ? undefined : bare;
}

type Resolve = (hostname: string, callback: (error: Error | null, addresses: LookupAddress[]) => void) => void;

/** Resolves a name and lets through only what may be connected to, so that what was checked is what is dialled. One bad address refuses the name. */
export function createGuardedLookup(allowLoopback: boolean, resolve: Resolve = resolveAll): LookupFunction {
  return (hostname, options, callback) => {
    resolve(hostname, (error, addresses) => {
      const isSafe = addresses.length > 0 && addresses.every(({ address }) => isAllowedAddress(address, allowLoopback));
      if (error) callback(error, '', 0);
      else if (!isSafe) callback(new RefusedAddress(), '', 0);
      else if (options.all) callback(null, addresses);
      else callback(null, addresses[0]!.address, addresses[0]!.family);
    });
  };
}

const resolveAll: Resolve = (hostname, callback) => {
  dnsLookup(hostname, { all: true }, (error, addresses) => callback(error, addresses ?? []));
};
