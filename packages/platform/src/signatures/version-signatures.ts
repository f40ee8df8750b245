/**
 * Version signatures: whether a version may be begun with, by everybody whose signature counts. The hub's own binds name, number and all files; those of
 * publishers bind the files that they gave, and the rules say where they are needed. Hub and device ask the same.
 */
import { GOLDEN_PATH } from '@skerry/contract/devices/golden'
import type { SigstoreBundle } from '@skerry/contract/models/signature'
import type { TrustDocument } from '@skerry/contract/models/trust'
import { unmetRule } from '@skerry/core/models/trust-rules'
import { type SignedResource, verifyFiles, verifyModel } from './model-signature.ts'

export type SignedVersion = {
  model: string
  version: number
  files: readonly SignedResource[]
  bundle: unknown
  signatures?: readonly SigstoreBundle[] | undefined
}

/** Whom one trusts: by the organisation's document, or before there is one the keys that were learned on joining (PEM). */
export type Trust = { trustedKeys: readonly string[]; document: TrustDocument | undefined }

export type TrustProblem = { code: string; message: string }

/** Why the version is not to be begun with; undefined where it may. */
export function trustProblem(version: SignedVersion, { trustedKeys, document }: Trust): TrustProblem | undefined {
  const { model, version: number, files, bundle } = version
  const keys = document ? pemsOf(document, 'hub') : trustedKeys
  const verdict = verifyModel(bundle, keys, { name: `${model}/${number}`, resources: files })
  if (!verdict.ok) return revokedSigner(bundle, document) ?? { code: verdict.code, message: verdict.message }
  if (!document) return undefined
  const unmet = unmetRule(document.rules, model, new Set([verdict.keyId, ...publishersOf(version, document)]))
  return unmet === undefined ? undefined : { code: 'signature_policy', message: unmet }
}

/** Whether it is by one of the keys, over the files as the publisher has them: the golden cases are the hub's. */
export function publisherVerdict(signature: unknown, keys: readonly string[], files: readonly SignedResource[]) {
  const whole = verifyFiles(signature, keys, files)
  if (whole.ok || whole.code !== 'signature_mismatch') return whole
  const given = files.filter(({ path }) => path !== GOLDEN_PATH)
  return given.length === files.length ? whole : verifyFiles(signature, keys, given)
}

/** The publishers whose signatures hold and count. */
function publishersOf({ files, signatures = [] }: SignedVersion, document: TrustDocument): string[] {
  const keys = pemsOf(document, 'publisher')
  return signatures.flatMap((signature) => {
    const verdict = publisherVerdict(signature, keys, files)
    return verdict.ok ? verdict.keyId : []
  })
}

const pemsOf = ({ keys }: TrustDocument, kind: 'hub' | 'publisher') =>
  keys.filter((key) => key.kind === kind && key.state !== 'revoked').map(({ publicKeyPem }) => publicKeyPem)

function revokedSigner(bundle: unknown, document: TrustDocument | undefined): TrustProblem | undefined {
  const hint = (bundle as Partial<SigstoreBundle> | null | undefined)?.verificationMaterial?.publicKey?.hint
  const key = document?.keys.find(({ keyId, state }) => keyId === hint && state === 'revoked')
  return key && { code: 'signature_revoked', message: `it is signed by the key ${key.keyId}, which was revoked` }
}
