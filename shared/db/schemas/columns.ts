import type { EntitySchemaColumnOptions, ValueTransformer } from 'typeorm';

/** bigint cents arrive as text; every amount a lodging can charge fits a safe integer. */
const centsTransformer: ValueTransformer = {
  from: (value: string | null) => (value === null ? null : Number(value)),
  to: (value: unknown) => value,
};

type Options = Partial<EntitySchemaColumnOptions>;

/** An identity key of type bigint, read as text. */
export const bigId = (): EntitySchemaColumnOptions => ({ type: 'bigint', primary: true, generated: 'increment' });
export const intId = (): EntitySchemaColumnOptions => ({ type: 'integer', primary: true, generated: 'increment' });
export const uuidId = (): EntitySchemaColumnOptions => ({ type: 'uuid', primary: true, generated: 'uuid' });
export const text = (name: string, options: Options = {}): EntitySchemaColumnOptions => ({
  type: 'text',
  name,
  ...options,
});
export const bigint = (name: string, options: Options = {}): EntitySchemaColumnOptions => ({
  type: 'bigint',
  name,
  ...options,
});
export const cents = (name: string, options: Options = {}): EntitySchemaColumnOptions => ({
  type: 'bigint',
  name,
  transformer: centsTransformer,
  ...options,
});
export const small = (name: string, options: Options = {}): EntitySchemaColumnOptions => ({
  type: 'smallint',
  name,
  ...options,
});
export const integer = (name: string, options: Options = {}): EntitySchemaColumnOptions => ({
  type: 'integer',
  name,
  ...options,
});
export const uuid = (name: string, options: Options = {}): EntitySchemaColumnOptions => ({
  type: 'uuid',
  name,
  ...options,
});
export const date = (name: string, options: Options = {}): EntitySchemaColumnOptions => ({
  type: 'date',
  name,
  ...options,
});
export const at = (name: string, options: Options = {}): EntitySchemaColumnOptions => ({
  type: 'timestamp with time zone',
  name,
  ...options,
});
export const bool = (name: string, options: Options = {}): EntitySchemaColumnOptions => ({
  type: 'boolean',
  name,
  ...options,
});
export const json = (name: string, options: Options = {}): EntitySchemaColumnOptions => ({
  type: 'jsonb',
  name,
  ...options,
});
export const daterange = (name: string, options: Options = {}): EntitySchemaColumnOptions => ({
  type: 'daterange',
  name,
  ...options,
});
export const now = { default: () => 'now()' } as const;
export const nullable = { nullable: true } as const;

/** A foreign key under the name that the migration gave it. */
export function references(name: string, target: string, column: string, onDelete?: 'CASCADE') {
  return { name, target, columnNames: [column], referencedColumnNames: ['id'], ...(onDelete ? { onDelete } : {}) };
}
