/** Version trust: whether devices would take a version by the keys and rules of now, and the signatures that it carries. */

import type { ModelFile } from '@skerry/contract/models/model'
import type { SigstoreBundle } from '@skerry/contract/models/signature'
import { SigningKeyId, type VersionTrust } from '@skerry/contract/models/trust'
import type { OrganisationId } from '@skerry/contract/values/ids'
import { publisherVerdict, type TrustProblem, trustProblem } from '@skerry/platform/signatures/version-signatures'
import { problem } from '../http/problem.ts'
import type { Hub } from '../hub.ts'
import { filesOf, resolveVersion } from '../models/version-store.ts'
import { fromJson, toJson } from '../store/json-column.ts'
import type { Db, Tx } from '../store/store.ts'
import type { SigningKeyTable } from '../store/tables/access/trust-tables.ts'
import type { VersionTable } from '../store/tables/foundation-tables.ts'
import { saveSignature, signerOf, signingKeys, trustDocument, versionSignatures } from './trust-store.ts'

type Signing = Pick<Hub, 'signing'>

/** Why no device would begin with it; undefined where all is well. */
export async function versionProblem(
  db: Db,
  { signing }: Signing,
  row: VersionTable,
): Promise<TrustProblem | undefined> {
  const document = await trustDocument(db, { organisationId: row.organisation_id, first: signing })
  const signatures = (await versionSignatures(db, row.id)).map(({ bundle }) => fromJson(bundle))
  const version = { model: row.model, version: row.version, files: await filesOf(db, row.id), signatures }
  return trustProblem({ ...version, bundle: fromJson(row.bundle) }, { trustedKeys: [signing.publicKeyPem], document })
}

/** A version that no device would take is not deployed. */
export async function refuseUntrusted(db: Db, signing: Signing, row: VersionTable): Promise<void> {
  const found = await versionProblem(db, signing, row)
  if (found)
    throw problem('version_untrusted', `every device would reject ${row.model}:${row.version}: ${found.message}`)
}

/** The same for what a deployment names. */
export async function refuseUntrustedVersion(
  db: Db,
  signing: Signing,
  { organisationId, model, version }: { organisationId: OrganisationId; model: string; version: number },
): Promise<void> {
  const found = await resolveVersion(db, { organisationId, model }, String(version))
  if (found.ok) await refuseUntrusted(db, signing, found.version)
}

/** What is shown of it. */
export async function versionTrust(db: Db, hub: Signing, row: VersionTable): Promise<VersionTrust> {
  const keys = await signingKeys(db, { organisationId: row.organisation_id, first: hub.signing })
  const found = await versionProblem(db, hub, row)
  const about = (keyId: string) => {
    const key = keys.find(({ key_id }) => key_id === keyId)
    return { keyId: SigningKeyId.parse(keyId), ...(key && { name: key.name, state: key.state }) }
  }
  const extra = await versionSignatures(db, row.id)
  return {
    digest: row.digest,
    signatures: [
      { ...about(signerOf(fromJson(row.bundle))), addedAtMs: row.created_at_ms, addedBy: row.created_by },
      ...extra.map(({ key_id, added_at_ms, added_by }) => ({
        ...about(key_id),
        addedAtMs: added_at_ms,
        addedBy: added_by,
      })),
    ],
    ...(found && { problem: { code: found.code, message: found.message } }),
  }
}

type Given = {
  organisationId: OrganisationId
  files: readonly ModelFile[]
  signatures: readonly SigstoreBundle[]
  keys: readonly SigningKeyTable[]
}

/** The publishers' keys that the signatures are by. Throws where one is by none that may still sign, or over other files. */
export function checkSignatures({ files, signatures, keys }: Omit<Given, 'organisationId'>): SigningKeyId[] {
  const open = keys.filter(({ kind, state }) => kind === 'publisher' && state === 'active')
  return signatures.map((signature) => {
    const verdict = publisherVerdict(
      signature,
      open.map(({ public_key_pem }) => public_key_pem),
      files,
    )
    if (!verdict.ok) throw problem('signature_refused', `a signature is invalid (${verdict.code}): ${verdict.message}`)
    return SigningKeyId.parse(verdict.keyId)
  })
}

type Adding = {
  row: Pick<VersionTable, 'id'>
  signatures: readonly SigstoreBundle[]
  keyIds: readonly SigningKeyId[]
  nowMs: number
  by: string
}

/** Keeps them, each under its key. */
export async function addSignatures(tx: Tx, { row, signatures, keyIds, nowMs, by }: Adding): Promise<void> {
  for (const [index, bundle] of signatures.entries()) {
    const key_id = keyIds[index]
    if (key_id === undefined) continue
    await saveSignature(tx, { version_id: row.id, key_id, bundle: toJson(bundle), added_at_ms: nowMs, added_by: by })
  }
}
