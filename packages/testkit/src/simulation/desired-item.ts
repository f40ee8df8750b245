/** Builds desired items for tests of decisions: right in form, with digests that are told apart by a number. */
import { type DesiredItem, readItem } from '@skerry/contract/devices/desired'
import { kinds, type VersionKind } from '@skerry/contract/kinds/kinds'
import { Probation, Serving, Shadow } from '@skerry/contract/models/serving'
import { Digest } from '@skerry/contract/values/digest'

export type DesiredItemWish = {
  /** A model unless something else is said. */
  kind?: VersionKind
  name?: string
  version: number
  retryToken?: number
  revision?: number
  sizeBytes?: number
  serving?: Partial<Serving>
  probation?: Partial<Probation>
  shadow?: Partial<Shadow>
  hold?: true
  keepSeconds?: number
}

/** A digest that nothing has, and that is the same for the same number. */
export const fakeDigest = (number: number): Digest => Digest.parse(`sha256:${String(number).padStart(64, '0')}`)

/** An item of one file; its signature is none. */
export function buildDesiredItem(wish: DesiredItemWish): DesiredItem {
  const { kind = 'model', name = 'm', version, retryToken = 0 } = wish
  const serving = Serving.parse(wish.serving ?? {})
  const shadow = wish.shadow && Shadow.parse(wish.shadow)
  const specs: { readonly [Kind in VersionKind]?: object } = {
    model: { serving, ...(shadow && { shadow }) },
    flow: { onCrash: serving.onCrash },
  }
  return mustRead({
    kind,
    name,
    deploymentId: 'dep_aaaaaaaa',
    revision: wish.revision ?? 1,
    version,
    digest: fakeDigest(version),
    files: [{ path: kinds[kind].mainFile, digest: fakeDigest(1_000 + version), sizeBytes: wish.sizeBytes ?? 10 }],
    bundle: {
      mediaType: 'application/vnd.dev.sigstore.bundle.v0.3+json',
      verificationMaterial: { publicKey: { hint: '0'.repeat(64) } },
      dsseEnvelope: { payload: 'AAAA', payloadType: 'application/vnd.in-toto+json', signatures: [{ sig: 'AAAA' }] },
    },
    probation: Probation.parse(wish.probation ?? {}),
    retryToken,
    ...(wish.hold ? { hold: wish.hold } : {}),
    ...(wish.keepSeconds === undefined ? {} : { keepSeconds: wish.keepSeconds }),
    spec: specs[kind] ?? {},
  })
}

/** The item as an agent reads it; throws if it cannot. */
export function mustRead(input: unknown): DesiredItem {
  const reading = readItem(input)
  if ('item' in reading) return reading.item
  throw new Error(`the item is rejected: ${reading.rejected.cause.message}`)
}
