import { command, flag, required, value } from '../../program/command.ts'
import { parseLimit } from '../../program/values.ts'
import { ifVersion, setConnection } from '../sources/connection-setting.ts'
import { SCOPE_OPTIONS, scopeOf } from '../sources/source-reference.ts'
import { writtenSink } from './sink-file.ts'

export const setSink = command({
  name: 'sink set',
  summary: 'Set or change a sink for the organisation, a site or a device',
  details:
    'If several sinks have the same name, a device uses the most specific one: its own, its site’s, the organisation’s. A device runs it within ' +
    'seconds, or when it connects. A change keeps its queue. In place of a password, the file names a secret.',
  examples: [
    'skerry sink set plant-database.yaml --site rotterdam --dry-run',
    'skerry sink set plant-database.yaml --site rotterdam --if-version 3',
  ],
  arguments: { file: required('<file>', 'YAML of one sink', String) },
  options: {
    ...SCOPE_OPTIONS,
    isDryRun: flag('--dry-run', 'show the affected devices, and change nothing'),
    version: value('--if-version <version>', 'only if this is its version now', parseLimit),
  },
  async run({ file, isDryRun, version, ...place }, session) {
    const scope = scopeOf(place)
    const precondition = ifVersion({ kind: 'sink', scope, version }, session)
    await setConnection({ kind: 'sink', spec: await writtenSink(file), scope, isDryRun, precondition }, session)
  },
})
