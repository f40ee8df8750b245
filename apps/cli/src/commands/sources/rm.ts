import { Name } from '@skerry/contract/values/names'
import { command, fits, required } from '../../program/command.ts'
import { YES } from '../../program/options.ts'
import { connectionNamed } from './connection-setting.ts'
import { SCOPE_OPTIONS, scopeOf } from './source-reference.ts'

export const removeSource = command({
  name: 'source rm',
  summary: 'Remove a source from the hub, and from the devices that run it',
  details: 'If a less specific one of the same name is set, the devices run that instead.',
  examples: ['skerry source rm press-7 --site rotterdam'],
  arguments: { name: required('<name>', 'name of the source', fits(Name)) },
  options: { ...SCOPE_OPTIONS, yes: YES },
  async run({ name: wanted, yes, ...place }, session) {
    const hub = await session.hub()
    const { id, name, scope } = await connectionNamed(
      hub,
      { kind: 'source', name: wanted, scope: scopeOf(place) },
      session,
    )
    await session.confirm(`remove the source ${name} of ${scope}`, yes)
    await hub.client.source.remove({ connection: id }, { signal: session.signal })
    session.print({ json: { removed: id }, text: () => `removed the source ${name} of ${scope}` })
  },
})
