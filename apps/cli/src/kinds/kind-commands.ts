/** Kind commands: `ls` and `show` of one kind. They are the same for all kinds. */
import { allRows } from '@skerry/client/page'
import { VersionKind } from '@skerry/contract/kinds/kinds'
import { modelLanguage } from '@skerry/core/language/row-language'
import { modelsTable, modelText, versionText } from '../commands/models/model-view.ts'
import { type Command, command, required } from '../program/command.ts'
import { filtered, filterOf } from '../program/options.ts'
import { parseModelReference } from '../program/values.ts'
import type { KindCommandWords } from './kind-row.ts'
import { expectKind, kindRow } from './kinds.ts'

type KindCommand = KindCommandWords & { kind: VersionKind }

/** Lists the names of one kind. */
export const listCommand = ({ kind, name, summary, examples }: KindCommand): Command =>
  command({
    name,
    summary,
    examples,
    arguments: {},
    options: { filter: filterOf(modelLanguage) },
    async run({ filter }, session) {
      const { client } = await session.hub()
      const all = await allRows((page) => client.model.list({ ...page, kind }, { signal: session.signal }))
      const rows = filtered(all, filter)
      session.print({ json: rows, text: () => modelsTable(rows, session.style, kindRow(kind).none) })
    },
  })

/** Shows a name with its versions, or one version of it. */
export const showCommand = ({ kind, name, summary, examples }: KindCommand): Command =>
  command({
    name,
    summary,
    examples,
    arguments: { reference: required(`<${kind}>`, 'NAME, NAME:VERSION or NAME@alias', parseModelReference) },
    options: {},
    async run({ reference: { model, version } }, session) {
      const { client } = await session.hub()
      const { signal, style } = session
      const reply = await client.model.get({ model }, { signal })
      expectKind(reply.model, kind)
      if (version === undefined) {
        session.print({ json: reply, text: () => modelText(reply, style) })
        return
      }
      const detail = await client.model.getVersion({ model, version }, { signal })
      session.print({ json: detail, text: () => versionText(detail, style) })
    },
  })

/** The commands of the kinds whose rows have words for them. */
export const kindCommands: readonly Command[] = VersionKind.options.flatMap((kind) => {
  const { commands } = kindRow(kind)
  return commands ? [listCommand({ kind, ...commands.list }), showCommand({ kind, ...commands.show })] : []
})
