/** Flow file: a flow that a person wrote down in YAML, read and checked with all its expressions before anything runs. */
import { Flow } from '@skerry/contract/flows/flow'
import { expressionProblems } from '@skerry/flows/expression-problems'
import { fail } from '../../program/failure.ts'
import { readText } from '../../program/input-file.ts'
import { readYaml } from '../../program/yaml-documents.ts'

/** Fails with `file_invalid`, and all that is wrong, each with its line. */
export async function readFlow(path: string): Promise<Flow> {
  // Expressions are found wrong where the file can still say in which line.
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
