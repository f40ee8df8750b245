/**
 * Version trust: whether devices would accept a version by the present keys and rules, and the signatures of the
 * version.
 */

import type { ModelFile } from '@skerry/contract/models/model'
import type { SigstoreBundle } from '@skerry/contract/models/signature'
import { SigningKeyId, type VersionTrust } from '@skerry/contract/models/trust'
import type { BuildId, OrganisationId } from '@skerry/contract/values/ids'
import type { ReleasePart } from '@skerry/core/systems/stage'
import { publisherVerdict, type TrustProblem, trustProblem } from '@skerry/platform/signatures/version-signatures'
import type { ClassForm } from '../builds/class-form-store.ts'
import { buildContent } from '../builds/resolve-build.ts'
import { problem } from '../http/problem.ts'
import type { Hub } from '../hub.ts'
import { filesOf, resolveVersion } from '../models/version-store.ts'
import { fromJson, toJson } from '../store/json-column.ts'
import type { Db, Tx } from '../store/store.ts'
import type { SigningKeyTable } from '../store/tables/access/trust-tables.ts'
import type { VersionTable } from '../store/tables/foundation-tables.ts'
import { saveSignature, signerOf, signingKeys, trustDocument, versionSignatures } from './trust-store.ts'

type Signing = Pick<Hub, 'signing'>

/** The reason why no device would accept it; undefined if there is none. */
export async function versionProblem(
  db: Db,
  { signing }: Signing,
  row: VersionTable,
): Promise<TrustProblem | undefined> {
  const document = await trustDocument(db, { organisationId: row.organisation_id, first: signing })
  const signatures = (await versionSignatures(db, row.id)).map(({ bundle }) => fromJson(bundle))
  const version = { name: row.name, version: row.version, files: await filesOf(db, row.id), signatures }
  return trustProblem({ ...version, bundle: fromJson(row.bundle) }, { trustedKeys: [signing.publicKeyPem], document })
}

/** Rejects the deployment of a version that no device would accept. */
export async function refuseUntrusted(db: Db, signing: Signing, row: VersionTable): Promise<void> {
  const found = await versionProblem(db, signing, row)
  if (found)
    throw problem('version_untrusted', `every device would reject ${row.name}:${row.version}: ${found.message}`)
}

type Deployed = {
  organisationId: OrganisationId
  deployable: string
  version: number
  buildId: BuildId | undefined
  forms: readonly ClassForm[]
  /** The versions that devices get in place of a system release. */
  parts: readonly ReleasePart[]
}

/** The same for the version that a deployment names, or for its builds, which publishers do not sign. */
export async function refuseUntrustedVersion(
  db: Db,
  { signing }: Signing,
  { organisationId, deployable, version, buildId, forms, parts }: Deployed,
): Promise<void> {
  for (const part of parts) {
    const found = await resolveVersion(db, { organisationId, name: part.name }, String(part.version))
    if (found.ok) await refuseUntrusted(db, { signing }, found.version)
  }
  const found = await resolveVersion(db, { organisationId, name: deployable }, String(version))
  if (found.ok && buildId === undefined) await refuseUntrusted(db, { signing }, found.version)
  const builds = new Set([...(buildId ? [buildId] : []), ...forms.map(({ build }) => build)])
  if (builds.size === 0) return
  const document = await trustDocument(db, { organisationId, first: signing })
  for (const id of builds) await refuseUntrustedBuild(db, { signing, document, id, deployable, version })
}

type BuildTrust = Signing & {
  document: Awaited<ReturnType<typeof trustDocument>>
  id: BuildId
  deployable: string
  version: number
}

async function refuseUntrustedBuild(db: Db, { signing, document, id, deployable, version }: BuildTrust): Promise<void> {
  const build = await buildContent(db, id)
  if (!build) return
  const signed = { name: deployable, version, files: build.files, signatures: [], bundle: build.bundle }
  const wrong = trustProblem(signed, { trustedKeys: [signing.publicKeyPem], document })
  if (wrong)
    throw problem(
      'version_untrusted',
      `every device would reject the build ${id} of ${deployable}:${version}: ${wrong.message}`,
    )
}

/** The trust of a version in the API. */
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

/**
 * The publishers' keys of the signatures. Throws if a signature is by a key that may not sign any more, or covers other
 * files.
 */
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

/** Stores the signatures, each by its key. */
export async function addSignatures(tx: Tx, { row, signatures, keyIds, nowMs, by }: Adding): Promise<void> {
  for (const [index, bundle] of signatures.entries()) {
    const key_id = keyIds[index]
    if (key_id === undefined) continue
    await saveSignature(tx, { version_id: row.id, key_id, bundle: toJson(bundle), added_at_ms: nowMs, added_by: by })
  }
}
