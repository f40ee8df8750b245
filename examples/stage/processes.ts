/** Processes: a program's processes by its folder, and their processor time. */
import { readdirSync, readFileSync } from 'node:fs'

/** [proc(5)] The processes whose arguments name the folder, and their children, oldest first. */
export function processesIn(folder: string): number[] {
  const all = readdirSync('/proc').flatMap((name) => {
    try {
      const words = readFileSync(`/proc/${name}/cmdline`, 'utf8').split('\0')
      const [, parent] = /\) \S (\d+)/.exec(readFileSync(`/proc/${name}/stat`, 'utf8')) ?? []
      return Number(name) > 0 ? [{ pid: Number(name), parent: Number(parent), words }] : []
    } catch {
      return []
    }
  })
  const own = all.filter(({ words }) => words.includes(folder)).map(({ pid }) => pid)
  const children = all.filter(({ parent }) => own.includes(parent)).map(({ pid }) => pid)
  return [...new Set([...own, ...children])]
}

/** [proc(5)] USER_HZ: the unit of processor times is a hundredth of a second on all architectures of Linux today. */
const TICK_MS = 10

/** The processor time of these processes since their start, in user and kernel mode. A process that has ended counts nothing. */
export function processorMs(pids: readonly number[]): number {
  return pids.reduce((sum, pid) => {
    try {
      const fields = (readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1] ?? '').split(' ')
      return sum + (Number(fields[11]) + Number(fields[12])) * TICK_MS
    } catch {
      return sum
    }
  }, 0)
}
