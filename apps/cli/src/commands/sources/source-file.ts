/** Source file: a source that a person wrote in YAML. It is read and checked before any connection is made. */

import { readYaml } from '@skerry/client/manifests/yaml-documents'
import type { SourcePlan } from '@skerry/connectors/session'
import { planSource } from '@skerry/connectors/sources/connectors'
import { Source } from '@skerry/contract/sources/source'
import { fail } from '../../program/failure.ts'
import { readText } from '../../program/input-file.ts'

export type SourceFile = { source: Source; plan: SourcePlan }

/** A file has one source. Fails with `file_invalid`, and names all errors. */
export async function readSource(path: string): Promise<SourceFile> {
  const choice = { field: 'protocol', of: Source.options.map(({ shape }) => shape.protocol.value) }
  const { values, problems } = readYaml(await readText(path), { file: path, schema: Source, choice })
  const [first, second] = values
  const found = problems.map(({ place, message }) => `${place}: ${message}`)
  if (found.length === 0 && !first) found.push(`${path}: the file has no source`)
  if (second) found.push(`${second.place}: a file has one source, so that each can be started and changed alone`)
  if (!first || found.length > 0) throw fail('file_invalid', found.join('\n'))
  const plan = await planSource(first.value)
  if (plan.problems.length > 0) {
    throw fail('file_invalid', plan.problems.map(({ tag, message }) => `${path}: ${tag}: ${message}`).join('\n'))
  }
  return { source: first.value, plan }
}
