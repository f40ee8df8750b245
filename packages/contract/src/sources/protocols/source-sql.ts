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
  /** More rows of one query would fill a device's memory. The remaining rows of a growing table are fetched at once. */
  rowsMax: z.int().min(1).max(10_000).default(1_000),
})
export type SqlConnection = z.infer<typeof SqlConnection>

/** The query of a group. */
export const SqlGroupShape = {
  /** The text of one SELECT. */
  query: z.string().min(8).max(10_000),
  /**
   * For a table that grows: `$1` in the query is the column's value in the newest row that was read, and each row
   * becomes a reading.
   */
  grows: z
    .strictObject({
      column: Identifier,
      /** The value before the first reading. */
      from: z.string().min(1).max(100),
    })
    .optional(),
  /** The column with the time at which a row was measured. */
  time: Identifier.optional(),
}

export const SqlTag = z
  .strictObject({
    ...TagShape,
    /** The name of the column. */
    address: Identifier,
    /** If there are several rows, the first in which these columns have these values. */
    row: z.record(Identifier, z.union([z.string(), z.number(), z.boolean()])).optional(),
  })
  .refine(({ write }) => write === undefined, 'a SQL source only reads; it cannot write')
  .refine(({ mask, shift }) => mask === undefined && shift === undefined, 'there are no bits to mask')
export type SqlTag = z.infer<typeof SqlTag>
