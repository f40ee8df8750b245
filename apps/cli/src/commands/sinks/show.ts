import { Name } from '@skerry/contract/values/names'
import { command, fits, required } from '../../program/command.ts'
import { showConnection } from '../sources/connection-view.ts'
import { SCOPE_OPTIONS, scopeOf } from '../sources/source-reference.ts'

export const showSink = command({
  name: 'sink show',
  summary: 'Show a sink at the hub: its author and time, and its file',
  examples: [
    'skerry sink show plant-database --site rotterdam',
    'skerry sink show plant-database --json | jq .spec > plant-database.yaml',
  ],
  arguments: { name: required('<name>', 'name of the sink', fits(Name)) },
  options: SCOPE_OPTIONS,
  run: ({ name, ...place }, session) => showConnection('sink', { name, scope: scopeOf(place) }, session),
})
