import { readYaml } from '@skerry/client/manifests/yaml-documents'
import { SurveySpec } from '@skerry/contract/campaigns/survey'
import { asIs, command, flag, required } from '../../program/command.ts'
import { fail } from '../../program/failure.ts'
import { readText } from '../../program/input-file.ts'
import type { Session } from '../../program/session.ts'
import { countText } from '../../program/terminal/words.ts'
import { candidatesTable } from '../campaigns/campaign-view.ts'

export const createSurvey = command({
  name: 'survey create',
  summary: 'Start a survey: devices count their own rows, and the hub adds the counts',
  details:
    'The file describes the survey in YAML: the data, the columns with their ranges, and the devices. Rows stay on the devices. ' +
    'A device takes part only if its owner has started its agent with --training-data for this survey. ' +
    'With --dry-run, the hub checks everything and lists the devices that could take part.',
  examples: ['skerry survey create survey.yaml --dry-run', 'skerry survey create survey.yaml'],
  arguments: { file: required('<file>', 'YAML file, or - for stdin', asIs) },
  options: { isDryRun: flag('--dry-run', 'check everything, and start nothing') },
  async run({ file, isDryRun }, session) {
    const spec = await writtenSurvey(file, session)
    const { client } = await session.hub()
    const reply = await client.survey.create({ spec, dryRun: isDryRun }, { signal: session.signal })
    session.print({
      json: reply,
      text: () => {
        const { name, columns } = reply.spec
        const done = `${isDryRun ? `${name} would count` : `started ${name}, which counts`} ${countText(columns.length, 'column')}`
        const cost = reply.epsilon === undefined ? '' : `; its result spends ε ${reply.epsilon.toFixed(3)} of each row`
        return `${done}${cost}; ${countText(reply.eligible, 'device')} may take part now\n\n${candidatesTable(reply.candidates, session.style)}`
      },
    })
  },
})

/** Fails with `file_invalid`, and names all errors with their lines. */
async function writtenSurvey(file: string, { io }: Session): Promise<SurveySpec> {
  const isStdin = file === '-'
  const text = isStdin ? await io.readStdin() : await readText(file)
  const { values, problems } = readYaml(text, { file: isStdin ? 'stdin' : file, schema: SurveySpec })
  if (problems.length > 0)
    throw fail('file_invalid', problems.map(({ place, message }) => `${place}: ${message}`).join('\n'))
  const [first, ...others] = values
  if (!first || others.length > 0) throw fail('file_invalid', `${file} must describe one survey, not ${values.length}`)
  return first.value
}
