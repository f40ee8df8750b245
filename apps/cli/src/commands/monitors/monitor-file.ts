/** Monitor file: the rules of monitors that a person wrote in YAML. A document has one monitor; defaults are filled in. */
import { MonitorSpec } from '@skerry/contract/monitors/monitor'
import { fail } from '../../program/failure.ts'
import { readText } from '../../program/input-file.ts'
import type { Session } from '../../program/session.ts'
import { readYaml } from '../../program/yaml-documents.ts'

/** Fails with `file_invalid`, and names all errors. */
export async function writtenMonitors(files: readonly string[], { io }: Session): Promise<MonitorSpec[]> {
  const found: { place: string; value: MonitorSpec }[] = []
  const problems: string[] = []
  for (const file of files) {
    const isStdin = file === '-'
    const text = isStdin ? await io.readStdin() : await readText(file)
    const read = readYaml(text, {
      file: isStdin ? 'stdin' : file,
      schema: MonitorSpec,
      choice: { field: 'do', of: ['rollback', 'pause', 'hold', 'webhook', 'shadow'] },
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
