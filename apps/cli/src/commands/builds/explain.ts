import type { BuildChoices, ClassChoice } from '@skerry/contract/builds/measurement'
import { bestCommand, choiceWords, measureCommand, ratioText, reasonWords } from '@skerry/core/builds/build-words'
import { command, required } from '../../program/command.ts'
import type { Style } from '../../program/terminal/style.ts'
import { tableOf } from '../../program/terminal/table.ts'
import { parseModelReference } from '../../program/values.ts'

export const explainBuilds = command({
  name: 'build explain',
  summary: 'Explain which build is the best for each class of hardware, and why not the others',
  details:
    'A build is the best if it is faster than the version for certain, as far as a device of the class has measured, and ' +
    'faster than all other builds there. A deployment with --build best fixes the builds ' +
    'when it is applied; the command names deployments that newer measurements would change.',
  examples: ['skerry build explain reader', 'skerry build explain reader:1 --json'],
  arguments: {
    reference: required('<model>', 'NAME, NAME:VERSION or NAME@alias; the latest by default', parseModelReference),
  },
  options: {},
  async run({ reference: { name, version = 'latest' } }, session) {
    const { client } = await session.hub()
    const { signal } = session
    const { version: number } = await client.model.getVersion({ name, version }, { signal })
    const choices = await client.build.choices({ name, version: String(number) }, { signal })
    session.print({ json: choices, text: () => choicesText(choices, { name, version: number }, session.style) })
  },
})

/** A sentence and a table for each class, then the deployments that are outdated. */
function choicesText({ rows, outdated = [] }: BuildChoices, of: { name: string; version: number }, style: Style) {
  if (rows.length === 0) return 'no device has reported its hardware, and nothing is measured'
  const classes = rows.map((choice) => classText(choice, of, style))
  const commands = outdated.map(
    (deployment) =>
      `${style.yellow('!')} ${deployment} has other builds than newer measurements choose; run ${bestCommand(deployment, of.name, of.version)}`,
  )
  return [...classes, ...(commands.length > 0 ? [commands.join('\n')] : [])].join('\n\n')
}

function classText(choice: ClassChoice, { name, version }: { name: string; version: number }, style: Style): string {
  const command = measureCommand(choice, name, version)
  const advice = command === undefined ? '' : `\n${style.yellow('!')} measure them there: run ${command}`
  const heading = `${style.bold(choiceWords(choice))}${advice}`
  if (choice.candidates.length === 0) return heading
  const rows = choice.candidates.map(({ build, recipe, reason, speed, device }) => [
    build,
    recipe,
    reason,
    speed && ratioText(speed),
    device,
    reasonWords[reason],
  ])
  return `${heading}\n${tableOf(style, ['BUILD', 'RECIPE', 'RESULT', 'TIMES AS FAST', 'ON', 'WHY'], rows, '')}`
}
