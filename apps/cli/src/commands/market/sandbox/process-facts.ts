/** Process facts: measurements that the kernel makes of this process. */
import { readFileSync, writeFileSync } from 'node:fs'

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

/**
 * Attempts to reach a network, in a process that has none. [RFC 4293] The kernel counts a packet or a connection for
 * which it finds no route.
 */
export function networkAttempts(): number {
  const [names = '', values = ''] = readFileSync('/proc/self/net/snmp', 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('Ip:'))
  const place = names.split(' ').indexOf('OutNoRoutes')
  const [, six = '0'] = /^Ip6OutNoRoutes\s+(\d+)$/m.exec(readOr('/proc/self/net/snmp6')) ?? []
  return Number(values.split(' ')[place]) + Number(six)
}

/** A kernel without IPv6 has no such file. */
function readOr(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
