/**
 * Trust keeper: holds whose signatures on models count here, as the hub last said and signed. It is on disk, so that it counts without a hub; and it is
 * verified each time that it is read. Before there is any, the keys that joining gave count.
 */
import { join } from 'node:path'
import type { HeldTrust } from '@skerry/contract/held/trust'
import { type TrustDocument, TrustEnvelope } from '@skerry/contract/models/trust'
import type { OrganisationId } from '@skerry/contract/values/ids'
import { parseCertificate } from '@skerry/platform/certificates/certificate'
import { readIfPresent, writeAtomic } from '@skerry/platform/files/atomic-file'
import type { FileSystem } from '@skerry/platform/files/file-system'
import type { Log } from '@skerry/platform/process/log'
import { verifyTrust } from '@skerry/platform/signatures/trust-signature'
import type { Trust } from '@skerry/platform/signatures/version-signatures'
import type { Conditions } from '../conditions.ts'
import type { Identity } from '../joining/identity.ts'

export type TrustKeeper = {
  /** What counts now. */
  trust(): Trust
  /** What the hub is told that the device goes by. */
  held(): HeldTrust
  /** From now on it counts, and is on disk; where it cannot, a condition says why, and all stays as it was. */
  take(envelope: TrustEnvelope): Promise<void>
  /** From now on, this is who the device is. */
  use(identity: Identity): void
}

export type TrustKeeperDeps = {
  fileSystem: FileSystem
  data: string
  conditions: Conditions
  log: Log
  /** Other signatures count now than before. */
  onChange(): void
}

const OWNER_ONLY = 0o600

/** Reads what is on disk. */
export async function openTrustKeeper({ fileSystem, data, ...deps }: TrustKeeperDeps): Promise<TrustKeeper> {
  const { conditions, log, onChange } = deps
  const path = join(data, 'trust.json')
  const kept = envelopeIn(await readIfPresent(fileSystem, path))
  let who: { trustedKeys: readonly string[]; organisationId: OrganisationId | undefined } | undefined
  let document: TrustDocument | undefined
  const judge = (envelope: TrustEnvelope) => {
    const verdict = verifyTrust(envelope, who?.trustedKeys ?? [])
    if (!verdict.ok || verdict.document.organisationId === who?.organisationId) return verdict
    return { ok: false as const, message: 'it is for another organisation' }
  }
  const refuse = (why: string) =>
    conditions.raise({ code: 'trust_refused', message: `the device rejects the rules of trust of the hub: ${why}` })
  return {
    trust: () => ({ trustedKeys: who?.trustedKeys ?? [], document }),
    held: () => ({ ...(document && { revision: document.revision }) }),
    async take(envelope) {
      const verdict = judge(envelope)
      if (!verdict.ok) return refuse(verdict.message)
      const { revision } = verdict.document
      if (document && revision < document.revision) {
        return refuse(
          `its revision ${revision} is older than ${document.revision}, which this device has; if the hub was restored from a backup, create a newer revision with "skerry trust set"`,
        )
      }
      const problem = await write(fileSystem, path, envelope)
      if (problem !== undefined) return refuse(problem)
      document = verdict.document
      conditions.clear('trust_refused')
      log.info('trust_taken', { revision, keys: document.keys.length, rules: document.rules.length })
      onChange()
    },
    use({ trustedKeys, certificate }) {
      who = { trustedKeys, organisationId: parseCertificate(certificate)?.organisation as OrganisationId | undefined }
      const verdict = kept && document === undefined ? judge(kept) : undefined
      // One of another hub, or of another time, counts for nothing: the hub of now says again what does.
      if (verdict?.ok) document = verdict.document
    },
  }
}

async function write(fileSystem: FileSystem, path: string, envelope: TrustEnvelope): Promise<string | undefined> {
  try {
    await writeAtomic(fileSystem, path, JSON.stringify(envelope), OWNER_ONLY)
    return undefined
  } catch (error) {
    return `it cannot be written to disk (${error instanceof Error ? error.message : String(error)})`.slice(0, 500)
  }
}

function envelopeIn(bytes: Uint8Array | undefined): TrustEnvelope | undefined {
  try {
    return bytes && TrustEnvelope.parse(JSON.parse(Buffer.from(bytes).toString('utf8')))
  } catch {
    return undefined
  }
}
