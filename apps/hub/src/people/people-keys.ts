/**
 * People's keys: what seals and hashes what the database holds of people's second factors, and their tickets. They follow from the key of the first authority,
 * until there is another: from then on they are kept in the vault, so that nothing of people's is lost with an authority.
 */
import { createPrivateKey, hkdfSync } from 'node:crypto'
import type { Credentials } from '@skerry/platform/certificates/certificate-authority'
import type { Vault } from '../encryption/vault.ts'
import type { Db, Tx } from '../store/store.ts'

/** `factor`: seals an authenticator's secret, hashes recovery codes. */
export type PeopleKeys = { factor: { seal: Buffer; hash: Buffer }; tickets: Buffer; records: Buffer }

const NAME = 'keys of people'
const KEY_BYTES = 32

/** The same in every hub of a database, at every start. */
export async function openPeopleKeys(
  db: Db,
  { vault, first }: { vault: Vault; first: Pick<Credentials, 'privateKeyPem'> },
): Promise<PeopleKeys> {
  const bytes = (await vault.own.read(db, NAME)) ?? derive(first)
  const part = (index: number) => bytes.subarray(index * KEY_BYTES, (index + 1) * KEY_BYTES)
  return { factor: { seal: part(0), hash: part(1) }, tickets: part(2), records: part(3) }
}

/** From now on they follow from nothing. */
export async function keepPeopleKeys(tx: Tx, vault: Vault, { factor, tickets, records }: PeopleKeys): Promise<void> {
  if (await vault.own.read(tx, NAME)) return
  await vault.own.keep(tx, NAME, Buffer.concat([factor.seal, factor.hash, tickets, records]))
}

/** In the order in which they are kept. */
function derive({ privateKeyPem }: Pick<Credentials, 'privateKeyPem'>): Buffer {
  const key = createPrivateKey(privateKeyPem).export({ type: 'pkcs8', format: 'der' })
  const uses = ['second factor, seal', 'second factor, hash', 'people, tickets', 'people, records']
  return Buffer.concat(uses.map((use) => Buffer.from(hkdfSync('sha256', key, '', `skerry ${use}`, KEY_BYTES))))
}
