/** `skerry flow ls` */
import { allRows } from '@skerry/client/page'
import { modelLanguage } from '@skerry/core/row-language'
import { command } from '../command.ts'
import { modelsTable } from '../model-view.ts'
import { filtered, filterOf } from '../options.ts'

export const listFlows = command({
  name: 'flow ls',
  summary: 'List flows',
  examples: ['skerry flow ls'],
  arguments: {},
  options: { filter: filterOf(modelLanguage) },
  async run({ filter }, session) {
    const { client } = await session.hub()
    const all = await allRows((page) => client.model.list({ ...page, kind: 'flow' }, { signal: session.signal }))
    const flows = filtered(all, filter)
    const none = 'no flows yet; push one with "skerry flow push"'
    session.print({ json: flows, text: () => modelsTable(flows, session.style, none) })
  },
})
