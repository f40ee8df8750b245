import { command, flag } from '../../program/command.ts'
import { candidatesTable, participantsTable } from '../campaigns/campaign-view.ts'
import { SURVEY } from './survey-argument.ts'
import { surveyText } from './survey-view.ts'

export const showSurvey = command({
  name: 'survey show',
  summary: 'Show a survey: its statistics, and on request its devices',
  examples: ['skerry survey show motors', 'skerry survey show motors --devices'],
  arguments: { survey: SURVEY },
  options: { isWithDevices: flag('--devices', 'also list its devices, and those that offer the data') },
  async run({ survey: name, isWithDevices }, session) {
    const { client } = await session.hub()
    const { style } = session
    const answer = await client.survey.get({ name }, { signal: session.signal })
    const { survey, participants, candidates } = answer
    session.print({
      json: isWithDevices ? answer : { survey },
      text: () => {
        const devices = `${participantsTable(participants, style)}\n\n${candidatesTable(candidates, style)}`
        return isWithDevices ? `${surveyText(survey, style)}\n\n${devices}` : surveyText(survey, style)
      },
    })
  },
})
