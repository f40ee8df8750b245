/** `skerry sink add`: a new sink from a file or from options, which a device may test first. */
import { DeviceReference } from '@skerry/contract/api/fleet/device-procedures'
import type { ConnectionSpec } from '@skerry/contract/connections/connection'
import { Name } from '@skerry/contract/values/names'
import * as z from 'zod'
import { command, fits, flag, list, required, value } from '../../program/command.ts'
import { fail, wrongUsage } from '../../program/failure.ts'
import type { Session } from '../../program/session.ts'
import { ifNew, refuseTaken, setConnection } from '../sources/connection-setting.ts'
import { SCOPE_OPTIONS, scopeOf } from '../sources/source-reference.ts'
import { parseField, SINK_PROTOCOLS, type SinkField, sinkOf, writtenSink } from './sink-file.ts'
import { REACHED, SINK_WAIT_USUAL_MS, testThere } from './test.ts'

export const addSink = command({
  name: 'sink add',
  summary: 'Set a new sink for the organisation, a site or a device',
  details:
    'The sink comes from a file. With --protocol it comes from the command line: the argument is its name, and each --set gives a field as the file ' +
    'would have it. With --test-on a device connects to the destination first; if that fails, nothing is set. The test writes nothing. ' +
    'In place of a password, name a secret: --set "connection.password={ secret: NAME }". Rejected if the scope has a sink of this name.',
  examples: [
    'skerry sink add plant-database.yaml --site rotterdam --test-on gateway-1',
    'skerry sink add archive --protocol file --set connection.folder=/data/archive --device gateway-1',
    'skerry sink add plant-database.yaml --site rotterdam --dry-run',
  ],
  arguments: { sink: required('<sink>', 'YAML of one sink; with --protocol the name of the new sink', String) },
  options: {
    protocol: value('--protocol <protocol>', 'write the sink here, for this protocol', fits(z.enum(SINK_PROTOCOLS))),
    fields: list('--set <field=value>', 'with --protocol, a field of the sink and its value', parseField),
    ...SCOPE_OPTIONS,
    tester: value('--test-on <device>', 'let this device test the destination first', fits(DeviceReference)),
    isDryRun: flag('--dry-run', 'show the affected devices, and change nothing'),
  },
  async run({ sink, protocol, fields, tester, isDryRun, ...place }, session) {
    const scope = scopeOf(place)
    const spec = await specOf({ sink, protocol, fields })
    await refuseTaken({ kind: 'sink', name: spec.name, scope }, session)
    if (tester !== undefined) await testFirst(spec, tester, session)
    await setConnection({ kind: 'sink', spec, scope, isDryRun, precondition: ifNew }, session)
  },
})

type Written = { sink: string; protocol: string | undefined; fields: readonly SinkField[] }

async function specOf({ sink, protocol, fields }: Written): Promise<ConnectionSpec> {
  if (protocol !== undefined) return sinkOf({ name: nameOf(sink), protocol }, fields)
  if (fields.length > 0) throw wrongUsage('--set needs --protocol; a file has its fields itself')
  return writtenSink(sink)
}

function nameOf(word: string): Name {
  const { data } = Name.safeParse(word)
  if (data === undefined) throw wrongUsage(`with --protocol, give the name of the sink; "${word}" is none`)
  return data
}

async function testFirst(spec: ConnectionSpec, device: string, session: Session): Promise<void> {
  const { trial } = await testThere(spec, { isSent: false, waitMs: SINK_WAIT_USUAL_MS, device }, session)
  const { cause, reached } = trial
  if (cause) throw fail('sink_failed', `${device}: ${cause.message} (${cause.code}); the sink is not set`)
  session.note(`${device} reached ${REACHED[reached]}`)
}
