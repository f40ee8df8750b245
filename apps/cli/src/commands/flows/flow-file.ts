/**
 * Flow file: a flow that a person wrote in YAML. It is read and checked with all its expressions before anything runs.
 */

import { readYaml } from '@skerry/client/manifests/yaml-documents'
import { Flow } from '@skerry/contract/flows/flow'
import { expressionProblems } from '@skerry/flows/expression-problems'
import { fail } from '../../program/failure.ts'
import { readText } from '../../program/input-file.ts'

/** Fails with `file_invalid`, and names all errors with their lines. */
export async function readFlow(path: string): Promise<Flow> {
  // Checks expressions here, because the file still gives the line of an error.
  const schema = Flow.superRefine((flow, context) => {
    for (const { path: place, message } of expressionProblems(flow))
      context.addIssue({ code: 'custom', path: place, message })
  })
  const { values, problems } = readYaml(await readText(path), { file: path, schema, choice: { field: '', of: [] } })
  const [first, second] = values
  const found = problems.map(({ place, message }) => `${place}: ${message}`)
  if (found.length === 0 && !first) found.push(`${path}: the file has no flow`)
  if (second) found.push(`${second.place}: a file has one flow, so that each can be rolled out alone`)
  if (!first || found.length > 0) throw fail('file_invalid', found.join('\n'))
  return first.value
}
