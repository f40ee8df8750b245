/** Moved notes: the log says once when the values of a version alert on this device, and once when they are back. */
import type { Log } from '@skerry/platform/process/log'
import type { MovedVersion } from './monitor-board.ts'

/** Returns its argument. */
export function movedNotes(log: Pick<Log, 'info' | 'warn'>) {
  let known = new Map<string, string>()
  return (moved: MovedVersion[]): MovedVersion[] => {
    const now = new Map(moved.map(({ model, version, text }) => [`${model}:${version}`, text]))
    for (const [name, features] of now) if (known.get(name) !== features) log.warn('values_moved', { name, features })
    for (const name of known.keys()) if (!now.has(name)) log.info('values_back', { name })
    known = now
    return moved
  }
}
