import { expect, test } from 'vitest'
import { momentTrouble, trainingWhenOf } from './training-moment.ts'

const quiet = { busyShare: 0.1, isOnBattery: false, minuteOfDay: 12 * 60 }

test('conditions are read from a text, and a text of another form is none', () => {
  expect(trainingWhenOf('idle,power,22:00-06:30')).toEqual({
    isIdle: true,
    isPowered: true,
    hours: { from: 1_320, to: 390 },
  })
  expect(trainingWhenOf('idle')).toEqual({ isIdle: true, isPowered: false, hours: undefined })
  for (const wrong of ['', 'night', '24:00-06:00', '22-6', '01:00-02:00,03:00-04:00', '05:00-05:00', 'idle,'])
    expect(trainingWhenOf(wrong), wrong).toBeUndefined()
})

const trouble = (text: string, moment: Partial<typeof quiet>, isTraining = false) => {
  const when = trainingWhenOf(text)
  if (!when) throw new Error(`${text} is wrong`)
  return momentTrouble(when, { ...quiet, ...moment }, isTraining)
}

test('a device trains in its hours only, also over midnight', () => {
  expect(trouble('22:00-06:00', { minuteOfDay: 1_319 })).toContain('from 22:00 to 06:00 only')
  expect(trouble('22:00-06:00', { minuteOfDay: 1_320 })).toBeUndefined()
  expect(trouble('22:00-06:00', { minuteOfDay: 0 })).toBeUndefined()
  expect(trouble('22:00-06:00', { minuteOfDay: 360 }, true)).toContain('from 22:00')
  expect(trouble('08:00-09:00', { minuteOfDay: 500 })).toBeUndefined()
  expect(trouble('08:00-09:00', { minuteOfDay: 540 })).toContain('08:00 to 09:00')
})

test('a device that is busy or on its battery waits, and a training tolerates more work beside it', () => {
  expect(trouble('idle', { busyShare: 0.3 })).toContain('30 % of its processors')
  expect(trouble('idle', { busyShare: 0.3 }, true)).toBeUndefined()
  expect(trouble('idle', { busyShare: 0.7 }, true)).toContain('more than 60 %')
  expect(trouble('power', { busyShare: 1 })).toBeUndefined()
  expect(trouble('power', { isOnBattery: true })).toContain('battery')
  expect(trouble('idle', { isOnBattery: true })).toBeUndefined()
})
