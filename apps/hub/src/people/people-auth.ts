/**
 * People's auth: better-auth on the hub's own store. It keeps users, passwords and sessions; who is let in, what is recorded and what a
 * browser is given is decided in this folder. None of its routes is open: what people may do, the contract says.
 *
 * What it writes belongs to the transaction that is under way; without one it can only read, as everything else (store.ts).
 */
import { AsyncLocalStorage } from 'node:async_hooks'
import { type BetterAuthOptions, betterAuth } from 'better-auth'
import type { Kysely } from 'kysely'
import type { Identifiers } from '../identity/identifiers.ts'
import type { Db, Store, Tables, Tx } from '../store/store.ts'
import { hashPassword, isPassword } from './password.ts'
import type { PeopleKeys } from './people-keys.ts'

type InternalAdapter = Awaited<ReturnType<typeof betterAuth>['$context']>['internalAdapter']

type MadeIds = Pick<Identifiers, 'session' | 'secret'>

export type PeopleAuth = {
  /** Better-auth's records, in the transaction. */
  within<T>(tx: Tx, work: (records: InternalAdapter) => Promise<T>): Promise<T>
}

/** Names of its tables and columns here: those of migrations/0001/people.ts. */
const SCHEMA = {
  user: {
    modelName: 'users',
    fields: { emailVerified: 'email_verified', createdAt: 'created_at', updatedAt: 'updated_at' },
  },
  account: {
    modelName: 'user_accounts',
    fields: {
      accountId: 'account_id',
      providerId: 'provider_id',
      userId: 'user_id',
      idToken: 'id_token',
      accessToken: 'access_token',
      refreshToken: 'refresh_token',
      accessTokenExpiresAt: 'access_token_expires_at',
      refreshTokenExpiresAt: 'refresh_token_expires_at',
      createdAt: 'created_at',
      updatedAt: 'updated_at',
    },
  },
  session: {
    modelName: 'user_sessions',
    fields: {
      userId: 'user_id',
      expiresAt: 'expires_at',
      ipAddress: 'ip_address',
      userAgent: 'user_agent',
      createdAt: 'created_at',
      updatedAt: 'updated_at',
    },
    additionalFields: {
      organisationId: { type: 'string', required: true, fieldName: 'organisation_id' },
      method: { type: 'string', required: true },
      isMultiFactor: { type: 'number', required: true, fieldName: 'is_multi_factor' },
    },
  },
  verification: {
    modelName: 'user_verifications',
    fields: { expiresAt: 'expires_at', createdAt: 'created_at', updatedAt: 'updated_at' },
  },
} as const satisfies BetterAuthOptions

/** All that better-auth is told. `sqlite` names how it writes values, not the database: instants as text, truths as 0 and 1. */
export const authOptions = (db: Kysely<Tables>, secret: string, ids: MadeIds): BetterAuthOptions => ({
  ...SCHEMA,
  secret,
  database: { db, type: 'sqlite' },
  // It asks for an address of its own, but serves nothing there.
  baseURL: 'https://localhost',
  emailAndPassword: {
    enabled: true,
    password: { hash: hashPassword, verify: ({ hash, password }) => isPassword(password, hash) },
  },
  telemetry: { enabled: false },
  logger: { disabled: true },
  rateLimit: { enabled: false },
  advanced: { database: { generateId: ({ model }) => (model === 'session' ? ids.session() : ids.secret()) } },
})

/** Loads it. It is large, and a hub that only programs talk to does without. */
export async function openPeopleAuth(
  store: Store,
  keys: Pick<PeopleKeys, 'records'>,
  ids: MadeIds,
): Promise<PeopleAuth> {
  const current = new AsyncLocalStorage<Tx>()
  const db = following(() => current.getStore() ?? store.db)
  const { internalAdapter } = await betterAuth(authOptions(db, keys.records.toString('hex'), ids)).$context
  return { within: (tx, work) => current.run(tx, () => work(internalAdapter)) }
}

/** A database that is another one at each use. */
function following(now: () => Db): Db {
  const get = (_: Db, name: string | symbol) => {
    const db = now()
    const value: unknown = Reflect.get(db, name, db)
    return typeof value === 'function' ? value.bind(db) : value
  }
  return new Proxy(now(), { get })
}
