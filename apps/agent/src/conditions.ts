/**
 * Conditions: the current problems of the device as a whole. The part that detects one raises and clears it. The hub
 * and the log get it.
 */
import type { Cause } from '@skerry/contract/devices/item'
import type { Log } from '@skerry/platform/process/log'

export type Conditions = {
  /** The newest message of a code counts. */
  raise(cause: Cause): void
  clear(code: string): void
  list(): Cause[]
}

/** `onChange` is called when the list has changed. */
export function createConditions(log: Pick<Log, 'warn' | 'info'>, onChange: () => void): Conditions {
  const raised = new Map<string, Cause>()
  return {
    raise(cause) {
      const known = raised.get(cause.code)
      if (known?.message === cause.message) return
      raised.set(cause.code, cause)
      // A message that differs only in a number is not logged again.
      if (!known) log.warn('condition_raised', cause)
      onChange()
    },
    clear(code) {
      if (!raised.delete(code)) return
      log.info('condition_cleared', { code })
      onChange()
    },
    list: () => [...raised.values()],
  }
}
