import { CreateHouse1764000000000 } from './1764000000000-create-house.ts';

/** Every migration, oldest first: a list and not a glob, so that a missing file is an error at load. */
export const migrations = [CreateHouse1764000000000];
