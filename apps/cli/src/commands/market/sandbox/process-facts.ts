/** Process facts: measurements that the kernel makes of this process. */
import { readFileSync, writeFileSync } from 'node:fs'
import { attemptsIn } from '@skerry/core/market/checks/container-facts'

const KIBIBYTE = 1_024

/**
 * Starts a new peak of the resident memory, and returns its first value. [proc_pid_clear_refs(5)] The number 5 resets
 * `VmHWM`. On another system the peak counts from the start of the process.
 */
export function resetMemoryPeak(): number {
  try {
    writeFileSync('/proc/self/clear_refs', '5')
    return process.memoryUsage.rss()
  } catch {
    return memoryPeakBytes()
  }
}

/** [proc_pid_status(5)] The peak of the resident memory. */
export function memoryPeakBytes(): number {
  try {
    const [, kibibytes] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8')) ?? []
    if (kibibytes !== undefined) return Number(kibibytes) * KIBIBYTE
  } catch {
    // Another system: its peak is that since the start of the process.
  }
  return process.resourceUsage().maxRSS * KIBIBYTE
}

/** Attempts to reach a network, in a process that has none. */
export const networkAttempts = (): number =>
  attemptsIn(readFileSync('/proc/self/net/snmp', 'utf8'), readOr('/proc/self/net/snmp6'))

/** A kernel without IPv6 has no such file. */
function readOr(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
