/** `skerry selector test` */
import { Name, SelectorText } from '@skerry/contract/values/names'
import { command, fits, flag, required, usually, value } from '../../program/command.ts'
import { wrongUsage } from '../../program/failure.ts'
import { parseModelReference } from '../../program/values.ts'
import { previewText } from './selector-view.ts'

/** A screen of names; --json has as many as are asked for. */
const NAMES_USUAL = '10'
const NAMES_MAX = 500

export const testSelector = command({
  name: 'selector test',
  summary: 'Say which devices a selector picks, and why it does not pick the others',
  details:
    'With --for also which of the picked ones the version would be refused on: those that are pending or revoked, that have too little ' +
    'room or too old a runtime, or on which another deployment owns the name of the model.',
  examples: [
    `skerry selector test 'site.country == "NL" && device.labels.line == "4"'`,
    `skerry selector test 'site.kind == "edge"' --for anomaly:2`,
    `skerry selector test 'device.cpus >= 4' --find press --why-not`,
  ],
  arguments: { selector: required('<selector>', 'CEL over device and site', fits(SelectorText)) },
  options: {
    reference: value('--for <model>', 'what shall run there: NAME, NAME:VERSION or NAME@alias', parseModelReference),
    deployment: value('--deployment <name>', 'the deployment that asks; what it owns is no conflict', fits(Name)),
    find: value('--find <text>', 'name only devices whose name or site contains it', (text) => text),
    names: usually('--names <count>', NAMES_USUAL, 'how many devices to name of each group', parseNames),
    isWhyNot: flag('--why-not', 'name the devices that are not picked too, each with its reasons'),
  },
  async run({ selector, reference, deployment, find, names, isWhyNot }, session) {
    if (deployment !== undefined && reference === undefined)
      throw wrongUsage('--deployment says nothing without a model', 'give the model with --for')
    const { client } = await session.hub()
    const what = reference && { model: reference.model, version: reference.version ?? 'latest', deployment }
    const preview = await client.selector.preview({ selector, find, limit: names, ...what }, { signal: session.signal })
    session.print({ json: preview, text: () => previewText(preview, { isWhyNot, style: session.style }) })
  },
})

function parseNames(text: string): number {
  const count = Number(text)
  if (!/^\d+$/.test(text) || count > NAMES_MAX) throw new Error(`must be a number up to ${NAMES_MAX}`)
  return count
}
