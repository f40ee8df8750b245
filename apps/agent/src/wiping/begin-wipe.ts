/** Begin wipe: the hub has ordered that this device delete everything. It is on disk before it is told, and told before the key is gone. */
import type { Log } from '@skerry/platform/process/log'
import type { IdentityFolder } from '../joining/identity.ts'
import type { Wipe } from './wipe.ts'

/** A hub that is there answers at once; one that is not shall not put the wipe off. */
const TELL_MS = 10_000

/** What cannot be written or told is no reason to go on as if nothing had been ordered. */
export async function beginWipe(wipe: Pick<Wipe, 'begin'>, tell: () => Promise<unknown>, log: Log): Promise<void> {
  log.warn('wipe_begun', {})
  await wipe.begin().catch((error: unknown) => log.error('wipe_not_recorded', { error }))
  const late = new Promise((_, reject) => {
    setTimeout(() => reject(new Error('the hub does not answer')), TELL_MS).unref()
  })
  await Promise.race([tell(), late]).catch((error: unknown) => log.warn('wipe_not_told', { error }))
}

/** Says it once more, after a start in the middle: the end before may have come before the hub heard of it. */
export async function tellOfWipe(folder: IdentityFolder, log: Log, stopping: AbortSignal): Promise<void> {
  log.warn('wipe_goes_on', {})
  const signal = AbortSignal.any([stopping, AbortSignal.timeout(TELL_MS)])
  try {
    const read = await folder.read()
    if (read.kind !== 'known') return
    const [{ connectLink }, { createTlsMemory }] = await Promise.all([
      import('../link/link-connection.ts'),
      import('../link/tls-memory.ts'),
    ])
    const credentials = { ...read.identity, privateKey: await folder.privateKey(), tls: createTlsMemory() }
    const connected = await connectLink(credentials, signal)
    if (!connected.ok) return log.warn('wipe_not_told', { code: connected.code, message: connected.message })
    using connection = connected.connection
    await connection.client.wipeBegun({}, { signal })
  } catch (error) {
    log.warn('wipe_not_told', { error })
  }
}
