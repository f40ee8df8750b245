/** Known monitor: the monitor of a model, if it has one. */
import type { SkerryClient } from '@skerry/client/client'
import { problemOf } from '@skerry/client/problem'
import type { Monitor } from '@skerry/contract/monitors/monitor'
import type { MonitorSubject } from '@skerry/contract/monitors/subject'

/** Undefined if the model has no monitor. */
export async function monitorIfAny(
  client: SkerryClient,
  name: MonitorSubject,
  signal: AbortSignal,
): Promise<Monitor | undefined> {
  try {
    return await client.monitor.get({ name }, { signal })
  } catch (error) {
    if (problemOf(error).code === 'monitor_unknown') return undefined
    throw error
  }
}
