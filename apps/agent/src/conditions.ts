/** Conditions: what is wrong with the device as a whole right now. Raised and cleared by whoever sees it; told to the hub and the log. */
import type { Cause } from '@skerry/contract/devices/item'
import type { Log } from '@skerry/platform/process/log'

export type Conditions = {
  /** The newest words for a code count. */
  raise(cause: Cause): void
  clear(code: string): void
  list(): Cause[]
}

/** `onChange` is called when what `list` gives has changed. */
export function createConditions(log: Pick<Log, 'warn' | 'info'>, onChange: () => void): Conditions {
  const raised = new Map<string, Cause>()
  return {
    raise(cause) {
      const known = raised.get(cause.code)
      if (known?.message === cause.message) return
      raised.set(cause.code, cause)
      // Words that only carry a newer number are no news for the log.
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
