import { command } from '../../program/command.ts'
import { REASON, YES } from '../../program/options.ts'
import { SURVEY } from './survey-argument.ts'

export const stopSurvey = command({
  name: 'survey stop',
  summary: 'Stop a survey for good; it has no result',
  examples: ['skerry survey stop motors --reason "the range was wrong" --yes'],
  arguments: { survey: SURVEY },
  options: { reason: REASON, yes: YES },
  async run({ survey: name, reason, yes }, session) {
    const { client } = await session.hub()
    await session.confirm(`stop the survey ${name}, which cannot go on afterwards`, yes)
    const survey = await client.survey.stop({ name, reason }, { signal: session.signal })
    session.print({ json: survey, text: () => `${name} is stopped` })
  },
})
