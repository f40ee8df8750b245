/** `skerry source show` */
import { Name } from '@skerry/contract/names'
import { command, fits, required } from '../command.ts'
import { showConnection } from '../connection-view.ts'
import { SCOPE } from '../source-reference.ts'

export const showSource = command({
  name: 'source show',
  summary: 'Show a source that is set at the hub: who set it when, and its file',
  examples: [
    'skerry source show press-7 --scope site:rotterdam',
    'skerry source show press-7 --json | jq .spec > press-7.yaml',
  ],
  arguments: { name: required('<name>', 'name of the source', fits(Name)) },
  options: { scope: SCOPE },
  run: (reference, session) => showConnection('source', reference, session),
})
