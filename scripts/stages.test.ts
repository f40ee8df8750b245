import { expect, test } from 'vitest'
import { runStages } from './stages.ts'

function paper() {
  const lines: string[] = []
  let nowMs = 0
  const write = (text: string) => lines.push(text)
  return {
    lines,
    write,
    clock: () => nowMs,
    pass: (ms: number) => () => {
      nowMs += ms
    },
  }
}

test('each stage has a line at its beginning and its time at its end', async () => {
  const { lines, write, clock, pass } = paper()
  const stages = [
    { name: 'declarations', run: pass(88_340) },
    { name: 'the .deb', run: pass(1_000) },
  ]
  await runStages(stages, { write }, clock)
  expect(lines.join('')).toBe(
    '[1/2] declarations ...\n      88.3 s\n[2/2] the .deb ...\n      1.0 s\nall 2 stages: 89.3 s\n',
  )
})

test('a stage that fails ends the others, and the error names it', async () => {
  const { lines, write, clock } = paper()
  const broken = () => Promise.reject(new Error('the disk is full'))
  const stages = [
    { name: 'the .deb', run: broken },
    { name: 'the image', run: () => write('never') },
  ]
  const error = await runStages(stages, { write }, clock).catch((thrown: Error) => thrown)
  expect(error).toMatchObject({ message: 'stage 1 of 2 failed: the .deb', cause: { message: 'the disk is full' } })
  expect(lines).toEqual(['[1/2] the .deb ...\n'])
})
