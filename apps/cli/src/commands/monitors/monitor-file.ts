/** Monitor file: the rules of monitors that a person wrote in YAML. A document has one monitor; defaults are filled in. */

import { readYaml } from '@skerry/client/manifests/yaml-documents'
import { MonitorSpec } from '@skerry/contract/monitors/monitor'
import { subjectOfSource } from '@skerry/contract/monitors/subject'
import * as z from 'zod'
import { fail } from '../../program/failure.ts'
import { readText } from '../../program/input-file.ts'
import type { Session } from '../../program/session.ts'

/** A source is written as `source: NAME`. */
const WrittenMonitor = z.preprocess((written) => {
  if (typeof written !== 'object' || written === null || !('source' in written) || 'model' in written) return written
  const { source, ...rules } = written
  return typeof source === 'string' ? { ...rules, model: subjectOfSource(source) } : written
}, MonitorSpec)

/** Fails with `file_invalid`, and names all errors. */
export async function writtenMonitors(files: readonly string[], { io }: Session): Promise<MonitorSpec[]> {
  const found: { place: string; value: MonitorSpec }[] = []
  const problems: string[] = []
  for (const file of files) {
    const isStdin = file === '-'
    const text = isStdin ? await io.readStdin() : await readText(file)
    const read = readYaml(text, {
      file: isStdin ? 'stdin' : file,
      schema: WrittenMonitor,
      choice: { field: 'do', of: ['rollback', 'pause', 'hold', 'webhook', 'capture', 'shadow'] },
    })
    found.push(...read.values)
    problems.push(...read.problems.map(({ place, message }) => `${place}: ${message}`))
  }
  for (const [at, { place, value }] of found.entries()) {
    const first = found.findIndex(({ value: { model } }) => model === value.model)
    if (first < at) problems.push(`${place}: the monitor of ${value.model} is at ${found[first]?.place} already`)
  }
  if (problems.length > 0) throw fail('file_invalid', problems.join('\n'))
  return found.map(({ value }) => value)
}
