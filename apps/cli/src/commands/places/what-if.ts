import { Name } from '@skerry/contract/values/names'
import { CHANGE_FORMS, parseChange } from '@skerry/core/places/change-text'
import { command, fits, required } from '../../program/command.ts'
import { whatIfText } from './place-view.ts'

export const askWhatIf = command({
  name: 'placement what-if',
  summary: 'Show which devices would gain or lose a replica if the world changed; nothing is changed',
  examples: [
    `skerry placement what-if anomaly 'site lyon down'`,
    `skerry placement what-if anomaly 'device gateway-1 down'`,
    `skerry placement what-if anomaly 'load x2'`,
    `skerry placement what-if anomaly 'add 3 devices at lyon'`,
    `skerry placement what-if anomaly 'add 3 devices class x64-vnni'`,
    `skerry placement what-if anomaly 'class confidential'`,
    `skerry placement what-if anomaly 'site lyon clearance restricted'`,
    `skerry placement what-if anomaly 'residency EU'`,
    `skerry placement what-if anomaly 'replicas 4'`,
  ],
  arguments: {
    deployment: required('<deployment>', 'name of the deployment', fits(Name)),
    change: required('<change>', `one of: ${CHANGE_FORMS}`, readChange),
  },
  options: {},
  async run({ deployment, change }, session) {
    const { client } = await session.hub()
    const answer = await client.placement.whatIf({ deployment, change }, { signal: session.signal })
    session.print({ json: answer, text: () => whatIfText(answer, session.style) })
  },
})

function readChange(text: string) {
  const read = parseChange(text)
  if (!read.ok) throw new Error(read.message)
  return read.change
}
