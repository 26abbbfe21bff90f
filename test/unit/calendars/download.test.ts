import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { expect } from 'chai';
import { download, type DownloadOptions } from '#shared/integrations/icalendar/download.ts';
import { parseFeedUrl } from '#shared/integrations/icalendar/feed-url.ts';
import { createGuardedLookup, isAllowedAddress } from '#shared/integrations/icalendar/guard-address.ts';

describe('isAllowedAddress', () => {
  const inner = [
    '0.0.0.0',
    '10.1.2.3',
    '100.64.0.1',
    '127.0.0.1',
    '127.9.9.9',
    '169.254.169.254',
    '172.16.0.1',
    '172.31.255.255',
    '192.168.1.1',
    '198.18.0.1',
    '224.0.0.1',
    '255.255.255.255',
    '240.0.0.1',
    '192.0.2.1',
  ];
  const inner6 = [
    '::',
    '::1',
    '::ffff:127.0.0.1',
    '::ffff:8.8.8.8',
    '::ffff:7f00:1',
    'fc00::1',
    'fdab::1',
    'fe80::1',
    'fec0::1',
    'ff02::1',
    '64:ff9b::7f00:1',
    '2002:7f00:1::',
    '2001:0:1::',
    '2001:db8::1',
    '::127.0.0.1',
  ];
  const outer = [
    '1.1.1.1',
    '8.8.8.8',
    '172.15.0.1',
    '172.32.0.1',
    '192.167.1.1',
    '100.63.0.1',
    '100.128.0.1',
    '2606:4700::1111',
    '2a00:1450:4001::',
  ];

  it('refuses what is not the internet', () => {
    for (const address of [...inner, ...inner6, '', 'example.com', '1.2.3'])
      expect(isAllowedAddress(address, false), address).to.equal(false);
  });
  it('allows what is', () => {
    for (const address of outer) expect(isAllowedAddress(address, false), address).to.equal(true);
  });
  it('adds loopback written as itself, and nothing else, for tests', () => {
    const allowed = [...inner, ...inner6].filter((address) => isAllowedAddress(address, true));
    expect(allowed).to.deep.equal(['127.0.0.1', '127.9.9.9', '::1']);
  });
});

describe('parseFeedUrl', () => {
  const problemOf = (text: string) => {
    const parsed = parseFeedUrl(text, false);
    return 'problem' in parsed ? parsed.problem : parsed.url.href;
  };
  it('takes http and https, and webcal for https', () => {
    expect(problemOf(' webcal://a.example/x.ics?t=1#part ')).to.equal('https://a.example/x.ics?t=1');
    expect(problemOf('http://a.example/x')).to.equal('http://a.example/x');
  });
  it('names what is wrong with any other', () => {
    expect(problemOf('')).to.equal('not_a_url');
    expect(problemOf('calendar')).to.equal('not_a_url');
    expect(problemOf('file:///etc/passwd')).to.equal('scheme');
    expect(problemOf('ftp://a.example/x')).to.equal('scheme');
    expect(problemOf('https://me:secret@a.example/x')).to.equal('credentials');
    expect(problemOf(`https://a.example/${'x'.repeat(3_000)}`)).to.equal('too_long');
  });
  it('refuses private addresses however they are written', () => {
    for (const host of [
      'localhost',
      'x.localhost',
      'localhost.',
      '127.0.0.1',
      '127.1',
      '2130706433',
      '0x7f.0.0.1',
      '0177.0.0.1',
      '0.0.0.0',
      '[::1]',
      '[::ffff:127.0.0.1]',
      '169.254.169.254',
      '10.0.0.8',
      '172.16.1.1',
      '192.168.0.1',
      '[fd00::1]',
      '100.64.1.1',
    ])
      expect(problemOf(`http://${host}/x.ics`), host).to.equal('private_address');
  });
});

