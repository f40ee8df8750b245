import { expect, test } from 'vitest'
import { NO_FACTS } from './alert-facts.ts'
import { alertsOf } from './alerts.ts'

test('a language model with many invalid answers raises an alert with its worst device', () => {
  const fact = { model: 'assistant', version: 2, device: 'press-1', count: 3, invalidShare: 0.31, deployment: 'desk' }
  expect(alertsOf({ ...NO_FACTS, invalidAnswers: [fact] }, 10).alerts).toMatchObject([
    {
      id: 'answers_invalid:assistant:2',
      severity: 'warning',
      count: 3,
      action:
        'Raise `answerTokens` or lower the `maxLength` of texts in the schema. If neither helps, go back with `skerry deployment rollback desk`. The series `language/assistant/invalidShare` of the device shows when it began',
      link: '/devices/press-1',
      message: '31 % of the last answers of assistant:2 on press-1 break their schema (so do those on 2 other devices)',
    },
  ])
})
