import { BEST_BUILD, BuildPreference } from '@skerry/contract/builds/build'
import type { BuildChoices, ClassChoice } from '@skerry/contract/builds/measurement'
import { bestCommand, choiceWords, measureCommand, ratioText, reasonWords } from '@skerry/core/builds/build-words'
import { command, fits, required, value } from '../../program/command.ts'
import type { Style } from '../../program/terminal/style.ts'
import { tableOf } from '../../program/terminal/table.ts'
import { parseModelReference } from '../../program/values.ts'

export const explainBuilds = command({
  name: 'build explain',
  summary: 'Explain which build is the best for each class of hardware, and why not the others',
  details:
    'A build is the best if it is faster than the version for certain, as far as a device of the class has measured, and ' +
    'faster than all other builds there. Other goals can have priority: smallest and least-memory also admit builds that ' +
    'are not faster, within the p95 goal of the last optimisation; most-accurate takes the faster build with the nearest ' +
    'answers. A deployment with --build best, or another goal, fixes the builds ' +
    'when it is applied; the command names deployments that newer measurements would change.',
  examples: ['skerry build explain reader', 'skerry build explain reader:1 --prefer smallest'],
  arguments: {
    reference: required('<model>', 'NAME, NAME:VERSION or NAME@alias; the latest by default', parseModelReference),
  },
  options: {
    prefer: value(
      '--prefer <goal>',
      `the goal that has priority, as --build of a deployment: ${BuildPreference.options.join(', ')}; best, the fastest, by default`,
      fits(BuildPreference),
    ),
  },
  async run({ reference: { name, version = 'latest' }, prefer }, session) {
    const { client } = await session.hub()
    const { signal } = session
    const { version: number } = await client.model.getVersion({ name, version }, { signal })
    const choices = await client.build.choices({ name, version: String(number), ...(prefer && { prefer }) }, { signal })
    session.print({ json: choices, text: () => choicesText(choices, { name, version: number }, session.style) })
  },
})

/** A sentence and a table for each class, then the deployments that are outdated. */
function choicesText(
  { rows, outdated = [], prefer = BEST_BUILD, p95MaxMs }: BuildChoices,
  of: { name: string; version: number },
  style: Style,
) {
  if (rows.length === 0) return 'no device has reported its hardware, and nothing is measured'
  const classes = rows.map((choice) => classText({ choice, prefer }, of, style))
  const commands = outdated.map(
    (deployment) =>
      `${style.yellow('!')} ${deployment} has other builds than newer measurements choose; run ${bestCommand(deployment, of.name, of.version)}`,
  )
  const goal = p95MaxMs === undefined ? [] : [`the p95 goal of the last optimisation is ${p95MaxMs} ms`]
  return [...goal, ...classes, ...(commands.length > 0 ? [commands.join('\n')] : [])].join('\n\n')
}

type Explained = { choice: ClassChoice; prefer: BuildPreference }

function classText(
  { choice, prefer }: Explained,
  { name, version }: { name: string; version: number },
  style: Style,
): string {
  const words = reasonWords(prefer)
  const command = measureCommand(choice, name, version)
  const advice = command === undefined ? '' : `\n${style.yellow('!')} measure them there: run ${command}`
  const heading = `${style.bold(choiceWords(choice, prefer))}${advice}`
  if (choice.candidates.length === 0) return heading
  const rows = choice.candidates.map(({ build, recipe, reason, speed, device }) => [
    build,
    recipe,
    reason,
    speed && ratioText(speed),
    device,
    words[reason],
  ])
  return `${heading}\n${tableOf(style, ['BUILD', 'RECIPE', 'RESULT', 'TIMES AS FAST', 'ON', 'WHY'], rows, '')}`
}
