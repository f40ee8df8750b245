/** `skerry flow validate` */
import { command, required } from '../../program/command.ts'
import { readFlow } from './flow-file.ts'
import { graphRows, graphTable } from './flow-view.ts'

export const validateFlow = command({
  name: 'flow validate',
  summary: 'Check the file of a flow, and show its parts',
  details:
    'Connects to nothing and runs nothing. Checks every name, shape, unit and expression, and reports each error with its line. ' +
    'A push makes the same checks.',
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
