/**
 * Begin wipe: the hub has ordered that this device delete everything. The order is on disk before it is reported, and
 * reported before the key is deleted.
 */
import type { Log } from '@skerry/platform/process/log'
import type { IdentityFolder } from '../joining/identity.ts'
import type { Wipe } from './wipe.ts'

/** In milliseconds. A hub that is there answers at once. A hub that is away must not delay the wipe. */
const TELL_MS = 10_000

/** If the order cannot be recorded or reported, the wipe begins anyway. */
export async function beginWipe(wipe: Pick<Wipe, 'begin'>, tell: () => Promise<unknown>, log: Log): Promise<void> {
  log.warn('wipe_begun', {})
  await wipe.begin().catch((error: unknown) => log.error('wipe_not_recorded', { error }))
  const late = new Promise((_, reject) => {
    setTimeout(() => reject(new Error('the hub does not answer')), TELL_MS).unref()
  })
  await Promise.race([tell(), late]).catch((error: unknown) => log.warn('wipe_not_told', { error }))
}

/** Reports it again after a restart: the earlier process may have ended before the hub received the report. */
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
