/** `skerry flow validate` */
import { command, required } from '../../program/command.ts'
import { readFlow } from './flow-file.ts'
import { graphRows, graphTable } from './flow-view.ts'

export const validateFlow = command({
  name: 'flow validate',
  summary: 'Check the file of a flow, and show what it is made of',
  details:
    'Connects to nothing and runs nothing. Looks at every name, shape, unit and expression; what cannot be is said with its line. ' +
    'The same checks are made when a flow is pushed.',
  examples: ['skerry flow validate pump.yaml'],
  arguments: { file: required('<file>', 'YAML of one flow', String) },
  options: {},
  async run({ file }, session) {
    const flow = await readFlow(file)
    session.print({
      json: { name: flow.name, parts: graphRows(flow), flow },
      text: () => graphTable(session.style, flow),
    })
  },
})
