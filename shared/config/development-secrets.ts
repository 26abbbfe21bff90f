import { randomBytes } from 'node:crypto';
import { linkSync, mkdirSync, readFileSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

const secretsSchema = z.object({
  icalTokenSecret: z.string().min(32),
  jwtSecret: z.string().min(32),
  dataEncryptionKey: z.string().min(32),
  whatsappAccessToken: z.string().min(32),
  whatsappAppSecret: z.string().min(32),
  whatsappVerifyToken: z.string().min(32),
  mercadopagoAccessToken: z.string().min(32),
  mercadopagoWebhookSecret: z.string().min(32),
});

/** What a newcomer did not set: made up once and kept, so that every process of the machine agrees. */
export type DevelopmentSecrets = z.output<typeof secretsSchema>;

/**
 * Secrets for development, kept under `<dataDir>/secrets.json` with mode 600. The first process makes them, atomically: a
 * second one that starts at the same moment reads the same file. Throws what the file system throws.
 */
export function developmentSecrets(dataDir: string): DevelopmentSecrets {
  const path = join(dataDir, 'secrets.json');
  return readSecrets(path) ?? makeSecrets(dataDir, path);
}

function readSecrets(path: string): DevelopmentSecrets | undefined {
  try {
    return secretsSchema.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw new Error(`${path} cannot be read: delete it to have new development secrets made`, { cause: error });
  }
}

function makeSecrets(dataDir: string, path: string): DevelopmentSecrets {
  mkdirSync(dataDir, { recursive: true });
  const made = Object.fromEntries(Object.keys(secretsSchema.shape).map((name) => [name, randomSecret()]));
  const draft = `${path}.${process.pid}.${randomBytes(4).toString('hex')}`;
  writeFileSync(draft, `${JSON.stringify(made, null, 2)}\n`, { mode: 0o600, flag: 'wx' });
  try {
    linkSync(draft, path); // fails when another process was first; a rename would overwrite what it already uses
  } catch (error) {
    if (!isTaken(error)) throw error;
  } finally {
    unlinkSync(draft);
  }
  const kept = readSecrets(path);
  if (!kept) throw new Error(`${path} vanished while it was made`);
  return kept;
}

function randomSecret(): string {
  return randomBytes(32).toString('base64url');
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}

function isTaken(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EEXIST';
}
