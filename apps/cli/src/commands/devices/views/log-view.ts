/** Log view: a line of a device's log as people read it. */
import type { LogLine } from '@skerry/contract/devices/log-line'
import type { Style } from '../../../program/terminal/style.ts'

/** `2026-11-24 10:30:05.123Z warn  agent link_down code=ECONNREFUSED`. */
export function logLineText({ atMs, level, program, event, fields }: LogLine, style: Style): string {
  const at = new Date(atMs).toISOString().replace('T', ' ')
  const { pid: _, ...said } = fields
  const details = Object.entries(said).map(([name, value]) => `${style.dim(`${name}=`)}${valueText(value)}`)
  return [style.dim(at), level.padEnd(5), program.padEnd(6), style.bold(event), ...details].join(' ')
}

const valueText = (value: unknown) =>
  typeof value === 'string' && !/[\s"]/.test(value) ? value : JSON.stringify(value)
