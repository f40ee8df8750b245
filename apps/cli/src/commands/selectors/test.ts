import { Name, SelectorText } from '@skerry/contract/values/names'
import { command, fits, flag, required, usually, value } from '../../program/command.ts'
import { wrongUsage } from '../../program/failure.ts'
import { parseModelReference } from '../../program/values.ts'
import { previewText } from './selector-view.ts'

/** A screen of names. --json has as many as requested. */
const NAMES_USUAL = '10'
const NAMES_MAX = 500

export const testSelector = command({
  name: 'selector test',
  summary: 'List the devices that a selector picks, and why it does not pick the others',
  details:
    'With --for, also the matching devices that would not run the version: pending or revoked devices, devices with too little room ' +
    'or too old a runtime, and devices on which another deployment owns the name of the model.',
  examples: [
    `skerry selector test 'site.country == "NL" && device.labels.line == "4"'`,
    `skerry selector test 'site.kind == "edge"' --for anomaly:2`,
    `skerry selector test 'device.cpus >= 4' --find press --why-not`,
  ],
  arguments: { selector: required('<selector>', 'CEL over device and site', fits(SelectorText)) },
  options: {
    reference: value(
      '--for <model>',
      'the version to deploy there: NAME, NAME:VERSION or NAME@alias',
      parseModelReference,
    ),
    deployment: value(
      '--deployment <name>',
      'the deployment that deploys it; its own devices are no conflict',
      fits(Name),
    ),
    find: value('--find <text>', 'list only devices whose name or site contains this text', (text) => text),
    names: usually('--names <count>', NAMES_USUAL, 'number of devices to list in each group', parseNames),
    isWhyNot: flag('--why-not', 'also list the devices that are not picked, with the reasons'),
  },
  async run({ selector, reference, deployment, find, names, isWhyNot }, session) {
    if (deployment !== undefined && reference === undefined)
      throw wrongUsage('--deployment needs a model', 'give the model with --for')
    const { client } = await session.hub()
    const what = reference && { deployable: reference.name, version: reference.version ?? 'latest', deployment }
    const preview = await client.selector.preview({ selector, find, limit: names, ...what }, { signal: session.signal })
    session.print({ json: preview, text: () => previewText(preview, { isWhyNot, style: session.style }) })
  },
})

function parseNames(text: string): number {
  const count = Number(text)
  if (!/^\d+$/.test(text) || count > NAMES_MAX) throw new Error(`must be a number up to ${NAMES_MAX}`)
  return count
}
