import { Name } from '@skerry/contract/values/names'
import { command, fits, required } from '../../program/command.ts'
import { YES } from '../../program/options.ts'
import { connectionNamed } from '../sources/connection-setting.ts'
import { SCOPE_OPTIONS, scopeOf } from '../sources/source-reference.ts'

export const removeSink = command({
  name: 'sink rm',
  summary: 'Remove a sink from the hub, and from the devices that run it',
  details: 'If a less specific one of the same name is set, the devices run that instead.',
  examples: ['skerry sink rm plant-database --site rotterdam'],
  arguments: { name: required('<name>', 'name of the sink', fits(Name)) },
  options: { ...SCOPE_OPTIONS, yes: YES },
  async run({ name: wanted, yes, ...place }, session) {
    const hub = await session.hub()
    const { id, name, scope } = await connectionNamed(
      hub,
      { kind: 'sink', name: wanted, scope: scopeOf(place) },
      session,
    )
    await session.confirm(`remove the sink ${name} of ${scope}`, yes)
    await hub.client.sink.remove({ connection: id }, { signal: session.signal })
    session.print({ json: { removed: id }, text: () => `removed the sink ${name} of ${scope}` })
  },
})
