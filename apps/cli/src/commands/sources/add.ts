/** Two commands, `skerry source add` and `skerry source set`, with one implementation. */
import { DeviceReference } from '@skerry/contract/api/fleet/device-procedures'
import { command, fits, flag, required, value } from '../../program/command.ts'
import { parseLimit } from '../../program/values.ts'
import { ifNew, ifVersion, refuseTaken, setConnection } from './connection-setting.ts'
import { SCOPE_OPTIONS, scopeOf, writtenSource } from './source-reference.ts'
import { testSourceOn } from './test.ts'

const FILE = required('<file>', 'YAML of one source', String)
const DRY_RUN = flag('--dry-run', 'show the affected devices, and change nothing')

const DETAILS =
  'If several sources have the same name, a device uses the most specific one: its own, its site’s, the organisation’s. A device runs it within ' +
  'seconds, or when it connects, and keeps running it without the hub. In place of a password, the file names a secret. '

export const addSource = command({
  name: 'source add',
  summary: 'Set a new source for the organisation, a site or a device',
  details:
    `${DETAILS}With --test-on a device reads the equipment first; if that fails, nothing is set. ` +
    'Rejected if the scope has a source of this name.',
  examples: [
    'skerry source add press-7.yaml --site rotterdam --test-on gateway-1',
    'skerry source add press-7.yaml --dry-run',
  ],
  arguments: { file: FILE },
  options: {
    ...SCOPE_OPTIONS,
    tester: value('--test-on <device>', 'let this device read the equipment first', fits(DeviceReference)),
    isDryRun: DRY_RUN,
  },
  async run({ file, tester, isDryRun, ...place }, session) {
    const scope = scopeOf(place)
    const spec = await writtenSource(file)
    await refuseTaken({ kind: 'source', name: spec.name, scope }, session)
    if (tester !== undefined) await testSourceOn(tester, spec, session)
    await setConnection({ kind: 'source', spec, scope, isDryRun, precondition: ifNew }, session)
  },
})

export const setSource = command({
  name: 'source set',
  summary: 'Set or change a source for the organisation, a site or a device',
  details: DETAILS,
  examples: [
    'skerry source set press-7.yaml --site rotterdam --dry-run',
    'skerry source set press-7.yaml --site rotterdam --if-version 3',
  ],
  arguments: { file: FILE },
  options: {
    ...SCOPE_OPTIONS,
    isDryRun: DRY_RUN,
    version: value('--if-version <version>', 'only if this is its version now', parseLimit),
  },
  async run({ file, isDryRun, version, ...place }, session) {
    const scope = scopeOf(place)
    const precondition = ifVersion({ kind: 'source', scope, version }, session)
    await setConnection({ kind: 'source', spec: await writtenSource(file), scope, isDryRun, precondition }, session)
  },
})
