import { Name } from '@skerry/contract/values/names'
import { command, fits, required } from '../../program/command.ts'
import { chooseContext } from '../../program/sign-in/contexts.ts'

export const useContext = command({
  name: 'context use',
  summary: 'Use the hub of a context from now on',
  details: 'For one command only, set SKERRY_CONTEXT to the name of the context.',
  examples: ['skerry context use plant-north'],
  arguments: { context: required('<context>', 'name of the context', fits(Name)) },
  options: {},
  async run({ context }, session) {
    const { hub, organisation } = await chooseContext(session.io.env, context)
    session.print({
      json: { name: context, hub, ...(organisation !== undefined && { organisation }) },
      text: () => `uses ${context} from now on: ${hub}`,
    })
  },
})
