/** Source reference: how people name a source that is set at the hub: its name, and whose it is; and what they wrote of it, as they wrote it. */
import { ConnectionScope, type ConnectionSpec } from '@skerry/contract/connections/connection'
import { SourceSpec } from '@skerry/contract/connections/connection-spec'
import { Name } from '@skerry/contract/values/names'
import { fits, usually } from '../../program/command.ts'
import { fail, wrongUsage } from '../../program/failure.ts'
import { readText } from '../../program/input-file.ts'
import { readYaml } from '../../program/yaml-documents.ts'
import { readSource } from './source-file.ts'

export const SCOPE = usually(
  '--scope <scope>',
  'organisation',
  'its scope: organisation, site:NAME or device:NAME',
  fits(ConnectionScope),
)

/** Of a source that a device runs, where a file could stand. */
export function sourceNameOf(word: string): Name {
  const { data } = Name.safeParse(word)
  if (data === undefined) throw wrongUsage(`with --device, give the name of the source; "${word}" is none`)
  return data
}

/** What the file says, and nothing that it leaves to whoever runs it. Checked as for this machine. */
export async function writtenSource(file: string): Promise<ConnectionSpec> {
  await readSource(file)
  const { values } = readYaml(await readText(file), { file, schema: SourceSpec, choice: { field: '', of: [] } })
  const [first] = values
  if (!first) throw fail('file_invalid', `${file}: the file has no source`)
  return first.value
}
