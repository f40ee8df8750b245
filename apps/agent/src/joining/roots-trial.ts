/** Roots trial: connects to the hub once with a new set of roots, before the device gives up the set that it knows to work. */
import { openHttpsClient } from '@skerry/platform/network/https-client'
import type { Identity } from './identity.ts'

/** `wrong`: the hub does not verify by these roots. `unknown`: no connection, so the next try may tell. */
export type RootsVerdict = { kind: 'right' } | { kind: 'wrong' | 'unknown'; message: string }

/** Any answer over a verified connection is enough. */
export async function tryRoots(
  { hub, certificate }: Pick<Identity, 'hub' | 'certificate'>,
  { roots, privateKey }: { roots: string; privateKey: string },
  signal: AbortSignal,
): Promise<RootsVerdict> {
  const credentials = { certificatePem: certificate, privateKeyPem: privateKey }
  using client = openHttpsClient({ authorities: [roots], credentials })
  const answer = await client.send({ url: new URL('/healthz', hub).href }, signal)
  if (answer.ok) {
    answer.stream.destroy()
    return { kind: 'right' }
  }
  return { kind: answer.code === 'certificate_refused' ? 'wrong' : 'unknown', message: answer.message }
}
