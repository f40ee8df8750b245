/** Builds desired items for tests of decisions: right in form, with digests that are told apart by a number. */
import { DesiredItem } from '@skerry/contract/desired'
import { Digest } from '@skerry/contract/digest'
import type { Probation, Serving, Shadow } from '@skerry/contract/serving'

export type DesiredItemWish = {
  model?: string
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
export function buildDesiredItem({ model = 'm', version, retryToken = 0, ...wish }: DesiredItemWish): DesiredItem {
  return DesiredItem.parse({
    model,
    deploymentId: 'dep_aaaaaaaa',
    revision: wish.revision ?? 1,
    version,
    digest: fakeDigest(version),
    files: [{ path: 'model.onnx', digest: fakeDigest(1_000 + version), sizeBytes: wish.sizeBytes ?? 10 }],
    bundle: {
      mediaType: 'application/vnd.dev.sigstore.bundle.v0.3+json',
      verificationMaterial: { publicKey: { hint: '0'.repeat(64) } },
      dsseEnvelope: { payload: 'AAAA', payloadType: 'application/vnd.in-toto+json', signatures: [{ sig: 'AAAA' }] },
    },
    serving: wish.serving ?? {},
    probation: wish.probation ?? {},
    retryToken,
    ...(wish.shadow ? { shadow: wish.shadow } : {}),
    ...(wish.hold ? { hold: wish.hold } : {}),
    ...(wish.keepSeconds === undefined ? {} : { keepSeconds: wish.keepSeconds }),
  })
}
