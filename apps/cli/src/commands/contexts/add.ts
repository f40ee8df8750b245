import { Name } from '@skerry/contract/values/names'
import { command, fits, required } from '../../program/command.ts'
import { nameContext } from '../../program/sign-in/contexts.ts'

export const addContext = command({
  name: 'context add',
  summary: 'Give the current sign-in a name; a login alone names it after the host of the hub',
  examples: ['skerry context add plant-north'],
  arguments: { context: required('<context>', 'name of the context', fits(Name)) },
  options: {},
  async run({ context }, session) {
    const { hub } = await nameContext(session.io.env, context)
    session.print({ json: { name: context, hub }, text: () => `${hub} is the context ${context}` })
  },
})
