import { expect, test } from 'vitest'
import { isPlannedPause, pauseWords, resumeCommand } from './pause-words.ts'

const rollout = { status: 'paused', deployment: 'ocr', wave: 0, waves: [{ name: 'canary' }] } as const

test('a planned pause and that of a person are not accidents, and name what ends them', () => {
  const planned = { ...rollout, waves: [...rollout.waves], pausedBy: 'plan' } as const
  expect(pauseWords(planned)).toBe(
    'planned pause after wave canary, which has passed; it continues when a person resumes it',
  )
  expect(resumeCommand(planned)).toBe('skerry rollout resume ocr --reason REASON')
  expect(pauseWords({ ...planned, pausedBy: 'person' })).toBe(
    'a person paused it; it continues when a person resumes it',
  )
  expect(resumeCommand({ ...planned, pausedBy: 'gate' }), 'a person decides first').toBeUndefined()
  expect(pauseWords(rollout), 'an old hub').toBeUndefined()
  expect([isPlannedPause(planned), isPlannedPause({ ...planned, status: 'rolling' })]).toEqual([true, false])
})
