/** SQL source: tables of a database that other systems fill, read and never written. */
import * as z from 'zod'
import { SecretReference } from '../../secrets/secret-reference.ts'
import { Host } from '../../values/host.ts'
import { TagShape } from '../tag.ts'

/** [PostgreSQL 4.1.1] */
const Identifier = z.string().min(1).max(63)

export const SqlConnection = z.strictObject({
  host: Host,
  port: z.int().min(1).max(65_535).default(5_432),
  database: Identifier,
  user: Identifier,
  password: SecretReference.optional(),
  /** `verify`: only a server whose certificate this machine trusts. */
  tls: z.enum(['off', 'verify']).default('off'),
  /** The database gives a query up after it; a little later so do we. */
  timeoutMs: z.int().min(100).max(600_000).default(10_000),
  /** More rows than that of one query would fill a device's memory; of what grows, the rest is asked for at once. */
  rowsMax: z.int().min(1).max(10_000).default(1_000),
})
export type SqlConnection = z.infer<typeof SqlConnection>

/** What a group asks for. */
export const SqlGroupShape = {
  /** One SELECT. */
  query: z.string().min(8).max(10_000),
  /** Of a table that grows: `$1` in the query is what the column had in the newest row that was told, and each row is told. */
  grows: z
    .strictObject({
      column: Identifier,
      /** Before anything was told. */
      from: z.string().min(1).max(100),
    })
    .optional(),
  /** The column that says when a row was measured. */
  time: Identifier.optional(),
}

export const SqlTag = z
  .strictObject({
    ...TagShape,
    /** The column. */
    address: Identifier,
    /** Of several rows the first in which these columns have these values. */
    row: z.record(Identifier, z.union([z.string(), z.number(), z.boolean()])).optional(),
  })
  .refine(({ write }) => write === undefined, 'a SQL source only reads; it cannot write')
  .refine(({ mask, shift }) => mask === undefined && shift === undefined, 'there are no bits to mask')
export type SqlTag = z.infer<typeof SqlTag>