describe('download', () => {
  let server: Server;
  let base: string;
  let answer: RequestListener;
  let asked = 0;
  before(async () => {
    server = createServer((request, response) => {
      asked += 1;
      answer(request, response);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  beforeEach(() => (asked = 0));
  after(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  const get = (path = '/', options: Partial<DownloadOptions> = {}, signal = AbortSignal.timeout(10_000)) =>
    download(
      path.startsWith('/') ? base + path : path,
      { etag: null, lastModified: null, allowLoopback: true, ...options },
      signal,
    );
  const reasonOf = async (...args: Parameters<typeof get>) => {
    const result = await get(...args);
    return result.type === 'failed' ? result.reason : result.type;
  };

  it('gives the bytes and what to ask with next time', async () => {
    answer = (request, response) => {
      if (request.headers['if-none-match'] === '"a"') return void response.writeHead(304).end();
      response.writeHead(200, { etag: '"a"', 'last-modified': 'Tue, 24 Nov 2026 12:00:00 GMT' }).end('hello');
    };
    const first = await get();
    expect(first).to.deep.include({ type: 'body', etag: '"a"', lastModified: 'Tue, 24 Nov 2026 12:00:00 GMT' });
    expect(await get('/', { etag: '"a"' })).to.deep.equal({ type: 'not_modified' });
  });

  it('says the status of any other answer, and when to come again', async () => {
    for (const status of [204, 206, 400, 401, 403, 404, 410, 500, 503]) {
      answer = (_, response) => void response.writeHead(status).end();
      expect(await reasonOf(), String(status)).to.equal(`http_${status}`);
    }
    answer = (_, response) => void response.writeHead(429, { 'retry-after': '120' }).end();
    expect(await get()).to.deep.equal({ type: 'failed', reason: 'http_429', retryAfterMs: 120_000 });
  });

  it('unpacks gzip', async () => {
    answer = (_, response) => void response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync('packed'));
    const result = await get();
    expect(result.type === 'body' && result.bytes.toString()).to.equal('packed');
  });

  it('refuses what is too large: said, sent, or packed', async () => {
    answer = (_, response) => void response.writeHead(200, { 'content-length': '6000000' }).end('x');
    expect(await reasonOf()).to.equal('too_large');
    answer = (_, response) => void response.writeHead(200).end(Buffer.alloc(6_000_000, 'x'));
    expect(await reasonOf()).to.equal('too_large');
    answer = (_, response) =>
      void response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(Buffer.alloc(80_000_000)));
    expect(await reasonOf()).to.equal('too_large');
    answer = (_, response) => void response.writeHead(200, { 'content-encoding': 'gzip' }).end('no gzip at all');
    expect(await reasonOf()).to.equal('bad_encoding');
    answer = (_, response) => void response.writeHead(200, { 'content-encoding': 'zstd' }).end('x');
    expect(await reasonOf()).to.equal('unknown_encoding');
  });

  it('gives up on slow, endless and silent servers', async () => {
    answer = () => {};
    expect(await reasonOf('/', { timeoutMs: 150 })).to.equal('timeout');
    answer = (_, response) => {
      response.writeHead(200).write('BEGIN:VCALENDAR\r\n');
      const timer = setInterval(() => response.write('X:\r\n'), 20);
      response.on('close', () => clearInterval(timer));
    };
    expect(await reasonOf('/', { timeoutMs: 150 })).to.equal('timeout');
    answer = (_, response) => void response.destroy();
    expect(await reasonOf()).to.equal('unreachable');
    answer = () => {};
    expect(await reasonOf('/', {}, AbortSignal.timeout(1))).to.equal('timeout');
  });

  it('follows five redirects and no more, each checked', async () => {
    answer = (request, response) => {
      const left = Number(request.url!.slice(1));
      if (left === 0) return void response.writeHead(200).end('there');
      response.writeHead(302, { location: `/${left - 1}` }).end();
    };
    expect((await get('/5')).type).to.equal('body');
    expect(asked).to.equal(6);
    expect(await reasonOf('/6')).to.equal('too_many_redirects');
  });

  it('follows no redirect into the house', async () => {
    const target = (location: string) => {
      answer = (_, response) => void response.writeHead(302, { location }).end();
      return reasonOf();
    };
    for (const place of [
      'http://169.254.169.254/latest/meta-data',
      'http://[::ffff:127.0.0.1]/',
      'http://10.0.0.1/',
      'http://[fd00::1]/',
      'http://0x7f.1/x'.replace('0x7f.1', '192.168.1.1'),
    ])
      expect(await target(place), place).to.equal('refused_address');
    expect(await target('file:///etc/passwd')).to.equal('bad_address');
    expect(await target('http://user:secret@a.example/')).to.equal('bad_address');
    answer = (_, response) => void response.writeHead(302).end();
    expect(await reasonOf()).to.equal('bad_redirect');
  });

  it('connects only to the address that was checked, and to none when one of a name is private', async () => {
    answer = (_, response) => void response.writeHead(200).end('inside');
    const resolvesTo = (...addresses: string[]) =>
      createGuardedLookup(true, (_, callback) =>
        callback(
          null,
          addresses.map((address) => ({ address, family: 4 })),
        ),
      );
    const url = base.replace('127.0.0.1', 'calendar.example');
    expect(await reasonOf(url, { lookup: resolvesTo('127.0.0.1') })).to.equal('body');
    expect(await reasonOf(url, { lookup: resolvesTo('10.0.0.1') })).to.equal('refused_address');
    expect(await reasonOf(url, { lookup: resolvesTo('127.0.0.1', '169.254.169.254') })).to.equal('refused_address');
    expect(await reasonOf(url, { lookup: resolvesTo() })).to.equal('refused_address');
    expect(await reasonOf('http://nowhere.invalid/')).to.equal('unknown_host');
  });

  it('asks a name that changes its mind once per connection: what was checked is what is dialled', async () => {
    answer = (_, response) => void response.writeHead(200).end('inside');
    let lookups = 0;
    const rebinding = createGuardedLookup(true, (_, callback) => {
      lookups += 1;
      callback(null, [{ address: lookups === 1 ? '127.0.0.1' : '10.0.0.1', family: 4 }]);
    });
    const url = base.replace('127.0.0.1', 'rebind.example');
    expect(await reasonOf(url, { lookup: rebinding })).to.equal('body');
    expect(lookups).to.equal(1);
    expect(await reasonOf(url, { lookup: rebinding })).to.equal('refused_address');
  });

  it('refuses loopback where it is not allowed, without a connection', async () => {
    expect(await reasonOf('/', { allowLoopback: false })).to.equal('refused_address');
    const lookup = createGuardedLookup(false, (_, callback) => callback(null, [{ address: '127.0.0.1', family: 4 }]));
    expect(await reasonOf(base.replace('127.0.0.1', 'a.example'), { allowLoopback: false, lookup })).to.equal(
      'refused_address',
    );
    expect(asked).to.equal(0);
  });

  it("reaches the sandbox's own platforms on loopback, and nothing beside them or behind them", async () => {
    const own = { allowLoopback: false, sandboxFeedsUrl: `${base}/sandbox/platforms/` };
    answer = (_, response) => void response.writeHead(200).end('a calendar');
    expect(await reasonOf('/sandbox/platforms/airbnb-1.ics', own)).to.equal('body');
    for (const path of ['/', '/sandbox/platforms', '/sandbox/platforms/../../metrics', '/sandbox/platforms/%2e%2e/x'])
      expect(await reasonOf(path, own), path).to.equal('refused_address');
    for (const url of [
      base.replace('http://', 'http://sandbox@').concat('/sandbox/platforms/x'),
      `${base.replace(/:\d+$/, ':1')}/sandbox/platforms/x`,
      `http://[::ffff:127.0.0.1]${base.slice(base.lastIndexOf(':'))}/sandbox/platforms/x`,
    ])
      expect(await reasonOf(url, own), url).to.be.oneOf(['refused_address', 'bad_address']);
    answer = (_, response) => void response.writeHead(302, { location: `${base}/metrics` }).end();
    expect(await reasonOf('/sandbox/platforms/airbnb-1.ics', own)).to.equal('refused_address');
    expect(asked).to.equal(2);
  });

  it('throws when the process is shut down, which is no fault of the feed', async () => {
    answer = () => {};
    const shutdown = new AbortController();
    const work = get('/', {}, shutdown.signal);
    shutdown.abort(new Error('shutting down'));
    const error = await work.then(
      () => null,
      (thrown: unknown) => thrown,
    );
    expect(error).to.be.instanceOf(Error).with.property('message', 'shutting down');
  });
});
