import { Name } from '@skerry/contract/values/names'
import { command, fits, required } from '../../program/command.ts'
import { removeContext } from '../../program/sign-in/contexts.ts'

export const removeContextCommand = command({
  name: 'context rm',
  summary: 'Remove a context from this machine; its key stays valid',
  details: '"skerry logout" also revokes the key, if a login by browser made it.',
  examples: ['skerry context rm plant-south'],
  arguments: { context: required('<context>', 'name of the context', fits(Name)) },
  options: {},
  async run({ context }, session) {
    const { wasCurrent } = await removeContext(session.io.env, context)
    const now = wasCurrent ? '; this machine uses no hub now, "skerry context use" chooses one' : ''
    session.print({ json: { name: context, wasCurrent }, text: () => `removed the context ${context}${now}` })
  },
})
