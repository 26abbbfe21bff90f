/**
 * A comment of an Ogg/Opus file by its name, in any case of letters; undefined when there is none, or no Opus. Reads the head
 * of the file only (RFC 7845, 5.2); comments that do not fit one Ogg page (65 kB) are not found.
 */
export function readOggComment(bytes: Buffer, ...names: readonly string[]): string | undefined {
  if (bytes.toString('latin1', 0, 4) !== 'OggS') return undefined;
  const head = bytes.subarray(0, 131_072);
  const start = head.indexOf('OpusTags', 0, 'latin1');
  if (start < 0) return undefined;
  let at = start + 8;
  const next = (): string | undefined => {
    if (at + 4 > head.length) return undefined;
    const end = at + 4 + head.readUInt32LE(at);
    if (end > head.length) return undefined;
    const text = head.toString('utf8', at + 4, end);
    at = end;
    return text;
  };
  if (next() === undefined || at + 4 > head.length) return undefined; // the vendor
  const count = head.readUInt32LE(at);
  at += 4;
  const found = new Map<string, string>();
  for (let index = 0; index < Math.min(count, 1_000); index++) {
    const comment = next();
    if (comment === undefined) break;
    const equals = comment.indexOf('=');
    if (equals > 0) found.set(comment.slice(0, equals).toLowerCase(), comment.slice(equals + 1));
  }
  return names.map((name) => found.get(name.toLowerCase())).find((value) => value !== undefined);
}
