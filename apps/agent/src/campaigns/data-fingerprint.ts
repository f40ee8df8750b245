/**
 * Data fingerprint: identifies the rows of a training for the hub. It is keyed with a secret of the device, so that nobody
 * without this secret can test a guess of the rows, and rows of two devices cannot be compared.
 */
import { createHmac } from 'node:crypto'

const PURPOSE = 'skerry training data v1'

/** Makes the fingerprint of a digest. The key for it is used for nothing else. */
export type Fingerprint = (setDigest: string) => string

export function fingerprintWith(storeKey: Uint8Array): Fingerprint {
  const key = createHmac('sha256', storeKey).update(PURPOSE).digest()
  return (setDigest) => createHmac('sha256', key).update(setDigest).digest('hex')
}
