/** PostgreSQL sink: values as rows of a table, in TimescaleDB, too. */
import * as z from 'zod'
import { SecretReference } from '../../secrets/secret-reference.ts'

/** [PostgreSQL 17, 4.1.1] Written as it is, so that nobody needs quotes. */
const Identifier = z.string().regex(/^[a-z_][a-z0-9_]{0,62}$/, 'must be lower-case letters, digits and _, at most 63')

export const PostgresConnection = z
  .strictObject({
    host: z
      .string()
      .max(253)
      .regex(/^[A-Za-z0-9_.:-]+$/, 'must be a host name or address'),
    port: z.int().min(1).max(65_535).default(5_432),
    database: z.string().min(1).max(63),
    user: z.string().min(1).max(63),
    password: SecretReference.optional(),
    /** `verify`: the certificate must be of an authority that the machine knows, or of the one in `authority`. */
    tls: z.enum(['off', 'verify']).default('verify'),
    /** Certificates in PEM. */
    authority: z.string().max(100_000).optional(),
    schema: Identifier.default('public'),
    table: Identifier.default('skerry_values'),
    /** Made where it is not there. */
    create: z.boolean().default(true),
    /** The table becomes one of TimescaleDB, in chunks by time. */
    hypertable: z.boolean().default(false),
    timeoutMs: z.int().min(100).max(120_000).default(10_000),
  })
  .refine(({ create, hypertable }) => create || !hypertable, {
    path: ['hypertable'],
    message: 'a table that is not made here is not changed either: leave out `create: false` or `hypertable`',
  })
export type PostgresConnection = z.infer<typeof PostgresConnection>
