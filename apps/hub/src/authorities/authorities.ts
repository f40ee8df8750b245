/**
 * Authorities: who signs the certificates of devices, and whose count. The newest signs; those before it count until somebody retires them. What the hub
 * shows itself by is signed by the oldest that counts, which every device knows that has been here in its time: so nobody is lost who was away while the
 * authority changed. Held in memory as the records say; read anew at each change, and wherever a certificate comes that is of none of them.
 */
import { createHash, type X509Certificate } from 'node:crypto'
import type { AuthorityId } from '@skerry/contract/values/ids'
import { certificatePemsIn, isIssuedBy, parseCertificate } from '@skerry/platform/certificates/certificate'
import type { Credentials } from '@skerry/platform/certificates/certificate-authority'
import type { Clock } from '@skerry/platform/process/clock'
import type { Vault } from '../encryption/vault.ts'
import type { Db, Store, Tx } from '../store/store.ts'
import type { AuthorityTable } from '../store/tables/access/authority-tables.ts'
import { chainOf, FIRST, keyNameOf, saveAuthority, trustedAuthorities } from './authority-store.ts'

export type IssuingAuthority = {
  id: AuthorityId
  credentials: Credentials
  /** PEM: its own certificate, then whoever signed it, up to the root. */
  chain: readonly [string, ...string[]]
  /** In what time devices are to renew to it. */
  renewWithinMs: number
}

export type Authorities = {
  /** Signs for devices. */
  active(): IssuingAuthority
  /** Signs for the hub itself, and for devices that do not say that they know of others. */
  oldest(): IssuingAuthority
  /** PEM of those whose certificates count. */
  issuers(): readonly string[]
  /** Whose the certificate is; undefined where of none that counts. */
  issuerOf(certificate: X509Certificate): AuthorityId | undefined
  /** Whether certificates of it count. */
  counts(id: AuthorityId): boolean
  /** PEM of all that TLS needs to judge devices by: issuers, and whoever signed them. */
  tlsAuthorities(): readonly string[]
  /** PEM: whatever the hub may show itself by chains up to one of them. */
  roots(): string
  /** By what devices know which roots they have. */
  rootsMark(): string
  /** PEM of the root that whoever is new pins. */
  pinned(): string
  /** Whether `--tls-ca` says what is pinned. */
  isCustomers(): boolean
  /** Reads the records again. */
  reload(): Promise<void>
  /** The same where it has not been done just now; whether anything was new. */
  isNews(): Promise<boolean>
  /** The customer's own, as the file has it now. */
  pin(authorityPem: string): void
  /** Calls the work after each change. Gives the way to stop. */
  onChange(work: () => void): () => void
}

/** Whoever shows certificates of strangers all the time must not keep the database busy. */
const STRANGER_MS = 1_000

type Parts = {
  store: Store
  vault: Vault
  first: Credentials
  customerPem: string | undefined
  clock: Pick<Clock, 'monotonicMs'>
}

/** Reads them. Where there is no record yet, the first gets one. */
export async function openAuthorities({ store, vault, first, customerPem, clock }: Parts): Promise<Authorities> {
  await store.transaction((tx) => recordFirst(tx, first))
  const works = new Set<() => void>()
  let customers = customerPem
  let known = await readAll(store.db, { vault, first, known: [] })
  const change = () => {
    for (const work of works) work()
  }
  const rootsOf = () => customers ?? [...new Set(known.map(({ chain }) => chain.at(-1) ?? chain[0]))].join('')
  const oldest = () => known[0]
  let readAtMs = clock.monotonicMs()
  const reload = async () => {
    readAtMs = clock.monotonicMs()
    const now = await readAll(store.db, { vault, first, known })
    const isSame = now.length === known.length && now.every((each, index) => each === known[index])
    known = now
    if (!isSame) change()
    return !isSame
  }
  return {
    active: () => known.at(-1) ?? oldest(),
    oldest,
    issuers: () => known.map(({ chain }) => chain[0]),
    issuerOf: (certificate) => known.find(({ chain }) => isIssuedBy(certificate, chain[0]))?.id,
    counts: (id) => known.some((each) => each.id === id),
    tlsAuthorities: () => [...new Set(known.flatMap(({ chain }) => chain))],
    roots: rootsOf,
    rootsMark: () => createHash('sha256').update(rootsOf()).digest('hex'),
    pinned: () => certificatePemsIn(rootsOf())[0] ?? rootsOf(),
    isCustomers: () => customers !== undefined,
    async reload() {
      await reload()
    },
    isNews: async () => clock.monotonicMs() - readAtMs > STRANGER_MS && reload(),
    pin(authorityPem) {
      if (customers === undefined || customers === authorityPem) return
      customers = authorityPem
      change()
    },
    onChange(work) {
      works.add(work)
      return () => void works.delete(work)
    },
  }
}

async function recordFirst(tx: Tx, { certificatePem }: Credentials): Promise<void> {
  if (await tx.selectFrom('authorities').select('id').limit(1).executeTakeFirst()) return
  const madeAtMs = parseCertificate(certificatePem)?.notBeforeMs ?? 0
  await saveAuthority(tx, {
    id: FIRST,
    kind: 'own',
    state: 'active',
    request_pem: null,
    chain_pem: certificatePem,
    renew_within_ms: 0,
    created_at_ms: madeAtMs,
    activated_at_ms: madeAtMs,
    retired_at_ms: null,
  })
}

type Known = readonly [IssuingAuthority, ...IssuingAuthority[]]
type Reading = { vault: Vault; first: Credentials; known: readonly IssuingAuthority[] }

/** One that has not changed is the same object: what was made ready of it is kept. */
async function readAll(db: Db, { vault, first, known }: Reading): Promise<Known> {
  const read = async (row: AuthorityTable): Promise<IssuingAuthority> => {
    const before = known.find(({ id }) => id === row.id)
    if (before) return before
    const chain = chainOf(row)
    const privateKeyPem = row.id === FIRST ? first.privateKeyPem : await keyOf(db, vault, row.id)
    return {
      id: row.id,
      credentials: { certificatePem: chain[0], privateKeyPem },
      chain,
      renewWithinMs: row.renew_within_ms,
    }
  }
  const [oldest, ...others] = await Promise.all((await trustedAuthorities(db)).map(read))
  if (!oldest) throw new Error('the database has no valid authority; restore it from a backup')
  return [oldest, ...others]
}

async function keyOf(db: Db, vault: Vault, id: AuthorityId): Promise<string> {
  const key = await vault.own.read(db, keyNameOf(id))
  if (!key) throw new Error(`the key of the authority ${id} is missing; restore the database from a backup`)
  return key.toString('utf8')
}
