/** `skerry model ls` */
import { allRows } from '@skerry/client/page'
import { modelLanguage } from '@skerry/core/language/row-language'
import { kindRows } from '../../kinds/kinds.ts'
import { command } from '../../program/command.ts'
import { filtered, filterOf } from '../../program/options.ts'
import { modelsTable } from './model-view.ts'

export const listModels = command({
  name: 'model ls',
  summary: 'List models and flows',
  examples: [
    'skerry model ls',
    `skerry model ls --filter 'model.versions > 1'`,
    `skerry model ls --filter 'model.kind == "flow"'`,
  ],
  arguments: {},
  options: { filter: filterOf(modelLanguage) },
  async run({ filter }, session) {
    const { client } = await session.hub()
    const all = await allRows((page) => client.model.list(page, { signal: session.signal }))
    const models = filtered(all, filter)
    const { none } = kindRows.model
    session.print({ json: models, text: () => modelsTable(models, session.style, none) })
  },
})
